"""The values that Python's types list are those of the core: a value that the core gains is missing here by name."""

from __future__ import annotations

import importlib
import pathlib
import typing
from typing import Any

import pytest
from c.header import constants
from calltransfer import _native, _translation
from calltransfer.cli._parser import build


def types_of(module: str) -> dict[str, Any]:
    """The names of a module, with those that only a type checker sees."""
    path = importlib.import_module(module).__file__
    assert path is not None
    source = pathlib.Path(path).read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": module}
    exec(source.replace("TYPE_CHECKING = False", "TYPE_CHECKING = True"), names)
    return names


def literals(kind: Any) -> tuple[str, ...]:
    """The values of a Literal, also in an Optional."""
    values: tuple[str, ...] = ()
    for each in typing.get_args(kind):
        values += (each,) if isinstance(each, str) else literals(each)
    return values


@pytest.mark.parametrize("option", ["recording_file_format", "diversion_treatment", "diversion_reason"])
def test_type_of_an_option_has_the_values_of_the_core(option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = types_of("calltransfer._translation")["Reason"]
    monkeypatch.setattr(_translation, "Reason", reason, raising=False)  # only a type checker has it there
    names = types_of("calltransfer._options")
    annotation = names["TransferOptions"].__annotations__[option]
    kind = eval(getattr(annotation, "__forward_arg__", annotation), names)
    assert literals(kind) == _native.KNOWN_VALUES[option], "add the value to the type in _options.py or _translation.py"


def test_type_of_the_gender_has_the_values_of_the_core() -> None:
    names = types_of("calltransfer._whisper_audio")
    kind = eval(names["WhisperAudio"].__annotations__["gender"], names)
    assert literals(kind) == _native.KNOWN_VALUES["whisper_audio.gender"]


def words(family: str) -> set[str]:
    """The words of a family of constants of the C header, which is generated from the core."""
    prefix = f"CALLTRANSFER_{family}_"
    return {constant.removeprefix(prefix).lower() for constant in constants() if constant.startswith(prefix)}


def test_command_line_takes_each_word_of_the_core() -> None:
    for until in words("UNTIL"):
        assert build().parse_args(["transfer", "c-1", "+18382947878", "--wait", until]).wait == until


@pytest.mark.parametrize(
    ("name", "family"),
    [("Until", "UNTIL"), ("Result", "FOLLOW"), ("Cause", "CAUSE"), ("caller", "CALLER"), ("stopped", "STOP")],
)
def test_type_of_a_status_has_the_words_of_the_core(name: str, family: str) -> None:
    names = types_of("calltransfer._follow.status")
    classes = {"caller": "FollowStatus", "stopped": "FirstTransferred"}
    kind = eval(names[classes[name]].__annotations__[name], names) if name in classes else names[name]
    assert set(literals(kind)) == words(family)
