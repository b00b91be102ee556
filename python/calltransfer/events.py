"""Events of calls: the class of each kind, and a receiver for any web framework.

from calltransfer import events, parse_event

match parse_event(body, content_type="application/json"):
    case events.Answer(call_id=leg):
        print(leg, "was answered")
    case events.Hangup(call_id=leg, cause="busy" | "no_answer" as cause):
        print(leg, "was not:", cause)
"""

from __future__ import annotations

from calltransfer._events.event import (
    Answer,
    Event,
    Hangup,
    IncomingCall,
    Playback,
    Recording,
    Redirect,
    Speak,
    Timeout,
    TransferAnswer,
    TransferComplete,
    TransferDisconnect,
    Unknown,
    parse_event,
)
from calltransfer._events.receiver import EventReceiver
from calltransfer._events.requests import Response

__all__ = [
    "Answer",
    "Event",
    "EventReceiver",
    "Hangup",
    "IncomingCall",
    "Playback",
    "Recording",
    "Redirect",
    "Response",
    "Speak",
    "Timeout",
    "TransferAnswer",
    "TransferComplete",
    "TransferDisconnect",
    "Unknown",
    "parse_event",
]
