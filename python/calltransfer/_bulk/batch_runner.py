"""Runs many transfers: takes an item when its transfer can begin soon, and reports rows."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Sized

from calltransfer import errors
from calltransfer._bulk import supply as _supply
from calltransfer._bulk.items import invalid
from calltransfer._bulk.items import iter_items as _items
from calltransfer._bulk.items import parts as _parts
from calltransfer._bulk.results import TransferResults, TransferRow
from calltransfer._optional_import import optional_import
from calltransfer._results import Transferred
from calltransfer.errors import CallTransferError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any

    from calltransfer import _native
    from calltransfer._bulk.region import Region

# A run of items that can't be sent is reported in pieces.
_PIECE = 256


class BatchRunner:
    """Takes an item when its transfer can begin soon, and makes a row of each result."""

    def __init__(
        self,
        batch: _native.Batch,
        items: Any,
        keep: bool,
        log: Callable[[], None],
        allow_repeated_calls: bool,
        region: str | None,
    ) -> None:
        _supply.check(items)
        self._region = None if region is None else _region_of(region)
        self.total = len(items) if isinstance(items, Sized) else None
        self.has_room = batch.has_room
        self.is_over = False
        """Whether there are no more items."""
        self.broken: BaseException | None = None
        """What the iterable raised on another thread or in another task."""
        self._batch = batch
        self._log = log
        self._may_wait = _supply.may_wait(items)
        self._items = self._iterator(items)
        self._supply: _supply.ThreadSupply | _supply.TaskSupply | None = None
        self._taken = 0
        # The items under their calls: a call is transferred once.
        self._calls: dict[Any, int] | None = None if allow_repeated_calls else {}
        self._refused: deque[TransferRow] = deque()
        self._open: dict[int, tuple[Any, Any]] = {}
        self._ended: list[dict[str, Any]] = []
        self._rows: list[TransferRow] = []
        self._keep = keep
        self._given = 0

    def arrived(self) -> Iterator[TransferRow]:
        """Yields each row as its transfer ends; waits on this thread."""
        while True:
            rows = self._step()
            yield from self._give(rows)
            if not rows:
                if self._is_done():
                    return
                self._batch.wait()

    def everything(self) -> TransferResults:
        """All rows that are stored."""
        return TransferResults(self._rows[self._given :])

    def stop(self) -> None:
        """Stops the transfers that have not ended, and makes their rows."""
        if self._supply is not None:
            self._supply.stop()
        while True:
            # A second interrupt is dropped: the first one is raised, with all results.
            with contextlib.suppress(BaseException):
                self._batch.stop()
                last = self._batch.is_idle()
                self._take()
                if last:
                    break
                self._batch.wait()
        self._end()

    def abandon(self) -> None:
        """Stops the batch; nothing more is reported."""
        if self._supply is not None:
            self._supply.stop()
        self._batch.stop()
        self._batch.close()

    def note(self, stopped: BaseException, results: TransferResults) -> None:
        """Adds the results of the items to the exception."""
        stopped.results = results  # type: ignore[attr-defined]
        counts = ", ".join(f"{number} {name}" for name, number in results._counts().items() if number)
        rest = "" if self.is_over or self.total is not None else "; items that were not taken were not begun"
        if hasattr(stopped, "add_note"):  # Python 3.11
            stopped.add_note(
                f"calltransfer: {counts or 'nothing was begun'}{rest}; `results` of this exception has the rows"
            )

    def send(self, item: Any) -> None:
        """Begins the transfer of an item, or makes the row of one that can't be sent."""
        index = self._taken
        self._taken += 1
        call_id: Any = None
        to: Any = None
        try:
            call_id, to, options = _parts(item)
            timeout = options.pop("timeout", None)
            self._refuse_repeated(call_id)
            target = to
            if self._region is not None:
                target, options = self._region.applied(to, options)
            self._open[index] = (call_id, to)
            self._batch.add(index, call_id, target, options, timeout)
        except CallTransferError as error:
            self._open.pop(index, None)
            self._refused.append(TransferRow(index, call_id, to, None, error))
            return
        if self._calls is not None:
            self._calls[call_id] = index

    def wake(self) -> None:
        """Called when another thread or task has a row. Nothing to do here: this thread looks soon anyway."""

    def _refuse_repeated(self, call_id: Any) -> None:
        if self._calls is not None and isinstance(call_id, str) and call_id in self._calls:
            first = self._calls[call_id]
            raise invalid("call_id", f"{call_id!r} is also the call of item {first}; expected each call once")

    def _iterator(self, items: Any) -> Any:
        if hasattr(items, "__aiter__") and not hasattr(items, "__iter__"):
            raise TypeError("items: got an async iterable; give it to AsyncClient")
        return _items(items)

    def _step(self) -> list[TransferRow]:
        """New rows: of items that can't be sent, and of transfers that have ended."""
        before = len(self._rows)
        if self._may_wait and self._supply is None and not self.is_over:
            self._supply = self._start_supply()
        if self._supply is None:
            while not self.is_over and len(self._refused) < _PIECE and self.has_room():
                try:
                    item = next(self._items)
                except StopIteration:
                    self.is_over = True
                    break
                self.send(item)
        self._take()
        while self._refused:
            self._rows.append(self._refused.popleft())
        if self._supply is not None:
            self._supply.has_room()
        self._log()
        if self.broken is not None and len(self._rows) == before:
            raise self.broken
        return self._rows[before:]

    def _start_supply(self) -> _supply.ThreadSupply | _supply.TaskSupply | None:
        try:
            return _supply.ThreadSupply(self, self._items)
        except RuntimeError:  # no thread can be started: the items are taken on this one
            self._may_wait = False
            return None

    def _is_done(self) -> bool:
        return self.is_over and not self._open and not self._refused

    def _give(self, rows: list[TransferRow]) -> Iterator[TransferRow]:
        for row in rows:
            if not self._keep:
                # An exception reports what the caller has not seen.
                self._given += 1
            yield row
        if self._given == len(self._rows):
            self._rows.clear()
            self._given = 0

    def _take(self) -> None:
        # An interrupt may come between any two of these lines, and the next call continues from there.
        self._batch.take(self._ended)
        while self._ended:
            ended = self._ended[-1]
            index, done = ended["number"], ended["result"]
            is_kept = bool(self._rows) and self._rows[-1].index == index
            if index in self._open and not is_kept:
                call_id, to = self._open[index]
                result = None if done is None else Transferred(**done)
                self._rows.append(TransferRow(index, call_id, to, result, ended["error"]))
            self._open.pop(index, None)
            self._ended.pop()

    def _end(self) -> None:
        self._batch.close()
        # An interrupt came just as a response was taken: each transfer is reported.
        for index, (call_id, to) in self._open.items():
            lost = "interrupted while the response was read; it may have been carried out"
            error = errors.make("outcome_unknown", lost, {"outcome": "unknown", "call_id": call_id})
            self._rows.append(TransferRow(index, call_id, to, None, error))
        self._open.clear()
        if self.total is None:
            return  # there may be any number more
        for index, item in enumerate(self._items, self._taken):
            try:
                call_id, to, _ = _parts(item)
            except CallTransferError as refused:
                self._rows.append(TransferRow(index, None, None, None, refused))
                continue
            known = {"outcome": "not_sent", "safe_to_repeat": True, "call_id": call_id}
            error = errors.make("cancelled", "stopped before it was begun", known)
            self._rows.append(TransferRow(index, call_id, to, None, error))
        self.is_over = True


class LoopFeed(BatchRunner):
    """The same for an event loop."""

    def __init__(
        self,
        batch: _native.Batch,
        items: Any,
        keep: bool,
        log: Callable[[], None],
        allow_repeated_calls: bool,
        region: str | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(batch, items, keep, log, allow_repeated_calls, region)
        self._loop = loop
        self._completions: asyncio.Future[None] = loop.create_future()

    def wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if not self._completions.done():
            self._completions.set_result(None)

    def _iterator(self, items: Any) -> Any:
        return items.__aiter__() if hasattr(items, "__aiter__") else _items(items)

    def _start_supply(self) -> _supply.ThreadSupply | _supply.TaskSupply | None:
        if hasattr(self._items, "__anext__"):
            return _supply.TaskSupply(self, self._items)
        return super()._start_supply()

    async def arriving(self) -> AsyncIterator[TransferRow]:
        """Rows, as they come."""
        while True:
            completions = self._completions = self._loop.create_future()
            self._batch.wait_on(completions)  # before the look, so that nothing comes unseen
            rows = self._step()
            for row in self._give(rows):
                yield row
            if not rows:
                if self._is_done():
                    self._batch.close()
                    return
                await completions

    async def stop_in_loop(self) -> None:
        """As `stop`, and others run meanwhile."""
        from asyncio import CancelledError, sleep

        if self._supply is not None:
            self._supply.stop()
        self._batch.stop()
        while True:
            last = self._batch.is_idle()
            self._take()
            if last:
                break
            # A task may be cancelled again meanwhile: anyio does so in every turn of the loop.
            with contextlib.suppress(CancelledError):
                await sleep(0.001)
        self._end()


def _region_of(code: str) -> Region:
    from calltransfer._bulk.region import Region

    return Region(code)


class Progress:
    """A progress bar of tqdm, in a notebook or a terminal, if it is wanted."""

    def __init__(self, feed: BatchRunner, wanted: bool) -> None:
        self._bar = None
        if wanted:
            auto = optional_import("tqdm.auto", "progress", "bulk")
            self._bar = auto.tqdm(total=feed.total, unit="call", desc="transfers")

    def step(self) -> None:
        if self._bar is not None:
            self._bar.update()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._bar is not None:
            self._bar.close()
