"""Runs from asyncio."""

from __future__ import annotations

import asyncio
import pathlib
from collections.abc import AsyncIterator
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from run_support import TARGET, place, posts


def test_run_is_sent_from_a_loop_that_stays_free(ledger: str, account: Sandbox) -> None:
    items = place(account, 40)

    async def main() -> None:
        seen: list[calltransfer.RunSummary] = []
        turns = 0

        async def tick() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.005)
                turns += 1

        ticking = asyncio.create_task(tick())
        async with calltransfer.AsyncRun(ledger, rate=50) as run:
            assert await run.add(items) == 40
            summary = await run.execute(concurrency=4, progress=seen.append)
            assert summary.applied == 40 and turns > 10
            await asyncio.sleep(0)
            assert seen and (await run.summary()).is_done
            assert [row.number async for row in run] == list(range(1, 41))
            assert [row async for row in run.rows("unknown")] == []
            assert "40 applied" in run._repr_mimebundle_()["text/html"]
            assert (await run.check()).unknown == 0
            assert (await run.retry("not_sent")).planned == 0
        ticking.cancel()
        assert repr(run) == "AsyncRun(closed)"

    asyncio.run(main())
    assert posts(account) == dict.fromkeys((call_id for call_id, _ in items), 1)


def test_async_items_are_added_whole_or_not_at_all(ledger: str, account: Sandbox) -> None:
    async def items(fail: bool) -> AsyncIterator[Any]:
        for number in range(600):
            await asyncio.sleep(0)
            yield f"c-{number}", TARGET
        if fail:
            raise LookupError("the source is gone")

    async def main() -> None:
        async with calltransfer.AsyncRun(ledger) as run:
            with pytest.raises(LookupError):
                await run.add(items(fail=True))
            assert (await run.summary()).total == 0
            assert await run.add(items(fail=False)) == 600
            assert len([row async for row in run]) == 600

    asyncio.run(main())


def test_cancelled_task_leaves_every_outcome_in_the_ledger(ledger: str, account: Sandbox) -> None:
    items = place(account, 60)

    async def main() -> None:
        async with calltransfer.AsyncRun(ledger, rate=20) as run:
            await run.add(items)
            task = asyncio.create_task(run.execute())
            while not (await run.summary()).applied:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            now = await run.summary()
            assert now.sending == now.unknown == 0 and now.applied == sum(posts(account).values()) < 60
            assert (await run.execute()).applied == 60

    asyncio.run(main())
    assert set(posts(account).values()) == {1}


def test_errors_come_where_something_is_awaited(tmp_path: pathlib.Path, account: Sandbox) -> None:
    async def main() -> None:
        run = calltransfer.AsyncRun(tmp_path / "none" / "evac.db")
        with pytest.raises(calltransfer.CallTransferError):
            await run.summary()
        await run.aclose()
        with pytest.raises(RuntimeError, match="is closed"):
            await run.summary()

    asyncio.run(main())


def test_transfer_many_of_an_async_client_gives_a_run(ledger: str, account: Sandbox) -> None:
    items = place(account, 5)

    async def main() -> None:
        async with account.async_client() as client:
            run = await client.transfer_many(items, run=ledger)
            assert isinstance(run, calltransfer.AsyncRun) and (await run.summary()).applied == 5
            await run.aclose()

    asyncio.run(main())
