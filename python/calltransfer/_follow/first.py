"""`transfer_to_first` by events, for v1. The core decides each step and how long it may take."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer._follow.run_now import run_now
from calltransfer._follow.status import FirstTransferred, TargetResult, target_of
from calltransfer._options import encoded
from calltransfer.errors import CallTransferError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from calltransfer._account import Account
    from calltransfer._events.receiver import EventReceiver

    Send = Callable[..., Coroutine[Any, Any, Any]]


def run(
    client: Account,
    call_id: str,
    targets: Sequence[str],
    ring: float | None,
    receiver: EventReceiver,
    options: Any,
) -> FirstTransferred:
    """Transfers the call on this thread."""

    async def send(request: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        return request(*arguments, **options)

    return run_now(_Steps(client, call_id, targets, ring, receiver, options, send, time.sleep).run())


async def run_async(
    client: Account,
    call_id: str,
    targets: Sequence[str],
    ring: float | None,
    receiver: EventReceiver,
    options: Any,
) -> FirstTransferred:
    """Transfers the call in this event loop."""

    async def send(request: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        return await request(*arguments, **options)

    return await _Steps(client, call_id, targets, ring, receiver, options, send, asyncio.sleep).run()


class _Steps:
    """The steps of the core's sequence. `send` calls a function of the client, or `sleep`, and returns its result."""

    def __init__(
        self,
        client: Any,
        call_id: str,
        targets: Sequence[str],
        ring: float | None,
        receiver: EventReceiver,
        options: Any,
        send: Send,
        sleep: Callable[[float], Any],
    ) -> None:
        self._client = client
        self._call_id = call_id
        self._targets = list(targets)
        self._receiver = receiver
        self._options = options
        self._send = send
        self._sleep = sleep
        self._errors: dict[int, CallTransferError] = {}
        self._followed: Any = None
        sent, timeout = encoded(dict(options))
        self._sequence = _native.TargetSequence(client._native(), call_id, self._targets, sent, ring, timeout)

    async def run(self) -> FirstTransferred:
        """Takes the steps, until there is nothing more to do."""
        reading: float | None = None
        while True:
            step = self._sequence.step()
            action, new_call_id = step["action"], step["new_call_id"]
            if action == "transfer":
                self._followed = reading = None
                await self._transfer(step["target"])
            elif action == "follow":
                await self._follow(new_call_id, step["timeout"])
            elif action == "hang_up":
                await self._hang_up(new_call_id)
            elif action == "read_caller":
                reading = time.monotonic() if reading is None else reading
                await self._read_caller(reading)
            else:
                return self._result(step["reason"])

    async def _transfer(self, at: int) -> None:
        try:
            done = await self._send(self._client.transfer, self._call_id, self._targets[at], **self._options)
        except CallTransferError as error:
            self._errors[at] = error
            self._sequence.failed(error.kind, error.outcome, error.safe_to_repeat, str(error))
        else:
            self._sequence.made(done.new_call_id)

    async def _follow(self, new_call_id: str | None, timeout: float) -> None:
        try:
            if self._followed is None:
                self._followed = self._client.follow(self._call_id, new_call_id, receiver=self._receiver)
            status = await self._send(self._followed.wait, "answered", timeout)
        except CallTransferError as error:
            self._sequence.give_up(str(error))
            return
        native = self._followed._following.native
        is_open = status.result != "answered" and not status.is_certainly_unanswered
        if is_open and new_call_id is not None:
            # An event alone may leave open whether the target answered; the list of all events may show it.
            try:
                listed = await self._send(self._client.get_call_events, new_call_id)
            except CallTransferError:
                pass
            else:
                native.call_events(new_call_id, [json.dumps(dict(event.fields)) for event in listed])
        self._sequence.followed(native)

    async def _hang_up(self, new_call_id: str) -> None:
        try:
            await self._send(self._client.hang_up, new_call_id)
        except CallTransferError:
            pass  # following the transfer shows the effect of the request
        self._sequence.hung_up()

    async def _read_caller(self, since: float) -> None:
        failed: str | None = None
        try:
            call = await self._send(self._client.get_call, self._call_id)
        except CallTransferError as error:
            failed = str(error)
        else:
            self._sequence.caller(json.dumps(dict(call.fields)))
        pause = self._sequence.pause(time.monotonic() - since, failed)
        if pause is not None:
            await self._send(self._sleep, pause)

    def _result(self, stopped: Any) -> FirstTransferred:
        result = self._sequence.result()
        if result["is_refused"]:
            raise self._errors[0]
        targets = [target_of(fields) for fields in result["targets"]]
        results = tuple(
            TargetResult(it.to, it.outcome, it.new_call_id, it.status, self._errors.get(at))
            for at, it in enumerate(targets)
        )
        return FirstTransferred(self._call_id, result["answered"], results, stopped, result["reason"])
