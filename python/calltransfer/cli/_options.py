"""The options of a transfer as flags: the core's list, a flag for each."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer._whisper_audio import WhisperAudio
from calltransfer.cli._errors import invalid
from calltransfer.cli._json import no_constant

if TYPE_CHECKING:
    from calltransfer._bulk.region import Region

# The help text of each flag; {values} stands for the values that the core knows.
HELP = {
    "caller_id": "what the new party sees: private, or a number of the account",
    "callback_url": "the URL to which the events of the new call are sent",
    "recording_enabled": "record the call, or stop recording",
    "recording_file_format": "{values}",
    "whisper_audio": "v1: a sentence that the new party hears first",
    "diversion_treatment": "{values} (for incoming calls only)",
    "diversion_reason": "why the call is diverted; with stack only",
    "caller_display_name": "v2: the name that the new party sees",
    "privacy": "v2: hide the caller's number",
    "call_timeout": "v2: how long the target rings, 1 to 300 seconds",
    "tag": "v2: a text that is returned with the events",
    "uui": "v2: the User-To-User header for SIP addresses, for example bXktdXVp;encoding=base64",
    "transfer_answer_url": "v2: the URL from which the platform fetches what the new party hears first",
    "extra": "v1: one more field of the body, sent unchecked; VALUE is JSON, or else a string",
}
WHISPER_HELP = {
    "file_url": "instead of a sentence: the URL of a WAV or MP3 file",
    "gender": "{values}",
    "locale": "language and accent, for example en_US or de_DE",
    "voice": "the name of the voice",
    "loop_enabled": "repeat the audio",
    "tag": "a text that is returned with the events of the audio",
    "volume": "from -4 to 4",
}
# The values that completion offers. The library checks values, not the parser: its messages are better, and values may
# be added.
OFFERED = {
    **_native.KNOWN_VALUES,
    "caller_id": ("private",),
    "whisper_audio.volume": tuple(map(str, range(-4, 5))),
}
_YES_OR_NO = {"recording_enabled", "loop_enabled", "privacy"}
_NUMBERS = {"volume", "call_timeout"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds a flag for each option of the core, also for those without a help text here."""
    parser.add_argument(
        "--region", metavar="CODE", help="the country of numbers without +, for example US; needs calltransfer[phone]"
    )
    group = parser.add_argument_group("options of the transfer")
    for option in _native.OPTIONS:
        about, values = HELP.get(option, "see the documentation"), OFFERED.get(option, ())
        if option == "extra":
            group.add_argument("--extra", action="append", default=[], metavar="NAME=VALUE", type=_extra, help=about)
            continue
        _add(group, option, option, about, values)
        if option == "whisper_audio":
            for field in _whisper_fields():
                about, values = WHISPER_HELP.get(field, "see the documentation"), OFFERED.get(f"{option}.{field}", ())
                _add(group, f"whisper_audio_{field}", field, about, values)


def options_of(parsed: argparse.Namespace) -> dict[str, Any]:
    """The options that were given, as keyword arguments of `transfer`."""
    given = {name: value for name in _native.OPTIONS if (value := getattr(parsed, name, None)) not in (None, [])}
    if "extra" in given:
        given["extra"] = dict(given["extra"])
    audio = {
        field: value
        for field in _whisper_fields()
        if (value := getattr(parsed, f"whisper_audio_{field}", None)) is not None
    }
    if audio:
        if "whisper_audio" in given:
            audio["sentence"] = given["whisper_audio"]
        given["whisper_audio"] = audio
    return given


def region_of(parsed: argparse.Namespace) -> Region | None:
    """The region of national numbers, if one is given."""
    if parsed.region is None:
        return None
    from calltransfer._bulk.region import Region

    try:
        return Region(parsed.region)
    except ImportError as missing:
        raise invalid("region", str(missing).partition(": ")[2]) from missing


def target_of(parsed: argparse.Namespace) -> str | list[str]:
    """One target as a text, several as a list: in v2 they ring at the same time."""
    targets: list[str] = parsed.to
    return targets[0] if len(targets) == 1 else targets


def transfer_of(parsed: argparse.Namespace) -> tuple[str | list[str], dict[str, Any]]:
    """Target and options of one transfer. Several targets are a list: in v2 they ring at the same time."""
    to, options = target_of(parsed), options_of(parsed)
    region = region_of(parsed)
    return (to, options) if region is None else region.applied(to, options)


def _whisper_fields() -> list[str]:
    return [name for name in WhisperAudio.__dataclass_fields__ if name != "sentence"]


def _add(group: Any, name: str, kind: str, about: str, values: tuple[str, ...]) -> None:
    flag = "--" + name.replace("_", "-")
    if "{values}" in about:
        about = about.format(values=f"{', '.join(values[:-1])} or {values[-1]}")
    if kind in _YES_OR_NO:
        group.add_argument(flag, dest=name, action=argparse.BooleanOptionalAction, default=None, help=about)
        return
    metavar = kind.rpartition("_")[2].upper() if name != "whisper_audio" else "SENTENCE"
    action = group.add_argument(flag, dest=name, metavar=metavar, help=about, type=_number if kind in _NUMBERS else str)
    action.completions = values


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text  # the library says what is wrong with it


def _extra(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError("expected NAME=VALUE")
    try:
        return name, json.loads(value, parse_constant=no_constant)
    except ValueError:  # NaN and Infinity too: texts, then
        return name, value


def wait_timeout_of(parsed: argparse.Namespace) -> float:
    """How long a transfer is followed, in seconds."""
    try:
        seconds = float(parsed.wait_timeout)
    except ValueError:
        reason = f"expected a number of seconds, got {parsed.wait_timeout!r}"
        raise invalid("wait_timeout", reason) from None
    return _native.follow_timeout(seconds, "wait_timeout")


def timeout_of(parsed: argparse.Namespace) -> float | None:
    if parsed.timeout is None:
        return None
    try:
        return float(parsed.timeout)
    except ValueError:
        raise invalid("timeout", f"expected a number of seconds, got {parsed.timeout!r}") from None
