"""Events, one class for each kind, as the core reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import ClassVar  # dataclasses look for it at run time

from calltransfer import _native, _records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any, Literal


@dataclass(frozen=True)
class Event:
    """What the platform sends to a callback URL about a call: the same classes for both APIs.

    `parse_event` returns an object of the class of its kind, such as `calltransfer.events.Hangup`. A field
    that the platform leaves out is `None`, and so is a value that can't be used; `fields` has it as received.
    The repr and `str(event)`, one line for a log, redact numbers; the attributes contain whole numbers:
    personal data.

        event = calltransfer.parse_event(body, content_type="application/json")
        if isinstance(event, calltransfer.events.Hangup):
            print(event.call_id, event.cause, event.time)
    """

    kind: ClassVar[str]
    """The kind, such as `"hangup"`: the same word in every language."""

    api: Literal["v1", "v2"]
    """The API that sent it, as its fields show."""
    event_type: str
    """The platform's name of the event, such as `"incomingcall"`."""
    call_id: str | None
    """The call, or leg, that the event is about; also `None` if it is not a valid ID."""
    parent_call_id: str | None
    """The call whose transfer made this leg. v2 only."""
    from_: str | None
    """The calling number or SIP address. The name has an underscore because `from` is a keyword of Python."""
    to: str | None
    """The called number or SIP address."""
    time: datetime | None
    """When it happened, in UTC; `None` if the text has no time zone or is not a time."""
    time_text: str | None
    """The time as received."""
    cause: Literal["answered", "busy", "no_answer", "rejected", "cancelled", "unallocated", "failed", "unknown"] | None
    """Why a leg or a transfer ended: the same words for both APIs. Later versions may add others."""
    cause_text: str | None
    """The cause in the platform's word, such as `"USER_BUSY"`."""
    tag: str | None
    """The tag that the program set for the call, the whisper or the transfer."""
    call_state: str | None
    """The state of the call after the event. v1 only."""
    fields: Mapping[str, Any] = field(compare=False)
    """All fields, under the platform's names."""

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={_redacted(name, value)!r}"
            for name, value in ((it.name, getattr(self, it.name)) for it in fields(self))
            if name != "fields" and value is not None
        )
        return f"{type(self).__name__}({shown})"

    def __str__(self) -> str:
        return _native.event_line(json.dumps(self.fields))

    def to_dict(self) -> dict[str, Any]:
        """Everything as a dict for JSON, with whole numbers; `from_dict` reads it.

        Example:
            print(calltransfer.parse_event(body).to_dict())
        """
        known = {it.name: getattr(self, it.name) for it in fields(self)}
        time = None if self.time is None else self.time.isoformat().replace("+00:00", "Z")
        return {**_records.head("Event"), "kind": self.kind, **known, "time": time, "fields": dict(self.fields)}

    __json__ = to_dict
    """For JSON encoders that use this method, such as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Event:
        """The event that `to_dict` was called on, of the class of its kind.

            event = Event.from_dict(json.loads(line))

        Raises:
            ValueError: The dict is not one of `to_dict`; the message names the key.
        """
        return parse_event(json.dumps(_records.read("Event", document)["fields"]), "application/json")


@dataclass(frozen=True, repr=False)
class IncomingCall(Event):
    """A call comes in. v1: `incomingcall`; v2: `initiate`, which expects BXML."""

    kind = "incoming_call"
    application_id: str | None
    """The application whose number was called."""
    diversion: Mapping[str, Any] | None = field(hash=False)
    """The Diversion header that the call has: `origTo`, `reason` and more."""


@dataclass(frozen=True, repr=False)
class Answer(Event):
    """A call, or in v1 the new leg, was answered. v1 and v2: `answer`, which expects BXML in v2."""

    kind = "answer"
    application_id: str | None
    """The application of the call."""
    diversion: Mapping[str, Any] | None = field(hash=False)
    """The Diversion header that the call has: `origTo`, `reason` and more."""


@dataclass(frozen=True, repr=False)
class Timeout(Event):
    """v1 `timeout`: the leg was not answered in time."""

    kind = "timeout"


@dataclass(frozen=True, repr=False)
class Hangup(Event):
    """The call ended. v1: `hangup`; v2: `disconnect`."""

    kind = "hangup"
    error_message: str | None
    """v2: the error, as a text for people."""
    error_id: str | None
    """v2: the ID of the error, for the vendor's support."""


@dataclass(frozen=True, repr=False)
class Speak(Event):
    """v1 `speak`: a sentence, such as the whisper, begins or has ended."""

    kind = "speak"
    status: str | None
    """`started` or `done`."""


@dataclass(frozen=True, repr=False)
class Playback(Event):
    """v1 `playback`: an audio file begins or has ended."""

    kind = "playback"
    status: str | None
    """`started` or `done`."""


@dataclass(frozen=True, repr=False)
class Recording(Event):
    """v1 `recording`: a recording was saved, or failed."""

    kind = "recording"
    status: str | None
    """`complete` or `error`."""
    recording_id: str | None
    """The recording's ID."""
    recording_uri: str | None
    """The URL of its description at the platform."""
    start_time: str | None
    """When it began, as received."""
    end_time: str | None
    """When it ended, as received."""


@dataclass(frozen=True, repr=False)
class TransferAnswer(Event):
    """v2 `transferAnswer`: a target has answered; expects the BXML of its whisper."""

    kind = "transfer_answer"
    transfer_caller_id: str | None
    """The caller ID that the target sees."""
    transfer_to: str | None
    """The target."""


@dataclass(frozen=True, repr=False)
class TransferComplete(Event):
    """v2 `transferComplete`: a transfer is over; expects BXML for the original call, which continues."""

    kind = "transfer_complete"
    transfer_caller_id: str | None
    """The caller ID that the target saw."""
    transfer_to: str | None
    """The target."""
    error_message: str | None
    """The error, as a text for people."""
    error_id: str | None
    """The ID of the error, for the vendor's support."""


@dataclass(frozen=True, repr=False)
class TransferDisconnect(Event):
    """v2 `transferDisconnect`: the leg to a target ended."""

    kind = "transfer_disconnect"
    transfer_caller_id: str | None
    """The caller ID that the target saw."""
    transfer_to: str | None
    """The target."""
    error_message: str | None
    """The error, as a text for people."""
    error_id: str | None
    """The ID of the error, for the vendor's support."""


@dataclass(frozen=True, repr=False)
class Redirect(Event):
    """v2 `redirect`: the call was redirected by a request; expects BXML."""

    kind = "redirect"
    transfer_caller_id: str | None
    """The caller ID that the target sees."""
    transfer_to: str | None
    """The target."""


@dataclass(frozen=True, repr=False)
class Unknown(Event):
    """An event of a type that this version doesn't know; see `event_type` and `fields`."""

    kind = "unknown"


CLASSES: dict[str, type[Event]] = {
    made.kind: made
    for made in (
        IncomingCall,
        Answer,
        Timeout,
        Hangup,
        Speak,
        Playback,
        Recording,
        TransferAnswer,
        TransferComplete,
        TransferDisconnect,
        Redirect,
        Unknown,
    )
}

_NUMBERS = frozenset(("from_", "to", "transfer_to", "transfer_caller_id"))


def parse_event(body: bytes | bytearray | memoryview | str, content_type: str | None = None) -> Event:
    """Reads an event from the body of the request that the platform sent to a callback URL.

    The body is JSON of either API, or the query string of a GET, whose content type is
    `application/x-www-form-urlencoded`. An event of an unknown type is a `calltransfer.events.Unknown`;
    unknown fields are in `fields`.

        event = calltransfer.parse_event(request.body, content_type=request.headers["Content-Type"])
        print(event.kind, event.call_id, event.cause)

    Args:
        body: The body, at most 262,144 bytes.
        content_type: The header `Content-Type`. Without it, a body that begins with a brace is read as JSON,
            and one that contains `=` as a query string.

    Raises:
        InvalidArgumentError: `field` is `content_type` if the content type is not one of these two; it is
            `body` if the body is too long, is not UTF-8, does not match the content type, or has no
            `eventType`. The message quotes nothing of the body.
    """
    return read(body, content_type)[0]


def read(body: bytes | bytearray | memoryview | str, content_type: str | None) -> tuple[Event, str]:
    """The event, and its fields as JSON with their names sorted: the same for the same event."""
    if isinstance(body, (bytearray, memoryview)):
        body = bytes(body)
    parsed = _native.parse_event(body, content_type)
    return CLASSES[parsed["kind"]](**parsed["attributes"]), parsed["document"]


def _redacted(name: str, value: Any) -> Any:
    if name in _NUMBERS:
        return _native.redact_number(value)
    if isinstance(value, str):
        return _native.redact_text(value)
    if name == "diversion":
        return _native.redact_text(json.dumps(value))
    return value
