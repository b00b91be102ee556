"""`transfer_many` with a run: the items become rows of the run, and are sent."""

from __future__ import annotations

import os

from calltransfer._bulk.items import invalid
from calltransfer._runs.run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from calltransfer._account import Account
    from calltransfer._runs.async_run import AsyncRun


def transfer_many(
    client: Account,
    items: Iterable[Any],
    run: Run | str | os.PathLike[str],
    concurrency: int,
    rate: float | None,
    progress: bool,
    allow_repeated_calls: bool,
    region: str | None,
) -> Run:
    """`Client.transfer_many` with a run."""
    _refuse_together(allow_repeated_calls, rate, isinstance(run, Run))
    if not isinstance(run, Run):
        run = Run(run, rate=rate, client=client)
    run.add(items, region=region)
    run.execute(concurrency=concurrency, progress=progress)
    return run


async def transfer_many_async(
    client: Account,
    items: Any,
    run: AsyncRun | str | os.PathLike[str],
    concurrency: int,
    rate: float | None,
    progress: bool,
    allow_repeated_calls: bool,
    region: str | None,
) -> AsyncRun:
    """`AsyncClient.transfer_many` with a run."""
    from calltransfer._runs.async_run import AsyncRun

    _refuse_together(allow_repeated_calls, rate, isinstance(run, AsyncRun))
    if not isinstance(run, AsyncRun):
        run = AsyncRun(run, rate=rate, client=client)
    await run.add(items, region=region)
    await run.execute(concurrency=concurrency, progress=progress)
    return run


def _refuse_together(allow_repeated_calls: bool, rate: float | None, is_run: bool) -> None:
    """What `transfer_many` can't be given with a run."""
    if allow_repeated_calls:
        raise invalid("allow_repeated_calls", "a call can be in a run only once; leave it out, or leave out run")
    if is_run and rate is not None:
        raise invalid("rate", "belongs to the run; pass it when the run is created")
