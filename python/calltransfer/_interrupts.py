"""Adds the outcome of a request to the exception that interrupts it, so that no result is lost."""

from __future__ import annotations

from calltransfer.errors import CallTransferError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def checkpoint() -> None:
    """Does nothing. When it is called, Python raises an exception that another thread has set for this one."""


def add_result(stopped: BaseException, result: Any) -> None:
    """The request was carried out before the exception was raised."""
    new = getattr(result, "new_call_id", None)
    made = f"; the new call is {new}" if new else ""
    _add(stopped, "applied", result, f"the response had come before: the request was carried out{made}")


def add_error(stopped: BaseException, error: CallTransferError) -> None:
    """The request ended with this error when the exception was raised."""
    if stopped is not error:
        stopped.__context__ = error
        _add(stopped, error.outcome, None, str(error))


def add_unknown(stopped: BaseException) -> None:
    """It is not known how the request ended."""
    _add(stopped, "unknown", None, "the request was stopped; it may have been carried out")


def _add(stopped: BaseException, outcome: str, result: Any, note: str) -> None:
    try:
        stopped.outcome = outcome  # type: ignore[attr-defined]
        stopped.result = result  # type: ignore[attr-defined]
    except AttributeError:  # a class with slots
        pass
    if hasattr(stopped, "add_note"):  # Python 3.11; before, the attributes and the context say it alone
        stopped.add_note(f"calltransfer: {note}")
