"""Arguments: what Python can give, and what is made of it."""

from __future__ import annotations

import inspect
import json
import types
from typing import Any

import calltransfer
import pytest
from calltransfer import WhisperAudio, _native, payload

TARGET = ("c-1", "+18382947878")


def refused(*args: Any, **options: Any) -> calltransfer.InvalidArgumentError:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        payload(*args, **options)
    assert caught.value.outcome == "not_sent"
    return caught.value


def body(**options: Any) -> Any:
    return json.loads(payload(*TARGET, **options))


@pytest.mark.parametrize(
    "function",
    [payload, calltransfer.bxml, calltransfer.transfer, calltransfer.Client.transfer],
    ids=lambda f: f.__qualname__,
)
def test_signature_names_the_options_of_the_core(function: Any) -> None:
    keywords = [p.name for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY]
    assert [name for name in keywords if name != "timeout"] == list(_native.OPTIONS)


def test_timeout_is_checked_and_not_in_the_body() -> None:
    assert payload(*TARGET, timeout=5) == payload(*TARGET)
    assert refused(*TARGET, timeout=0).field == "timeout"


def test_none_means_not_given() -> None:
    assert payload(*TARGET, **dict.fromkeys(_native.OPTIONS)) == payload(*TARGET)


def test_false_is_sent() -> None:
    assert body(recording_enabled=False)["recordingEnabled"] is False


@pytest.mark.parametrize(
    "whisper",
    ["Hello", WhisperAudio("Hello"), {"sentence": "Hello"}, types.MappingProxyType({"sentence": "Hello"})],
    ids=lambda w: type(w).__name__,
)
def test_whisper_is_a_sentence_an_object_or_a_mapping(whisper: Any) -> None:
    assert body(whisper_audio=whisper)["whisperAudio"] == {"sentence": "Hello"}


def test_every_field_of_a_whisper_goes_out() -> None:
    spoken = WhisperAudio(
        "Hi", gender="female", locale="en_UK", voice="Bridget", loop_enabled=False, tag="t", volume=-4
    )
    assert body(whisper_audio=spoken)["whisperAudio"] == {
        "sentence": "Hi",
        "gender": "female",
        "locale": "en_UK",
        "voice": "Bridget",
        "loopEnabled": False,
        "tag": "t",
        "volume": -4,
    }
    played = WhisperAudio(file_url="https://example.com/a.mp3")
    assert body(whisper_audio=played)["whisperAudio"] == {"fileUrl": "https://example.com/a.mp3"}


@pytest.mark.parametrize("name", ["transferCallerId", "transfer_caller_id", "callerId", "calller_id"])
def test_wire_name_or_slip_suggests_the_right_name(name: str) -> None:
    error = refused(*TARGET, **{name: "private"})
    assert error.field == name
    assert str(error).endswith('did you mean "caller_id"?')


def test_wire_name_in_whisper_suggests_the_right_name() -> None:
    error = refused(*TARGET, whisper_audio={"fileUrl": "https://example.com/a.mp3"})
    assert error.field == "whisper_audio.fileUrl"
    assert str(error).endswith('did you mean "file_url"?')


def test_extra_takes_all_that_json_holds() -> None:
    extra = {
        "s": "ü😀",
        "i": -(2**63),
        "u": 2**64 - 1,
        "f": 1.5,
        "b": True,
        "n": None,
        "l": [1, [2]],
        "t": (3,),
        "o": {"k": {}},
    }
    sent = body(extra=extra)
    assert {name: sent[name] for name in extra} == {**extra, "t": [3]}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "object"),
        (b"x", "bytes"),
        ({1, 2}, "set"),
        ({1: "x"}, "int"),
        (2**64, "64 bits"),
        (float("nan"), "number"),
        (float("inf"), "number"),
        ("\ud800", "Unicode"),
        ({"\udfff": 1}, "Unicode"),
    ],
    ids=["object", "bytes", "set", "int-key", "too-large", "nan", "inf", "surrogate", "surrogate-key"],
)
def test_value_that_is_not_json_is_refused_by_name(value: Any, said: str) -> None:
    error = refused(*TARGET, extra={"field": value})
    assert error.field == "extra"
    assert said in str(error)


def test_value_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "nested too deep" in str(refused(*TARGET, extra={"field": endless}))


@pytest.mark.parametrize("wrong", [None, 5, b"c-1", {"c-1"}], ids=lambda w: type(w).__name__)
def test_call_id_or_target_of_the_wrong_type_is_named(wrong: Any) -> None:
    assert refused(wrong, "+18382947878").field == "call_id"
    error = refused("c-1", wrong)
    assert error.field == "to"
    assert type(wrong).__name__ in str(error)


@pytest.mark.parametrize(
    "name", ["call_id", "to", "caller_id", "callback_url", "recording_file_format", "whisper_audio"]
)
def test_lone_surrogate_is_refused_and_not_a_crash(name: str) -> None:
    arguments = {"call_id": "c-1", "to": "+18382947878", name: "a\ud800"}
    assert refused(**arguments).field == name


def test_lone_surrogate_in_an_option_name_is_refused() -> None:
    refused(*TARGET, **{"\ud800": "x"})


def test_missing_target_is_pythons_own_type_error() -> None:
    with pytest.raises(TypeError, match="to"):
        payload("c-1")  # type: ignore[call-arg]


def test_reason_without_stack_is_refused_before_sending() -> None:
    assert refused(*TARGET, diversion_reason="away").field == "diversion_reason"


def test_refused_number_is_redacted() -> None:
    error = refused("c-1", "9195550142")
    assert "9195550142" not in str(error) + repr(error)
    assert "********42" in str(error)


def test_example_of_the_documentation_holds() -> None:
    import doctest

    for module in (calltransfer._documents, calltransfer._whisper_audio):
        names = {"payload": payload, "WhisperAudio": WhisperAudio}
        result = doctest.testmod(module, extraglobs=names)
        assert (result.failed, result.attempted > 0) == (0, True)
