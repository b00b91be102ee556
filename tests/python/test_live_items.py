"""Items that come one after the other, from an iterable that waits: each row comes when its transfer ends."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox

TARGET = "+18382947878"


def place(sandbox: Sandbox, number: int) -> list[str]:
    return [sandbox.place_incoming_call() for _ in range(number)]


def test_row_comes_while_iterable_waits(sandbox: Sandbox) -> None:
    """Each item is put only when the row of the one before has come: a row held back would never come."""
    live: queue.Queue[Any] = queue.Queue()
    calls = place(sandbox, 5)
    live.put((calls[0], TARGET))
    rows = sandbox.client().transfer_as_completed(iter(live.get, None))
    for index, row in enumerate(rows):
        assert (row.index, row.call_id, row.outcome) == (index, calls[index], "applied")
        live.put((calls[index + 1], TARGET) if index < 4 else None)
    assert index == 4


def test_row_of_invalid_item_comes_while_iterable_waits(sandbox: Sandbox) -> None:
    live: queue.Queue[Any] = queue.Queue()
    live.put(("c-1", "nonsense"))
    rows = sandbox.client().transfer_as_completed(iter(live.get, None))
    assert next(rows).outcome == "not_sent"
    live.put(None)
    assert list(rows) == []


def test_log_record_comes_while_iterable_waits(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "calltransfer")
    logged = threading.Event()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logged.set()

    handler = Handler()
    logging.getLogger("calltransfer").addHandler(handler)

    def items() -> Iterator[Any]:
        yield call, TARGET
        assert logged.wait(60), "no record came"

    (call,) = place(sandbox, 1)
    try:
        assert len(sandbox.client().transfer_many(items())) == 1
    finally:
        logging.getLogger("calltransfer").removeHandler(handler)


def test_iterable_that_fails_raises_with_results(sandbox: Sandbox) -> None:
    def items() -> Iterator[Any]:
        yield from ((call, TARGET) for call in calls)
        raise OSError("the database is gone")

    calls = place(sandbox, 3)
    with pytest.raises(OSError, match="the database is gone") as caught:
        sandbox.client().transfer_many(items())
    assert len(caught.value.results) == 3  # type: ignore[attr-defined]


def test_loop_that_is_left_takes_no_more_items(sandbox: Sandbox) -> None:
    live: queue.Queue[Any] = queue.Queue()
    calls = place(sandbox, 2)
    live.put((calls[0], TARGET))
    rows = sandbox.client().transfer_as_completed(iter(live.get, None))
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    live.put((calls[1], TARGET))  # taken by the thread that waits, and dropped
    live.put(None)
    assert [request["call_id"] for request in sandbox.requests()] == [calls[0]]


def test_sqlite_cursor_is_read_on_its_own_thread(sandbox: Sandbox) -> None:
    import sqlite3

    database = sqlite3.connect(":memory:")
    database.execute("create table calls (call_id, target)")
    database.executemany("insert into calls values (?, ?)", [(call, TARGET) for call in place(sandbox, 40)])
    results = sandbox.client().transfer_many(database.execute("select call_id, target from calls"), concurrency=4)
    assert [row.outcome for row in results] == ["applied"] * 40
    database.close()


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_row_comes_while_async_client_waits_for_item(sandbox: Sandbox, kind: str) -> None:
    async def main() -> None:
        live: asyncio.Queue[Any] = asyncio.Queue()
        plain: queue.Queue[Any] = queue.Queue()

        async def items() -> AsyncIterator[Any]:
            while (item := await live.get()) is not None:
                yield item

        put = live.put_nowait if kind == "async" else plain.put
        put((calls[0], TARGET))
        source: Any = items() if kind == "async" else iter(plain.get, None)
        async with sandbox.async_client() as client:
            index = -1
            async for row in client.transfer_as_completed(source):
                index += 1
                assert (row.call_id, row.outcome) == (calls[index], "applied")
                put((calls[index + 1], TARGET) if index < 4 else None)
        assert index == 4

    calls = place(sandbox, 5)
    asyncio.run(main())


def test_async_iterable_of_many_gives_every_row(sandbox: Sandbox) -> None:
    async def items() -> AsyncIterator[Any]:
        for call in calls:
            yield call, TARGET

    async def main() -> calltransfer.TransferResults:
        async with sandbox.async_client() as client:
            return await client.transfer_many(items(), concurrency=8)

    calls = place(sandbox, 100)
    results = asyncio.run(main())
    assert [row.call_id for row in results] == calls
    assert {row.outcome for row in results} == {"applied"}


def test_async_iterable_that_fails_raises_with_results(sandbox: Sandbox) -> None:
    async def items() -> AsyncIterator[Any]:
        yield calls[0], TARGET
        raise OSError("the database is gone")

    async def main() -> None:
        async with sandbox.async_client() as client:
            await client.transfer_many(items())

    calls = place(sandbox, 1)
    with pytest.raises(OSError, match="the database is gone") as caught:
        asyncio.run(main())
    assert len(caught.value.results) == 1  # type: ignore[attr-defined]


def test_async_iterable_is_refused_by_blocking_client(sandbox: Sandbox) -> None:
    async def items() -> AsyncIterator[Any]:
        yield "c-1", TARGET

    with pytest.raises(TypeError, match="AsyncClient"):
        sandbox.client().transfer_many(items())  # type: ignore[arg-type]


def test_repeated_call_is_refused_and_names_first(sandbox: Sandbox) -> None:
    (call,) = place(sandbox, 1)
    first, again = sandbox.client().transfer_many([(call, TARGET), (call, "+18382947879")])
    assert (first.outcome, again.outcome) == ("applied", "not_sent")
    assert isinstance(again.error, calltransfer.InvalidArgumentError)
    assert again.error.field == "call_id" and "item 0" in str(again.error)
    assert len(sandbox.requests()) == 1


def test_repeated_call_is_sent_where_allowed(sandbox: Sandbox) -> None:
    items = [("c-none", TARGET)] * 3
    results = sandbox.client().transfer_many(items, allow_repeated_calls=True)
    assert [row.outcome for row in results] == ["not_applied"] * 3
    assert len(sandbox.requests()) == 3


@pytest.mark.parametrize(
    "items",
    ["c-1", b"c-1", {"call_id": "c-1", "to": TARGET}, ("c-1", TARGET), ("c-1", TARGET, {"tag": "x"}), None, 7],
)
def test_one_item_in_place_of_items_is_a_type_error(sandbox: Sandbox, items: Any) -> None:
    with pytest.raises(TypeError, match="items: got"):
        sandbox.client().transfer_many(items)
    with pytest.raises(TypeError, match="items: got"):
        next(sandbox.client().transfer_as_completed(items))
    assert sandbox.requests() == []


def test_column_in_place_of_items_is_a_type_error(sandbox: Sandbox) -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(TypeError, match="one Series"):
        sandbox.client().transfer_many(pandas.Series(["c-1", "c-2"]))
