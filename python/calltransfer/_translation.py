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


def finding_of(parts: tuple[Any, str, str | None, Any, str | None]) -> Finding:
    """Makes a `Finding` from the values of the native module."""
    from calltransfer._results import Finding

    outcome, reason, doubt, found, new_call_id = parts
    return Finding(outcome, reason, doubt, None if found is None else call_of(found), new_call_id)


def call_of(parts: tuple[str, str, list[str | None], str]) -> Call:
    """Makes a `Call` from the values of the native module."""
    import json

    from calltransfer._results import Call

    call_id, state, texts, fields = parts
    direction, from_, to, start_time, active_time, end_time = texts
    return Call(call_id, state, direction, from_, to, start_time, active_time, end_time, json.loads(fields))


def itself(response: Any) -> Any:
    """The response as the native module gives it."""
    return response


def nothing(response: None) -> None:
    """The result of a request whose response says nothing."""
