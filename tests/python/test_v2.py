"""The v2 API: its vectors over the real sandbox, its account, and its tokens."""

from __future__ import annotations

import http.server
import json
import os
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import SilentListener, replies_of, vectors

USER = {"username": "api-user", "password": "s-secret"}
CLIENT = {"account_id": "5500099", "client_id": "client-1", "client_secret": "s3cret-0815"}
TARGET = "+18382947878"


def cases(name: str, with_: str | None = None) -> list[Any]:
    given = [v for v in vectors(name) if with_ is None or with_ in v]
    return [pytest.param(vector, id=vector["name"].replace(" ", "-")) for vector in given]


def canonical(document: str) -> str:
    return ET.canonicalize(document)


@pytest.mark.parametrize("vector", cases("v2-requests", "request"))
def test_v2_request_is_sent_as_the_vector_says(vector: dict[str, Any], sandbox: Sandbox, either: Any) -> None:
    given, expected = vector["given"], vector["request"]
    sandbox.script({"status": 204})
    client = either(account_id=given["account_id"], **USER, base_url=sandbox.url)

    done = client.transfer(given["call_id"], given["to"], **given["options"])

    assert (done.outcome, done.new_call_id, done.http_status) == ("applied", None, 204)
    (request,) = sandbox.requests()
    assert (request["method"], request["path"]) == (expected["method"], expected["path"])
    assert request["body"] == calltransfer.bxml(given["call_id"], given["to"], **given["options"])
    assert canonical(request["body"]) == canonical(expected["bxml"])


@pytest.mark.parametrize("vector", cases("v2-requests", "refused"))
def test_v2_request_is_refused_before_sending(vector: dict[str, Any], sandbox: Sandbox, either: Any) -> None:
    given = vector["given"]
    client = either(account_id=given["account_id"], **USER, base_url=sandbox.url)
    for attempt in (client.transfer, calltransfer.bxml):
        with pytest.raises(calltransfer.InvalidArgumentError) as caught:
            attempt(given["call_id"], given["to"], **given["options"])
        assert (caught.value.field, caught.value.outcome) == (vector["refused"]["field"], "not_sent")
    assert sandbox.requests() == []


@pytest.mark.parametrize("vector", cases("v2-responses"))
def test_v2_answer_is_read_as_the_vector_says(
    vector: dict[str, Any], sandbox: Sandbox, other: SilentListener, either: Any
) -> None:
    replies, expect = replies_of(vector, other.host), vector["expect"]
    sandbox.script(*replies)
    client = either(account_id="5500099", **USER, base_url=sandbox.url)
    if expect["kind"] is None:
        done = client.transfer("c-1", TARGET)
        assert (done.outcome, done.new_call_id, done.note is None) == ("applied", None, False)
    else:
        with pytest.raises(calltransfer.errors.KINDS[expect["kind"]]) as caught:
            client.transfer("c-1", TARGET)
        assert (caught.value.outcome, caught.value.http_status) == (expect["outcome"], replies[0]["status"])
        assert expect.get("code") in (None, caught.value.code)
    assert len(sandbox.requests()) == expect.get("attempts", 1)


@pytest.mark.parametrize("vector", cases("v2-whispers"))
def test_v2_whisper_is_written_as_the_vector_says(vector: dict[str, Any]) -> None:
    if "bxml" in vector:
        assert canonical(calltransfer.whisper_bxml(vector["given"])) == canonical(vector["bxml"])
        return
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.whisper_bxml(vector["given"])
    assert caught.value.field == vector["refused"]["field"]


def test_whisper_may_be_an_object() -> None:
    audio = calltransfer.WhisperAudio("Hello", voice="julie")
    assert '<SpeakSentence voice="julie">Hello</SpeakSentence>' in calltransfer.whisper_bxml(audio)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("call_timeout", 20),
        ("tag", "x"),
        ("caller_display_name", "x"),
        ("privacy", True),
        ("uui", "x"),
        ("transfer_answer_url", "https://example.com/w"),
    ],
)
def test_v1_refuses_by_name_what_only_v2_has(option: str, value: Any) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.payload("c-1", TARGET, **{option: value})
    assert str(caught.value) == f"{option}: is an option of the v2 API only; this is v1"


def test_v1_refuses_several_targets() -> None:
    with pytest.raises(calltransfer.InvalidArgumentError, match="^to: has several targets"):
        calltransfer.payload("c-1", [TARGET, "sip:user@example.com"])


def test_whisper_in_v2_is_refused_with_the_alternative() -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.bxml("c-1", TARGET, whisper_audio="You have an incoming call")
    assert str(caught.value) == (
        "whisper_audio: the v2 API has no whisper in the request; serve whisper_bxml(...) at a URL of your own "
        "and pass that URL as transfer_answer_url"
    )


@pytest.mark.parametrize("to", [[], [TARGET, 7], [TARGET, ""], {"a": 1}, None], ids=str)
def test_targets_that_are_none_are_refused(to: Any) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.bxml("c-1", to)
    assert caught.value.field == "to"


def test_api_is_said() -> None:
    assert repr(calltransfer.Client(**CLIENT)) == (
        "Client(api='v2', account_id='5500099', base_url='https://voice.bandwidth.com/')"
    )


@pytest.mark.usefixtures("no_account")
def test_account_of_v2_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BW_ACCOUNT_ID", "5500099")
    with pytest.raises(calltransfer.ConfigurationError, match="set BW_CLIENT_ID, BW_CLIENT_SECRET"):
        calltransfer.Client()
    monkeypatch.setenv("BW_USERNAME", "u")
    monkeypatch.setenv("BW_PASSWORD", "p")
    assert "api='v2', account_id='5500099'" in repr(calltransfer.Client())
    assert "api='v1'" in repr(calltransfer.Client(user_id="u-1", token="t", secret="s"))


@pytest.mark.usefixtures("account")
def test_environment_of_both_needs_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BW_ACCOUNT_ID": "55", "BW_CLIENT_ID": "c", "BW_CLIENT_SECRET": "s"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(calltransfer.ConfigurationError, match="^api: credentials of both v1 .* and v2"):
        calltransfer.transfer("c-1", TARGET)
    assert "account_id='55'" in repr(calltransfer.Client(api="v2"))
    assert "api='v1'" in repr(calltransfer.Client(api="v1"))
    assert "account_id='given'" in repr(calltransfer.Client(account_id="given"))
    monkeypatch.setenv("CALLTRANSFER_API", "v2")
    assert "account_id='55'" in repr(calltransfer.Client())


class Platform(http.server.ThreadingHTTPServer):
    """Tokens and transfers, as the test says."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.lock = threading.Lock()
        self.tokens: list[str] = []
        self.revoked: set[str] = set()
        self.transfers = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Platform

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.tokens.append(f"token-{len(self.server.tokens) + 1}")
            body = json.dumps({"access_token": self.server.tokens[-1], "expires_in": 3600}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        token = self.headers["Authorization"].removeprefix("Bearer ")
        with self.server.lock:
            good = token in self.server.tokens and token not in self.server.revoked
            self.server.transfers += good
        self.send_response(204 if good else 401)
        self.send_header("Content-Length", "0") if not good else None
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_thousand_threads_fetch_one_token_and_one_after_revoking(platform: Platform) -> None:
    client = calltransfer.Client(**CLIENT, base_url=platform.url, timeout=60)

    def storm() -> list[int]:
        attempts: list[int] = []
        threads = [
            threading.Thread(target=lambda: attempts.append(client.transfer("c-1", TARGET).attempts))
            for _ in range(1000)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return attempts

    assert storm() == [1] * 1000
    assert len(platform.tokens) == 1
    platform.revoked.add("token-1")
    assert len(storm()) == 1000
    assert (len(platform.tokens), platform.transfers) == (2, 2000)


def test_forked_child_fetches_a_token_of_its_own(platform: Platform) -> None:
    client = calltransfer.Client(**CLIENT, base_url=platform.url)
    client.transfer("c-1", TARGET)
    child = os.fork()
    if child == 0:
        done = 1
        try:
            done = 0 if client.transfer("c-1", TARGET).attempts == 1 and client.transfer("c-1", TARGET) else 1
        finally:
            os._exit(done)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    client.transfer("c-1", TARGET)
    assert (len(platform.tokens), platform.transfers) == (2, 4)


def test_child_forked_during_token_fetch_does_not_wait(platform: Platform) -> None:
    platform.lock.acquire()  # the endpoint is silent
    client = calltransfer.Client(**CLIENT, base_url=platform.url)
    fetching = threading.Thread(target=client.transfer, args=("c-1", TARGET))
    fetching.start()
    threading.Event().wait(0.2)  # let it get there; if it doesn't, the test is only weaker
    child = os.fork()
    if child == 0:
        # The child's own copy of the server's lock is not asked: the parent's server responds.
        done = 1
        try:
            done = 0 if client.transfer("c-1", TARGET).outcome == "applied" else 1
        finally:
            os._exit(done)
    platform.lock.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    fetching.join()
    assert platform.transfers == 2


def test_token_is_shown_nowhere(platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    client = calltransfer.Client(**CLIENT, base_url=platform.url)
    with caplog.at_level("DEBUG"):
        client.transfer("c-1", TARGET)
        platform.revoked.update(["token-1", "token-2"])
        with pytest.raises(calltransfer.AuthenticationError) as caught:
            client.transfer("c-1", TARGET)
    shown = f"{caplog.text} {caught.value!r} {vars(caught.value)} {client!r}"
    assert "attempt 2" in shown
    assert "token-" not in shown.replace("token-endpoint", "") and "s3cret" not in shown
