"""The client for asyncio: the same names, options and errors as `Client`."""

from __future__ import annotations

import asyncio

from calltransfer import _interrupts
from calltransfer._bulk.async_client import AsyncManyTransfers
from calltransfer._call_list import CallPages
from calltransfer._client import Client
from calltransfer._event_loop import mailbox_of, running_loop, wake_future
from calltransfer._log import log, wanted
from calltransfer._options import encoded, shows_options_of
from calltransfer._translation import call_of, finding_of, itself, nothing, subject_of
from calltransfer.errors import CallTransferError

# What not every program uses is imported where it is used, as in `_client`.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime
    from typing import Any, TypeVar

    from typing_extensions import Unpack

    _T = TypeVar("_T")
    from calltransfer import _native
    from calltransfer._events.receiver import EventReceiver
    from calltransfer._follow.call_follow import AsyncCallFollow
    from calltransfer._follow.status import CallEvent, FirstTransferred
    from calltransfer._options import TransferOptions
    from calltransfer._results import Call, Finding, Transferred


# A request that was stopped ends at once; this is for a loop that no longer delivers anything.
_STOP_SECONDS = 5.0


class AsyncClient(AsyncManyTransfers):
    """Transfers calls of one account from asyncio. The settings are those of `Client`.

    It works in every asyncio loop, also uvloop's and a notebook's. Several loops and threads may use one client
    at the same time, and after a fork the child's own loop may use it. Threads of the library do the network
    work, so a busy loop does not delay a transfer.

        async with calltransfer.AsyncClient() as client:
            done = await client.transfer("c-call123", "+18382947878", caller_id="private")
            print(done.new_call_id)

    Cancelling a task stops its transfer. The `CancelledError` then has the attributes `outcome` and `result`
    (the `Transferred`, if the response had arrived), a note that says the same, and the error as its
    `__context__`, even if the task is cancelled a second time meanwhile. In Python 3.10, code that awaits the
    task gets another `CancelledError`, whose `__context__` is this one.

    Raises:
        ConfigurationError: A setting is missing or wrong; `field` names it.
    """

    @shows_options_of(Client.transfer, is_method=True)
    async def transfer(
        self,
        call_id: str,
        to: str | Sequence[str],
        **options: Unpack[TransferOptions],
    ) -> Transferred:
        """Asks the platform to connect a live call to someone else, and awaits the outcome.

        Options and errors are those of `Client.transfer`.

            done = await client.transfer("c-call123", "+18382947878", whisper_audio="Hello!")
            print(done.new_call_id)

        Raises:
            InvalidArgumentError: An argument can't be sent; `field` names it.
            OutcomeUnknownError: The transfer may have been made: look at the call before you repeat it.
            CallTransferError: Any other failure; `outcome` says whether the call was transferred.
        """
        request = self._native().transfer(call_id, to, *encoded(options))
        return await self._result_of(request, self._transferred_of)

    async def get_call(self, call_id: str) -> Call:
        """Reads a call. This changes nothing, so it is retried after every failure that may be temporary.

        Example:
            call = await client.get_call("c-call123")
            print(call.state)
        """
        return await self._result_of(self._native().get_call(call_id), call_of)

    async def get_call_events(self, call_id: str) -> list[CallEvent]:
        """Reads the list of what happened to a call. v1 only; see `Client.get_call_events`.

        Example:
            events = await client.get_call_events("c-call123")
            print([event.name for event in events])
        """
        from calltransfer._follow.status import call_events_of

        return await self._result_of(self._native().get_call_events(call_id), call_events_of)

    def follow(
        self,
        call: str | Transferred,
        new_call_id: str | None = None,
        *,
        receiver: EventReceiver | None = None,
        targets: int | None = None,
        not_before: datetime | None = None,
    ) -> AsyncCallFollow:
        """Follows a transfer that was made; see `Client.follow`. Awaiting it waits until it has ended.

        Example:
            follow = client.follow(await client.transfer("c-call123", "+18382947878"))
            status = await follow.wait("answered", timeout=60)
            print(status.result, status.cause)
        """
        from calltransfer._follow.call_follow import AsyncCallFollow
        from calltransfer._follow.following import following_of

        following = following_of(call, new_call_id, self._native().api, targets, not_before)
        followers = None if receiver is None else receiver._register(following)
        return AsyncCallFollow(following, followers, self._follow_by_reads)

    async def _follow_by_reads(self, follow: _native.Follow, until: str, timeout: float) -> _native.Follow:
        polled: _native.Follow = await self._result_of(self._native().follow(follow, until, timeout), itself)
        return polled

    async def transfer_to_first(
        self,
        call_id: str,
        targets: Sequence[str],
        *,
        ring: float | None = None,
        receiver: EventReceiver | None = None,
        **options: Unpack[TransferOptions],
    ) -> FirstTransferred:
        """Transfers a call to the first of several targets that answers; see `Client.transfer_to_first`.

        Cancelling the task stops it; a target may then have the call, or get it.

            first = await client.transfer_to_first("c-call123", ["+12025550110", "+18382947878"], ring=20)
            print(first.answered, [target.result for target in first.targets])
        """
        if receiver is not None and self._native().api == "v1":
            from calltransfer._follow.first import run_async

            return await run_async(self, call_id, targets, ring, receiver, options)
        from calltransfer._follow.status import first_of

        sent, timeout = encoded(options)
        request = self._native().transfer_to_first(call_id, list(targets), sent, ring, timeout)
        return await self._result_of(request, first_of)

    def list_calls(
        self,
        *,
        state: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        min_start_time: str | None = None,
        max_start_time: str | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[Call]:
        """Lists the account's calls, page by page as needed; see `Client.list_calls`.

        Example:
            async for call in client.list_calls(state="active", to="+18385550199"):
                print(call.id, call.start_time)
        """
        pages = CallPages(
            self._native(),
            state=state,
            from_=from_,
            to=to,
            min_start_time=min_start_time,
            max_start_time=max_start_time,
            page_size=page_size,
        )
        return self._listed(pages)

    async def _listed(self, pages: CallPages) -> AsyncIterator[Call]:
        while pages.position is not None:
            for call in await self._result_of(self._native().read_page(pages.position), pages.read):
                yield call

    async def answer(self, call_id: str) -> None:
        """Answers an incoming call, so that it can be transferred.

        Example:
            await client.answer("c-call123")
            print("answered")
        """
        await self._result_of(self._native().answer(call_id), nothing)

    async def hang_up(self, call_id: str) -> None:
        """Ends a call.

        Example:
            await client.hang_up("c-call123")
            print("ended")
        """
        await self._result_of(self._native().hang_up(call_id), nothing)

    async def prepare(self) -> None:
        """Opens a connection, so that the transfer that follows takes one round trip; see `Client.prepare`.

        Example:
            await client.prepare()
            # ... decide who gets the call ...
            done = await client.transfer("c-call123", "+18382947878")
            print(done.new_call_id)
        """
        await self._result_of(self._native().prepare(), nothing)

    async def check(self, call: str | CallTransferError | Transferred) -> Finding:
        """Looks at a call after an unknown outcome; see `Client.check`.

        Example:
            try:
                await client.transfer("c-call123", "+18382947878")
            except calltransfer.OutcomeUnknownError as error:
                finding = await client.check(error)
                print(finding.outcome, finding.reason, finding.doubt)
        """
        return await self._result_of(self._native().check(subject_of(call)), finding_of)

    async def aclose(self) -> None:
        """Closes the client. It can't be used any more; closing it again does nothing.

        Requests that are in progress still end normally, and their results are returned.

            await client.aclose()
            print(client)
        """
        self._close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    def _start(self) -> None:
        self._background_client()

    async def _result_of(self, request: _native.Request, result_of: Callable[[Any], _T]) -> _T:
        loop = running_loop()
        future = loop.create_future()
        logged = wanted()
        background = self._background_client()
        background.want_log(logged)
        waiting = background.execute(mailbox_of(loop), future, request)
        try:
            await future
        except asyncio.CancelledError as stopped:
            await _stop(loop, waiting, stopped, result_of)
            raise
        finally:
            if logged:
                log(background.take_log())
        return result_of(waiting.result())


async def _stop(
    loop: asyncio.AbstractEventLoop, waiting: _native.Waiting, stopped: BaseException, result_of: Callable[[Any], Any]
) -> None:
    """Stops a request, and says on the exception how it ended."""
    waiting.cancel()
    # It ends at once, since nothing waits for the network any more; but a task may be cancelled again
    # meanwhile, anyio does so in every turn of the loop. The limit is for a loop that delivers nothing.
    limit = loop.time() + _STOP_SECONDS
    while not waiting.has_ended() and loop.time() < limit:
        future = loop.create_future()
        waiting.wait_on(future)
        timer = loop.call_at(limit, wake_future, future)
        try:
            await future
        except asyncio.CancelledError:
            pass
        finally:
            timer.cancel()
    if not waiting.has_ended():
        _interrupts.add_unknown(stopped)
        return
    try:
        result = result_of(waiting.result())
    except CallTransferError as error:
        _interrupts.add_error(stopped, error)
    else:
        _interrupts.add_result(stopped, result)
