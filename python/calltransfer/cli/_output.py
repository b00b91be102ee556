"""What a command says: results to standard output, errors to standard error, as text or JSON."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

from calltransfer._results import Call, Finding, Transferred, _masked
from calltransfer.errors import CallTransferError

_ADVICE = {
    "not_sent": "nothing was sent",
    "not_applied": "the platform did nothing",
    "unknown": "the transfer may have been made: look at the call first (calltransfer call check {call_id})",
}


class Output:
    """Where the words of one command go."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, fields: dict[str, Any], text: str) -> None:
        """One result: a JSON object, or a text for people."""
        print(_json(fields) if self.as_json else text, flush=True)

    def note(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def error(self, error: CallTransferError) -> None:
        if self.as_json:
            print(_json({"error": error_fields(error)}), flush=True)
        self.note(f"calltransfer: {error}")
        if error.kind not in ("invalid_argument", "configuration"):
            advice = _ADVICE[error.outcome].format(call_id=error.call_id or "CALL_ID")
            self.note(f"outcome {error.outcome}: {advice}")

    def interrupted(self, error: CallTransferError | None) -> None:
        if error is None:
            if self.as_json:
                print(_json({"error": {"kind": "cancelled", "outcome": "not_sent"}}), flush=True)
            self.note("calltransfer: stopped; nothing was sent")
        else:
            self.error(error)


def transferred_fields(done: Transferred) -> dict[str, Any]:
    return {**dataclasses.asdict(done), "outcome": done.outcome}


def transferred_text(done: Transferred) -> str:
    new = f"the new call is {done.call_id}" if done.call_id else f"the new call isn't named: {done.note}"
    return f"transferred {done.transferred_call_id}: {new}"


def call_fields(call: Call) -> dict[str, Any]:
    """As a program wants it: everything that the platform said, numbers whole."""
    return dict(call.fields)


def call_text(call: Call) -> str:
    """As a screen may show it: numbers masked."""
    rows = [
        ("call", call.id),
        ("state", call.state),
        ("direction", call.direction),
        ("from", _masked(call.from_)),
        ("to", _masked(call.to)),
        ("started", call.start_time),
        ("answered", call.active_time),
        ("ended", call.end_time),
    ]
    return "\n".join(f"{name:<10}{value}" for name, value in rows if value is not None)


def finding_fields(finding: Finding) -> dict[str, Any]:
    call = None if finding.call is None else call_fields(finding.call)
    return {"outcome": finding.outcome, "reason": finding.reason, "doubt": finding.doubt, "call": call}


def finding_text(finding: Finding) -> str:
    doubt = f"\nbut: {finding.doubt}" if finding.doubt else ""
    return f"{finding.outcome}: {finding.reason}{doubt}"


def error_fields(error: CallTransferError) -> dict[str, Any]:
    names = [name for name in CallTransferError.__annotations__ if not name.startswith("_")]
    return {"message": str(error), **{name: getattr(error, name) for name in names}}


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)
