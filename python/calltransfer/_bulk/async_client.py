"""Many transfers at once, of an asyncio client."""

from __future__ import annotations

from calltransfer._account import Account
from calltransfer._event_loop import mailbox_of, running_loop
from calltransfer._log import wanted

# Batches and runs are imported where they are used, as in `_bulk.client`.

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterable, AsyncIterator, Iterable
    from typing import Any, overload

    from calltransfer._bulk.batch_runner import LoopFeed
    from calltransfer._bulk.results import TransferResults, TransferRow
    from calltransfer._runs.async_run import AsyncRun


class AsyncManyTransfers(Account):
    """The methods of `AsyncClient` for many transfers."""

    if TYPE_CHECKING:

        @overload
        async def transfer_many(
            self,
            items: Iterable[Any] | AsyncIterable[Any],
            *,
            concurrency: int = 16,
            rate: float | None = None,
            progress: bool = False,
            allow_repeated_calls: bool = False,
            region: str | None = None,
            run: None = None,
        ) -> TransferResults: ...
        @overload
        async def transfer_many(
            self,
            items: Iterable[Any] | AsyncIterable[Any],
            *,
            concurrency: int = 16,
            rate: float | None = None,
            progress: bool = False,
            allow_repeated_calls: bool = False,
            region: str | None = None,
            run: AsyncRun | str | os.PathLike[str],
        ) -> AsyncRun: ...

    async def transfer_many(
        self,
        items: Iterable[Any] | AsyncIterable[Any],
        *,
        concurrency: int = 16,
        rate: float | None = None,
        progress: bool = False,
        allow_repeated_calls: bool = False,
        region: str | None = None,
        run: AsyncRun | str | os.PathLike[str] | None = None,
    ) -> TransferResults | AsyncRun:
        """Makes many transfers, and returns a row for each, in the order of the items.

        Items, limits and rows are those of `Client.transfer_many`; `items` may also be an async iterable. With
        `run`, an `AsyncRun` or its place, the transfers become rows of it, and it is returned.

            results = await client.transfer_many([("c-1", "+18382947878")], concurrency=8)
            print(results.summary())
        """
        if run is not None:
            from calltransfer._runs import many as _run_many

            return await _run_many.transfer_many_async(
                self, items, run, concurrency, rate, progress, allow_repeated_calls, region
            )
        from calltransfer._bulk.batch_runner import Progress

        feed = self._batch_runner(items, concurrency, rate, allow_repeated_calls, region)
        bar = Progress(feed, progress)
        try:
            with bar:
                async for _ in feed.arriving():
                    bar.step()
        except BaseException as stopped:
            await feed.stop_in_loop()
            feed.note(stopped, feed.everything())
            raise
        finally:
            self._log()
        return feed.everything()

    def transfer_as_completed(
        self,
        items: Iterable[Any] | AsyncIterable[Any],
        *,
        concurrency: int = 16,
        rate: float | None = None,
        allow_repeated_calls: bool = False,
        region: str | None = None,
    ) -> AsyncIterator[TransferRow]:
        """Makes many transfers, and yields a row for each as it ends; see `Client.transfer_as_completed`.

        Example:
            async for row in client.transfer_as_completed([("c-1", "+18382947878")]):
                print(row.call_id, row.outcome)
        """
        return self._arriving(self._batch_runner(items, concurrency, rate, allow_repeated_calls, region, keep=False))

    async def _arriving(self, feed: LoopFeed) -> AsyncIterator[TransferRow]:
        try:
            async for row in feed.arriving():
                yield row
        except GeneratorExit:
            feed.abandon()
            raise
        except BaseException as stopped:
            await feed.stop_in_loop()
            feed.note(stopped, feed.everything())
            raise
        finally:
            self._log()

    def _batch_runner(
        self,
        items: Any,
        concurrency: int,
        rate: float | None,
        allow_repeated_calls: bool,
        region: str | None,
        keep: bool = True,
    ) -> LoopFeed:
        from calltransfer._bulk.batch_runner import LoopFeed

        loop = running_loop()
        background = self._background_client()
        background.want_log(wanted())
        batch = background.batch(concurrency, rate, mailbox_of(loop), loop.create_future())
        return LoopFeed(batch, items, keep, self._log, allow_repeated_calls, region, loop)
