"""`transfer_to_first` by events, for v1. The core decides which target is next."""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer._follow.following import following_of
from calltransfer._follow.status import FirstTransferred, TargetResult, target_of
from calltransfer.errors import CallTransferError, make

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from calltransfer._account import Account
    from calltransfer._events.receiver import EventReceiver

# Without an end of ringing the platform's own is waited for.
_PLATFORM_RING = 120.0
# So long after the ringing a result has to be there.
_SETTLES = 20.0
_PAUSE = 0.25
_TARGETS = 100


def run(
    client: Account,
    call_id: str,
    targets: Sequence[str],
    ring: float | None,
    receiver: EventReceiver,
    options: Any,
) -> FirstTransferred:
    """Runs the steps on this thread."""
    steps = _Steps(client, call_id, targets, ring, receiver, options, time.sleep)
    requests = steps.run()
    response: Any = None
    while True:
        try:
            request = requests.send(response)
        except StopIteration as stopped:
            return steps.result(stopped.value)
        try:
            response = request()
        except CallTransferError as error:
            response = error


async def run_async(
    client: Account,
    call_id: str,
    targets: Sequence[str],
    ring: float | None,
    receiver: EventReceiver,
    options: Any,
) -> FirstTransferred:
    """Runs the steps in this event loop."""
    steps = _Steps(client, call_id, targets, ring, receiver, options, asyncio.sleep)
    requests = steps.run()
    response: Any = None
    while True:
        try:
            request = requests.send(response)
        except StopIteration as stopped:
            return steps.result(stopped.value)
        try:
            response = await request()
        except CallTransferError as error:
            response = error


class _Steps:
    """What is to be done, for both kinds of clients.

    A request is yielded as a function, which an `AsyncClient` makes awaitable, and what it came to is sent back: its
    result, or its error.
    """

    def __init__(
        self,
        client: Any,
        call_id: str,
        targets: Sequence[str],
        ring: float | None,
        receiver: EventReceiver,
        options: Any,
        sleep: Callable[[float], Any],
    ) -> None:
        self._client = client
        self._receiver = receiver
        self._sleep = sleep
        self._call_id = call_id
        self._targets = list(targets)
        self._ring = ring
        self._options = options
        self._errors: dict[int, CallTransferError] = {}
        if not 0 < len(self._targets) <= _TARGETS:
            raise _invalid("targets", f"must be 1 to {_TARGETS}, got {len(self._targets)}")
        if ring is not None and (isinstance(ring, bool) or not isinstance(ring, (int, float)) or not 1 <= ring <= 300):
            raise _invalid("ring", f"must be 1 to 300 seconds, got {ring!r}")
        following_of(call_id, None, "v1", None, None)  # refuses what is not a valid ID
        self._sequence = _native.TargetSequence(self._targets)

    def run(self) -> Generator[Callable[[], Any], Any, str]:
        """The requests, until there is nothing more to do; returns the reason."""
        sequence = self._sequence
        new_call_id: str | None = None
        reading: float | None = None
        while True:
            step = sequence.step()
            action, at = step["action"], step["target"]
            if action == "transfer":
                reading = None
                done = yield partial(self._client.transfer, self._call_id, self._targets[at], **self._options)
                if isinstance(done, CallTransferError):
                    self._errors[at] = done
                    sequence.failed(done.kind, done.outcome, done.safe_to_repeat, str(done))
                else:
                    new_call_id = done.new_call_id
                    sequence.made(new_call_id)
            elif action == "follow":
                yield from self._follow(new_call_id)
            elif action == "read_caller":
                reading = time.monotonic() if reading is None else reading
                yield from self._read_caller(time.monotonic() - reading >= _SETTLES)
            else:
                return str(step["reason"])

    def _follow(self, new_call_id: str | None) -> Generator[Callable[[], Any], Any, None]:
        """Follows one transfer until it has a result, and ends the ringing of its new call in time."""
        sequence = self._sequence
        followed = self._client.follow(self._call_id, new_call_id, receiver=self._receiver)
        status = yield partial(followed.wait, "answered", self._ring or _PLATFORM_RING)
        still_rings = not isinstance(status, CallTransferError) and status.result == "unknown" and not status.is_ended
        if self._ring is not None and new_call_id is not None and still_rings:
            # Whatever this request comes to, the events and reads that follow show it.
            yield partial(self._client.hang_up, new_call_id)
            status = yield partial(followed.wait, "answered", _SETTLES)
        if isinstance(status, CallTransferError):
            sequence.give_up(str(status))
            return
        native = followed._following.native
        if new_call_id is not None and status.result not in ("answered", None) and not status.is_certainly_unanswered:
            # What an event leaves open, the whole record of the new call may show.
            listed = yield partial(self._client.get_call_events, new_call_id)
            if not isinstance(listed, CallTransferError):
                native.call_events(new_call_id, [json.dumps(dict(event.fields)) for event in listed])
        sequence.followed(native)
        if sequence.step()["action"] == "follow":
            sequence.give_up("the transfer can't be followed")

    def _read_caller(self, is_late: bool) -> Generator[Callable[[], Any], Any, None]:
        sequence = self._sequence
        call = yield partial(self._client.get_call, self._call_id)
        if not isinstance(call, CallTransferError):
            sequence.caller(json.dumps(dict(call.fields)))
        elif is_late:
            sequence.give_up(str(call))
        if sequence.step()["action"] == "read_caller":
            if is_late:
                sequence.give_up("the call is still being transferred")
            else:
                yield partial(self._sleep, _PAUSE)

    def result(self, stopped: Any) -> FirstTransferred:
        """The result; raises the error of the first target if it was refused for a reason that applies to all."""
        result = self._sequence.result()
        targets = [target_of(it) for it in result["targets"]]
        is_first = all(target.outcome is None for target in targets[1:])
        if is_first and stopped in ("refused", "caller_gone") and 0 in self._errors:
            raise self._errors[0]
        results = tuple(
            TargetResult(it.to, it.outcome, it.new_call_id, it.status, self._errors.get(at))
            for at, it in enumerate(targets)
        )
        answered = next((at for at, it in enumerate(results) if it.result == "answered"), None)
        return FirstTransferred(self._call_id, answered, results, stopped, result["reason"])


def _invalid(field: str, reason: str) -> Exception:
    known = {"field": field, "outcome": "not_sent", "safe_to_repeat": True}
    return make("invalid_argument", f"{field}: {reason}", known)
