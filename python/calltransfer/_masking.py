"""What may be shown of a request: numbers and addresses masked, URLs without what may be secret."""

from __future__ import annotations

import json
from typing import Any

from calltransfer._native import masked

__all__ = ["masked", "masked_body"]


def masked_body(body: str) -> Any:
    """A body with every text in it masked: JSON as its value, BXML as a text."""
    return masked(body) if body.startswith("<") else _walk(json.loads(body))


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {masked(name): _walk(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_walk(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        shown = masked(str(value))  # a number that was written without its quotes
        return value if shown == str(value) else shown
    return value
