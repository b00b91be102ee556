"""Does one job, given as a line of JSON, with the client that is named, and prints the client's report as JSON."""

import asyncio
import json
import logging
import sys

import calltransfer

logging.basicConfig(level=logging.DEBUG)  # to standard error, where it is searched for secrets
job = json.loads(sys.stdin.readline())
call_id, to, options = (job.pop(name) for name in ("call_id", "to", "options"))
reported = {"attempts": 0}
try:
    client = getattr(calltransfer, sys.argv[1])(timeout=job.pop("timeout_ms") / 1000, **job)
    done = client.transfer(call_id, to, **options)
    if asyncio.iscoroutine(done):
        done = asyncio.run(done)
    reported.update(
        outcome=done.outcome,
        http_status=done.http_status,
        attempts=done.attempts,
        new_call_id=done.new_call_id,
        shown=repr(done) + repr(client),
    )
except calltransfer.CallTransferError as error:
    reported.update(
        outcome=error.outcome,
        kind=error.kind,
        stage=error.stage,
        http_status=error.http_status,
        code=error.code,
        attempts=error.attempts,
        shown=f"{error} {error!r} {vars(error)!r}",
    )
print(json.dumps(reported))
