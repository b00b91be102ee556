"""What would be sent, and what is served: the documents of both APIs, without sending anything."""

from __future__ import annotations

from calltransfer import _native
from calltransfer._translation import encode_whisper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, NoReturn

    from calltransfer._translation import Reason
    from calltransfer._whisper_audio import WhisperAudio


def payload(
    call_id: str,
    to: str | Sequence[str],
    *,
    caller_id: str | None = None,
    callback_url: str | None = None,
    recording_enabled: bool | None = None,
    recording_file_format: Literal["wav", "mp3"] | None = None,
    whisper_audio: str | WhisperAudio | Mapping[str, Any] | None = None,
    diversion_treatment: Literal["none", "propagate", "stack"] | None = None,
    diversion_reason: Reason | None = None,
    caller_display_name: str | None = None,
    privacy: bool | None = None,
    call_timeout: float | None = None,
    tag: str | None = None,
    uui: str | None = None,
    transfer_answer_url: str | None = None,
    extra: Mapping[str, Any] | None = None,
    **unknown: NoReturn,
) -> str:
    """The JSON body that `transfer` would send to v1 for these arguments. Nothing is sent.

    >>> payload("c-call123", "+18382947878", caller_id="private")
    '{"state":"transferring","transferTo":"+18382947878","transferCallerId":"private"}'
    """
    # In the order of _native.OPTIONS.
    options = (
        caller_id,
        callback_url,
        recording_enabled,
        recording_file_format,
        encode_whisper(whisper_audio),
        diversion_treatment,
        diversion_reason,
        caller_display_name,
        privacy,
        call_timeout,
        tag,
        uui,
        transfer_answer_url,
        extra,
    )
    return _Body(_native.payload(call_id, to, options, unknown))


def bxml(
    call_id: str,
    to: str | Sequence[str],
    *,
    caller_id: str | None = None,
    callback_url: str | None = None,
    recording_enabled: bool | None = None,
    recording_file_format: Literal["wav", "mp3"] | None = None,
    whisper_audio: str | WhisperAudio | Mapping[str, Any] | None = None,
    diversion_treatment: Literal["none", "propagate", "stack"] | None = None,
    diversion_reason: Reason | None = None,
    caller_display_name: str | None = None,
    privacy: bool | None = None,
    call_timeout: float | None = None,
    tag: str | None = None,
    uui: str | None = None,
    transfer_answer_url: str | None = None,
    extra: Mapping[str, Any] | None = None,
    **unknown: NoReturn,
) -> str:
    """The BXML document that `transfer` would send to v2 for these arguments. Nothing is sent.

    >>> bxml("c-call123", "+18382947878", call_timeout=20).partition("?>")[2]
    '<Bxml><Transfer callTimeout="20"><PhoneNumber>+18382947878</PhoneNumber></Transfer></Bxml>'
    """
    # In the order of _native.OPTIONS.
    options = (
        caller_id,
        callback_url,
        recording_enabled,
        recording_file_format,
        encode_whisper(whisper_audio),
        diversion_treatment,
        diversion_reason,
        caller_display_name,
        privacy,
        call_timeout,
        tag,
        uui,
        transfer_answer_url,
        extra,
    )
    return _Body(_native.bxml(call_id, to, options, unknown))


def whisper_bxml(whisper_audio: str | WhisperAudio | Mapping[str, Any]) -> str:
    """The BXML document that whispers this in v2, where the platform asks for it.

    Serve it at the `transfer_answer_url` of the transfer, as `application/xml`. `loop_enabled`,
    `tag` and `volume` are v1's, and refused; locales and voices are v2's own, and not looked up.

    >>> whisper_bxml("You have an incoming call").partition("?>")[2]
    '<Bxml><SpeakSentence>You have an incoming call</SpeakSentence></Bxml>'

    Raises:
        InvalidArgumentError: A field can't be said; `field` names it.
    """
    return _native.whisper_bxml(encode_whisper(whisper_audio))


class _Body(str):
    """A str that a notebook shows with its numbers masked."""

    __slots__ = ()

    def _ipython_display_(self) -> None:
        # IPython has its own plain text for every str, which would put the whole numbers into the
        # notebook's file beside the masked ones.
        from calltransfer import _display

        _display.show_body(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer import _display

        return _display.body(self)
