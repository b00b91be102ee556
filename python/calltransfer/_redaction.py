"""Redaction of a request: numbers and SIP users are redacted, URLs are without what may be secret."""

from __future__ import annotations

from calltransfer import _native
from calltransfer._native import redact_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["redact_body", "redact_number", "redact_place", "redact_text"]


def redact_number(number: str | None) -> str | None:
    """A number, if there is one."""
    return None if number is None else _native.redact_number(number)


def redact_body(body: str) -> Any:
    """A body with every text in it redacted: JSON as its value, BXML as a string."""
    if body.startswith("<"):
        return redact_text(body)
    import json  # here, because every client imports this file

    return _walk(json.loads(body))


def redact_place(place: str) -> str:
    """The place of a run, without user, password and parameters of a URL."""
    scheme, separator, rest = place.partition("://")
    if not separator:
        return place
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {redact_text(name): _walk(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_walk(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        shown = redact_text(str(value))  # a number that was written without its quotes
        return value if shown == str(value) else shown
    return value
