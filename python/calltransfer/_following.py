"""Following a transfer, by the events of a receiver, by reads, or by both."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer._follow import FollowStatus
from calltransfer.errors import make

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator
    from datetime import datetime

    from calltransfer._async_client import AsyncClient
    from calltransfer._client import Client
    from calltransfer._event import Event
    from calltransfer._event_followers import EventFollowers
    from calltransfer._follow import Cause, Result, Until
    from calltransfer._results import Transferred

    Read = Callable[[_native.Follow, str, float], Any]

_FOR_EVER = 7 * 24 * 3600.0
# With a receiver: reads begin when no event has come for so long, then less often; each tries for so long.
_FIRST_QUIET, _LONGEST_QUIET, _LOOK = 2.0, 30.0, 2.0
# More events of one transfer are not kept for iterating.
_EVENTS = 1_000


class Following:
    """The state of one transfer, fed by threads and awaited by threads and event loops."""

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
        """Whether there is so much to say."""
        return self.native.is_reached(until)

    def event(self, number: int) -> Event | None:
        """An event by its number, from 0."""
        with self._changed:
            return self._events[number] if number < len(self._events) else None

    def has_next(self, number: int) -> Callable[[], bool]:
        """Says whether there is an event of this number, or will be none."""
        return lambda: self.event(number) is not None or self.is_reached("ended")

    def wait(self, is_done: Callable[[], bool], timeout: float) -> bool:
        """Whether it was done in time, in threads."""
        with self._changed:
            return self._changed.wait_for(is_done, timeout)

    async def wait_async(self, is_done: Callable[[], bool], timeout: float) -> bool:
        """Whether it was done in time, in an event loop."""
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
                loop.call_soon_threadsafe(_wake, future)
            except RuntimeError:  # the loop is closed
                pass


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class _Followed:
    """What the blocking and the async object have in common."""

    def __init__(self, following: Following, followers: EventFollowers | None) -> None:
        self._following = following
        self._followers = followers

    @property
    def call_id(self) -> str:
        """The call that was transferred."""
        return self._following.call_id

    @property
    def status(self) -> FollowStatus:
        """What is known now."""
        return FollowStatus(**self._following.native.status())

    @property
    def result(self) -> Result | None:
        """Whether a target answered, and if not, why; `None` while that is not decided."""
        return self.status.result

    @property
    def cause(self) -> Cause | None:
        """Why the new call ended, in one word for both APIs."""
        return self.status.cause

    @property
    def new_call_id(self) -> str | None:
        """The new call, where it is known."""
        return self.status.new_call_id

    @property
    def answered_time(self) -> datetime | None:
        """When a target answered, in UTC."""
        return self.status.answered_time

    @property
    def ended_time(self) -> datetime | None:
        """When the new call ended, in UTC."""
        return self.status.ended_time

    def __repr__(self) -> str:
        status = self.status
        return f"{type(self).__name__}({self.call_id!r}, result={status.result!r}, is_ended={status.is_ended})"

    def _too_late(self, until: str) -> FollowStatus:
        following = self._following
        if not following.is_reached(until):
            following.native.give_up("the time for following is over, and no event has said more")
        return self.status


class CallFollow(_Followed):
    """A transfer that is followed: made by `Client.follow` and `EventReceiver.follow`.

    Several threads may use it. Nothing of it needs to be stored: a new one of the same IDs knows the same, once
    it has read the call or the events have come again.

        done = client.transfer("c-call123", "+18382947878")
        follow = client.follow(done)
        print(follow.wait("answered", timeout=60).result)
    """

    def __init__(self, following: Following, followers: EventFollowers | None, read: Read | None) -> None:
        super().__init__(following, followers)
        self._read = read

    def wait(self, until: Until = "answered", timeout: float = 60.0) -> FollowStatus:
        """Waits until that is known, and returns what is known then. It may be called again.

            status = client.follow("c-call123", "c-1").wait("answered", timeout=0.5)
            print(status.result, status.evidence)

        Args:
            until: `"answered"`: whether a target has answered, or none can any more. `"ended"`: no target is
                connected any more.
            timeout: Seconds. When they are over, the result is `"unknown"` if there is none, and `evidence` says
                what is missing; waiting again goes on.

        Raises:
            InvalidArgumentError: `until` or `timeout` is not valid.
            CallTransferError: A call can't be read, for a reason that another read can't mend.
        """
        following, deadline = self._following, time.monotonic() + checked(timeout)
        following.native.go_on()
        following.is_reached(until)
        quiet = _FIRST_QUIET
        while (left := deadline - time.monotonic()) > 0:
            if self._followers is not None:
                pause = left if self._read is None else min(left, quiet)
                if following.wait(lambda: following.is_reached(until), pause):
                    break
                quiet = min(quiet * 2, _LONGEST_QUIET)
                left = deadline - time.monotonic()
            if self._read is not None and left > 0:
                following.adopt(
                    self._read(following.native, until, left if self._followers is None else min(left, _LOOK))
                )
                if self._followers is None:
                    return self.status
                following.native.go_on()
                if following.is_reached(until):
                    break
        return self._too_late(until)

    def events(self, timeout: float = 3600.0) -> Iterator[Event]:
        """The events of the transfer as they come to its receiver, each once; ends when the transfer has ended.

            receiver = calltransfer.EventReceiver(allow_anonymous=True)
            follow = client.follow("c-call123", "c-1", receiver=receiver)
            for event in follow.events(timeout=0.1):
                print(event.kind, event.time)

        Args:
            timeout: Ends too if no event comes for so long, in seconds.
        """
        following, number = self._following, 0
        while following.wait(following.has_next(number), timeout):
            if (event := following.event(number)) is None:
                return
            yield event
            number += 1

    def __iter__(self) -> Iterator[Event]:
        return self.events()


class AsyncCallFollow(_Followed):
    """A transfer that is followed in asyncio: made by `AsyncClient.follow` and `EventReceiver.follow_async`.

    Awaiting it waits until the transfer has ended. Any number of tasks may use it.

        async with sandbox.async_client() as client:
            follow = client.follow(await client.transfer("c-call123", "+12025550110"))
            print((await follow.wait("answered", timeout=60)).result)
            print((await follow).ended_time)
    """

    def __init__(self, following: Following, followers: EventFollowers | None, read: Read | None) -> None:
        super().__init__(following, followers)
        self._read = read

    async def wait(self, until: Until = "answered", timeout: float = 60.0) -> FollowStatus:
        """Waits until that is known, as `CallFollow.wait`; cancelling it loses nothing.

        Example:
            async with sandbox.async_client() as client:
                status = await client.follow("c-call123", "c-1").wait("answered", timeout=0.5)
                print(status.result, status.evidence)
        """
        loop, following = asyncio.get_running_loop(), self._following
        deadline = loop.time() + checked(timeout)
        following.native.go_on()
        following.is_reached(until)
        quiet = _FIRST_QUIET
        while (left := deadline - loop.time()) > 0:
            if self._followers is not None:
                pause = left if self._read is None else min(left, quiet)
                if await following.wait_async(lambda: following.is_reached(until), pause):
                    break
                quiet = min(quiet * 2, _LONGEST_QUIET)
                left = deadline - loop.time()
            if self._read is not None and left > 0:
                look = left if self._followers is None else min(left, _LOOK)
                following.adopt(await self._read(following.native, until, look))
                if self._followers is None:
                    return self.status
                following.native.go_on()
                if following.is_reached(until):
                    break
        return self._too_late(until)

    def __await__(self) -> Generator[Any, None, FollowStatus]:
        return self.wait("ended", _FOR_EVER).__await__()

    async def events(self, timeout: float = 3600.0) -> AsyncIterator[Event]:
        """The events of the transfer as they come to its receiver, as `CallFollow.events`.

        Example:
            receiver = calltransfer.EventReceiver(allow_anonymous=True)
            async for event in receiver.follow_async("c-call123", "c-1").events(timeout=0.1):
                print(event.kind, event.time)
        """
        following, number = self._following, 0
        while await following.wait_async(following.has_next(number), timeout):
            if (event := following.event(number)) is None:
                return
            yield event
            number += 1

    def __aiter__(self) -> AsyncIterator[Event]:
        return self.events()


def follow(
    client: Client,
    call: str | Transferred,
    new_call_id: str | None,
    receiver: Any,
    targets: int | None,
    not_before: datetime | None,
) -> CallFollow:
    """What `Client.follow` returns."""
    following = following_of(call, new_call_id, client._native().api, targets, not_before)
    followers = None if receiver is None else receiver._register(following)
    return CallFollow(following, followers, client._follow_by_reads)


def follow_async(
    client: AsyncClient,
    call: str | Transferred,
    new_call_id: str | None,
    receiver: Any,
    targets: int | None,
    not_before: datetime | None,
) -> AsyncCallFollow:
    """What `AsyncClient.follow` returns."""
    following = following_of(call, new_call_id, client._native().api, targets, not_before)
    followers = None if receiver is None else receiver._register(following)
    return AsyncCallFollow(following, followers, client._follow_by_reads)


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


def checked(timeout: float) -> float:
    """The timeout, if it is one."""
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout <= _FOR_EVER:
        known = {"field": "timeout", "outcome": "not_sent", "safe_to_repeat": True}
        raise make("invalid_argument", "timeout: must be greater than 0 and at most 7 days, in seconds", known)
    return float(timeout)
