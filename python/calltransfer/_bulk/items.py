"""The items of many transfers, in whatever form they are given: tables, dicts, tuples, named tuples."""

from __future__ import annotations

import json
import re

from calltransfer import _native, errors
from calltransfer._redaction import redact_text
from calltransfer._translation import encode_whisper
from calltransfer.errors import CallTransferError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_FORMS = "(call_id, to), (call_id, to, options), a dict with call_id and to, or a DataFrame as the items"
_WHISPER = "whisper_audio."
_WHISPER_FIELDS = ("sentence", "file_url", "gender", "locale", "voice", "loop_enabled", "tag", "volume")
# What isn't a text, by the names of a table's columns.
_FLAGS = ("recording_enabled", "privacy", "whisper_audio.loop_enabled")
_WHOLE = ("call_timeout", "whisper_audio.volume")
_NUMBERS = (*_WHOLE, "timeout")
# A column of numbers is no phone number: what has read it took the plus sign away.
_PHONES = ("to", "caller_id")
# As in a table of the command line.
BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
# In v2 a call may go to several targets; other spaces are part of a number as people write it.
BETWEEN_TARGETS = re.compile(r"\s+(?=\+|sips?:|\S+@)", re.IGNORECASE)
_KNOWN = ("call_id", "to", *_native.OPTIONS, "timeout", *(_WHISPER + field for field in _WHISPER_FIELDS))


def iter_items(items: Any) -> Iterator[Any]:
    """One by one: an iterable as it is, a DataFrame by its lines.

    A table that can't be sent is refused here, once, before anything is sent.
    """
    # Of the type: a lazy frame has to find its columns out.
    if hasattr(type(items), "columns") and hasattr(items, "collect") and not hasattr(items, "iter_rows"):
        raise invalid("items", f"is a {type(items).__name__}; expected a DataFrame: give what collect() returns")
    if hasattr(items, "columns"):
        if hasattr(items, "iter_rows"):  # polars
            names = _names(items)
            return (_line(names, line) for line in items.iter_rows())
        if hasattr(items, "itertuples"):  # pandas
            names = _names(items)
            return (_line(names, line) for line in items.itertuples(index=False, name=None))
    if type(items).__module__ == "csv" and hasattr(items, "fieldnames"):  # csv.DictReader: all of it texts
        names = [str(name) for name in items.fieldnames or ()]
        _check_names(items, names)
        return ({name: _cell(name, value) for name, value in line.items() if name or any(value)} for line in items)
    return iter(items)


def parts(item: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Call, target and options of an item."""
    fields = getattr(item, "_fields", None)
    if fields is not None and not {"call_id", "to", "Index"}.isdisjoint(fields):
        item = {name: value for name, value in zip(fields, item) if name != "Index"}  # a row of itertuples()
    if isinstance(item, (tuple, list)) and 2 <= len(item) <= 3:
        call_id, to, *rest = item
        if hasattr(to, "keys"):
            what = "is a pair of an index and a row, as iterrows() gives"
            raise invalid("item", f"{what}; expected {_FORMS}")
        given = rest[0] if rest else None
    elif hasattr(item, "keys"):
        given = {name: _scalar(value) for name, value in dict(item).items()}
        if None in given:  # the rest of a line of csv.DictReader
            raise invalid("item", "has more cells than the table has columns")
        call_id, to = given.pop("call_id", None), given.pop("to", None)
        for name, value in (("call_id", call_id), ("to", to)):
            if _is_missing(value):
                raise invalid(name, "is missing")
            if type(value) in (int, float):
                what = f"is a number ({type(value).__name__}), as a spreadsheet reads it"
                raise invalid(
                    name, f"{what}; expected a str with the plus sign" if name == "to" else f"{what}; expected a str"
                )
        to = _plain_list(to)
    else:
        raise invalid("item", f"expected {_FORMS}, got {type(item).__name__}")
    options = {} if given is None else given
    if not hasattr(options, "keys"):
        what = f"expected a dict, got {type(options).__name__}"
        raise invalid("options", f"{what}; an item is {_FORMS}, and of itertuples() only with the columns' names")
    return call_id, to, options_of(dict(options))


def options_of(given: dict[str, Any]) -> dict[str, Any]:
    """The options that have a value, those of the whisper in one."""
    options: dict[str, Any] = {}
    whisper: dict[str, Any] = {}
    for name, value in given.items():
        value = _scalar(value)
        if _is_missing(value):
            continue
        if name in _WHOLE and isinstance(value, float) and value.is_integer():
            value = int(value)  # a column with an empty cell holds floats
        if isinstance(name, str) and name.startswith(_WHISPER):
            whisper[name[len(_WHISPER) :]] = value
        else:
            options[name] = value
    if "whisper_audio" in options:
        audio = encode_whisper(options["whisper_audio"])
        if hasattr(audio, "keys"):  # a row of a column of structs has every field
            audio = {field: value for field, value in dict(audio).items() if not _is_missing(_scalar(value))}
        options["whisper_audio"] = audio
        if whisper:
            others = audio if hasattr(audio, "keys") else {"sentence": audio}
            twice = next((field for field in whisper if field in others), None)
            if twice is not None:
                raise invalid(_WHISPER + twice, f"is given twice, here and as whisper_audio's {twice}")
            whisper = {**others, **whisper}
    if whisper:
        options["whisper_audio"] = whisper
    return options


def _names(table: Any) -> list[str]:
    """The columns of a table, which are fit for transfers."""
    names = [str(name) for name in table.columns]
    library = type(table).__module__.partition(".")[0]
    _check_names(table, names)
    for name in names:
        if name in _FLAGS or name in _NUMBERS or name == "extra":
            continue
        kind = _number_kind(table[name])
        if kind is not None:
            lost = f"the numbers as {kind} and lost the plus sign" if name in _PHONES else f"the column as {kind}"
            advice = "read with dtype=str" if library == "pandas" else "read it as a column of strings"
            raise invalid(name, f"{library} read {lost}; {advice}")
    return names


def _check_names(table: Any, names: list[str]) -> None:
    """Raises for columns that no transfer has, and for those that are missing or given twice."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise invalid("items", f"the table has more than one column {redact_text(twice)!r}")
    absent = [name for name in ("call_id", "to") if name not in names]
    unknown = [name for name in names if name not in _KNOWN]
    if absent or unknown:
        raise invalid("items", _wrong_columns(table, names, absent, unknown))


def _wrong_columns(table: Any, names: list[str], absent: list[str], unknown: list[str]) -> str:
    said = []
    if absent:
        said.append(f"the table has no column {' and no column '.join(map(repr, absent))}")
    index = [str(name) for name in getattr(getattr(table, "index", None), "names", ())]
    if not set(index).isdisjoint(absent):
        said.append(f"{', '.join(sorted(set(index) & set(absent)))} is its index: give items.reset_index()")
    meant = {name: plain for name in unknown if (plain := _plain_name(name)) in _KNOWN and plain not in names}
    if meant:
        said.append("rename " + ", ".join(f"{name!r} to {plain!r}" for name, plain in meant.items()))
    strange = [name for name in unknown if name not in meant]
    if strange and not absent:
        said.append(f"unknown columns: {_listed(strange)}; remove them")
    said.append(f"columns found: {_listed(names) or 'none'}")
    said.append(f"expected: call_id, to, and any of {', '.join(_native.OPTIONS)}, timeout")
    return "; ".join(said)


def _listed(names: list[str]) -> str:
    """Names as they may be shown: where a file had no header, they are its first row."""
    return ", ".join(repr(redact_text(name)) for name in names)


def _plain_name(name: str) -> str:
    """`Call ID` and `callId` as `call_id`."""
    parted = "".join(
        f"_{sign}" if sign.isupper() and at and name[at - 1].islower() else sign for at, sign in enumerate(name.strip())
    )
    return "_".join(parted.lower().replace("-", " ").replace("_", " ").split())


def _number_kind(column: Any) -> str | None:
    """`integers` or `floats`, where the column holds such and not only empty cells."""
    if hasattr(column, "null_count"):  # polars
        if not column.dtype.is_numeric() or column.null_count() == len(column):
            return None
        return "integers" if column.dtype.is_integer() else "floats"
    kind = getattr(column.dtype, "kind", "O")
    if kind not in "iuf" or not column.notna().any():
        return None
    return "floats" if kind == "f" else "integers"


def _line(names: list[str], line: tuple[Any, ...]) -> dict[str, Any]:
    """A line of a table, its texts read as those of a file are."""
    return {name: _cell(name, _scalar(value)) for name, value in zip(names, line)}


def _cell(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        # What a reader of files makes of a column of 1 and 0, and with an empty cell in it.
        return bool(value) if name in _FLAGS and type(value) in (int, float) and value in (0, 1) else value
    text = value.strip()
    if not text:
        return None
    if name in _FLAGS:
        return BOOLEANS.get(text.lower(), value)
    if name in _NUMBERS:
        for number in (int, float):
            try:
                return number(text)
            except ValueError:
                pass
    if name == "to":
        targets = BETWEEN_TARGETS.split(text)
        return targets if len(targets) > 1 else text
    if name in ("call_id", "caller_id"):
        return text
    if name == "extra":
        try:
            return json.loads(text)
        except ValueError:
            pass
    return value


def _scalar(value: Any) -> Any:
    """What numpy and pandas have for a bool, an int, a float or a str, as Python's own."""
    if type(value) in (str, bool, int, float) or value is None:
        return value
    if hasattr(value, "dtype") and hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return value.item()
    return value


def _plain_list(value: Any) -> Any:
    """An array in a cell, as a column of lists has it, as a list."""
    return value.tolist() if getattr(value, "ndim", None) == 1 and hasattr(value, "tolist") else value


def _is_missing(value: Any) -> bool:
    """None, NaN, and what pandas has in their place."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def invalid(field: str, reason: str) -> CallTransferError:
    """The error of an item that can't be sent."""
    known = {"field": field, "outcome": "not_sent", "safe_to_repeat": True}
    return errors.make("invalid_argument", f"{field}: {reason}", known)
