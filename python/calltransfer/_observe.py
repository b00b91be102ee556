"""Observers of requests: for counters, durations and traces, in any system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

OBSERVERS: list[Callable[[RequestRecord], object]] = []


@dataclass(frozen=True)
class RequestRecord:
    """A request that has ended, with all of its attempts. It contains no secret and no phone number.

    Example:
        def show(request: calltransfer.RequestRecord) -> None:
            print(request.action, request.outcome, request.elapsed)

        calltransfer.observe(show)()
    """

    action: Literal["transfer", "answer", "hang_up", "get_call", "get_call_events", "list_calls", "prepare"]
    """The request. A page of a list is a request of its own; `check` reads with those that it needs."""
    api: Literal["v1", "v2"]
    """The API that was used."""
    host: str
    """The host that the request was sent to, with its port if it isn't the default port."""
    call_id: str | None
    """The ID of the call; `None` for a list."""
    new_call_id: str | None
    """The new call of a transfer, if the response names it; never in v2."""
    outcome: Literal["not_sent", "not_applied", "applied", "unknown"]
    """Its outcome; for a read, `"applied"` means that it was read."""
    error_kind: str | None
    """The `kind` of the error, such as `"rate_limited"`; `None` if there was none."""
    http_status: int | None
    """The HTTP status of the last response that was read, if one was."""
    attempts: int
    """Number of attempts."""
    elapsed: float
    """The time that it took, in seconds, including the waits between attempts."""


def observe(observer: Callable[[RequestRecord], object]) -> Callable[[], None]:
    """Calls `observer` once for each request that ends, of every client of this process.

    It is called with a `RequestRecord` when the request has ended and before its result is returned, on the
    thread or in the event loop that made the request; in a batch, when the row is taken. It should not block.
    Its exceptions are logged, and never change the result of a request. A request that is refused before it
    begins, because of an argument, has no record.

        import calltransfer

        stop = calltransfer.observe(lambda request: print(request.action, request.outcome, request.elapsed))
        calltransfer.transfer("c-call123", "+18382947878")
        stop()

    Args:
        observer: The function to call.

    Returns:
        A function that removes the observer. Calling it again does nothing.
    """
    if not callable(observer):
        raise TypeError(f"observer: must be callable, got {type(observer).__name__}")
    OBSERVERS.append(observer)
    observing = [observer]

    def stop() -> None:
        if observing:
            OBSERVERS.remove(observing.pop())

    return stop


def notify(fields: dict[str, Any]) -> None:
    """Passes a record to the observers, made of the fields that the native module gives."""
    record = RequestRecord(**fields)
    for observer in tuple(OBSERVERS):
        try:
            observer(record)
        except Exception:  # it must not hide the outcome
            import logging

            logging.getLogger("calltransfer").exception("an observer of requests failed")
