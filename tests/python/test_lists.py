"""Lists of calls: the shared vectors and the real sandbox, through both clients."""

from __future__ import annotations

import asyncio
import inspect
import logging
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import SilentListener, replies_of, vectors

V2 = {"account_id": "5500099", "username": "user-name", "password": "pass-word"}
CALLED = "+18385550199"


def listed(client: Any, conditions: dict[str, Any]) -> tuple[list[str], calltransfer.CallTransferError | None]:
    """The calls that came, and the error that ended them."""
    ids: list[str] = []

    async def in_a_loop() -> None:
        async for call in client.list_calls(**conditions):
            ids.append(call.id)  # noqa: PERF401  # keeps what came before an error

    try:
        if isinstance(client, calltransfer.AsyncClient):
            asyncio.run(in_a_loop())
        else:
            for call in client.list_calls(**conditions):
                ids.append(call.id)  # noqa: PERF401
    except calltransfer.CallTransferError as error:
        return ids, error
    return ids, None


@pytest.mark.parametrize("kind", [calltransfer.Client, calltransfer.AsyncClient])
@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["name"]) for vector in vectors("lists")])
def test_list_is_what_the_vector_says(
    vector: dict[str, Any], kind: type[Any], sandbox: Sandbox, other: SilentListener, no_account: None
) -> None:
    account = {"user_id": "u-abc123", "token": "t-token", "secret": "s-secret"} if vector["api"] == "v1" else V2
    query, expect = dict(vector["query"]), vector["expect"]
    if "from" in query:
        query["from_"] = query.pop("from")
    if vector["replies"]:
        sandbox.script(*replies_of(vector, other.host))

    ids, error = listed(kind(base_url=sandbox.url, **account), query)

    assert [(request["method"], request["path"]) for request in sandbox.requests()] == [
        ("GET", path) for path in expect["requests"]
    ]
    assert ids == expect["calls"]
    assert (error and error.kind) == expect["kind"]
    if error is not None:
        assert (error.field, error.call_id) == (expect.get("field"), None)
        assert error.outcome in ("not_sent", "not_applied")
        assert expect.get("message", "") in str(error)
        assert type(error) is calltransfer.errors.KINDS[expect["kind"]]


@pytest.fixture
def placed(sandbox: Sandbox) -> Sandbox:
    for number in range(25):
        state = "completed" if number % 5 == 0 else "active"
        sandbox.place_incoming_call(call_id=f"c-{number}", to=CALLED, from_=f"+1919555010{number % 2}", state=state)
    return sandbox


@pytest.mark.parametrize(("api", "state"), [("v1", "active"), ("v2", "answered")])
def test_list_has_the_calls_of_the_sandboxs_record(api: Any, state: str, placed: Sandbox) -> None:
    client = placed.client(api=api)
    found = {call.id: call for call in client.list_calls(state=state, to=CALLED, from_="+1 919 555 0101", page_size=4)}
    record = {
        call["id"]: call for call in placed.calls() if call["state"] == "active" and call["from"] == "+19195550101"
    }
    assert len(found) == 10
    assert found.keys() == record.keys()
    assert all(found[call_id] == client.get_call(call_id) for call_id in list(found)[:2])


def test_page_is_read_when_its_first_call_is_wanted(placed: Sandbox) -> None:
    calls = placed.client().list_calls(page_size=10)
    assert isinstance(calls, Iterator)
    assert placed.requests() == []
    assert [next(calls).id for _ in range(10)][-1] == "c-15"
    assert len(placed.requests()) == 1
    assert len(list(calls)) == 15
    assert len(placed.requests()) == 3


def test_async_page_is_read_when_its_first_call_is_wanted(placed: Sandbox) -> None:
    async def read() -> None:
        calls = calltransfer.AsyncClient().list_calls(page_size=10)
        assert isinstance(calls, AsyncIterator)
        assert placed.requests() == []
        assert (await calls.__anext__()).id == "c-24"
        assert len(placed.requests()) == 1

    asyncio.run(read())


@pytest.mark.parametrize(
    ("conditions", "field"),
    [
        ({"state": 5}, "state"),
        ({"state": "activ"}, "state"),
        ({"from_": b"+1"}, "from"),
        ({"to": "8385550199"}, "to"),
        ({"min_start_time": 5}, "min_start_time"),
        ({"page_size": "10"}, "page_size"),
        ({"page_size": True}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"page_size": 1001}, "page_size"),
    ],
)
def test_condition_that_cannot_be_sent_is_refused_at_once(
    conditions: dict[str, Any], field: str, sandbox: Sandbox
) -> None:
    for list_calls in (sandbox.client().list_calls, calltransfer.AsyncClient().list_calls, calltransfer.list_calls):
        with pytest.raises(calltransfer.InvalidArgumentError) as caught:
            list_calls(**conditions)
        assert caught.value.field == field
        assert str(caught.value).startswith(f"{field}: ")
        assert "8385550199" not in str(caught.value)
    assert sandbox.requests() == []


def test_environments_account_has_a_list(placed: Sandbox) -> None:
    assert [call.id for call in calltransfer.list_calls(state="active", to=CALLED)][:2] == ["c-24", "c-23"]


@pytest.mark.parametrize("client", [calltransfer.Client, calltransfer.AsyncClient])
def test_conditions_are_the_same_in_every_client(client: Any) -> None:
    mine = inspect.signature(client.list_calls).parameters
    assert [name for name in mine if name != "self"] == [*inspect.signature(calltransfer.list_calls).parameters]


def test_each_attempt_is_logged_without_a_number(placed: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "calltransfer")
    placed.script({"status": 503})
    calls = list(placed.client().list_calls(to=CALLED))
    assert len(calls) == 25
    host = placed.url.removeprefix("http://")
    first, second = caplog.messages
    assert first.startswith(f"list_calls at {host}: attempt 1 not_applied (unavailable), HTTP 503, ")
    assert second.startswith(f"list_calls at {host}: attempt 2 applied, HTTP 200, ")
    assert "838555" not in repr(calls)


def test_closed_client_reads_no_further_page(placed: Sandbox) -> None:
    client = placed.client()
    calls = client.list_calls(page_size=1)
    next(calls)
    client.close()
    with pytest.raises(calltransfer.ConfigurationError, match="closed"):
        next(calls)
    assert list(calls) == []


def test_list_goes_straight_into_transfer_many(placed: Sandbox) -> None:
    client = placed.client()
    calls = client.list_calls(state="active", to=CALLED, page_size=7)
    results = client.transfer_many((call.id, "+18382947878") for call in calls)
    assert [row.outcome for row in results] == ["applied"] * 20
    assert sorted(row.call_id for row in results) == sorted(
        request["call_id"] for request in placed.requests() if request["method"] == "POST"
    )


def test_interrupted_page_leaves_the_client_usable(placed: Sandbox) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    client = placed.client()
    placed.inject({"no_response": True})
    calls = client.list_calls()
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt) as caught:
            next(calls)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert caught.value.outcome in ("not_sent", "not_applied")  # type: ignore[attr-defined]
    assert list(calls) == []
    assert len(list(client.list_calls())) == 25


def test_cancelled_page_leaves_the_list_and_the_client_usable(placed: Sandbox) -> None:
    async def read() -> int:
        client = calltransfer.AsyncClient()
        placed.inject({"no_response": True})
        calls = client.list_calls()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(calls.__anext__(), 0.2)
        return len([call async for call in client.list_calls()])

    assert asyncio.run(read()) == 25
