"""Reads JSON that was written by hand, and refuses everything ambiguous."""

from __future__ import annotations

import json
from typing import Any


class JsonError(Exception):
    """Why a text is not accepted as a JSON object."""


def object_of(text: str) -> dict[str, Any]:
    """Returns the object. Each name may occur once, and NaN and Infinity are refused."""
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=no_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise JsonError("is not a JSON object")
    return value


def no_constant(word: str) -> Any:
    raise ValueError(word)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise JsonError(f"the name {json.dumps(twice)} appears twice in one object")
    return found
