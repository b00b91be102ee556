"""A table of transfers: names in the first line, a transfer in each line after it."""

from __future__ import annotations

import csv
import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer._items import BETWEEN_TARGETS, BOOLEANS
from calltransfer._masking import masked
from calltransfer._whisper_audio import WhisperAudio
from calltransfer.cli._faults import invalid
from calltransfer.cli._json import JsonFault, object_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calltransfer.cli._faults import Faults
    from calltransfer.cli._source import Lines

_WHISPER = tuple(f"whisper_audio.{field}" for field in WhisperAudio.__dataclass_fields__)
COLUMNS = ("call_id", "to", *_native.OPTIONS, *_WHISPER, "timeout")

_BOOLEAN_COLUMNS = {"recording_enabled", "privacy", "whisper_audio.loop_enabled"}
_NUMBER_COLUMNS = {"whisper_audio.volume", "call_timeout", "timeout"}
_PHONE_COLUMNS = {"call_id", "to", "caller_id"}

# The names of the platform's API that a name with underscores doesn't resemble.
_API_NAMES = {
    "transferto": "to",
    "transfercallerid": "caller_id",
    "fileurl": "whisper_audio.file_url",
    "whisperaudiofileurl": "whisper_audio.file_url",
    "transfertimeout": "call_timeout",
}
_DELIMITERS = ",;\t|"
_DELIMITER_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_SHORTENED = re.compile(r"[+-]?\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)


def read(lines: Lines, path: str, faults: Faults) -> Iterator[tuple[int, dict[str, Any]]]:
    """The transfers with their line numbers; a faulty one goes to `faults`."""
    header = next(lines)
    named = _DELIMITER_LINE.fullmatch(header)
    if named:
        lines.skip_blank()
        header = next(lines, "")
    delimiter = named[1] if named else _delimiter_of(header)
    columns = _columns(header, delimiter, lines.number, path)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = lines.number + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as cause:
            raise invalid("file", f"{path!r}: line {number} is not CSV: {cause}") from cause
        if not any(cells):
            continue
        if len(cells) < len(columns) or any(cells[len(columns) :]):
            faults.add(number, f"the number of cells is {len(cells)}, but the first line names {len(columns)} columns")
            continue
        try:
            yield number, _row(zip(columns, cells))
        except _FaultyCell as fault:
            faults.add(number, str(fault))


def _delimiter_of(header: str) -> str:
    """The delimiter that makes most of the names known ones."""
    return max(_DELIMITERS, key=lambda one: sum(_plain(name) in COLUMNS for name in _names(header, one)))


def _columns(header: str, delimiter: str, line: int, path: str) -> list[str]:
    columns = [_plain(name) for name in _names(header, delimiter)]
    while columns and not columns[-1]:
        columns.pop()
    for place, name in enumerate(columns):
        if name and name not in COLUMNS:
            raise invalid("file", f"{path!r}: line {line}: {_unknown(name)}")
        if name and name in columns[:place]:
            raise invalid("file", f"{path!r}: line {line}: two columns are named {name}")
    for needed in ("call_id", "to"):
        if needed not in columns:
            raise invalid(
                "file", f"{path!r}: line {line} names no column {needed}; a table begins with the names, as call_id,to"
            )
    return columns


def _names(header: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []


def _plain(name: str) -> str:
    return name.strip().lower()


def _unknown(name: str) -> str:
    squashed = re.sub(r"[^a-z0-9]", "", name)
    known = {re.sub(r"[^a-z0-9]", "", column): column for column in COLUMNS}
    meant = _API_NAMES.get(squashed) or known.get(squashed)
    if meant is None:
        close = get_close_matches(squashed, known, 1)
        meant = known[close[0]] if close else None
    shown = masked(name)  # where the names are missing it may be a number
    if meant is None:
        return f"{shown!r} is not the name of a column; the names are {', '.join(COLUMNS)}"
    return f"{shown!r} is not the name of a column; did you mean {meant}?"


class _FaultyCell(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")


def _row(cells: Iterator[tuple[str, str]]) -> dict[str, Any]:
    """The keywords of `transfer`. An empty cell is not given."""
    row: dict[str, Any] = {}
    whisper: dict[str, Any] = {}
    for column, cell in cells:
        if not cell:
            continue
        if not column:
            raise _FaultyCell("a cell", "is in a column without a name")
        value = _value(column, cell)
        if column in _WHISPER:
            whisper[column.partition(".")[2]] = value
        else:
            row[column] = value
    if whisper:
        if "whisper_audio" in row:
            if "sentence" in whisper:
                raise _FaultyCell("whisper_audio", "is in two columns, whisper_audio and whisper_audio.sentence")
            whisper["sentence"] = row["whisper_audio"]
        row["whisper_audio"] = whisper
    return row


def _value(column: str, cell: str) -> Any:
    if column in _BOOLEAN_COLUMNS:
        if cell.lower() not in BOOLEANS:
            raise _FaultyCell(column, f"is not one of {', '.join(BOOLEANS)}")
        return BOOLEANS[cell.lower()]
    if column in _NUMBER_COLUMNS:
        return _number(column, cell)
    if column == "extra":
        try:
            return object_of(cell)
        except JsonFault as fault:
            raise _FaultyCell(column, str(fault)) from None
    if column in _PHONE_COLUMNS:
        if cell.startswith("'"):
            raise _FaultyCell(column, "begins with an apostrophe, as a spreadsheet marks a text; delete it")
        if _SHORTENED.fullmatch(cell):
            raise _FaultyCell(column, "looks like a number that a spreadsheet shortened; format the column as text")
    if column == "to":
        targets = BETWEEN_TARGETS.split(cell)
        return targets if len(targets) > 1 else cell
    return cell


def _number(column: str, cell: str) -> int | float:
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _FaultyCell(column, "is not a number, as 5 or 2.5")
    return number
