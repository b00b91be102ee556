"""The error of an argument of a command."""

from __future__ import annotations

from calltransfer.errors import CallTransferError, make


def invalid(field: str, reason: str) -> CallTransferError:
    """The error of an argument that only the command line has."""
    known = {"field": field, "outcome": "not_sent", "safe_to_repeat": True}
    return make("invalid_argument", f"{field}: {reason}", known)
