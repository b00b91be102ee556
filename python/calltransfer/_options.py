"""The options of a transfer: for type checkers, and in the signature of every function that takes them."""

from __future__ import annotations

from calltransfer._translation import encode_whisper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal, TypedDict, TypeVar

    from calltransfer._translation import Reason
    from calltransfer._whisper_audio import WhisperAudio

    _F = TypeVar("_F", bound=Callable[..., Any])

    class TransferOptions(TypedDict, total=False):
        """The keywords of `Client.transfer`, which documents them."""

        caller_id: str | None
        callback_url: str | None
        recording_enabled: bool | None
        recording_file_format: Literal["wav", "mp3"] | None
        whisper_audio: str | WhisperAudio | Mapping[str, Any] | None
        diversion_treatment: Literal["none", "propagate", "stack"] | None
        diversion_reason: Reason | None
        caller_display_name: str | None
        privacy: bool | None
        call_timeout: float | None
        tag: str | None
        uui: str | None
        transfer_answer_url: str | None
        extra: Mapping[str, Any] | None
        timeout: float | None


def encoded(options: Any) -> tuple[dict[str, Any], Any]:
    """The options as the core takes them, and the timeout. Changes the dict, which a `**options` owns."""
    timeout = options.pop("timeout", None)
    if "whisper_audio" in options:
        options["whisper_audio"] = encode_whisper(options["whisper_audio"])
    return options, timeout


def shows_options_of(transfer: Any, *, is_method: bool = False) -> Callable[[_F], _F]:
    """Gives a function with `**options` the signature of `transfer`, for help() and `inspect.signature`."""

    def decorate(function: _F) -> _F:
        shown = type(transfer)(transfer.__code__, {}, function.__name__)
        shown.__kwdefaults__ = transfer.__kwdefaults__
        shown.__annotations__ = {**transfer.__annotations__, "return": function.__annotations__["return"]}
        # A function has no `self`: the signature of a bound method leaves it out.
        function.__wrapped__ = shown if is_method else shown.__get__(function)  # type: ignore[attr-defined]
        return function

    return decorate
