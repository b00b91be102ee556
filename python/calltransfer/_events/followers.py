"""Which transfers a receiver's events are for."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calltransfer._events.event import Event
    from calltransfer._follow.following import Following


class EventFollowers:
    """Passes each event to the transfers that it may be about.

    The last events are kept, because one may come before `transfer()` has returned: what is followed then gets
    those of its calls again.
    """

    def __init__(self, kept: int) -> None:
        self._recent: deque[Event] = deque(maxlen=kept)
        self._of: dict[str, list[weakref.ref[Following]]] = {}
        self._lock = threading.RLock()  # a collection of garbage may call `forget` within

    def take(self, event: Event) -> None:
        """Passes an event on."""
        call_id, parent = event.call_id, event.parent_call_id
        with self._lock:
            self._recent.append(event)
            if not self._of:
                return
            meant = [*self._of.get(call_id or "", ())]
            if parent is not None and parent != call_id:
                meant += self._of.get(parent, ())
            found = [it for one in meant if (it := one()) is not None]
        for following in found:
            following.take(event)

    def add(self, following: Following, *keys: str | None) -> None:
        """Passes the events of these calls on from now on, for as long as the transfer is referred to."""
        wanted = {key for key in keys if key is not None}

        def forget(gone: weakref.ref[Following]) -> None:
            with self._lock:
                for key in wanted:
                    left = [one for one in self._of.pop(key, ()) if one is not gone]
                    if left:
                        self._of[key] = left

        with self._lock:
            one = weakref.ref(following, forget)
            for key in wanted:
                self._of.setdefault(key, []).append(one)
            missed = [it for it in self._recent if it.call_id in wanted or it.parent_call_id in wanted]
        for event in missed:
            following.take(event)
