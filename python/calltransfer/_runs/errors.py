"""The errors of a run, as the native module raises them."""

from __future__ import annotations

from calltransfer.errors import RunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NOTHING_SENT = ("rows_refused", "retry_refused", "other_run", "damaged", "read_only", "forked")


def make(kind: str, message: str, refused: list[Any], unwritten: list[Any]) -> RunError:
    """The exception for an error of a run."""
    error = RunError(message)
    error.kind = kind
    error.outcome = "not_sent" if kind in _NOTHING_SENT else "unknown"
    error.safe_to_repeat = True  # no row is sent twice by itself
    error.refused = tuple(refused)
    error.unwritten = tuple(unwritten)
    return error
