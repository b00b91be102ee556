"""Converts between the types of the Python API and those of the native module."""

from __future__ import annotations

import sys

from calltransfer.errors import CallTransferError, make

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    from calltransfer._native import SentTransfer
    from calltransfer._results import Call, Finding, Transferred
    from calltransfer._whisper_audio import WhisperAudio

    Reason = Literal[
        "unknown",
        "user-busy",
        "no-answer",
        "unavailable",
        "unconditional",
        "time-of-day",
        "do-not-disturb",
        "deflection",
        "follow-me",
        "out-of-service",
        "away",
    ]


def encode_whisper(audio: str | WhisperAudio | Mapping[str, Any] | None) -> Any:
    """The whisper as the native module takes it."""
    if audio is None or type(audio) is str:
        return audio
    module = sys.modules.get("calltransfer._whisper_audio")  # without it there is no WhisperAudio
    if module is not None and isinstance(audio, module.WhisperAudio):
        return audio._fields()
    return audio


def subject_of(call: str | CallTransferError | Transferred) -> str | SentTransfer:
    """What is to be checked: the transfer that an error is about, or else a call, by its ID."""
    from calltransfer._results import Transferred

    if isinstance(call, CallTransferError) and call._sent is not None:
        return call._sent

    if isinstance(call, Transferred):
        return call.call_id
    if isinstance(call, CallTransferError):
        if call.call_id is None:
            known = {"field": "call", "outcome": "not_sent", "safe_to_repeat": True}
            raise make("invalid_argument", "call: this error is about no call; give the call's id", known)
        return call.call_id
    return call


def finding_of(fields: dict[str, Any]) -> Finding:
    """Makes a `Finding` of the fields that the native module gives."""
    from calltransfer._results import Finding

    found = fields["call"]
    return Finding(**{**fields, "call": None if found is None else call_of(found)})


def call_of(fields: dict[str, Any]) -> Call:
    """Makes a `Call` of the fields that the native module gives."""
    from calltransfer._results import Call

    return Call(**fields)


def itself(response: Any) -> Any:
    """The response as the native module gives it."""
    return response


def nothing(response: None) -> None:
    """The result of a request whose response says nothing."""
