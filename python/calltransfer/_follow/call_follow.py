"""What is followed, for users: by the events of a receiver, by reads, or by both."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer._follow.run_now import run_now
from calltransfer._follow.status import FollowStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
    from datetime import datetime

    from calltransfer._events.event import Event
    from calltransfer._events.followers import EventFollowers
    from calltransfer._follow.following import Following
    from calltransfer._follow.status import Cause, Result, Until

    Read = Callable[[_native.Follow, str, float], Any]
    # Waits until a function returns true, or for so long; and says whether it did.
    Wait = Callable[[Callable[[], bool], float], Coroutine[Any, Any, bool]]
    AsyncRead = Callable[[_native.Follow, str, float], Coroutine[Any, Any, _native.Follow]]

# With a receiver: reads begin when no event has come for so long, then less often; each tries for so long.
_FIRST_QUIET, _LONGEST_QUIET, _LOOK = 2.0, 30.0, 2.0


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
        """The status that is known now."""
        return FollowStatus(**self._following.native.status())

    @property
    def result(self) -> Result | None:
        """Whether a target answered, and if not, why; `None` until this is known."""
        return self.status.result

    @property
    def cause(self) -> Cause | None:
        """Why the new call ended: the same words for both APIs."""
        return self.status.cause

    @property
    def new_call_id(self) -> str | None:
        """The new call, if it is known."""
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

    async def _wait_until(self, until: str, timeout: float, wait: Wait, read: AsyncRead | None) -> FollowStatus:
        """Waits for events, and reads: with a receiver only if no event comes, but once at least."""
        following, followers = self._following, self._followers
        deadline = time.monotonic() + _native.follow_timeout(timeout)
        following.native.go_on()
        following.is_reached(until)  # refuses what is not valid
        if followers is None and read is not None:
            following.adopt(await read(following.native, until, timeout))
            return self.status
        quiet, was_read = _FIRST_QUIET, False
        while True:
            left = max(deadline - time.monotonic(), 0.0)
            if await wait(lambda: following.is_reached(until), left if read is None else min(left, quiet)):
                return self.status
            left = max(deadline - time.monotonic(), 0.0)
            if read is not None and (left > 0 or not was_read):
                following.adopt(await read(following.native, until, min(left, _LOOK)))
                following.native.go_on()
                was_read = True
            if following.is_reached(until):
                return self.status
            if left == 0:
                following.native.give_up("the time for following is over, and no event has said more")
                return self.status
            quiet = min(quiet * 2, _LONGEST_QUIET)


def _blocking(function: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    async def call(*arguments: Any) -> Any:
        return function(*arguments)

    return call


class CallFollow(_Followed):
    """A transfer that is followed: made by `Client.follow` and `EventReceiver.follow`.

    Several threads may use it. It need not be stored: a new one with the same IDs has the same state when it
    has read the call, or when the events have come again.

        done = client.transfer("c-call123", "+18382947878")
        follow = client.follow(done)
        print(follow.wait("answered", timeout=60).result)
    """

    def __init__(self, following: Following, followers: EventFollowers | None, read: Read | None) -> None:
        super().__init__(following, followers)
        self._read = read

    def wait(self, until: Until = "answered", timeout: float = 60.0) -> FollowStatus:
        """Waits until `until` is reached, and returns the status. It may be called again.

            status = client.follow("c-call123", "c-1").wait("answered", timeout=0.5)
            print(status.result, status.evidence)

        Args:
            until: `"answered"`: until a target has answered, or no target can answer any more. `"ended"`:
                until no target is connected any more.
            timeout: 0 to 7 days, in seconds. If there is no result when they are over, it is `"unknown"` and
                `evidence` says what is missing; call `wait` again to continue. With 0, the call is read once.

        Raises:
            InvalidArgumentError: `until` or `timeout` is not valid.
            CallTransferError: A call can't be read, and another read would fail too, for example because of
                wrong credentials.
        """
        wait, read = _blocking(self._following.wait), None if self._read is None else _blocking(self._read)
        return run_now(self._wait_until(until, timeout, wait, read))

    def events(self, timeout: float = 3600.0) -> Iterator[Event]:
        """The events of the transfer that its receiver gets, each once; ends when the transfer has ended.

            receiver = calltransfer.EventReceiver(allow_anonymous=True)
            follow = client.follow("c-call123", "c-1", receiver=receiver)
            for event in follow.events(timeout=0.1):
                print(event.kind, event.time)

        Args:
            timeout: Also ends if no event comes for this time: 0 to 7 days, in seconds.
        """
        following, number, timeout = self._following, 0, _native.follow_timeout(timeout)
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
        """As `CallFollow.wait`, for asyncio; cancelling it loses nothing.

        Example:
            async with sandbox.async_client() as client:
                status = await client.follow("c-call123", "c-1").wait("answered", timeout=0.5)
                print(status.result, status.evidence)
        """
        return await self._wait_until(until, timeout, self._following.wait_async, self._read)

    def __await__(self) -> Generator[Any, None, FollowStatus]:
        return self.wait("ended", _native.LONGEST_FOLLOW).__await__()

    async def events(self, timeout: float = 3600.0) -> AsyncIterator[Event]:
        """The events of the transfer that its receiver gets, as `CallFollow.events`.

        Example:
            receiver = calltransfer.EventReceiver(allow_anonymous=True)
            async for event in receiver.follow_async("c-call123", "c-1").events(timeout=0.1):
                print(event.kind, event.time)
        """
        following, number, timeout = self._following, 0, _native.follow_timeout(timeout)
        while await following.wait_async(following.has_next(number), timeout):
            if (event := following.event(number)) is None:
                return
            yield event
            number += 1

    def __aiter__(self) -> AsyncIterator[Event]:
        return self.events()
