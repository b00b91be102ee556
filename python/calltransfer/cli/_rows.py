"""The transfers of a file, read and checked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import calltransfer
from calltransfer._bulk import items as _items
from calltransfer.cli import _csv
from calltransfer.cli._checked import CheckedLines, Row
from calltransfer.cli._json import JsonError, object_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calltransfer._bulk.region import Region
    from calltransfer.cli._source import Lines, Source


def read(source: Source, common: dict[str, Any], region: Region | None, client: calltransfer.Client) -> CheckedLines:
    """Every line of a file, with the options that all have in common. The caller closes what is returned."""
    checked = CheckedLines(source.path)
    try:
        with source.open() as (format, lines):
            needed = [name for name in ("call_id", "to") if name not in common]
            found = _csv.read(lines, source.path, checked, needed) if format == "csv" else _objects(lines, checked)
            for line, given in found:
                try:
                    checked.add(_checked(line, common, given, region, client))
                except calltransfer.CallTransferError as error:
                    if error.field == "file":
                        raise  # not of this line: there is no room for it
                    is_national = region is None and "it has no country code" in str(error)
                    checked.refuse(line, str(error) + ("; or add its country, as --region US" if is_national else ""))
        checked.end()
    except BaseException:
        checked.close()
        raise
    return checked


def _checked(
    line: int, common: dict[str, Any], given: dict[str, Any], region: Region | None, client: calltransfer.Client
) -> Row:
    if not common and len(given) == 2 and region is None:
        # Most files have nothing else.
        call_id, to = given.get("call_id"), given.get("to")
        if type(call_id) is str and type(to) is str:
            client._native().transfer(call_id, to, {}, None)
            return Row(line, call_id, to, {}, None)
    missing = [name for name in ("call_id", "to") if name not in given and name not in common]
    if missing:
        raise _items.invalid(" and ".join(missing), "is missing")
    options = {**common, **_items.options_of(given)}
    call_id, to = options.pop("call_id"), options.pop("to")
    timeout = options.pop("timeout", None)
    if region is not None:
        to, options = region.applied(to, options)
    client._native().transfer(call_id, to, options, timeout)
    return Row(line, call_id, to, options, timeout)


def _objects(lines: Lines, checked: CheckedLines) -> Iterator[tuple[int, dict[str, Any]]]:
    """A JSON object in each line. A value of null is not given."""
    lines.on_undecodable = checked.refuse
    for line in lines:
        if not line.strip() or lines.was_undecodable():
            continue
        try:
            value = object_of(line)
        except JsonError as error:
            checked.refuse(lines.number, str(error))
        else:
            yield (
                lines.number,
                {name: one for name, one in value.items() if one is not None and name not in _csv.IGNORED},
            )
