"""What is read from a run: its rows, its counts, and the results of a check or a retry."""

from __future__ import annotations

from dataclasses import dataclass, fields

from calltransfer import _native
from calltransfer._redaction import redact_number, redact_text

# What a notebook shows is imported where it is used, as in `run`.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Literal

    State = Literal["planned", "sending", "applied", "not_applied", "not_sent", "unknown"]
    Outcome = Literal["applied", "not_applied", "not_sent", "unknown"]

STATES = _native.Run.STATES


@dataclass(frozen=True)
class RunFinding:
    """The finding of `Run.check` for a row whose outcome was unknown.

    for row in run.rows("unknown"):
        print(row.call_id, row.finding and row.finding.doubt)
    """

    outcome: Outcome
    """The most likely outcome."""
    reason: str
    """The reason for the outcome."""
    doubt: str | None
    """Why it may be wrong, if there is a known reason."""
    at: datetime
    """When the call was read, in UTC."""


@dataclass(frozen=True)
class RunRow:
    """A row of a run, as it was in the ledger when it was read. The repr redacts the target.

    Example:
        for row in run.rows("not_applied", "unknown"):
            print(row.number, row.call_id, row.state, row.message)
    """

    number: int
    """Its number in the run, from 1, in the order in which rows were added."""
    call_id: str
    """The call to transfer."""
    to: str | list[str]
    """The target, whole; in v2 a list if there are several targets."""
    options: dict[str, Any]
    """The options of the transfer, by their names."""
    timeout: float | None
    """The timeout in seconds for one request of this row, if it was given."""
    state: State
    """`planned` or `sending`, or the outcome."""
    attempts: int
    """How many times a worker has taken the row."""
    error_kind: str | None
    """The kind of the last error, such as `"rate_limited"`; `None` after a transfer that was made."""
    message: str | None
    """The message of the last error; it has no phone number."""
    http_status: int | None
    """The HTTP status of the last response, if one was read."""
    code: str | None
    """The platform's own code for the last error."""
    new_call_id: str | None
    """The new call, if the platform named it."""
    finding: RunFinding | None
    """The finding of `Run.check`."""
    changed: datetime
    """When the row changed last, in UTC."""

    def to_dict(self, *, numbers: bool = True) -> dict[str, Any]:
        """The row as a flat dict for csv, json or a table; `numbers=False` redacts it.

        Example:
            for row in run:
                print(row.to_dict(numbers=False))
        """
        found = self.finding
        to = self.to if isinstance(self.to, str) else " ".join(self.to)
        options = {**self.options, **({} if self.timeout is None else {"timeout": self.timeout})}
        if not numbers:
            to = " ".join(redact_number(one) or "" for one in ([self.to] if isinstance(self.to, str) else self.to))
            options = {name: _redacted(value) for name, value in options.items()}
        return {
            "row": self.number,
            "call_id": self.call_id,
            "to": to,
            "state": self.state,
            "attempts": self.attempts,
            "new_call_id": self.new_call_id,
            "error_kind": self.error_kind,
            "message": self.message,
            "http_status": self.http_status,
            "code": self.code,
            "found": found and found.outcome,
            "reason": found and found.reason,
            "doubt": found and found.doubt,
            "changed": self.changed.isoformat(timespec="milliseconds"),
            "options": options,
        }

    def __repr__(self) -> str:
        what = f", new_call_id={self.new_call_id!r}" if self.new_call_id else ""
        what += f", message={self.message!r}" if self.message else ""
        to = self.to_dict(numbers=False)["to"]
        return f"RunRow(number={self.number}, call_id={self.call_id!r}, to={to!r}, state={self.state!r}{what})"


COLUMNS = _native.Run.COLUMNS
"""The keys of `RunRow.to_dict`, as in the report of every language."""


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {name: _redacted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    return value


@dataclass(frozen=True)
class RunSummary:
    """The counts of a run at one moment, how fast rows are sent, and how long the rest will take.

    Example:
        summary = run.summary()
        print(summary.applied, "of", summary.total, "time left:", summary.time_left)
    """

    planned: int
    """Rows that are not sent yet."""
    sending: int
    """Rows that a worker has; their requests may have left."""
    applied: int
    """Rows whose transfer was made."""
    not_applied: int
    """Rows whose request the platform received, and did nothing."""
    not_sent: int
    """Rows that were not sent."""
    unknown: int
    """Rows whose transfer may or may not have been made."""
    rate: float | None
    """The allowed requests per second: the run's rate, or the account's limit as far as it was found."""
    held_for: float | None
    """Seconds for which sending is paused because of a rate limit."""
    time_left: float | None
    """Seconds that the planned rows will take; `None` if it can't be estimated."""
    deadline: datetime | None
    """The run's deadline, in UTC."""
    workers: int
    """Workers that hold a lease, on all machines."""
    notes: tuple[str, ...]
    """Notes for people about the ledger, for example that its file is on a network file system."""

    @property
    def total(self) -> int:
        """All rows."""
        return self.planned + self.sending + self.ended

    @property
    def ended(self) -> int:
        """Rows that have ended, and are not sent again unless you say so."""
        return self.applied + self.not_applied + self.not_sent + self.unknown

    @property
    def is_done(self) -> bool:
        """Whether no row is left to send."""
        return self.planned + self.sending == 0

    def counts(self) -> dict[str, int]:
        """How many rows are in each state, as a dict in the order in which a row passes the states.

        Example:
            print(run.summary().counts()["planned"])
        """
        return {state: getattr(self, state) for state in STATES}

    def to_dict(self) -> dict[str, Any]:
        """Everything as a dict for JSON.

        Example:
            print(run.summary().to_dict())
        """
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        deadline = None if self.deadline is None else self.deadline.isoformat(timespec="milliseconds")
        return {"total": self.total, **known, "deadline": deadline, "notes": list(self.notes)}

    __json__ = to_dict

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {number}" for name, number in self.counts().items() if number)
        return counts or "no rows"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import run as _display_run

        return _display_run.summary(str(self), self.to_dict())


@dataclass(frozen=True)
class RunCheck:
    """The result of `Run.check`: how many of the unknown rows have which state now.

    Example:
        print(run.check().unknown)
    """

    applied: int
    """Rows that are `applied` now."""
    not_applied: int
    """Rows that are `not_applied` now."""
    unknown: int
    """Rows whose call was read, and that stay `unknown`."""
    failed: int
    """Rows whose call could not be read; they stay `unknown`."""
    sending: int
    """Rows that a worker with a valid lease is sending."""
    first_error: str | None
    """Why a call could not be read: the first error."""


@dataclass(frozen=True)
class RunRetry:
    """The result of `Run.retry`.

    Example:
        print(run.retry("not_sent").planned)
    """

    planned: int
    """Rows that are planned again."""
    refused: tuple[tuple[int, str, str], ...]
    """Number, call and reason of the rows that are not planned: the first 1,000."""


def row_of(fields: dict[str, Any]) -> RunRow:
    """Makes a `RunRow` of the fields that the native module gives."""
    finding = fields["finding"]
    return RunRow(**{**fields, "finding": None if finding is None else RunFinding(**finding)})
