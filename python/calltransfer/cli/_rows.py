"""The transfers of a file, read and checked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import calltransfer
from calltransfer._translation import encode_whisper
from calltransfer.cli import _csv
from calltransfer.cli._faults import Faults
from calltransfer.cli._json import JsonFault, object_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calltransfer.cli._source import Lines, Source


class Row(NamedTuple):
    """One transfer, as `transfer_many` takes it."""

    call_id: str
    to: Any
    options: dict[str, Any]
    timeout: float | None


def read(source: Source, common: dict[str, Any], client: calltransfer.Client) -> list[Row]:
    """Every transfer of a file, with the options that all have in common. Raises with all faulty lines."""
    faults = Faults(source.path)
    rows: list[Row] = []
    lines_of: dict[str, int] = {}
    with source.open() as (format, lines):
        found = _csv.read(lines, source.path, faults) if format == "csv" else _objects(lines, faults)
        for line, given in found:
            row = _checked(line, {**common, **given}, client, faults)
            if row is None:
                continue
            first = lines_of.setdefault(row.call_id, line)
            if first == line:
                rows.append(row)
            else:
                faults.add(line, f"call_id: is the call of line {first} again; a call can be transferred once")
    faults.check()
    return rows


def _checked(line: int, given: dict[str, Any], client: calltransfer.Client, faults: Faults) -> Row | None:
    missing = [name for name in ("call_id", "to") if name not in given]
    if missing:
        faults.add(line, f"{' and '.join(missing)}: is missing")
        return None
    if "whisper_audio" in given:
        given["whisper_audio"] = encode_whisper(given["whisper_audio"])
    row = Row(given.pop("call_id"), given.pop("to"), given, given.pop("timeout", None))
    try:
        client._native().preview("transfer", row.call_id, row.to, row.options, row.timeout)
    except calltransfer.CallTransferError as error:
        faults.add(line, str(error))
        return None
    return row


def _objects(lines: Lines, faults: Faults) -> Iterator[tuple[int, dict[str, Any]]]:
    """A JSON object in each line. A value of null is not given."""
    for line in lines:
        if not line.strip():
            continue
        try:
            value = object_of(line)
        except JsonFault as fault:
            faults.add(lines.number, str(fault))
        else:
            yield lines.number, {name: one for name, one in value.items() if one is not None}
