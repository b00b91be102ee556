"""The receiver in real servers, with the real sandbox's callbacks: v1 by POST and by GET, and v2."""

from __future__ import annotations

import contextlib
import http.client
import json
import pathlib
import random
import re
import signal
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import calltransfer
import pytest
import uvicorn
from calltransfer import events
from calltransfer.sandbox import Sandbox
from cli_command import COMMAND, WITHOUT_ACCOUNT
from sandbox_process import OWNED

LOGIN = "hook:s3cret"
TARGET, BUSY = "+18382947878", "+12025550110"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def wsgi(receiver: calltransfer.EventReceiver) -> Iterator[int]:
    with make_server("127.0.0.1", 0, receiver.wsgi, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(30)


@contextlib.contextmanager
def asgi(receiver: calltransfer.EventReceiver, application: Any = None) -> Iterator[int]:
    config = uvicorn.Config(application or receiver.asgi, host="127.0.0.1", port=0, log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)


@contextlib.contextmanager
def fastapi(receiver: calltransfer.EventReceiver) -> Iterator[int]:
    from fastapi import FastAPI

    application = FastAPI()
    application.add_route("/events", receiver.asgi, methods=["GET", "POST"])
    with asgi(receiver, application) as port:
        yield port


SERVERS = {"wsgiref": wsgi, "uvicorn": asgi, "fastapi": fastapi}
Serve = Callable[[calltransfer.EventReceiver], contextlib.AbstractContextManager[int]]


@pytest.fixture(params=SERVERS)
def serve(request: pytest.FixtureRequest) -> Serve:
    return SERVERS[request.param]


def connected(port: int) -> contextlib.closing[http.client.HTTPConnection]:
    return contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30))


def make_receiver(handler: Any = None, **settings: Any) -> calltransfer.EventReceiver:
    return calltransfer.EventReceiver(handler, username="hook", password="s3cret", **settings)


def url(port: int, login: str = LOGIN) -> str:
    return f"http://{login}@127.0.0.1:{port}/events"


def until(check: Callable[[], Any]) -> Any:
    """What the check gives once it gives something. The sandbox delivers beside its answers."""
    for _ in range(3000):
        if result := check():
            return result
        time.sleep(0.01)
    raise AssertionError("it didn't happen")


def delivered(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The callbacks, once each was tried to its end."""
    callbacks: list[dict[str, Any]] = until(
        lambda: (found := sandbox.callbacks()) and all(it["state"] != "waiting" for it in found) and found
    )
    assert {it["state"] for it in callbacks} == {"delivered"}, callbacks
    return callbacks


def test_v1_events_of_a_transfer_arrive(serve: Serve, sandbox: Sandbox) -> None:
    handled: list[events.Event] = []
    with serve(make_receiver(handled.append)) as port:
        call_id = sandbox.place_incoming_call(callback_url=url(port))
        client = sandbox.client()
        done = client.transfer(call_id, TARGET, callback_url=url(port), whisper_audio="Hello", recording_enabled=True)
        sandbox.hang_up(call_id)
        sent = delivered(sandbox)

    assert sorted((it["call_id"], it["event"]["eventType"]) for it in sent) == sorted(
        (event.call_id, event.event_type) for event in handled
    )
    leg = [event for event in handled if event.call_id == done.new_call_id]
    assert [event.kind for event in leg[:3]] == ["answer", "speak", "speak"]
    assert [event.status for event in leg if isinstance(event, events.Speak)] == ["started", "done"]
    assert {event.cause for event in handled if isinstance(event, events.Hangup)} == {"answered"}
    assert any(isinstance(event, events.Recording) and event.recording_id for event in handled)
    assert all(event.api == "v1" and event.time is not None and event.to for event in handled)


def test_v1_events_arrive_by_get(serve: Serve, sandbox: Sandbox) -> None:
    handled: list[events.Event] = []
    with serve(make_receiver(handled.append)) as port:
        body = {
            "from": OWNED,
            "to": BUSY,
            "callbackUrl": url(port),
            "callbackHttpMethod": "GET",
            "tag": "a b&c=+ä",
        }
        post(f"{sandbox.url}/v1/users/{sandbox.user_id}/calls", body, f"{sandbox.token}:{sandbox.secret}")
        sent = delivered(sandbox)

    assert {it["method"] for it in sent} == {"GET"}
    assert [event.event_type for event in handled] == [it["event"]["eventType"] for it in sent]
    last = handled[-1]
    assert isinstance(last, events.Hangup)
    assert (last.cause, last.from_, last.to, last.tag) == ("busy", OWNED, BUSY, "a b&c=+ä")


def test_v2_events_arrive_and_the_whisper_is_heard(serve: Serve, sandbox: Sandbox) -> None:
    handled: list[events.Event] = []

    def handler(event: events.Event) -> str | None:
        handled.append(event)
        return "<Bxml><Hangup/></Bxml>" if isinstance(event, events.TransferComplete) else None

    with serve(make_receiver(handler, whisper_audio="You have a call")) as port:
        call_id = sandbox.place_incoming_call()
        client = sandbox.client(api="v2")
        client.transfer(call_id, TARGET, callback_url=url(port), transfer_answer_url=url(port), tag="t-1")
        leg_id = until(lambda: next((event.call_id for event in handled), None))
        until(lambda: sandbox.call(leg_id).get("whisper_audio"))
        heard = sandbox.call(leg_id)["whisper_audio"]
        sandbox.hang_up(leg_id)
        until(lambda: sandbox.call(call_id)["state"] == "completed")
        delivered(sandbox)

    assert heard == {"sentence": "You have a call"}
    answered, *ended = handled
    assert isinstance(answered, events.TransferAnswer)
    assert (answered.api, answered.parent_call_id, answered.transfer_to) == ("v2", call_id, TARGET)
    by_kind = {event.kind: event for event in ended}
    assert set(by_kind) == {"transfer_disconnect", "transfer_complete"}
    assert {event.cause for event in ended} == {"answered"}
    assert by_kind["transfer_complete"].call_id == call_id


def test_v2_busy_target_is_reported_so(serve: Serve, sandbox: Sandbox) -> None:
    handled: list[events.Event] = []
    with serve(make_receiver(handled.append)) as port:
        call_id = sandbox.place_incoming_call()
        sandbox.client(api="v2").transfer(call_id, BUSY, callback_url=url(port))
        delivered(sandbox)
        until(lambda: len(handled) == 2)
    assert {(event.kind, event.cause) for event in handled} == {
        ("transfer_complete", "busy"),
        ("transfer_disconnect", "busy"),
    }


def test_request_with_another_password_is_refused(serve: Serve, sandbox: Sandbox) -> None:
    handled: list[events.Event] = []
    with serve(make_receiver(handled.append)) as port:
        sandbox.place_incoming_call(state="started", callback_url=url(port, "hook:other"))
        [callback] = until(lambda: [it for it in sandbox.callbacks() if it["state"] != "waiting"])
    assert callback["state"] == "failed"
    assert {attempt["status"] for attempt in callback["attempts"]} == {401}
    assert handled == []


def test_event_sent_again_after_error_is_handled(serve: Serve, sandbox: Sandbox) -> None:
    handled: list[events.Event] = []

    def handler(event: events.Event) -> events.Response | None:
        handled.append(event)
        return events.Response(500, {}, b"") if len(handled) == 1 else None

    with serve(make_receiver(handler)) as port:
        sandbox.place_incoming_call(state="started", callback_url=url(port))
        [callback] = delivered(sandbox)
    assert [attempt["status"] for attempt in callback["attempts"]] == [500, 204]
    assert handled[0] == handled[1]


def test_doubled_and_disordered_events_are_handled_once(serve: Serve, sandbox: Sandbox) -> None:
    """What the sandbox sent, sent again as a platform in trouble would: shuffled, and three of ten twice."""
    for number in range(40):
        call_id = sandbox.place_incoming_call(callback_url="http://127.0.0.1:9/")
        target = BUSY if number % 2 else TARGET
        sandbox.client().transfer(call_id, target, callback_url="http://127.0.0.1:9/", whisper_audio="Hello")
    sent = [callback["event"] for callback in sandbox.callbacks()]
    chance = random.Random(17)
    again = [*sent, *chance.sample(sent, len(sent) * 3 // 10)]
    chance.shuffle(again)
    handled: list[events.Event] = []
    with serve(make_receiver(handled.append)) as port, connected(port) as connection:
        for event in again:
            headers = {"Content-Type": "application/json", "Authorization": "Basic aG9vazpzM2NyZXQ="}
            connection.request("POST", "/events", json.dumps(event), headers)
            response = connection.getresponse()
            assert (response.status, response.read()) == (204, b"")

    assert len(sent) >= 150
    assert sorted(json.dumps(event, sort_keys=True) for event in sent) == sorted(
        json.dumps(event.fields, sort_keys=True) for event in handled
    )


def test_long_body_is_refused_before_it_is_read(serve: Serve) -> None:
    with serve(make_receiver(list[events.Event]().append, max_body=1000)) as port, connected(port) as connection:
        connection.putrequest("POST", "/events")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", "1000000")
        connection.putheader("Authorization", "Basic aG9vazpzM2NyZXQ=")
        connection.endheaders()  # of the body, no byte
        response = connection.getresponse()
        assert (response.status, response.read()) == (413, b"body: must be at most 1000 bytes\n")


def test_long_body_of_unknown_length_is_refused_before_its_end() -> None:
    with asgi(make_receiver(list[events.Event]().append, max_body=1000)) as port, connected(port) as connection:
        connection.putrequest("POST", "/events")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.putheader("Authorization", "Basic aG9vazpzM2NyZXQ=")
        connection.endheaders()
        for _ in range(2):
            connection.send(b"258\r\n" + b"x" * 600 + b"\r\n")  # 600 bytes, and no end
        assert connection.getresponse().status == 413


def test_events_are_taken_from_another_loop_than_the_servers(sandbox: Sandbox) -> None:
    import asyncio

    receiver = make_receiver()

    async def take() -> list[str]:
        taken = []
        async for event in receiver:
            taken.append(event.event_type)
            if isinstance(event, events.Hangup):
                receiver.close()
        return taken

    with asgi(receiver) as port:
        call_id = sandbox.place_incoming_call(callback_url=url(port))
        sandbox.hang_up(call_id)
        assert asyncio.run(asyncio.wait_for(take(), 30))[-1] == "hangup"


def post(to: str, body: dict[str, Any], login: str) -> None:
    import base64

    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
    }
    request = urllib.request.Request(to, json.dumps(body).encode(), headers)
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()


@contextlib.contextmanager
def listening(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The command, once it listens, and its port."""
    command = [COMMAND, "listen", "--port", "0", *arguments]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env={**WITHOUT_ACCOUNT, **environment}, **pipes) as process:
        try:
            line = process.stderr.readline()
            port = re.fullmatch(r"listening at http://127\.0\.0\.1:(\d+)/; Ctrl-C ends it\n", line)
            assert port, line
            yield process, int(port[1])
        finally:
            if process.poll() is None:
                process.kill()


def test_listen_prints_events_redacted_as_they_come(sandbox: Sandbox) -> None:
    with listening() as (process, port):
        call_id = sandbox.place_incoming_call(callback_url=f"http://127.0.0.1:{port}/")
        sandbox.client().transfer(call_id, BUSY, callback_url=f"http://127.0.0.1:{port}/")
        lines = [process.stdout.readline() for _ in range(len(delivered(sandbox)))]
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)

    assert (process.returncode, rest, errors) == (0, "", "")
    assert any(line.endswith("from +*********00 to +*********10: busy (USER_BUSY)\n") for line in lines), lines
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \w+ of c-", line) for line in lines)
    assert not any("555019" in line or "12025550110" in line for line in lines)


def test_listen_prints_json_of_one_call_only(sandbox: Sandbox) -> None:
    login = {"CALLTRANSFER_LISTEN_PASSWORD": "s3cret"}
    with listening("--json", "--to", "c-2", "--username", "hook", **login) as (process, port):
        for number in (1, 2):
            sandbox.place_incoming_call(call_id=f"c-{number}", state="started", callback_url=url(port))
        delivered(sandbox)
        event = events.Event.from_dict(json.loads(process.stdout.readline()))
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
    assert (event.call_id, event.from_, rest) == ("c-2", "+19195550100", "")


def test_listen_serves_the_whisper_of_v2(sandbox: Sandbox) -> None:
    with listening("--whisper-audio", "Hello there") as (_, port):
        call_id = sandbox.place_incoming_call()
        here = f"http://127.0.0.1:{port}/"
        sandbox.client(api="v2").transfer(call_id, TARGET, callback_url=here, transfer_answer_url=here)
        until(lambda: any(call.get("whisper_audio") == {"sentence": "Hello there"} for call in sandbox.calls()))


def test_listen_ends_where_its_output_is_closed(sandbox: Sandbox) -> None:
    with listening() as (process, port):
        process.stdout.close()
        sandbox.place_incoming_call(state="started", callback_url=f"http://127.0.0.1:{port}/")
        assert process.wait(30) == 141
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "username: is missing; beyond this machine give --username"),
        (["--username", "hook"], "password: is missing; --username needs it in CALLTRANSFER_LISTEN_PASSWORD"),
        (["--host", "192.0.2.1", "--username", "hook"], "password: is missing"),
        (["--port", "65536"], "port: must be 0 to 65535, got 65536"),
        (["--port", "x"], "--port"),
    ],
)
def test_listen_refuses_what_it_cant_do(arguments: list[str], said: str) -> None:
    command = [COMMAND, "listen", *arguments]
    done = subprocess.run(command, env=WITHOUT_ACCOUNT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_listen_refuses_a_port_that_is_taken(tmp_path: pathlib.Path) -> None:
    with listening() as (_, port):
        command = [COMMAND, "listen", "--port", str(port)]
        done = subprocess.run(command, env=WITHOUT_ACCOUNT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and f"port: can't listen at http://127.0.0.1:{port}/: " in done.stderr


def test_query_of_a_get_reaches_the_receiver_as_it_was_sent(serve: Serve) -> None:
    handled: list[events.Event] = []
    fields = {"eventType": "answer", "callId": "c-1", "from": "+18382947878", "tag": "ä +&=%"}
    with serve(make_receiver(handled.append)) as port, connected(port) as connection:
        query = urllib.parse.urlencode(fields)
        connection.request("GET", f"/events?{query}", headers={"Authorization": "Basic aG9vazpzM2NyZXQ="})
        assert connection.getresponse().status == 204
    assert dict(handled[0].fields) == fields
