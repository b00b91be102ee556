"""The examples, run against the sandbox as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from calltransfer.sandbox import Sandbox

from sandbox_process import ROOT

EXAMPLES = ROOT / "examples" / "python"


def run(sandbox: Sandbox, name: str, *call_ids: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **sandbox.environment()}
    command = [sys.executable, str(EXAMPLES / name), *call_ids]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_minimal_example_transfers_a_call(sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    done = run(sandbox, "minimal.py", "c-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("the new call is c-")


def test_the_three_transfers_are_those_of_the_documentation(sandbox: Sandbox) -> None:
    ids = ["c-1", "c-2", "c-3"]
    for call_id in ids:
        sandbox.place_incoming_call(call_id=call_id)
    done = run(sandbox, "three_transfers.py", *ids)
    assert (done.returncode, done.stderr) == (0, "")
    sent = [line.split(maxsplit=1)[1] for line in done.stdout.splitlines() if line.startswith("sent")]
    assert sent == [request["body"] for request in sandbox.requests()]
    assert [json.loads(body) for body in sent] == [
        {"state": "transferring", "transferTo": "+19192223333"},
        {
            "state": "transferring", "transferTo": "+18382947878", "transferCallerId": "private",
            "whisperAudio": {"sentence": "Hello! You have an incoming call"},
        },
        {
            "state": "transferring", "transferTo": "+19195554444", "diversionTreatment": "stack",
            "diversionReason": "do-not-disturb",
        },
    ]
    assert done.stdout.count("answer   201, new call c-") == 3


def test_one_failure_is_told_and_counts(sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    sandbox.place_incoming_call(call_id="c-3")
    done = run(sandbox, "three_transfers.py", "c-1", "c-2", "c-3")
    assert done.returncode == 1
    assert "not_applied: " in done.stdout
    assert done.stdout.count("answer   201") == 2
