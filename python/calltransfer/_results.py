"""Results: a transfer that was made, a call, and what a check of a call found."""

from __future__ import annotations

from dataclasses import dataclass, field

# Displays, records and redaction are imported where they are used: this file is loaded before the first transfer.

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
    """The ID of the new call, the leg to the new party.

    `None` if the response contains no usable ID, which is always so in v2; `note` then says why.
    """
    call_id: str
    """The ID of the call that was transferred."""
    http_status: int
    """The HTTP status of the response: normally 201 in v1, 204 in v2."""
    attempts: int
    """How many times the request was tried."""
    elapsed: float
    """How long the request took, in seconds, including the waits between attempts."""
    note: str | None = None
    """What was unusual about the response, if anything."""

    @property
    def outcome(self) -> Literal["applied"]:
        """The outcome: always `"applied"`."""
        return "applied"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import display as _display

        return _display.transferred(repr(self), self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Returns the result as a dict for JSON, which `from_dict` reads.

        Example:
            done = client.transfer("c-call123", "+18382947878")
            print(done.to_dict())
        """
        from calltransfer import _records

        return {**_records.head("Transferred"), "outcome": self.outcome, **_records.write("Transferred", self)}

    __json__ = to_dict
    """For JSON encoders that use this method, such as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Transferred:
        """Returns a `Transferred` that is equal to the one of `to_dict`.

            done = Transferred.from_dict(json.loads(line))

        Raises:
            ValueError: The dict is not one of `to_dict`; the message names the key.
        """
        from calltransfer import _records

        return Transferred(**_records.read("Transferred", document))


@dataclass(frozen=True)
class Call:
    """A call as the platform describes it. A value that the platform left out is `None`. Times are in ISO 8601.

    The repr shows only the last two digits of phone numbers.

        call = client.get_call("c-call123")
        print(call.state, call.start_time)
    """

    id: str
    """The call's ID."""
    state: str
    """v1: `started`, `rejected`, `active`, `completed` or `transferring`; v2: `queued`, `initiated`,
    `answered` or `disconnected`. The platform may add others."""
    direction: str | None
    """v1: `in` or `out`; v2: `inbound` or `outbound`."""
    from_: str | None
    """The number or SIP address that calls. The underscore is there because `from` is a Python keyword."""
    to: str | None
    """The number or SIP address that is called."""
    start_time: str | None
    """When the call began."""
    active_time: str | None
    """When the call was answered; `None` if it was not yet."""
    end_time: str | None
    """When the call ended; `None` if it has not yet."""
    fields: Mapping[str, Any] = field(compare=False)
    """All fields of the platform's response, with the platform's names."""

    def __repr__(self) -> str:
        from calltransfer._redaction import redact_number, redact_text

        direction = None if self.direction is None else redact_text(self.direction)
        return (
            f"Call(id={self.id!r}, state={self.state!r}, direction={direction!r}, "
            f"from_={redact_number(self.from_)!r}, to={redact_number(self.to)!r})"
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import display as _display

        return _display.call(repr(self), self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Returns the call as a dict for JSON, which `from_dict` reads. Phone numbers are whole.

        Example:
            print(client.get_call("c-call123").to_dict())
        """
        from calltransfer import _records

        return _records.write("Call", self, fields=dict(self.fields))

    __json__ = to_dict
    """For JSON encoders that use this method, such as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Call:
        """Returns a `Call` that is equal to the one of `to_dict`.

            call = Call.from_dict(json.loads(line))

        Raises:
            ValueError: The dict is not one of `to_dict`; the message names the key.
        """
        from calltransfer import _records

        return Call(**_records.read("Call", document))


@dataclass(frozen=True)
class Finding:
    """What a look at the call says about its transfer, with the reason and any doubt.

    Example:
        finding = client.check(error)
        print(finding.outcome, finding.reason, finding.doubt)
    """

    outcome: Literal["not_applied", "applied", "unknown"]
    """The most likely outcome of the transfer."""
    reason: str
    """Why this outcome is the most likely."""
    doubt: str | None
    """What could make the outcome wrong; `None` if nothing could."""
    call: Call | None
    """The call as it was read; `None` if the platform does not know it."""
    new_call_id: str | None = None
    """v2: the new call that shows the transfer."""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import display as _display

        return _display.finding(repr(self), self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Returns the finding as a dict for JSON, which `from_dict` reads. The call's phone numbers are whole.

        Example:
            print(client.check(error).to_dict())
        """
        from calltransfer import _records

        return _records.write("Finding", self, call=None if self.call is None else self.call.to_dict())

    __json__ = to_dict
    """For JSON encoders that use this method, such as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Finding:
        """Returns a `Finding` that is equal to the one of `to_dict`.

            finding = Finding.from_dict(json.loads(line))

        Raises:
            ValueError: The dict is not one of `to_dict`; the message names the key.
        """
        from calltransfer import _records

        known = _records.read("Finding", document)
        found = known["call"]
        return Finding(**{**known, "call": None if found is None else Call.from_dict(found)})
