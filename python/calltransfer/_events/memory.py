"""The last events that were received, and the responses to them, so that none is handled twice."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

R = TypeVar("R")


class Known(Generic[R]):
    """An event that was received before."""

    def __init__(self) -> None:
        self.response: R | None = None
        """What was responded; `None` as long as it is handled."""


class Handling(Generic[R]):
    """The handling of one event: it counts as received only once its response is kept."""

    def __init__(self, known: Known[R]) -> None:
        self._known = known

    def keep(self, response: R) -> R:
        """Stores the response for further copies of the event, if the response says that it was received."""
        if getattr(response, "status", 200) < 500:
            self._known.response = response
        return response


class Memory(Generic[R]):
    """The keys of the last events, the oldest first to leave."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: OrderedDict[bytes, Known[R]] = OrderedDict()
        self._lock = threading.Lock()

    def claim(self, key: bytes) -> Known[R] | None:
        """What is known of the event; `None` if it is new. After this call it is known."""
        with self._lock:
            known = self._known.get(key)
            if known is None:
                self._known[key] = Known()
                if len(self._known) > self._size:
                    self._known.popitem(last=False)
            return known

    @contextlib.contextmanager
    def handling(self, key: bytes) -> Iterator[Handling[R]]:
        """Handles an event that was claimed; forgets it if that fails, also by cancellation."""
        with self._lock:
            known = self._known.setdefault(key, Known())
        try:
            yield Handling(known)
        finally:
            if known.response is None:
                with self._lock:
                    if self._known.get(key) is known:
                        del self._known[key]
