"""`calltransfer evacuate`: list the live calls, and transfer all of them in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calltransfer._runs.run import Run
from calltransfer.cli import _exit_codes, _runs
from calltransfer.cli._commands import client_of
from calltransfer.cli._options import transfer_of
from calltransfer.cli._requests import Requests
from calltransfer.errors import CallTransferError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from calltransfer import Client
    from calltransfer.cli._output import Output
    from calltransfer.cli._signals import Signals

# A call that can be transferred, in the words of each API.
_LIVE = {"v1": "active", "v2": "answered"}
# The legs of earlier transfers go out: they are not moved again.
_INCOMING = ("in", "inbound")


def run(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    client = client_of(parsed)
    to, options = transfer_of(parsed)
    client._native().transfer("c-1", to, options, None)  # refused before the list is read
    try:
        found = list(_live_calls(client, parsed.called, signals))
    except CallTransferError as error:
        output.error(error, reads=True, what="the list")
        output.note("nothing was sent, because the list of live calls is not complete")
        return _exit_codes.INTERRUPTED if signals.count else _exit_codes.of_error(error)
    if not found:
        output.note("no live calls were found")
    if parsed.dry_run:
        output.result(
            {"dry_run": True, "calls": len(found)}, f"{len(found)} calls would be transferred; nothing was sent"
        )
        return _exit_codes.DONE
    with Run(parsed.run_place, rate=parsed.rate, deadline=parsed.deadline, client=client) as run:
        items = [(call_id, to, options) for call_id in found]
        return _runs.send(run, items, len(found), parsed, output, signals)


def _live_calls(client: Client, called: str | None, signals: Signals) -> Iterator[str]:
    conditions: dict[str, Any] = {"state": _LIVE[client._native().api], "to": called}
    for call in Requests(client, signals).list_calls(conditions):
        if call.direction in _INCOMING:
            yield call.id
