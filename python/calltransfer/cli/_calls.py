"""The list of calls: for people, as JSON, or as a table that `many` reads."""

from __future__ import annotations

import csv
import io
import urllib.parse
from typing import TYPE_CHECKING, Any

from calltransfer._redaction import redact_number
from calltransfer.cli import _exit_codes
from calltransfer.cli._requests import Requests
from calltransfer.errors import CallTransferError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from calltransfer import Client
    from calltransfer._results import Call
    from calltransfer.cli._output import Output
    from calltransfer.cli._signals import Signals

# The number that was called is not named `to`: that is the column of the target of a transfer.
COLUMNS = ("call_id", "from", "called", "state", "direction", "start_time", "active_time", "end_time")

CONDITIONS = ("state", "from_", "to", "min_start_time", "max_start_time", "page_size")
# For help and completion; which of them an API has, the library checks.
STATES = (
    "started",
    "rejected",
    "active",
    "completed",
    "transferring",
    "queued",
    "initiated",
    "answered",
    "disconnected",
)


def run(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    from calltransfer.cli._commands import client_of

    client = client_of(parsed)
    conditions = {name: getattr(parsed, name) for name in CONDITIONS}
    if parsed.dry_run:
        return _show_request(client, conditions, output)
    if parsed.csv:
        output.result({}, _csv_line(COLUMNS))
    count = 0
    try:
        for call in Requests(client, signals).list_calls(conditions):
            fields = fields_of(call, parsed.show_numbers)
            output.result(fields, _csv_line(fields.values()) if parsed.csv else _text(fields))
            count += 1
    except CallTransferError as error:
        output.error(error, reads=True, what="the list")
        if count:
            output.note(f"the list is not complete: it ended after {count} calls")
        return _exit_codes.INTERRUPTED if signals.count else _exit_codes.of_error(error)
    return _exit_codes.DONE


def fields_of(call: Call, show_numbers: bool) -> dict[str, Any]:
    """A call by its columns, numbers redacted or whole."""
    shown: Callable[[str | None], str | None] = (lambda number: number) if show_numbers else redact_number
    values = (
        call.id,
        shown(call.from_),
        shown(call.to),
        call.state,
        call.direction,
        call.start_time,
        call.active_time,
        call.end_time,
    )
    return dict(zip(COLUMNS, values))


def _text(fields: dict[str, Any]) -> str:
    given = {name: "-" if value is None else value for name, value in fields.items()}
    return "{call_id}  {state}  {direction}  {from} to {called}  {start_time}".format(**given)


def _csv_line(values: Any) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def _show_request(client: Client, conditions: dict[str, Any], output: Output) -> int:
    native = client._native()
    url = native.read_page(native.list_calls(conditions)).url
    base, _, query = url.partition("?")
    pairs = [
        (name, redact_number(value) or "") for name, value in urllib.parse.parse_qsl(query) if name in ("from", "to")
    ]
    others = [pair for pair in urllib.parse.parse_qsl(query) if pair[0] not in ("from", "to")]
    shown = f"{base}?{urllib.parse.urlencode([*pairs, *others], safe='+*@:')}"
    output.result({"dry_run": True, "method": "GET", "url": shown, "body": None}, f"GET {shown}")
    output.note("nothing was sent")
    return _exit_codes.DONE
