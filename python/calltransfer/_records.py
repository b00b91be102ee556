"""Results and errors as dicts that JSON can hold, and back: for task queues, files and logs.

Each dict has a `type` and a `version`. Later versions of the library may add keys, which are ignored here. If the
meaning of a key changes, the version is raised, and a dict of that version is refused here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

VERSION = 1

_OUTCOMES = ("applied", "not_applied", "not_sent", "unknown")
_TEXT, _WHOLE, _SECONDS, _FLAG = (str,), (int,), (float, int), (bool,)

_TYPES = {
    "Transferred": "transferred",
    "Call": "call",
    "Finding": "finding",
    "CallTransferError": "error",
    "Event": "event",
    "TransferRow": "row",
}
"""The `type` of each class's dict."""

# For each key of a class's dict: the types, and whether None is allowed.
_KEYS: dict[str, dict[str, tuple[tuple[type, ...], bool]]] = {
    "Transferred": {
        "new_call_id": (_TEXT, True),
        "call_id": (_TEXT, False),
        "http_status": (_WHOLE, False),
        "attempts": (_WHOLE, False),
        "elapsed": (_SECONDS, False),
        "note": (_TEXT, True),
    },
    "Call": {
        "id": (_TEXT, False),
        "state": (_TEXT, False),
        **dict.fromkeys(("direction", "from_", "to", "start_time", "active_time", "end_time"), (_TEXT, True)),
        "fields": ((dict,), False),
    },
    "Finding": {
        "outcome": (_TEXT, False),
        "reason": (_TEXT, False),
        "doubt": (_TEXT, True),
        "call": ((dict,), True),
        "new_call_id": (_TEXT, True),
    },
    "CallTransferError": {
        "kind": (_TEXT, False),
        "message": (_TEXT, False),
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
    },
    # An event is read again from its fields, and of a row's dict the other keys are for tables.
    "Event": {"fields": ((dict,), False)},
    "TransferRow": {"index": (_WHOLE, False), "result": ((dict,), True), "error": ((dict,), True)},
}


def head(name: str) -> dict[str, Any]:
    """How the dict of an object of the class `name` begins."""
    return {"type": _TYPES[name], "version": VERSION}


def write(name: str, of: object, **instead: Any) -> dict[str, Any]:
    """The dict of an object of the class `name`; `instead` has values that are not its attributes as they are."""
    return {**head(name), **{key: instead[key] if key in instead else getattr(of, key) for key in _KEYS[name]}}


def read(name: str, document: Any) -> dict[str, Any]:
    """What an object of the class `name` is made of: the values of its dict, each of its type."""

    def refused(what: str) -> ValueError:
        return ValueError(f"{name}.from_dict: {what}")

    if not hasattr(document, "keys"):
        raise refused(f"must be a dict, got {type(document).__name__}")
    if document.get("type") != _TYPES[name]:
        raise refused(f"type: must be {_TYPES[name]!r}, as to_dict writes it, got {document.get('type')!r}")
    if document.get("version") != VERSION:
        raise refused(
            f"version: must be {VERSION}, got {document.get('version')!r}; a newer calltransfer may have written it"
        )
    known = {}
    for key, (types, optional) in _KEYS[name].items():
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


def read_error(document: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """What an error is made of: its kind, its message and its attributes."""
    known = read("CallTransferError", document)
    pairs = [tuple(pair) if isinstance(pair, (list, tuple)) else () for pair in known["details"]]
    if not all(len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in pairs):
        raise ValueError("CallTransferError.from_dict: details: must be a list of pairs of str")
    known["details"] = tuple(pairs)
    return known.pop("kind"), known.pop("message"), known
