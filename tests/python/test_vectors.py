"""The shared vectors, over the real sandbox, through both clients."""

from __future__ import annotations

import json
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import SilentListener, replies_of, vectors


def cases(given: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(vector, id=vector["name"].replace(" ", "-")) for vector in given]


REQUESTS = vectors("requests")


@pytest.fixture
def make_client(either: Any, sandbox: Sandbox) -> Any:
    return either  # the account is in the environment


@pytest.fixture
def client(make_client: Any) -> Any:
    return make_client()


@pytest.mark.parametrize("vector", cases([v for v in REQUESTS if "request" in v]))
def test_request_is_sent_as_the_vector_says(vector: dict[str, Any], sandbox: Sandbox, make_client: Any) -> None:
    given, expected = vector["given"], vector["request"]
    sandbox.place_incoming_call(call_id=given["call_id"])

    make_client(user_id=given["user_id"]).transfer(given["call_id"], given["to"], **given["options"])

    (request,) = sandbox.requests()
    assert (request["method"], request["path"]) == (expected["method"], expected["path"])
    assert json.loads(request["body"]) == expected["body"]
    assert request["body"] == calltransfer.payload(given["call_id"], given["to"], **given["options"])


@pytest.mark.parametrize("vector", cases([v for v in REQUESTS if "refused" in v]))
def test_request_is_refused_before_sending(vector: dict[str, Any], sandbox: Sandbox, make_client: Any) -> None:
    given = vector["given"]
    client = make_client(user_id=given["user_id"])

    for attempt in (client.transfer, calltransfer.payload):
        with pytest.raises(calltransfer.InvalidArgumentError) as caught:
            attempt(given["call_id"], given["to"], **given["options"])
        error = caught.value
        assert (error.field, error.kind) == (vector["refused"]["field"], "invalid_argument")
        assert (error.outcome, error.safe_to_repeat, error.attempts) == ("not_sent", True, 0)
    assert sandbox.requests() == []


@pytest.mark.parametrize("vector", cases(vectors("responses")))
def test_answer_is_read_as_the_vector_says(
    vector: dict[str, Any], sandbox: Sandbox, other: SilentListener, client: calltransfer.Client
) -> None:
    replies, expect = replies_of(vector, other.host), vector["expect"]
    sandbox.script(*replies)
    attempts = expect.get("attempts", len(replies))

    if expect["kind"] is None:
        done = client.transfer("c-call123", "+18382947878")
        assert (done.outcome, done.new_call_id) == (expect["outcome"], expect["new_call_id"])
        assert (done.attempts, done.call_id) == (attempts, "c-call123")
        assert (done.note is None) == (done.new_call_id is not None)
    else:
        with pytest.raises(calltransfer.CallTransferError) as caught:
            client.transfer("c-call123", "+18382947878")
        error = caught.value
        assert (error.outcome, error.kind, error.attempts) == (expect["outcome"], expect["kind"], attempts)
        assert error.http_status == replies[0]["status"]
        assert type(error) is calltransfer.errors.KINDS[expect["kind"]]
        if "code" in expect:
            assert error.code == expect["code"]
    assert len(sandbox.requests()) == attempts
