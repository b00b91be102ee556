"""A durable run for asyncio: the same as `Run`, with the same names, settings and errors."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
from itertools import islice

from calltransfer._redaction import redact_place
from calltransfer._runs.account import account_of
from calltransfer._runs.run import Run

# What a notebook shows is imported where it is used, as in `run`.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
    from types import TracebackType
    from typing import Any, Literal, TypeVar

    from typing_extensions import Self

    from calltransfer._account import Account
    from calltransfer._runs.records import RunCheck, RunRetry, RunRow, RunSummary

    _T = TypeVar("_T")

_TAKEN = 256
"""How many items of an async iterable are awaited at once."""


class AsyncRun:
    """A durable bulk transfer for asyncio. Settings, rows and errors are those of `Run`.

    The ledger is opened by the first method that is awaited, so that method raises errors of `place`. The
    work is done on threads, and does not block the loop.

        async with calltransfer.AsyncRun("evac.db", rate=20) as run:
            await run.add([("c-1", "+18382947878"), ("c-2", "+18382947878")])
            print(await run.execute())

    If a task is cancelled during `execute`, no more rows are begun, and the task ends when those in progress
    have ended: their outcomes are then in the ledger. Call `execute` again to continue.

    Raises:
        ConfigurationError: A setting of the account is missing or wrong.
        RunError: As for `Run`.
    """

    def __init__(
        self,
        place: str | os.PathLike[str],
        *,
        rate: float | None = None,
        deadline: float | None = None,
        lease: float | None = None,
        max_attempts: int | None = None,
        client: Account | None = None,
        **settings: Any,
    ) -> None:
        try:
            client = account_of("AsyncRun", client, settings)
        finally:
            settings = {}  # a traceback keeps this frame; see `Account.__init__`
        self._place = os.fspath(place)
        self._run: Run | None = None
        self._is_closed = False
        self._opening = threading.Lock()
        self._make: Callable[[], Run] = lambda: Run(
            self._place, rate=rate, deadline=deadline, lease=lease, max_attempts=max_attempts, client=client
        )

    async def add(self, items: Iterable[Any] | AsyncIterable[Any], *, region: str | None = None) -> int:
        """Adds rows: all of them, or none if one is refused. `items` may also be an async iterable.

        Example:
            print(await run.add([("c-1", "+18382947878")]))
        """
        if hasattr(items, "__aiter__") and not hasattr(items, "__iter__"):
            items = _from_loop(items, asyncio.get_running_loop())
        given: Any = items
        return await self._wait(lambda run: run.add(given, region=region))

    async def execute(
        self,
        *,
        concurrency: int = 16,
        progress: bool | Callable[[RunSummary], object] = False,
        name: str | None = None,
    ) -> RunSummary:
        """Sends the planned rows, as one worker, until no row of the run is left to send.

        `progress` is called in the loop.

            print(await run.execute(concurrency=8))
        """
        report = _in_loop(progress) if callable(progress) else progress
        return await self._wait(lambda run: run.execute(concurrency=concurrency, progress=report, name=name))

    async def check(self) -> RunCheck:
        """Reads the call of every row that is `unknown`, and stores what that shows.

        Example:
            print(await run.check())
        """
        return await self._wait(Run.check)

    async def retry(self, which: Literal["not_sent", "not_applied", "unknown"]) -> RunRetry:
        """Plans ended rows again; `execute` then sends them. See `Run.retry`.

        Example:
            print(await run.retry("not_sent"))
        """
        return await self._wait(lambda run: run.retry(which))

    async def stop(self, *, everywhere: bool = False) -> None:
        """Ends every `execute` and `check` of this run soon; see `Run.stop`.

        Example:
            await run.stop()
            print(run)
        """
        await self._wait(lambda run: run.stop(everywhere=everywhere))

    async def resume(self) -> None:
        """Lets workers work again after `stop(everywhere=True)`.

        Example:
            await run.resume()
            print(run)
        """
        await self._wait(Run.resume)

    async def summary(self) -> RunSummary:
        """How many rows are in each state, how fast they are sent, and how long the rest will take.

        Example:
            print((await run.summary()).planned)
        """
        return await self._wait(Run.summary)

    async def rows(self, *states: str) -> AsyncIterator[RunRow]:
        """The rows in these states, or all rows, in the order in which they were added; read in pages.

        Example:
            async for row in run.rows("unknown"):
                print(row.call_id, row.message)
        """
        rows = await self._wait(lambda run: run.rows(*states))
        while page := await self._wait(lambda _: _page(rows)):
            for row in page:
                yield row

    def __aiter__(self) -> AsyncIterator[RunRow]:
        return self.rows()

    async def to_pandas(self, *states: str) -> Any:
        """A pandas DataFrame with a line for each row in these states, or for all rows; see `Run.to_pandas`.

        Example:
            print(len(await run.to_pandas()))
        """
        return await self._wait(lambda run: run.to_pandas(*states))

    async def aclose(self) -> None:
        """Closes the run; its ledger is not changed. Closing it again does nothing.

        Example:
            await run.aclose()
            print(run)
        """
        self._is_closed = True
        run, self._run = self._run, None
        if run is not None:
            await _in_thread(run.close, _nothing)

    async def __aenter__(self) -> Self:
        await self._wait(lambda _: None)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"AsyncRun({'closed' if self._is_closed else repr(redact_place(self._place))})"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows; for a run that was not used yet, its name."""
        from calltransfer._notebook import run as _display_run

        return _display_run.not_open(repr(self)) if self._run is None else self._run._repr_mimebundle_()

    async def _wait(self, work: Callable[[Run], _T]) -> _T:
        return await _in_thread(lambda: work(self._opened()), self._interrupt)

    def _opened(self) -> Run:
        with self._opening:
            if self._is_closed:
                raise RuntimeError("run: is closed; open it again")
            if self._run is None:
                self._run = self._make()
            return self._run

    def _interrupt(self) -> None:
        run = self._run
        if run is not None and run._open is not None:
            run._open.interrupt()


async def _in_thread(work: Callable[[], _T], interrupt: Callable[[], None]) -> _T:
    """Does the work on a thread of its own; if the task is cancelled, the work ends first."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if not future.done():
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def run() -> None:
        result: Any = None
        raised: BaseException | None = None
        try:
            result = work()
        except BaseException as error:
            raised = error
        try:
            loop.call_soon_threadsafe(settle, result, raised)
        except RuntimeError:  # the loop is closed, and with it all that waited
            pass

    context = contextvars.copy_context()
    # A daemon: a program that ends must not wait for a run, which loses nothing by that.
    threading.Thread(target=context.run, args=(run,), name="calltransfer-run", daemon=True).start()
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
            interrupt()
    if cancelled is not None:
        future.exception()  # looked at, so that no log says it never was
        raise cancelled
    return future.result()


def _in_loop(progress: Callable[[RunSummary], object]) -> Callable[[RunSummary], object]:
    loop = asyncio.get_running_loop()
    return lambda summary: loop.call_soon_threadsafe(progress, summary)


def _nothing() -> None:
    """Closing a run can't be interrupted."""


def _page(rows: Iterator[RunRow]) -> list[RunRow]:
    return list(islice(rows, 500))


def _from_loop(items: Any, loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    """The items of an async iterable, for a thread other than the loop's."""
    source = items.__aiter__()

    async def some() -> list[Any]:
        taken: list[Any] = []
        while len(taken) < _TAKEN:
            try:
                taken.append(await source.__anext__())
            except StopAsyncIteration:
                break
        return taken

    while block := asyncio.run_coroutine_threadsafe(some(), loop).result():
        yield from block
        if len(block) < _TAKEN:
            return
