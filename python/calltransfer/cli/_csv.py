"""Reads a table of transfers: column names in the first line, then one transfer in each line."""

from __future__ import annotations

import csv
import math
import re
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer._bulk.items import BETWEEN_TARGETS, BOOLEANS
from calltransfer._redaction import redact_text
from calltransfer._whisper_audio import WhisperAudio
from calltransfer.cli import _calls
from calltransfer.cli._errors import invalid
from calltransfer.cli._json import JsonError, object_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calltransfer.cli._checked import CheckedLines
    from calltransfer.cli._source import Lines

_WHISPER = tuple(f"whisper_audio.{field}" for field in WhisperAudio.__dataclass_fields__)
COLUMNS = ("call_id", "to", *_native.OPTIONS, *_WHISPER, "timeout")

# What `calls` writes of a call, beside its ID.
IGNORED = tuple(name for name in _calls.COLUMNS if name not in COLUMNS)

_BOOLEAN_COLUMNS = {"recording_enabled", "privacy", "whisper_audio.loop_enabled"}
_NUMBER_COLUMNS = {"whisper_audio.volume", "call_timeout", "timeout"}
_PHONE_COLUMNS = {"call_id", "to", "caller_id"}

# The names of the platform's API that a name with underscores doesn't resemble.
_API_NAMES = {
    "transferto": "to",
    "target": "to",
    "transfercallerid": "caller_id",
    "fileurl": "whisper_audio.file_url",
    "whisperaudiofileurl": "whisper_audio.file_url",
    "transfertimeout": "call_timeout",
}
_MEANT = {re.sub(r"[^a-z0-9]", "", name): name for name in COLUMNS} | _API_NAMES
_NAMED = 10
_DELIMITERS = ",;\t|"
_DELIMITER_LINE = re.compile(r'"?sep=([^\w\s"\']|\t)"?\s*', re.IGNORECASE)
_SHORTENED = re.compile(r"[+-]?\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)
_WITH_DECIMALS = re.compile(r"\d+[.,]0+")
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')  # how a table keeps a spreadsheet from reading a text as a number
_SPREADSHEET_ERROR = re.compile(r"#(NAME\?|REF!|VALUE!|NUM!|NULL!|DIV/0!|N/A|#{3,})")


def read(lines: Lines, path: str, checked: CheckedLines, needed: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The transfers with their line numbers. Invalid lines are passed to `checked.refuse`."""
    header = next(lines)
    named = _DELIMITER_LINE.fullmatch(header)
    if named:
        lines.skip_blank()
        header = next(lines, "")
    lines.on_undecodable = checked.refuse
    delimiter = named[1] if named else _delimiter_of(header)
    columns = _columns(header, delimiter, lines.number, path, needed)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = lines.number + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as cause:
            checked.refuse(number, f"is not CSV: {cause}")
            continue
        if lines.was_undecodable() or not any(cells):
            continue
        if len(cells) < len(columns) or any(cells[len(columns) :]):
            checked.refuse(
                number, f"the number of cells is {len(cells)}, but the first line names {len(columns)} columns"
            )
            continue
        try:
            yield number, _row(zip(columns, cells))
        except CellError as error:
            checked.refuse(number, str(error))


def _delimiter_of(header: str) -> str:
    """The delimiter for which most names are known, or else resemble known names."""

    def fit(delimiter: str) -> tuple[int, int]:
        names = _names(header, delimiter)
        return sum(_plain(name) in (*COLUMNS, *IGNORED) for name in names), sum(
            _squashed(name) in _MEANT for name in names
        )

    return max(_DELIMITERS, key=fit)


def _columns(header: str, delimiter: str, line: int, path: str, needed: list[str]) -> list[str]:
    given = _names(header, delimiter)
    columns = [_plain(name) for name in given]
    while columns and not columns[-1]:
        columns.pop()
    unknown = [written for name, written in zip(columns, given) if name and name not in (*COLUMNS, *IGNORED)]
    if unknown:
        raise invalid("file", f"{path!r}: line {line}: {_unknown(unknown)}")
    for place, name in enumerate(columns):
        if name and name in columns[:place]:
            raise invalid("file", f"{path!r}: line {line}: two columns are named {name}")
    for name in needed:
        if name not in columns:
            raise invalid(
                "file", f"{path!r}: line {line} names no column {name}; a table begins with the names, as call_id,to"
            )
    return columns


def _names(header: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []


def _plain(name: str) -> str:
    return name.strip().lower()


def _squashed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _unknown(names: list[str]) -> str:
    """The message for names that are not the name of a column."""
    said = []
    is_listed = False
    for name in names[:_NAMED]:
        meant = _MEANT.get(_squashed(name)) or _native.suggestion(name.strip().replace(" ", "_"), list(COLUMNS))
        is_listed = is_listed or meant is None
        shown = redact_text(name.strip())  # where the names are missing it may be a number
        said.append(f"{shown!r} is not the name of a column" + (f"; did you mean {meant}?" if meant else ""))
    if len(names) > _NAMED:
        said.append(f"and {len(names) - _NAMED} more")
    if is_listed:
        said.append(f"the names are {', '.join(COLUMNS)}")
    return "; ".join(said)


class CellError(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")


def _row(cells: Iterator[tuple[str, str]]) -> dict[str, Any]:
    """The keywords of `transfer`. An empty cell is not given."""
    row: dict[str, Any] = {}
    whisper: dict[str, Any] = {}
    for column, cell in cells:
        if not cell or column in IGNORED:
            continue
        if not column:
            raise CellError("a cell", "is in a column without a name")
        value = _value(column, cell)
        if column in _WHISPER:
            whisper[column.partition(".")[2]] = value
        else:
            row[column] = value
    if whisper:
        if "whisper_audio" in row:
            if "sentence" in whisper:
                raise CellError("whisper_audio", "is in two columns, whisper_audio and whisper_audio.sentence")
            whisper["sentence"] = row["whisper_audio"]
        row["whisper_audio"] = whisper
    return row


def _value(column: str, cell: str) -> Any:
    if column in _BOOLEAN_COLUMNS:
        if cell.lower() not in BOOLEANS:
            raise CellError(column, f"is not one of {', '.join(BOOLEANS)}")
        return BOOLEANS[cell.lower()]
    if column in _NUMBER_COLUMNS:
        return _number(column, cell)
    if column == "extra":
        try:
            return object_of(cell)
        except JsonError as error:
            raise CellError(column, str(error)) from None
    if cell[0] == "#" and _SPREADSHEET_ERROR.fullmatch(cell):
        raise CellError(column, f"holds a spreadsheet's error, {cell}; format the column as text and enter it again")
    if column in _PHONE_COLUMNS:
        quoted = _QUOTED_FORMULA.fullmatch(cell) if cell[0] == "=" else None
        cell = quoted[1].strip() if quoted else cell
        if cell.startswith("'"):
            raise CellError(column, "begins with an apostrophe, as a spreadsheet marks a text; delete it")
        # The id of a call may be digits and an e; no id has a plus sign, which a spreadsheet writes.
        if ("E" in cell or "e" in cell) and _SHORTENED.fullmatch(cell) and (column != "call_id" or "+" in cell):
            raise CellError(column, "looks like a number that a spreadsheet shortened; format the column as text")
        if column != "call_id" and ("." in cell or "," in cell) and _WITH_DECIMALS.fullmatch(cell):
            raise CellError(column, "looks like a number that a program read as a decimal; read the column as text")
    if column == "to":
        targets = BETWEEN_TARGETS.split(cell) if len(cell.split(None, 1)) > 1 else (cell,)
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
        raise CellError(column, "is not a number, as 5 or 2.5")
    return number
