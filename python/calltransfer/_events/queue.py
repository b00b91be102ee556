"""Events that wait until a program takes them, in threads or in event loops."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from typing import TYPE_CHECKING

from calltransfer._event_loop import wake_future

if TYPE_CHECKING:
    from calltransfer._events.event import Event

    Waiter = tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]


class EventQueue:
    """A queue of limited size. An event is taken once, whatever the number of takers."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._events: deque[Event] = deque()
        self._is_closed = False
        self._changed = threading.Condition()
        self._waiters: deque[Waiter] = deque()

    def put(self, event: Event) -> bool:
        """Whether there was room for it."""
        with self._changed:
            if self._is_closed or len(self._events) >= self._size:
                return False
            self._events.append(event)
            self._wake_one()
        return True

    def get(self, timeout: float | None) -> Event | None:
        """The next event; `None` if none comes in time, or the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._is_closed, timeout)
            return self._events.popleft() if self._events else None

    async def get_async(self) -> Event | None:
        """The next event; `None` if the queue is closed."""
        loop = asyncio.get_running_loop()
        while True:
            with self._changed:
                if self._events:
                    return self._events.popleft()
                if self._is_closed:
                    return None
                waiter = (loop, loop.create_future())
                self._waiters.append(waiter)
            try:
                await waiter[1]
            except asyncio.CancelledError:
                with self._changed:
                    if waiter in self._waiters:
                        self._waiters.remove(waiter)
                    elif self._events:  # woken, and stopped before it took the event
                        self._wake_one()
                raise

    def close(self) -> None:
        """Closes the queue: no more events come."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            while self._waiters:
                _wake(self._waiters.popleft())

    def _wake_one(self) -> None:
        self._changed.notify()
        # A loop may have ended with its waiter still here.
        while self._waiters and not _wake(self._waiters.popleft()):
            pass


def _wake(waiter: Waiter) -> bool:
    loop, future = waiter
    with contextlib.suppress(RuntimeError):  # of a loop that is closed
        loop.call_soon_threadsafe(wake_future, future)
        return True
    return False
