"""The request bodies of both APIs, and the BXML of a whisper. Nothing is sent."""

from __future__ import annotations

from calltransfer import _native
from calltransfer._client import Client
from calltransfer._options import encoded, shows_options_of
from calltransfer._translation import encode_whisper

# What a notebook shows is imported where it is used: every program imports this file.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from typing_extensions import Unpack

    from calltransfer._options import TransferOptions
    from calltransfer._whisper_audio import WhisperAudio


@shows_options_of(Client.transfer)
def payload(
    call_id: str,
    to: str | Sequence[str],
    **options: Unpack[TransferOptions],
) -> str:
    """Returns the JSON body that `transfer` would send to v1 for these arguments. Nothing is sent.

    >>> payload("c-call123", "+18382947878", caller_id="private")
    '{"state":"transferring","transferTo":"+18382947878","transferCallerId":"private"}'
    """
    return _Body(_native.payload(call_id, to, *encoded(options)))


@shows_options_of(Client.transfer)
def bxml(
    call_id: str,
    to: str | Sequence[str],
    **options: Unpack[TransferOptions],
) -> str:
    """Returns the BXML document that `transfer` would send to v2 for these arguments. Nothing is sent.

    >>> bxml("c-call123", "+18382947878", call_timeout=20).partition("?>")[2]
    '<Bxml><Transfer callTimeout="20"><PhoneNumber>+18382947878</PhoneNumber></Transfer></Bxml>'
    """
    return _Body(_native.bxml(call_id, to, *encoded(options)))


def whisper_bxml(whisper_audio: str | WhisperAudio | Mapping[str, Any]) -> str:
    """Returns the BXML document of a whisper for v2.

    Serve it at the `transfer_answer_url` of the transfer, as `application/xml`. `loop_enabled`, `tag` and
    `volume` exist in v1 only, and are refused. v2 has its own locales and voices, which are not checked.

    >>> whisper_bxml("You have an incoming call").partition("?>")[2]
    '<Bxml><SpeakSentence>You have an incoming call</SpeakSentence></Bxml>'

    Raises:
        InvalidArgumentError: A value is not valid, or not available in v2; `field` names it.
    """
    return _native.whisper_bxml(encode_whisper(whisper_audio))


class _Body(str):
    """A str that a notebook shows with its phone numbers redacted."""

    __slots__ = ()

    def _ipython_display_(self) -> None:
        # IPython has its own plain text for every str, which would put the whole numbers into the
        # notebook's file beside the redacted ones.
        from calltransfer._notebook import display as _display

        _display.show_body(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import display as _display

        return _display.body(self)
