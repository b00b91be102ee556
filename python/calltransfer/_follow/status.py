"""The results of following a transfer, and of `transfer_to_first`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from calltransfer._redaction import redact_number, redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from calltransfer.errors import CallTransferError

Until = Literal["answered", "ended"]
Result = Literal["answered", "busy", "no_answer", "rejected", "cancelled", "failed", "unknown"]
Cause = Literal["answered", "busy", "no_answer", "rejected", "cancelled", "unallocated", "failed", "unknown"]


@dataclass(frozen=True)
class FollowStatus:
    """What is known of a transfer after it was made: whether a target answered, the times, and the caller's call.

    Example:
        follow = client.follow(client.transfer("c-call123", "+18382947878"))
        status = follow.wait("answered", timeout=60)
        print(status.result, status.cause, status.evidence)
    """

    result: Result | None
    """Whether a target answered, and if not, why; `None` until this is known."""
    cause: Cause | None
    """Why the new call or the transfer ended; `None` until it has ended, and if the cause is not known."""
    cause_text: str | None
    """The cause in the platform's word, such as `"USER_BUSY"`."""
    new_call_id: str | None
    """The new call that was answered; until then the new call, if exactly one is known."""
    answered_time: datetime | None
    """When a target answered, in UTC."""
    ended_time: datetime | None
    """When the new call (in v2 the transfer) ended, in UTC."""
    is_ended: bool
    """Whether no target is connected or ringing any more."""
    is_certainly_unanswered: bool
    """Whether it is certain that no target was connected to the caller, and that none is ringing any more."""
    caller: Literal["unknown", "transferred", "active", "alive", "ended"]
    """The caller's own call: being transferred or connected; active (without a target); alive (v2: with or
    without a target); ended."""
    evidence: str
    """The reason for the result, as a text; if there is no result, what is missing."""
    doubt: str | None
    """Why the result may be wrong; `None` if there is no known reason."""
    may_transfer_again: bool
    """Whether the caller may be transferred to another target without a second one getting the call."""


@dataclass(frozen=True)
class CallEvent:
    """An entry of v1's list of a call's events. A field that the platform left out is `None`.

    The repr shows only the last two digits of phone numbers.

        for event in client.get_call_events("c-call123"):
            print(event.time, event.name, event.cause)
    """

    id: str | None
    """The entry's ID."""
    name: str
    """What happened, such as `create`, `answer` or `hangup`."""
    time: datetime | None
    """When it happened, in UTC."""
    cause: Cause | None
    """The cause of a `hangup` or `timeout`."""
    cause_text: str | None
    """The cause in the platform's word."""
    data: str | None
    """Further text, which depends on the name."""
    fields: Mapping[str, Any] = field(compare=False)
    """All fields of the platform's response, with the platform's names."""

    def __repr__(self) -> str:
        data = None if self.data is None else redact_text(self.data)
        return f"CallEvent(id={self.id!r}, name={self.name!r}, time={self.time!r}, cause={self.cause!r}, data={data!r})"


@dataclass(frozen=True)
class TargetResult:
    """The result of one target of `transfer_to_first`. The repr shows only the last two digits of its number.

    Example:
        first = client.transfer_to_first("c-call123", ["+12025550110", "+18382947878"])
        print([(target.result, target.outcome) for target in first.targets])
    """

    to: str
    """The target, as it was given."""
    outcome: Literal["not_sent", "not_applied", "applied", "unknown"] | None
    """Whether the transfer to it was made; `None` if it was not tried."""
    new_call_id: str | None
    """The new call, if it is known."""
    status: FollowStatus | None
    """What following it showed; `None` if there was nothing to follow."""
    error: CallTransferError | None
    """Why the transfer was not made, or is not known to have been made."""

    @property
    def result(self) -> Result | None:
        """Whether the target answered, and if not, why; `None` if it was not tried or the transfer was not made."""
        return None if self.status is None else self.status.result

    def __repr__(self) -> str:
        return f"TargetResult(to={redact_number(self.to)!r}, outcome={self.outcome!r}, result={self.result!r})"


@dataclass(frozen=True)
class FirstTransferred:
    """The result of `transfer_to_first`.

    Example:
        first = client.transfer_to_first("c-call123", ["+12025550110", "+18382947878"], ring=20)
        print(first.stopped, first.answered, first.reason)
    """

    call_id: str
    """The call that was transferred."""
    answered: int | None
    """The number of the target that answered, from 0; `None` if none is known to have answered."""
    targets: tuple[TargetResult, ...]
    """The result of each target, in the order in which they were given."""
    stopped: Literal["answered", "all_tried", "caller_gone", "unknown", "refused"]
    """Why no further target was tried. After `"unknown"` a target may be connected to the caller: check the
    call first."""
    reason: str
    """The same as a text."""


def call_events_of(events: list[dict[str, Any]]) -> list[CallEvent]:
    """Makes a list of `CallEvent` of the fields that the native module gives."""
    return [CallEvent(**fields) for fields in events]


def target_of(fields: dict[str, Any]) -> TargetResult:
    """Makes a `TargetResult` of the fields that the native module gives."""
    status = fields["status"]
    return TargetResult(**{**fields, "status": None if status is None else FollowStatus(**status)})


def first_of(fields: dict[str, Any]) -> FirstTransferred:
    """Makes a `FirstTransferred` of the fields that the native module gives."""
    return FirstTransferred(**{**fields, "targets": tuple(map(target_of, fields["targets"]))})
