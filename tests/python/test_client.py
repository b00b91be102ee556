"""The client: set-up, options, results, other calls."""

from __future__ import annotations

import inspect
import logging
import threading
from typing import Any

import pytest

import calltransfer
from calltransfer import _native
from sandbox_process import CALLED, CALLER, SECRET, TOKEN, SandboxProcess

TO = "+18382947878"


@pytest.fixture
def environment(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> SandboxProcess:
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    return sandbox


def test_the_shortest_program_works(environment: SandboxProcess) -> None:
    environment.place_incoming_call("c-1")
    done = calltransfer.transfer(
        "c-1", TO, caller_id="private", whisper_audio="You have an incoming call"
    )
    assert done.outcome == "applied"
    assert done.http_status == 201
    assert done.transferred_call_id == "c-1"
    assert 0 < done.elapsed < 10


def test_a_new_environment_makes_a_new_client(
    environment: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.place_incoming_call("c-1")
    calltransfer.transfer("c-1", TO)
    monkeypatch.setenv("BANDWIDTH_API_SECRET", "wrong")
    with pytest.raises(calltransfer.AuthenticationError):
        calltransfer.transfer("c-1", TO)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _native.ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(calltransfer.ConfigurationError) as missing:
        calltransfer.transfer("c-1", TO)
    assert str(missing.value) == (
        "user_id, token, secret: missing; give to the client or set "
        "BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET"
    )
    with pytest.raises(calltransfer.ConfigurationError) as missing:
        calltransfer.Client(user_id="u-1", token="t-1")
    assert missing.value.field == "secret"


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"user_id": "../u"}, "user_id"),
        ({"token": "a:b"}, "token"),
        ({"secret": "a\nb"}, "secret"),
        ({"base_url": "http://example.com"}, "base_url"),
        ({"base_url": "ftp://example.com"}, "base_url"),
        ({"base_url": "https://u:p@example.com"}, "base_url"),
        ({"base_url": 7}, "base_url"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": "10"}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": 3601}, "timeout"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": 1.5}, "max_retries"),
        ({"keep_alive": 1}, "keep_alive"),
        ({"proxy": "socks5://127.0.0.1"}, "proxy"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], field: str) -> None:
    good = {"user_id": "u-1", "token": "t-1", "secret": "s-1"}
    with pytest.raises(ValueError) as wrong:
        calltransfer.Client(**{**good, **settings})
    assert isinstance(wrong.value, calltransfer.CallTransferError)
    assert wrong.value.field == field
    assert wrong.value.outcome == "not_sent"


@pytest.mark.parametrize("whisper", [
    "You have an incoming call",
    {"sentence": "You have an incoming call"},
    calltransfer.WhisperAudio("You have an incoming call"),
])
def test_a_whisper_may_be_text_dict_or_object(whisper: Any) -> None:
    assert calltransfer.payload("c-1", TO, whisper_audio=whisper) == (
        '{"state":"transferring","transferTo":"+18382947878",'
        '"whisperAudio":{"sentence":"You have an incoming call"}}'
    )


def test_every_option_of_the_core_is_a_keyword() -> None:
    for function in (calltransfer.transfer, calltransfer.payload, calltransfer.Client.transfer):
        keywords = [
            name
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY and name != "timeout"
        ]
        assert keywords == list(_native.OPTIONS), function.__qualname__


def test_everything_public_is_explained() -> None:
    for name in calltransfer.__all__:
        if not name.startswith("__"):
            assert (getattr(calltransfer, name).__doc__ or "").strip(), name
    for name, method in vars(calltransfer.Client).items():
        if not name.startswith("_"):
            assert (method.__doc__ or "").strip(), name


def test_extra_fields_are_sent_as_they_are() -> None:
    body = calltransfer.payload("c-1", TO, extra={"newField": {"a": [1, 2.5, None, True, "x"]}})
    assert body.endswith('"newField":{"a":[1,2.5,null,true,"x"]}}')


def test_a_closed_client_says_so(environment: SandboxProcess) -> None:
    with calltransfer.Client() as client:
        assert environment.url in repr(client)
    assert repr(client) == "Client(closed)"
    with pytest.raises(calltransfer.ConfigurationError, match="closed"):
        client.transfer("c-1", TO)


def test_a_call_is_answered_read_and_hung_up(environment: SandboxProcess) -> None:
    environment.place_incoming_call("c-1", state="started")
    client = calltransfer.Client()
    with pytest.raises(calltransfer.CallNotActiveError):
        client.transfer("c-1", TO)
    client.answer("c-1")
    call = client.get_call("c-1")
    assert (call.id, call.state, call.direction) == ("c-1", "active", "in")
    assert (call.from_, call.to) == (CALLER, CALLED)
    assert call.active_time is not None and call.end_time is None
    assert call.fields["recordingEnabled"] is False
    assert CALLER not in repr(call) and CALLED not in repr(call)
    client.hang_up("c-1")
    assert client.get_call("c-1").state == "completed"
    with pytest.raises(calltransfer.CallNotFoundError) as unknown:
        client.get_call("c-none")
    assert isinstance(unknown.value, LookupError)


def test_a_look_says_what_became_of_an_unknown_transfer(environment: SandboxProcess) -> None:
    environment.place_incoming_call("c-1")
    client = calltransfer.Client(max_retries=0)
    environment.script({"status": 500, "headers": {}, "body": ""})
    with pytest.raises(calltransfer.OutcomeUnknownError) as unknown:
        client.transfer("c-1", TO)
    before = len(environment.requests())
    finding = client.check(unknown.value)
    assert (finding.outcome, finding.reason) == ("not_applied", "the call is active, as it was before")
    assert finding.doubt is not None and finding.call is not None
    done = client.transfer("c-1", TO)
    assert client.check(done).outcome == "applied"
    assert client.check("c-none").outcome == "unknown"
    methods = [request["method"] for request in environment.requests()[before:]]
    assert methods == ["GET", "POST", "GET", "GET"]


def test_attempts_are_logged_where_somebody_listens(
    environment: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    environment.place_incoming_call("c-1")
    busy = '{"category":"unavailable","code":"call-unavailable"}'
    environment.script({"status": 503, "headers": {}, "body": busy})
    with caplog.at_level(logging.INFO, logger="calltransfer"):
        calltransfer.transfer("c-1", TO)
    [first, second] = [record for record in caplog.records if record.name == "calltransfer"]
    assert first.levelname == "WARNING" and second.levelname == "INFO"
    place = f"transfer of c-1 at {environment.host}"
    assert first.message.startswith(f"{place}: attempt 1 not_applied (unavailable), HTTP 503, ")
    assert second.message.startswith(f"{place}: attempt 2 applied, HTTP 201, ")


def test_many_threads_share_a_client(environment: SandboxProcess) -> None:
    client = calltransfer.Client()
    calls = [f"c-{number}" for number in range(64)]
    for call in calls:
        environment.place_incoming_call(call)
    done: list[calltransfer.Transferred] = []
    threads = [
        threading.Thread(target=lambda call=call: done.append(client.transfer(call, TO))) for call in calls
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.transferred_call_id for one in done) == sorted(calls)
    assert len({one.call_id for one in done}) == len(calls)
    assert len(environment.requests()) == len(calls)
