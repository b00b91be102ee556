"""The state of a transfer that is followed: fed by events and reads, awaited by threads and event loops."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING

from calltransfer import _native
from calltransfer._event_loop import wake_future

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from calltransfer._events.event import Event
    from calltransfer._results import Transferred

# More events of one transfer are not kept for iterating.
_EVENTS = 1_000


class Following:
    """The state of one transfer: threads add events and reads, threads and event loops wait for it."""

    def __init__(self, call_id: str, new_call_id: str | None, native: _native.Follow) -> None:
        self.call_id = call_id
        self.new_call_id = new_call_id
        self.native = native
        self._events: list[Event] = []
        self._changed = threading.Condition()  # reentrant: what is waited for looks at it
        self._waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def take(self, event: Event) -> None:
        """Takes an event; those of other calls change nothing."""
        with self._changed:
            if self.native.event(json.dumps(event.fields)) == "other":
                return
            if len(self._events) < _EVENTS:
                self._events.append(event)
            self._notify()

    def adopt(self, polled: _native.Follow) -> None:
        """Takes what reads have shown."""
        with self._changed:
            self.native.adopt(polled, [json.dumps(event.fields) for event in self._events])
            self._notify()

    def is_reached(self, until: str) -> bool:
        """Whether this is reached."""
        return self.native.is_reached(until)

    def event(self, number: int) -> Event | None:
        """An event by its number, from 0."""
        with self._changed:
            return self._events[number] if number < len(self._events) else None

    def has_next(self, number: int) -> Callable[[], bool]:
        """Says whether there is an event of this number, or will be none."""
        return lambda: self.event(number) is not None or self.is_reached("ended")

    def wait(self, is_done: Callable[[], bool], timeout: float) -> bool:
        """Whether this was reached in time, in threads."""
        with self._changed:
            return self._changed.wait_for(is_done, timeout)

    async def wait_async(self, is_done: Callable[[], bool], timeout: float) -> bool:
        """Whether this was reached in time, in an event loop."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            with self._changed:
                if is_done():
                    return True
                waiter = (loop, loop.create_future())
                self._waiters.append(waiter)
            try:
                await asyncio.wait_for(waiter[1], deadline - loop.time())
            except asyncio.TimeoutError:
                return is_done()
            finally:
                with self._changed:
                    if waiter in self._waiters:
                        self._waiters.remove(waiter)

    def _notify(self) -> None:
        self._changed.notify_all()
        waiters, self._waiters = self._waiters, []
        for loop, future in waiters:
            try:
                loop.call_soon_threadsafe(wake_future, future)
            except RuntimeError:  # the loop is closed
                pass


def following_of(
    call: str | Transferred,
    new_call_id: str | None,
    api: str | None,
    targets: int | None,
    not_before: datetime | None,
) -> Following:
    """The state of a transfer of these IDs."""
    from calltransfer._results import Transferred

    if isinstance(call, Transferred):
        new_call_id = call.new_call_id if new_call_id is None else new_call_id
        call = call.call_id
    # Only v1 names the new call in its response.
    api = api or ("v2" if new_call_id is None else "v1")
    limit = None if not_before is None else not_before.isoformat()
    return Following(call, new_call_id, _native.Follow(call, api, new_call_id, targets, limit))
