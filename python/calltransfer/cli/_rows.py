"""The transfers of a file, read and checked before anything is sent."""

from __future__ import annotations

import contextlib
import csv
import json
from typing import Any

import calltransfer
from calltransfer.errors import InvalidArgumentError

_WORDS = {"true": True, "false": False}


def read(path: str) -> list[dict[str, Any]]:
    """The transfers of a file, each as the keywords of `transfer`."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            if path.endswith(".csv"):
                return _of_csv(file)
            if path.endswith((".jsonl", ".ndjson")):
                return [_object(line, number) for number, line in enumerate(file, 1) if line.strip()]
    except (OSError, UnicodeDecodeError, csv.Error) as cause:
        raise invalid("file", f"{path!r} can't be read: {cause}") from cause
    raise invalid("file", f"{path!r} is of no known kind; allowed are .csv and .jsonl")


def _of_csv(file: Any) -> list[dict[str, Any]]:
    reader = csv.DictReader(file, strict=True)
    names = reader.fieldnames or []
    for needed in ("call_id", "to"):
        if needed not in names:
            raise invalid("file", f"line 1 names no {needed}; a .csv begins with the names, as call_id,to")
    rows = []
    for row in reader:
        if None in row or None in row.values():
            raise invalid("file", f"line {reader.line_num} has not as many cells as there are names")
        rows.append(_typed({name: cell for name, cell in row.items() if cell != ""}, reader.line_num))
    return rows


def _typed(cells: dict[str, str], line: int) -> dict[str, Any]:
    """Cells are texts; a few options aren't. `whisper_audio.voice` names a field of the whisper."""
    row: dict[str, Any] = {}
    whisper: dict[str, Any] = {}
    for name, cell in cells.items():
        head, dot, field = name.partition(".")
        if head == "whisper_audio" and dot:
            whisper[field] = _word_or_number(cell) if field in ("loop_enabled", "volume") else cell
        elif name == "to":
            targets = cell.split()
            # A number written in groups is one target; it is refused as it was written.
            several = len(targets) > 1 and all(_is_whole(target) for target in targets)
            row[name] = targets if several else cell
        elif name in ("recording_enabled", "privacy", "call_timeout", "timeout"):
            row[name] = _word_or_number(cell)
        elif name == "extra":
            row[name] = _object(cell, line)
        else:
            row[name] = cell
    if whisper:
        if "whisper_audio" in row:
            whisper["sentence"] = row["whisper_audio"]
        row["whisper_audio"] = whisper
    return row


def _is_whole(target: str) -> bool:
    return "@" in target or target.lower().startswith(("+", "sip:", "sips:"))


def _word_or_number(cell: str) -> Any:
    if cell.lower() in _WORDS:
        return _WORDS[cell.lower()]
    for number in (int, float):
        with contextlib.suppress(ValueError):
            return number(cell)
    return cell


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise invalid("file", f"line {number} is no JSON object")
    return value


def invalid(field: str, reason: str) -> InvalidArgumentError:
    error = InvalidArgumentError(f"{field}: {reason}")
    error.__dict__.update(field=field, outcome="not_sent", safe_to_repeat=True)
    return error


def check(rows: list[dict[str, Any]], client: calltransfer.Client) -> None:
    """Every row, before anything is sent: half a file of calls is no place to find a typo."""
    preview = client._native().preview
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        for needed in ("call_id", "to"):
            if needed not in row:
                raise invalid(needed, f"missing in row {number}")
        options = {name: value for name, value in row.items() if name not in ("call_id", "to", "timeout")}
        try:
            preview("transfer", row["call_id"], row["to"], options)
        except calltransfer.CallTransferError as error:
            told = invalid(error.field or "file", f"row {number}: {error}")
            raise told from None
        if row["call_id"] in seen:
            raise invalid("call_id", f"row {number} names the call of row {seen[row['call_id']]} again")
        seen[row["call_id"]] = number
