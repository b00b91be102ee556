"""docs/production.md: its programs serve incoming calls, and its names are those of the code."""

from __future__ import annotations

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

import pytest
from calltransfer import errors
from calltransfer.sandbox import Sandbox
from sandbox_process import ROOT

PAGE = (ROOT / "docs/production.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples/python/incoming_calls.py"
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def sandbox(calltransfer_sandbox: Sandbox) -> Sandbox:
    return calltransfer_sandbox


def test_first_program_is_the_example() -> None:
    assert EXAMPLE.read_text(encoding="utf-8").partition("annotations\n\n")[2] == PROGRAMS[0]


@pytest.mark.parametrize("state", ["started", "active"])
def test_example_transfers_an_incoming_call(state: str, sandbox: Sandbox, tmp_path: pathlib.Path) -> None:
    log = tmp_path / "log"
    # The port must be known before: the application names its own address in the transfer.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        here = f"http://hook:s3cret@127.0.0.1:{port}/events"
        environment = {**os.environ, **sandbox.environment(), "HOOK_PASSWORD": "s3cret", "HOOK_URL": here}
        command = [sys.executable, "-u", "-m", "uvicorn", "incoming_calls:app", "--fd", str(listening.fileno())]
        with (
            log.open("w") as file,
            subprocess.Popen(
                command,
                cwd=EXAMPLE.parent,
                env=environment,
                stdout=file,
                stderr=file,
                pass_fds=[listening.fileno()],
            ) as server,
        ):
            try:
                call_id = sandbox.place_incoming_call(state=state, callback_url=here)
                deadline = time.monotonic() + 30
                while (done := re.search(rf"{call_id} applied (\S+)", log.read_text(encoding="utf-8"))) is None:
                    assert server.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
                    time.sleep(0.05)
            finally:
                server.terminate()
    leg = sandbox.call(done[1])
    assert (leg["to"], leg["callback_url"], leg["transferred_from"]) == ("+18382947878", here, call_id)


def test_v2_program_responds_with_the_transfer() -> None:
    program = {"__name__": "page"}
    exec(PROGRAMS[1], program)
    event = {"eventType": "initiate", "callId": "c-1", "from": "+19195550100", "to": "+18385550199"}
    given = {"Content-Type": "application/json", "Authorization": "Basic aG9vazpQQVNTV09SRA=="}
    response = program["receiver"].receive("POST", given, json.dumps(event).encode(), "")
    assert response.status == 200
    assert "<PhoneNumber" in response.body.decode() and "+18382947878" in response.body.decode()


def test_kinds_of_the_picture_are_kinds() -> None:
    picture = PAGE.partition("## What to do on each outcome")[2].partition("```text")[2].partition("```")[0]
    named = set(
        re.findall(r"\b[a-z]+(?:_[a-z]+)+\b|\b(?:connection|timeout|tls|proxy|configuration|unavailable)\b", picture)
    )
    named -= {"not_sent", "not_applied", "new_call_id", "retry_after"}
    assert len(named) == 10, named
    assert named <= set(errors.KINDS)


def test_alerts_name_metrics_that_the_example_has(sandbox: Sandbox) -> None:
    pytest.importorskip("prometheus_client")
    [prepared] = re.findall(r"`(REQUESTS\.labels\([^`]*\))`", PAGE)
    program = f"""
import sys
sys.argv = ["prometheus_requests.py", "c-1"]
from prometheus_requests import REQUESTS, count
import calltransfer
from prometheus_client import generate_latest
{prepared}
calltransfer.observe(count)
calltransfer.transfer("c-1", "+18382947878")
print(generate_latest().decode())
"""
    sandbox.place_incoming_call(call_id="c-1")
    environment = {**os.environ, **sandbox.environment()}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=EXAMPLE.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in set(re.findall(r"calltransfer_\w+(?=\{)", PAGE)):
        assert f"\n{name}{{" in done.stdout, name
    assert re.search(r'calltransfer_requests_total\{[^}]*outcome="unknown"\} 0\.0', done.stdout)
