"""What comes back: a transfer that was made, a call, and what a look at a call says."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal


@dataclass(frozen=True)
class Transferred:
    """A transfer that was made.

    Example:
        done = client.transfer("c-call123", "+18382947878")
        print(done.new_call_id, done.attempts, done.elapsed)
    """

    new_call_id: str | None
    """The id of the new call, the leg to the new party.

    `None` where the platform said that the transfer was made but named no usable id, as v2 always
    does; `note` then says why.
    """
    call_id: str
    """The id of the call that was transferred."""
    http_status: int
    """The HTTP status of the response: as a rule 201 in v1, 204 in v2."""
    attempts: int
    """How many times the request was tried."""
    elapsed: float
    """How long it took, in seconds, waits between attempts included."""
    note: str | None = None
    """What was odd about the response, if anything."""

    @property
    def outcome(self) -> Literal["applied"]:
        """The outcome: always `"applied"`."""
        return "applied"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer import _display

        return _display.transferred(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as a dict that JSON can hold; `from_dict` reads it.

        Example:
            done = client.transfer("c-call123", "+18382947878")
            print(done.to_dict())
        """
        from calltransfer import _records

        return _records.of_transferred(self)

    __json__ = to_dict
    """For JSON encoders that ask for it, as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Transferred:
        """The `Transferred` that `to_dict` was called on.

            done = Transferred.from_dict(json.loads(line))

        Raises:
            ValueError: It is no such dict; the message names the key.
        """
        from calltransfer import _records

        return _records.transferred(document)


@dataclass(frozen=True)
class Call:
    """A call as the platform describes it. What it leaves out is `None`; times are ISO 8601.

    The repr masks numbers.

        call = client.get_call("c-call123")
        print(call.state, call.start_time)
    """

    id: str
    """The call's id."""
    state: str
    """v1: `started`, `rejected`, `active`, `completed` or `transferring`; v2: `queued`, `initiated`,
    `answered` or `disconnected`. More may come."""
    direction: str | None
    """v1: `in` or `out`; v2: `inbound` or `outbound`."""
    from_: str | None
    """Who calls. Named so because `from` is a word of Python."""
    to: str | None
    """Who is called."""
    start_time: str | None
    """When it began."""
    active_time: str | None
    """When it was answered."""
    end_time: str | None
    """When it ended."""
    fields: Mapping[str, Any] = field(compare=False)
    """Everything that the platform said, under its own names."""

    def __repr__(self) -> str:
        from calltransfer._native import masked

        direction = None if self.direction is None else masked(self.direction)
        return (
            f"Call(id={self.id!r}, state={self.state!r}, direction={direction!r}, "
            f"from_={_masked(self.from_)!r}, to={_masked(self.to)!r})"
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer import _display

        return _display.call(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as a dict that JSON can hold, numbers whole; `from_dict` reads it.

        Example:
            print(client.get_call("c-call123").to_dict())
        """
        from calltransfer import _records

        return _records.of_call(self)

    __json__ = to_dict
    """For JSON encoders that ask for it, as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Call:
        """The `Call` that `to_dict` was called on.

            call = Call.from_dict(json.loads(line))

        Raises:
            ValueError: It is no such dict; the message names the key.
        """
        from calltransfer import _records

        return _records.call(document)


@dataclass(frozen=True)
class Finding:
    """What is known of a transfer after looking at its call, with reason and doubt.

    Example:
        finding = client.check(error)
        print(finding.outcome, finding.reason, finding.doubt)
    """

    outcome: Literal["not_applied", "applied", "unknown"]
    """The most likely outcome of the transfer."""
    reason: str
    """Why it is thought to be so."""
    doubt: str | None
    """What speaks against it; `None` where nothing does."""
    call: Call | None
    """The call as it was found; `None` where the platform knows none."""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer import _display

        return _display.finding(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as a dict that JSON can hold, the call's numbers whole; `from_dict` reads it.

        Example:
            print(client.check(error).to_dict())
        """
        from calltransfer import _records

        return _records.of_finding(self)

    __json__ = to_dict
    """For JSON encoders that ask for it, as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Finding:
        """The `Finding` that `to_dict` was called on.

            finding = Finding.from_dict(json.loads(line))

        Raises:
            ValueError: It is no such dict; the message names the key.
        """
        from calltransfer import _records

        return _records.finding(document)


def _masked(number: str | None) -> str | None:
    from calltransfer._native import masked_number

    return None if number is None else masked_number(number)
