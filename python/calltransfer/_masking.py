"""What may be shown of a request: numbers and addresses masked, URLs without what may be secret."""

from __future__ import annotations

import json
import re
from typing import Any

_NUMBER = re.compile(r"\+?\d{7,}")
_SIP = re.compile(r"(?:(sips?:))?[^\s@,;<>\"']+@([\w.\-\[\]:]+)", re.IGNORECASE)
_URL = re.compile(r"(?i)(https?://)(?:[^/\s?#@]*@)?([^\s?#]*)(?:[?#]\S*)?")

_CREDENTIAL = re.compile(r'\b(username|password)="[^"]*"')


def masked(text: str) -> str:
    """A text with the numbers, SIP users and secrets of URLs in it hidden; as the core does it."""
    parts = []
    end = 0
    for url in _URL.finditer(text):
        parts += [_numbers(text[end : url.start()]), url[1], _digits(url[2])]
        end = url.end()
    return "".join([*parts, _numbers(text[end:])])


def masked_body(body: str) -> Any:
    """A body with every text in it masked: JSON as its value, BXML as a text."""
    if body.startswith("<"):
        return masked(_CREDENTIAL.sub(r'\1="***"', body))
    return _walk(json.loads(body))


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {masked(name): _walk(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_walk(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**6:
        return masked(str(value))  # a number that somebody wrote without its quotes
    return value


def _numbers(text: str) -> str:
    return _digits(_SIP.sub(lambda found: f"{found[1] or ''}***@{found[2]}", text))


def _digits(text: str) -> str:
    return _NUMBER.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    plus = "+" if found[0].startswith("+") else ""
    digits = found[0][len(plus) :]
    return plus + "*" * (len(digits) - 2) + digits[-2:]
