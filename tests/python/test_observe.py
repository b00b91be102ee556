"""Observers of requests: one record for each, of every client, and never in the way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterator

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox

NEW = "+18382947878"


@pytest.fixture
def records() -> Iterator[list[calltransfer.RequestRecord]]:
    seen: list[calltransfer.RequestRecord] = []
    stop = calltransfer.observe(seen.append)
    yield seen
    stop()
    stop()


Records = list[calltransfer.RequestRecord]


def test_transfer_has_one_record_without_numbers(sandbox: Sandbox, records: Records) -> None:
    call_id = sandbox.place_incoming_call()
    done = sandbox.client().transfer(call_id, NEW, caller_id="private")
    (record,) = records
    assert record == calltransfer.RequestRecord(
        "transfer",
        "v1",
        sandbox.url.removeprefix("http://"),
        call_id,
        done.new_call_id,
        "applied",
        None,
        201,
        1,
        record.elapsed,
    )
    assert 0 < record.elapsed < 10
    assert "8382947878" not in repr(record)


def test_retries_and_errors_are_in_one_record(sandbox: Sandbox, records: Records) -> None:
    call_id = sandbox.place_incoming_call()
    sandbox.script({"status": 503, "headers": {"Retry-After": "0"}})
    sandbox.client().get_call(call_id)
    with pytest.raises(calltransfer.BadRequestError):
        sandbox.client().transfer(call_id, NEW, caller_id="+19995550100")
    assert [(it.action, it.outcome, it.error_kind, it.http_status, it.attempts) for it in records] == [
        ("get_call", "applied", None, 200, 2),
        ("transfer", "not_applied", "bad_request", 400, 1),
    ]


def test_unknown_outcome_is_recorded_as_such(sandbox: Sandbox, records: Records) -> None:
    call_id = sandbox.place_incoming_call()
    sandbox.inject({"cut_after": 0})
    with pytest.raises(calltransfer.OutcomeUnknownError):
        sandbox.client().transfer(call_id, NEW)
    assert [(it.outcome, it.error_kind, it.http_status) for it in records] == [("unknown", "outcome_unknown", None)]


def test_async_requests_and_batches_are_recorded_once(sandbox: Sandbox, records: Records) -> None:
    ids = [sandbox.place_incoming_call() for _ in range(8)]

    async def main() -> None:
        async with sandbox.async_client() as client:
            await asyncio.gather(*(client.transfer(call_id, NEW) for call_id in ids[:4]))
            await client.transfer_many([(call_id, NEW) for call_id in ids[4:6]])
            assert [call.id async for call in client.list_calls(page_size=1000)]

    asyncio.run(main())
    sandbox.client().transfer_many([(call_id, NEW) for call_id in ids[6:]])
    assert sorted(it.call_id or "" for it in records if it.action == "transfer") == sorted(ids)
    assert [it.call_id for it in records if it.action == "list_calls"] == [None]


def test_run_is_recorded_too(sandbox: Sandbox, records: Records, ledger: str) -> None:
    call_id = sandbox.place_incoming_call()
    sandbox.client().transfer_many([(call_id, NEW)], run=ledger)
    assert [it.call_id for it in records if it.action == "transfer"] == [call_id]


def test_cancelled_transfer_is_recorded(sandbox: Sandbox, records: Records) -> None:
    call_id = sandbox.place_incoming_call()
    sandbox.inject({"no_response": True})

    async def main() -> None:
        client = sandbox.async_client()
        task = asyncio.create_task(client.transfer(call_id, NEW))
        while not sandbox.requests():
            await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert [(it.action, it.outcome) for it in records] == [("transfer", "unknown")]


def test_observer_that_raises_changes_no_result(
    sandbox: Sandbox, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: calltransfer.RequestRecord) -> None:
        raise OSError("the disk is full")

    stop = calltransfer.observe(fails)
    try:
        done = sandbox.client().transfer(sandbox.place_incoming_call(), NEW)
        asyncio.run(sandbox.async_client().get_call(done.call_id))
    finally:
        stop()
    assert done.outcome == "applied"
    assert len(records) == 2
    failures = [it for it in caplog.records if it.levelno == logging.ERROR]
    assert [it.getMessage() for it in failures] == ["an observer of requests failed"] * 2


def test_observer_runs_on_the_thread_of_the_request(sandbox: Sandbox) -> None:
    threads: list[int] = []
    stop = calltransfer.observe(lambda _: threads.append(threading.get_ident()))
    sandbox.client().get_call(sandbox.place_incoming_call())
    stop()
    sandbox.client().get_call(sandbox.place_incoming_call())
    assert threads == [threading.get_ident()]


def test_observer_must_be_callable() -> None:
    with pytest.raises(TypeError, match="observer: must be callable, got int"):
        calltransfer.observe(1)  # type: ignore[arg-type]
