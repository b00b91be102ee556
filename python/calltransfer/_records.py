"""Results and errors as dicts that JSON can hold, and back: for task queues, files and logs.

Each dict has a `type` and a `version`. Later versions of the library may add keys, which are ignored here. If the
meaning of a key changes, the version is raised, and a dict of that version is refused here.
"""

from __future__ import annotations

import math

from calltransfer import errors
from calltransfer.errors import CallTransferError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from calltransfer._event import Event
    from calltransfer._many import TransferRow
    from calltransfer._results import Call, Finding, Transferred

VERSION = 1

_OUTCOMES = ("applied", "not_applied", "not_sent", "unknown")
_TEXT, _WHOLE, _SECONDS, _FLAG = (str,), (int,), (float, int), (bool,)

# For each key: the types, and whether None is allowed.
_TRANSFERRED = {
    "new_call_id": (_TEXT, True),
    "call_id": (_TEXT, False),
    "http_status": (_WHOLE, False),
    "attempts": (_WHOLE, False),
    "elapsed": (_SECONDS, False),
    "note": (_TEXT, True),
}
_CALL = {
    "id": (_TEXT, False),
    "state": (_TEXT, False),
    **dict.fromkeys(("direction", "from_", "to", "start_time", "active_time", "end_time"), (_TEXT, True)),
    "fields": ((dict,), False),
}
_FINDING = {
    "outcome": (_TEXT, False),
    "reason": (_TEXT, False),
    "doubt": (_TEXT, True),
    "call": ((dict,), True),
    "new_call_id": (_TEXT, True),
}
_ERROR = {
    "outcome": (_TEXT, False),
    "safe_to_repeat": (_FLAG, False),
    "field": (_TEXT, True),
    "call_id": (_TEXT, True),
    "stage": (_TEXT, True),
    "http_status": (_WHOLE, True),
    "category": (_TEXT, True),
    "code": (_TEXT, True),
    "platform_message": (_TEXT, True),
    "details": ((list, tuple), False),
    "retry_after": (_SECONDS, True),
    "attempts": (_WHOLE, False),
    "elapsed": (_SECONDS, False),
}
_ROW = {"index": (_WHOLE, False), "result": ((dict,), True), "error": ((dict,), True)}


def of_transferred(done: Transferred) -> dict[str, Any]:
    """A transfer that was made."""
    return {**_head("transferred"), "outcome": done.outcome, **_values(done, _TRANSFERRED)}


def transferred(document: Mapping[str, Any]) -> Transferred:
    """The transfer of a dict."""
    from calltransfer._results import Transferred

    return Transferred(**_read("Transferred", "transferred", document, _TRANSFERRED))


def of_call(call: Call) -> dict[str, Any]:
    """A call; its numbers are whole."""
    return {**_head("call"), **_values(call, _CALL), "fields": dict(call.fields)}


def call(document: Mapping[str, Any]) -> Call:
    """The call of a dict."""
    from calltransfer._results import Call

    return Call(**_read("Call", "call", document, _CALL))


def of_finding(finding: Finding) -> dict[str, Any]:
    """A finding."""
    found = None if finding.call is None else of_call(finding.call)
    return {**_head("finding"), **_values(finding, _FINDING), "call": found}


def finding(document: Mapping[str, Any]) -> Finding:
    """The finding of a dict."""
    from calltransfer._results import Finding

    known = _read("Finding", "finding", document, _FINDING)
    known["call"] = None if known["call"] is None else call(known["call"])
    return Finding(**known)


def of_event(event: Event) -> dict[str, Any]:
    """An event; its numbers are whole."""
    import dataclasses

    known = {it.name: getattr(event, it.name) for it in dataclasses.fields(event)}
    time = None if event.time is None else event.time.isoformat().replace("+00:00", "Z")
    return {**_head("event"), "kind": event.kind, **known, "time": time, "fields": dict(event.fields)}


def event(document: Mapping[str, Any]) -> Event:
    """The event of a dict, read again from its fields."""
    import json

    from calltransfer._event import parse_event

    known = _read("Event", "event", document, {"fields": ((dict,), False)})
    return parse_event(json.dumps(known["fields"]), "application/json")


def of_error(error: CallTransferError) -> dict[str, Any]:
    """An error, with all that is known of it."""
    details = [list(detail) for detail in error.details]
    return {**_head("error"), "kind": error.kind, "message": str(error), **_values(error, _ERROR), "details": details}


def error(document: Mapping[str, Any]) -> CallTransferError:
    """The error of a dict, of the class of its kind."""
    name = "CallTransferError"
    known = _read(name, "error", document, {"kind": (_TEXT, False), "message": (_TEXT, False), **_ERROR})
    kind, message = known.pop("kind"), known.pop("message")
    pairs = [tuple(pair) if isinstance(pair, (list, tuple)) else () for pair in known["details"]]
    if not all(len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in pairs):
        raise ValueError(f"{name}.from_dict: details: must be a list of pairs of str")
    known["details"] = tuple(pairs)
    return errors.make(kind, message, known)


def of_row(row: TransferRow) -> dict[str, Any]:
    """A row of many transfers: what a table shows of it, and its result or error whole."""
    return {
        **_head("row"),
        **flat_row(row),
        "result": None if row.result is None else of_transferred(row.result),
        "error": None if row.error is None else of_error(row.error),
    }


def flat_row(row: TransferRow) -> dict[str, Any]:
    """A row of many transfers as a line of a table."""
    done, error = row.result, row.error
    return {
        "index": row.index,
        "call_id": _plain(row.call_id),
        "to": _plain(row.to),
        "outcome": row.outcome,
        "new_call_id": None if done is None else done.new_call_id,
        "kind": None if error is None else error.kind,
        "message": None if error is None else str(error),
        "http_status": done.http_status if done is not None else error and error.http_status,
        "attempts": done.attempts if done is not None else error and error.attempts,
        "elapsed": done.elapsed if done is not None else error and error.elapsed,
    }


def row(document: Mapping[str, Any]) -> TransferRow:
    """The row of a dict."""
    from calltransfer._many import TransferRow

    known = _read("TransferRow", "row", document, _ROW)
    result, failed = known["result"], known["error"]
    return TransferRow(
        known["index"],
        document.get("call_id"),
        document.get("to"),
        None if result is None else transferred(result),
        None if failed is None else error(failed),
    )


def _head(kind: str) -> dict[str, Any]:
    return {"type": kind, "version": VERSION}


def _values(of: object, names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def _plain(value: Any) -> Any:
    """A call ID or target as JSON can hold it, whatever the item gave in its place."""
    if value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return f"<{type(value).__name__}>"


def _read(name: str, kind: str, document: Any, keys: Mapping[str, tuple[tuple[type, ...], bool]]) -> dict[str, Any]:
    """The values of these keys, each of its type."""

    def refused(what: str) -> ValueError:
        return ValueError(f"{name}.from_dict: {what}")

    if not hasattr(document, "keys"):
        raise refused(f"must be a dict, got {type(document).__name__}")
    if document.get("type") != kind:
        raise refused(f"type: must be {kind!r}, as to_dict writes it, got {document.get('type')!r}")
    if document.get("version") != VERSION:
        raise refused(
            f"version: must be {VERSION}, got {document.get('version')!r}; a newer calltransfer may have written it"
        )
    known = {}
    for key, (types, optional) in keys.items():
        if key not in document:
            raise refused(f"{key}: is missing")
        value = document[key]
        is_typed = isinstance(value, types) and (bool in types or not isinstance(value, bool))
        if not is_typed and not (optional and value is None):
            wanted = " or ".join(wanted.__name__ for wanted in types)
            raise refused(f"{key}: must be {wanted}{' or None' if optional else ''}, got {type(value).__name__}")
        if key == "outcome" and value not in _OUTCOMES:
            raise refused(f"outcome: must be one of {', '.join(_OUTCOMES)}, got {value!r}")
        known[key] = value
    return known
