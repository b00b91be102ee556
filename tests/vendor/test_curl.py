"""Plain curl against the sandbox, as the API's own page shows its requests."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
from calltransfer.sandbox import Sandbox

CURL = shutil.which("curl")
pytestmark = pytest.mark.skipif(CURL is None, reason="SKIPPED: there is no curl on this machine")

BODIES: list[dict[str, Any]] = [
    {"state": "transferring", "transferTo": "+19192223333"},
    {
        "state": "transferring",
        "transferTo": "+18382947878",
        "whisperAudio": {"sentence": "Hello! You have an incoming call"},
    },
    {
        "state": "transferring",
        "transferTo": "+19195554444",
        "diversionTreatment": "stack",
        "diversionReason": "do-not-disturb",
    },
]


def curl(sandbox: Sandbox, path: str, *arguments: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of a response."""
    command = [
        str(CURL), "-sS", "-i", "--noproxy", "*", "--max-time", "20", "-u", f"{sandbox.token}:{sandbox.secret}",
        f"{sandbox.url}/v1/users/{sandbox.user_id}/{path}", *arguments,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body


def post(sandbox: Sandbox, path: str, body: dict[str, Any]) -> tuple[int, dict[str, str], str]:
    return curl(sandbox, path, "-X", "POST", "-H", "Content-Type: application/json", "-d", json.dumps(body))


@pytest.mark.parametrize("body", BODIES, ids=["plain", "whisper", "diversion"])
def test_each_of_the_three_transfers_is_made(body: dict[str, Any], calltransfer_sandbox: Sandbox) -> None:
    call_id = calltransfer_sandbox.place_incoming_call()
    status, headers, response = post(calltransfer_sandbox, f"calls/{call_id}", body)
    assert (status, response) == (201, "")
    leg = calltransfer_sandbox.call(headers["location"].rsplit("/", 1)[1])
    assert headers["location"].startswith(f"{calltransfer_sandbox.url}/v1/users/u-sandbox/calls/c-")
    assert (leg["to"], leg["transferred_from"]) == (body["transferTo"], call_id)
    assert leg["whisper_audio"] == body.get("whisperAudio")
    assert leg["diversion_reason"] == body.get("diversionReason")


def test_call_is_read_answered_and_hung_up(calltransfer_sandbox: Sandbox) -> None:
    call_id = calltransfer_sandbox.place_incoming_call(state="started")
    for state in ("active", "completed"):
        assert post(calltransfer_sandbox, f"calls/{call_id}", {"state": state})[0] == 200
        status, headers, body = curl(calltransfer_sandbox, f"calls/{call_id}")
        assert (status, headers["content-type"]) == (200, "application/json")
        assert json.loads(body)["state"] == state
    events = json.loads(curl(calltransfer_sandbox, f"calls/{call_id}/events")[2])
    assert [event["eventType"] for event in events] == ["incomingcall", "answer", "hangup"]


def test_refusal_says_why(calltransfer_sandbox: Sandbox) -> None:
    call_id = calltransfer_sandbox.place_incoming_call(state="completed")
    status, _, body = post(calltransfer_sandbox, f"calls/{call_id}", BODIES[0])
    assert (status, json.loads(body)["code"]) == (403, "call-invalid-state")
    status, headers, _ = curl(calltransfer_sandbox, "calls", "-u", "no one:nothing")
    assert status == 401
    assert headers["www-authenticate"].startswith("Basic")


def test_large_body_that_asks_first_is_answered(calltransfer_sandbox: Sandbox) -> None:
    """curl sends `Expect: 100-continue` before a body of this size."""
    call_id = calltransfer_sandbox.place_incoming_call()
    body = {**BODIES[0], "extra": "x" * 50_000}
    assert post(calltransfer_sandbox, f"calls/{call_id}", body)[0] == 201
