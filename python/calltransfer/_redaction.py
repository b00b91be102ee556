"""Redaction of a request: numbers and SIP users are redacted, URLs are without what may be secret."""

from __future__ import annotations

import json
from typing import Any

from calltransfer._native import redact_text

__all__ = ["redact_body", "redact_text"]


def redact_body(body: str) -> Any:
    """A body with every text in it redacted: JSON as its value, BXML as a string."""
    return redact_text(body) if body.startswith("<") else _walk(json.loads(body))


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
