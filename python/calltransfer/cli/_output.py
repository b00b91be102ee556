"""Writes results to standard output and errors to standard error, as text or JSON."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from calltransfer._redaction import redact_number
from calltransfer._results import Call, Finding, Transferred
from calltransfer.errors import CallTransferError, RunError

if TYPE_CHECKING:
    from calltransfer._follow.status import FollowStatus

_ADVICE = {
    "not_sent": "nothing was sent",
    "not_applied": "the platform did nothing",
    "unknown": "the transfer may have been made: look at the call first (calltransfer call check {call_id})",
}


class OutputFailed(Exception):
    """Standard output can't be written; the message says why."""

    def __init__(self, cause: Exception | None) -> None:
        super().__init__(f"standard output can't be written: {cause or 'it is closed'}")
        self.is_closed_pipe = isinstance(cause, BrokenPipeError)


class Output:
    """The output of one command."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, fields: dict[str, Any], text: str) -> None:
        """Writes one result: a JSON object, or text. Raises `OutputFailed`."""
        if sys.stdout is None:  # the program was started without one
            raise OutputFailed(None)
        try:
            print(self._line(fields, text), file=sys.stdout, flush=True)
        except (OSError, ValueError) as cause:
            raise OutputFailed(cause) from cause

    def outcome(self, fields: dict[str, Any], text: str) -> None:
        """Writes a result that must not be lost: to standard error if standard output can't be written."""
        try:
            self.result(fields, text)
        except OutputFailed as failed:
            self.note(f"calltransfer: {failed}")
            self.note(_json(fields, None) if self.as_json else text)

    def note(self, text: str) -> None:
        """Writes a line to standard error. If that fails, the line is dropped."""
        if sys.stderr is not None:
            try:
                print(_shown(text, sys.stderr), file=sys.stderr, flush=True)
            except (OSError, ValueError):
                pass

    def error(self, error: CallTransferError, reads: bool = False, what: str = "the call") -> None:
        if self.as_json:
            self.outcome({"error": error_fields(error)}, "")
        self.note(f"calltransfer: {error}")
        if error.kind in ("invalid_argument", "configuration") or isinstance(error, RunError):
            return
        if reads:
            self.note(f"{what} was not read; nothing was changed")
            return
        advice = _ADVICE[error.outcome].format(call_id=error.call_id or "CALL_ID")
        self.note(f"outcome {error.outcome}: {advice}")

    def interrupted(self, begun: bool) -> None:
        """Reports a stop by a signal without an error. Says only what is certain."""
        outcome = "unknown" if begun else "not_sent"
        if self.as_json:
            self.outcome({"error": {"kind": "cancelled", "outcome": outcome}}, "")
        advice = _ADVICE[outcome].format(call_id="CALL_ID")
        self.note(f"calltransfer: stopped; {advice}")

    def _line(self, fields: dict[str, Any], text: str) -> str:
        return _json(fields, sys.stdout) if self.as_json else _shown(text, sys.stdout)


def occupy() -> None:
    """Opens the standard streams that the program started without, so that no file or socket gets their numbers."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, and so this one


def settle() -> None:
    """Prevents Python from trying again, at exit, to write what could not be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            try:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)
            except (OSError, ValueError):
                pass


def transferred_fields(done: Transferred) -> dict[str, Any]:
    # The ID of the call is first, so that a line that is cut off still has it.
    first = {"call_id": done.call_id, "outcome": done.outcome}
    return {**first, **dataclasses.asdict(done)}


def transferred_text(done: Transferred) -> str:
    new = f"the new call is {done.new_call_id}" if done.new_call_id else f"the new call isn't named: {done.note}"
    return f"transferred {done.call_id}: {new}"


def followed_fields(status: FollowStatus) -> dict[str, Any]:
    """What following a transfer has shown; times in ISO 8601."""
    fields = dataclasses.asdict(status)
    for name in ("answered_time", "ended_time"):
        if fields[name] is not None:
            fields[name] = fields[name].isoformat().replace("+00:00", "Z")
    return fields


def followed_text(status: FollowStatus) -> str:
    doubt = f"\nbut: {status.doubt}" if status.doubt else ""
    return f"{status.result}: {status.evidence}{doubt}"


def call_fields(call: Call) -> dict[str, Any]:
    """For programs: all fields of the platform's response, with whole phone numbers."""
    return dict(call.fields)


def call_text(call: Call) -> str:
    """For the screen: phone numbers are redacted."""
    rows = [
        ("call", call.id),
        ("state", call.state),
        ("direction", call.direction),
        ("from", redact_number(call.from_)),
        ("to", redact_number(call.to)),
        ("started", call.start_time),
        ("answered", call.active_time),
        ("ended", call.end_time),
    ]
    return "\n".join(f"{name:<10}{value}" for name, value in rows if value is not None)


def finding_fields(finding: Finding) -> dict[str, Any]:
    call = None if finding.call is None else call_fields(finding.call)
    return {
        "outcome": finding.outcome,
        "reason": finding.reason,
        "doubt": finding.doubt,
        "call": call,
        "new_call_id": finding.new_call_id,
    }


def finding_text(finding: Finding) -> str:
    doubt = f"\nbut: {finding.doubt}" if finding.doubt else ""
    return f"{finding.outcome}: {finding.reason}{doubt}"


def error_fields(error: CallTransferError) -> dict[str, Any]:
    names = [name for name in CallTransferError.__annotations__ if not name.startswith("_")]
    return {"message": str(error), **{name: getattr(error, name) for name in names}}


def _json(fields: dict[str, Any], stream: Any) -> str:
    text = json.dumps(fields, ensure_ascii=False)
    return text if _shown(text, stream) == text else json.dumps(fields)


def _shown(text: str, stream: Any) -> str:
    """The text with what the stream's encoding lacks written as escapes."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
