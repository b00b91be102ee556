"""Exceptions: one for each kind, with everything that is known, and nothing that must not be."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import Any

import pytest

import calltransfer
from calltransfer import _native, errors
from sandbox_process import SECRET, TOKEN, SandboxProcess

TO = "+18382947878"


def refused(**options: Any) -> calltransfer.InvalidArgumentError:
    with pytest.raises(calltransfer.InvalidArgumentError) as error:
        calltransfer.payload("c-1", TO, **options)
    assert error.value.outcome == "not_sent" and error.value.safe_to_repeat
    return error.value


def test_every_kind_of_the_core_has_a_class() -> None:
    assert tuple(errors.KINDS) == _native.ERROR_KINDS
    for kind, error in errors.KINDS.items():
        assert error.kind == kind
        assert getattr(calltransfer, error.__name__) is error


def test_pythons_own_words_catch_them_too() -> None:
    assert issubclass(calltransfer.InvalidArgumentError, ValueError)
    assert issubclass(calltransfer.ConnectionFailedError, ConnectionError)
    assert issubclass(calltransfer.TimedOutError, TimeoutError)
    assert issubclass(calltransfer.CallNotFoundError, LookupError)


@pytest.mark.parametrize("kind", errors.KINDS)
def test_an_error_survives_pickle_and_copy(kind: str) -> None:
    attributes = {
        "outcome": "unknown", "field": "to", "http_status": 503, "details": (("a", "b"),),
        "retry_after": 1.5, "attempts": 3, "elapsed": 0.25,
    }
    error = errors.make(kind, "what happened", attributes)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert str(twin) == "what happened"
        assert vars(twin) == vars(error)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with Python 3.11")
def test_an_unknown_outcome_comes_with_a_note(sandbox: SandboxProcess) -> None:
    sandbox.script({"status": 500, "headers": {}, "body": ""})
    client = calltransfer.Client(user_id="u-abc123", token=TOKEN, secret=SECRET, base_url=sandbox.url)
    with pytest.raises(calltransfer.OutcomeUnknownError) as unknown:
        client.transfer("c-1", TO)
    assert unknown.value.call_id == "c-1" and not unknown.value.safe_to_repeat
    assert any("look at the call" in note for note in unknown.value.__notes__)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("transferCallerId", "caller_id"),
        ("transfer_caller_id", "caller_id"),
        ("callbackUrl", "callback_url"),
        ("whisper", None),
        ("recording_enable", "recording_enabled"),
    ],
)
def test_a_wrong_name_is_told_the_right_one(given: str, meant: str | None) -> None:
    error = refused(**{given: "x"})
    assert error.field == given
    assert f"did you mean {meant}?" in str(error) if meant else "there are caller_id" in str(error)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"caller_id": 7}, "caller_id"),
        ({"caller_id": b"private"}, "caller_id"),
        ({"caller_id": "\ud800"}, "caller_id"),
        ({"recording_enabled": 1}, "recording_enabled"),
        ({"recording_enabled": "true"}, "recording_enabled"),
        ({"whisper_audio": 5}, "whisper_audio"),
        ({"whisper_audio": object()}, "whisper_audio"),
        ({"whisper_audio": {"fileUrl": "https://e.com/a.mp3"}}, "whisper_audio.fileUrl"),
        ({"whisper_audio": {1: "x"}}, "whisper_audio"),
        ({"extra": {"x": {1, 2}}}, "extra"),
        ({"extra": {"x": 1 << 70}}, "extra"),
        ({"extra": {"x": float("inf")}}, "extra"),
        ({"extra": {"state": "active"}}, "extra"),
        ({"extra": []}, "extra"),
    ],
)
def test_a_wrong_value_is_named(options: dict[str, Any], field: str) -> None:
    assert refused(**options).field == field


def test_endless_nesting_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["x"] = endless
    assert refused(extra=endless).field == "extra"


@pytest.mark.parametrize(("call_id", "to", "field"), [(7, TO, "call_id"), (None, TO, "call_id"), ("c-1", None, "to")])
def test_the_two_arguments_are_checked_too(call_id: Any, to: Any, field: str) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as error:
        calltransfer.payload(call_id, to)
    assert error.value.field == field


def test_no_secret_and_no_whole_number_is_shown(sandbox: SandboxProcess) -> None:
    client = calltransfer.Client(user_id="u-abc123", token=TOKEN, secret=SECRET, base_url=sandbox.url)
    shown = [repr(client), str(client)]
    answers = [400, 401, 403, 404, 409, 500, 302]
    for status in answers:
        body = '{"code":"x","message":"no way to %s","details":[{"name":"to","value":"%s"}]}' % (TO, TO)
        sandbox.script({"status": status, "headers": {}, "body": body})
        with pytest.raises(calltransfer.CallTransferError) as error:
            client.transfer("c-1", TO, caller_id="+19195551212")
        shown += [str(error.value), repr(error.value), repr(vars(error.value))]
        shown.append(pickle.dumps(error.value).decode("latin1"))
    for bad in ("8382947878", "+183829478781234567890"):
        with pytest.raises(calltransfer.CallTransferError) as error:
            client.transfer("c-1", bad)
        shown += [str(error.value), repr(vars(error.value))]
    for text in shown:
        for secret in (SECRET, TOKEN, "8382947878", "9195551212"):
            assert secret not in text
