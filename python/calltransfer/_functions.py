"""The functions that use a client with the account of the environment."""

from __future__ import annotations

import os

from calltransfer import _native
from calltransfer._client import Client
from calltransfer._options import shows_options_of
from calltransfer.errors import CallTransferError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, overload

    from typing_extensions import Unpack

    from calltransfer._bulk.results import TransferResults
    from calltransfer._options import TransferOptions
    from calltransfer._results import Call, Transferred
    from calltransfer._runs.run import Run


@shows_options_of(Client.transfer)
def transfer(
    call_id: str,
    to: str | Sequence[str],
    **options: Unpack[TransferOptions],
) -> Transferred:
    """Transfers a call of the account in the environment. See `Client.transfer` for the options.

        import calltransfer

        done = calltransfer.transfer("c-call123", "+18382947878", caller_id="private",
                                     whisper_audio="You have an incoming call")
        print(done.new_call_id)

    The client for it is created at the first use, and again after a fork or when the environment changes.
    """
    try:
        return _default_client().transfer(call_id, to, **options)
    except CallTransferError as error:
        raise error.with_traceback(None)  # noqa: B904  # the frames below this one are of no use to the caller


if TYPE_CHECKING:

    @overload
    def transfer_many(
        items: Iterable[Any],
        *,
        concurrency: int = 16,
        rate: float | None = None,
        progress: bool = False,
        allow_repeated_calls: bool = False,
        region: str | None = None,
        run: None = None,
    ) -> TransferResults: ...
    @overload
    def transfer_many(
        items: Iterable[Any],
        *,
        concurrency: int = 16,
        rate: float | None = None,
        progress: bool = False,
        allow_repeated_calls: bool = False,
        region: str | None = None,
        run: Run | str | os.PathLike[str],
    ) -> Run: ...


def transfer_many(
    items: Iterable[Any],
    *,
    concurrency: int = 16,
    rate: float | None = None,
    progress: bool = False,
    allow_repeated_calls: bool = False,
    region: str | None = None,
    run: Run | str | os.PathLike[str] | None = None,
) -> TransferResults | Run:
    """Makes many transfers for the account in the environment. See `Client.transfer_many`.

    Example:
        import calltransfer

        results = calltransfer.transfer_many([("c-1", "+18382947878"), ("c-2", "+18382947878")])
        print(results.summary())
    """
    try:
        return _default_client().transfer_many(
            items,
            concurrency=concurrency,
            rate=rate,
            progress=progress,
            allow_repeated_calls=allow_repeated_calls,
            region=region,
            run=run,
        )
    except CallTransferError as error:
        raise error.with_traceback(None)  # noqa: B904


def list_calls(
    *,
    state: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    min_start_time: str | None = None,
    max_start_time: str | None = None,
    page_size: int | None = None,
) -> Iterator[Call]:
    """Lists the calls of the account in the environment. See `Client.list_calls`.

    Example:
        import calltransfer

        for call in calltransfer.list_calls(state="active", to="+18385550199"):
            print(call.id, call.start_time)
    """
    try:
        return _default_client().list_calls(
            state=state,
            from_=from_,
            to=to,
            min_start_time=min_start_time,
            max_start_time=max_start_time,
            page_size=page_size,
        )
    except CallTransferError as error:
        raise error.with_traceback(None)  # noqa: B904


_shared: tuple[tuple[object, ...], Client] | None = None


def _default_client() -> Client:
    global _shared
    made_for = (_native.process_id(), *map(os.environ.get, _native.ENVIRONMENT))
    shared = _shared
    if shared is None or shared[0] != made_for:
        # Two threads may both make one; either will do.
        try:
            shared = _shared = (made_for, Client())
        except BaseException:
            del made_for, shared  # a traceback keeps this frame, and these hold the secrets
            raise
    return shared[1]
