"""Makes one request whose outcome is known also if a signal stops it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer._call_list import CallPages
from calltransfer._options import encoded
from calltransfer._results import Call, Finding, Transferred
from calltransfer._translation import call_of, finding_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calltransfer import Client
    from calltransfer._follow.status import FollowStatus
    from calltransfer.cli._signals import Signals


class Requests:
    """The methods of `Client`, for a command that signals may stop."""

    def __init__(self, client: Client, signals: Signals) -> None:
        self._client = client
        self._signals = signals

    def transfer(self, call_id: str, to: str | list[str], options: dict[str, Any]) -> Transferred:
        return Transferred(**self._send(self._client._native().transfer(call_id, to, *encoded({**options}))))

    def get_call(self, call_id: str) -> Call:
        return call_of(self._send(self._client._native().get_call(call_id)))

    def list_calls(self, conditions: dict[str, Any]) -> Iterator[Call]:
        pages = CallPages(self._client._native(), **conditions)
        while pages.position is not None:
            yield from pages.read(self._send(self._client._native().read_page(pages.position)))

    def follow(self, done: Transferred, until: str, timeout: float) -> FollowStatus:
        # They load asyncio, which the other commands need not.
        from calltransfer._follow.following import following_of
        from calltransfer._follow.status import FollowStatus

        following = following_of(done, None, self._client._native().api, None, None)
        followed: _native.Follow = self._send(self._client._native().follow(following.native, until, timeout))
        return FollowStatus(**followed.status())

    def answer(self, call_id: str) -> None:
        self._send(self._client._native().answer(call_id))

    def hang_up(self, call_id: str) -> None:
        self._send(self._client._native().hang_up(call_id))

    def check(self, subject: str | _native.SentTransfer) -> Finding:
        return finding_of(self._send(self._client._native().check(subject)))

    def _send(self, request: _native.Request) -> Any:
        background = self._client._background_client()
        wakeup = threading.Event()
        mailbox = _native.Mailbox(wakeup.set)
        self._signals.hold()
        waiting = background.execute(mailbox, _Listener(), request)
        self._signals.on_stop(lambda _: waiting.cancel())
        while not waiting.has_ended():
            wakeup.wait(1.0)
            wakeup.clear()
            mailbox.deliver()
        return waiting.result()


class _Listener:
    """Takes the place of an event loop's future; `_send` checks the request itself."""

    def done(self) -> bool:
        return True
