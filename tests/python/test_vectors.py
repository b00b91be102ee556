"""The shared vectors, over real sockets, through Python."""

from __future__ import annotations

import json
from typing import Any

import pytest

import calltransfer
from sandbox_process import SECRET, TOKEN, SandboxProcess, SilentListener, replies_of, vectors


def client(sandbox: SandboxProcess, user_id: str) -> calltransfer.Client:
    return calltransfer.Client(user_id=user_id, token=TOKEN, secret=SECRET, base_url=sandbox.url)


@pytest.mark.parametrize("vector", vectors("requests"), ids=lambda vector: vector["name"])
def test_request(vector: dict[str, Any], sandbox: SandboxProcess) -> None:
    given = vector["given"]
    call_id, to, options = given["call_id"], given["to"], given["options"]
    if "refused" in vector:
        for attempt in (client(sandbox, given["user_id"]).transfer, calltransfer.payload):
            with pytest.raises(calltransfer.InvalidArgumentError) as refused:
                attempt(call_id, to, **options)
            assert refused.value.field == vector["refused"]["field"]
            assert refused.value.outcome == "not_sent"
        assert sandbox.requests() == []
        return
    sandbox.place_incoming_call(call_id)
    done = client(sandbox, given["user_id"]).transfer(call_id, to, **options)
    [request] = sandbox.requests()
    assert request["method"] == vector["request"]["method"]
    assert request["path"] == vector["request"]["path"]
    assert json.loads(request["body"]) == vector["request"]["body"]
    assert request["body"] == calltransfer.payload(call_id, to, **options)
    assert done.call_id in {call["id"] for call in sandbox.calls()}


@pytest.mark.parametrize("vector", vectors("answers"), ids=lambda vector: vector["name"])
def test_answer(vector: dict[str, Any], sandbox: SandboxProcess, other: SilentListener) -> None:
    replies = replies_of(vector, other.host)
    sandbox.script(*replies)
    expect = vector["expect"]
    attempts = expect.get("attempts", len(replies))
    try:
        done = client(sandbox, "u-abc123").transfer("c-call123", "+18382947878")
    except calltransfer.CallTransferError as error:
        assert (error.outcome, error.kind) == (expect["outcome"], expect["kind"])
        assert error.http_status == replies[0]["status"]
        assert error.attempts == attempts
        assert error.code == expect.get("code", error.code)
    else:
        assert (done.outcome, None) == (expect["outcome"], expect["kind"])
        assert done.call_id == expect["new_call_id"]
        assert done.attempts == attempts
        assert (done.note is None) == (done.call_id is not None)
    assert len(sandbox.requests()) == attempts
