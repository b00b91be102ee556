"""The source of the items of a batch: a collection, or an iterable that may block until it has another item."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Sized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any, Protocol

    class Feed(Protocol):
        """What takes the items."""

        has_room: Callable[[], bool]
        is_over: bool
        broken: BaseException | None

        def send(self, item: Any) -> None: ...
        def wake(self) -> None: ...


_EXPECTED = "give a list of items such as [(call_id, to), ...], a DataFrame, or any iterable of items"


def check(items: Any) -> None:
    """Refuses iterables that are not a collection of items: a single item, a string, a column."""
    if isinstance(items, (str, bytes)):
        given = f"a {type(items).__name__}"
    elif hasattr(type(items), "columns"):
        return
    elif hasattr(items, "keys") and hasattr(items, "__getitem__"):
        given = f"one {type(items).__name__}"
    elif isinstance(items, tuple) and items and isinstance(items[0], str):
        given = "one tuple, as an item is"
    elif hasattr(items, "__iter__") or hasattr(items, "__aiter__"):
        return
    else:
        given = f"a {type(items).__name__}"
    raise TypeError(f"items: got {given}; {_EXPECTED}")


def may_wait(items: Any) -> bool:
    """Whether the iterable may block until it has another item. A collection with a length does not."""
    # Objects of sqlite3 may be used by one thread only.
    return not isinstance(items, Sized) and type(items).__module__ != "sqlite3"


class ThreadSupply:
    """Takes the items on a thread of its own, so that rows are reported while the iterable blocks."""

    def __init__(self, feed: Feed, items: Iterator[Any]) -> None:
        self._feed = feed
        self._items = items
        self._room = threading.Event()
        self._sending = threading.Lock()
        self._stopped = False
        run = contextvars.copy_context().run
        # A daemon: a thread that waits for an item that never comes must not keep a program alive.
        threading.Thread(target=run, args=(self._run,), name="calltransfer-items", daemon=True).start()

    def has_room(self) -> None:
        self._room.set()

    def stop(self) -> None:
        """No item is sent after this; items that the iterable still gives are dropped."""
        with self._sending:
            self._stopped = True
        self._room.set()

    def _run(self) -> None:
        feed = self._feed
        try:
            while True:
                while not feed.has_room():
                    self._room.wait(0.05)
                    self._room.clear()
                    if self._stopped:
                        return
                try:
                    item = next(self._items)
                except StopIteration:
                    break
                with self._sending:
                    if self._stopped:
                        return
                    feed.send(item)
                feed.wake()
        except BaseException as error:
            feed.broken = error
        feed.is_over = True
        feed.wake()


class TaskSupply:
    """Takes the items of an async iterable, in a task of the loop."""

    def __init__(self, feed: Feed, items: AsyncIterator[Any]) -> None:
        import asyncio  # a program that uses it has imported it

        self._feed = feed
        self._items = items
        self._room = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def has_room(self) -> None:
        self._room.set()

    def stop(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        from asyncio import CancelledError

        feed = self._feed
        try:
            while True:
                while not feed.has_room():
                    self._room.clear()
                    await self._room.wait()
                try:
                    item = await self._items.__anext__()
                except StopAsyncIteration:
                    break
                feed.send(item)
                feed.wake()
        except CancelledError:
            raise
        except BaseException as error:
            feed.broken = error
        feed.is_over = True
        feed.wake()
