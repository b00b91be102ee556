"""The shared vectors of limits, with each client, by reads and by events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import vectors

ANSWERS = "+12025550101"
VECTORS = vectors("limits")


def of(verb: str) -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for vector in VECTORS if vector["verb"] == verb]


def wait(sandbox: Sandbox, how: str, call_id: str, vector: dict[str, Any]) -> calltransfer.FollowStatus:
    receiver = calltransfer.EventReceiver(allow_anonymous=True) if "events" in how else None
    if "async" not in how:
        client = sandbox.client()
        done = client.transfer(call_id, vector["to"])
        return client.follow(done, receiver=receiver).wait("answered", vector["seconds"])

    async def main() -> calltransfer.FollowStatus:
        async with sandbox.async_client() as client:
            done = await client.transfer(call_id, vector["to"])
            return await client.follow(done, receiver=receiver).wait("answered", vector["seconds"])

    return asyncio.run(main())


def first(sandbox: Sandbox, how: str, call_id: str, vector: dict[str, Any]) -> calltransfer.FirstTransferred:
    targets, options = [ANSWERS] * vector["targets"], {"ring": vector["seconds"]}
    if "events" in how:
        options["receiver"] = calltransfer.EventReceiver(allow_anonymous=True)
    if "async" not in how:
        return sandbox.client(api=vector["api"]).transfer_to_first(call_id, targets, **options)

    async def main() -> calltransfer.FirstTransferred:
        async with sandbox.async_client(api=vector["api"]) as client:
            return await client.transfer_to_first(call_id, targets, **options)

    return asyncio.run(main())


def refused(vector: dict[str, Any], use: Callable[[], Any]) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        use()
    error = caught.value
    assert (error.field, str(error).splitlines()[0]) == (vector["refused"]["field"], vector["refused"]["message"])
    assert (error.outcome, error.safe_to_repeat) == ("not_sent", True)


HOWS = pytest.mark.parametrize("how", ["reads", "events", "async reads", "async events"])


@HOWS
@pytest.mark.parametrize("vector", of("follow"))
def test_follow_keeps_the_limits(vector: dict[str, Any], how: str, sandbox: Sandbox) -> None:
    call_id = sandbox.place_incoming_call()
    if vector["refused"] is None:
        assert wait(sandbox, how, call_id, vector).result == vector["result"]
    else:
        refused(vector, lambda: wait(sandbox, how, call_id, vector))
    reads = [request for request in sandbox.requests() if request["method"] == "GET"]
    assert len(reads) == vector.get("reads", len(reads))
    assert bool(reads) == (vector["refused"] is None)


@pytest.mark.parametrize("vector", of("follow"))
def test_follow_by_events_alone_keeps_the_limits(vector: dict[str, Any]) -> None:
    receiver = calltransfer.EventReceiver(allow_anonymous=True)
    if vector["refused"] is not None:
        refused(vector, lambda: receiver.follow("c-1", "c-2").wait("answered", vector["seconds"]))
        refused(vector, lambda: asyncio.run(receiver.follow_async("c-1", "c-2").wait("answered", vector["seconds"])))
    elif vector["seconds"] == 0:
        assert receiver.follow("c-1", "c-2").wait("answered", 0).result == "unknown"
        assert asyncio.run(receiver.follow_async("c-1", "c-2").wait("answered", 0)).result == "unknown"


@HOWS
@pytest.mark.parametrize("vector", of("transfer_to_first"))
def test_transfer_to_first_keeps_the_limits(vector: dict[str, Any], how: str, sandbox: Sandbox) -> None:
    call_id = sandbox.place_incoming_call()
    if vector["refused"] is None:
        assert first(sandbox, how, call_id, vector).answered is not None
    else:
        refused(vector, lambda: first(sandbox, how, call_id, vector))
        assert sandbox.requests() == []


@pytest.mark.parametrize("how", ["events", "async events"])
def test_invalid_later_target_is_refused_before_anything_is_sent(how: str, sandbox: Sandbox) -> None:
    receiver = calltransfer.EventReceiver(allow_anonymous=True)
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        if how == "events":
            sandbox.client().transfer_to_first("c-1", [ANSWERS, "12"], receiver=receiver)
        else:

            async def main() -> None:
                async with sandbox.async_client() as client:
                    await client.transfer_to_first("c-1", [ANSWERS, "12"], receiver=receiver)

            asyncio.run(main())
    assert caught.value.field == "to"
    assert sandbox.requests() == []


@pytest.mark.parametrize("timeout", [-1, 3601, float("nan"), float("inf"), 10**400])
def test_timeout_of_a_request_says_its_own_limit(timeout: float) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError, match="must be greater than 0 and at most 1 hour, got "):
        calltransfer.payload("c-1", ANSWERS, timeout=timeout)
