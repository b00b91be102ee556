"""The receiver of events: what it lets in, and that each event is handled once."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import pathlib
import random
import threading
from typing import Any

import calltransfer
import pytest
from calltransfer import events
from sandbox_process import vectors

JSON = {"Content-Type": "application/json"}


def login(text: str = "hook:s3cret") -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def body(number: int = 1, **more: Any) -> bytes:
    return json.dumps({"eventType": "answer", "callId": f"c-{number}", "from": "+18382947878", **more}).encode()


def open_to_all(handler: Any = None, **settings: Any) -> calltransfer.EventReceiver:
    return calltransfer.EventReceiver(handler, allow_anonymous=True, **settings)


class Kept(list[events.Event]):
    """A handler that keeps what it gets."""

    def __call__(self, event: events.Event) -> None:
        self.append(event)


def test_event_with_user_and_password_is_handled() -> None:
    handled = Kept()
    receiver = calltransfer.EventReceiver(handled, username="hook", password="s3cret")

    response = receiver.receive("POST", {**JSON, **login()}, body())

    assert response == (204, {}, b"")
    assert [event.call_id for event in handled] == ["c-1"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        login("hook:other"),
        login("hook:s3cre"),
        login("hook:s3cret2"),
        login("other:s3cret"),
        login(""),
        {"Authorization": "Basic"},
        {"Authorization": "Basic ÿ"},
        {"Authorization": "Basic aG9vazpzM2NyZXQ"},
        {"Authorization": "Bearer aG9vazpzM2NyZXQ="},
        {"Authorization": ""},
    ],
)
def test_request_without_the_password_is_refused_unread(headers: dict[str, str]) -> None:
    handled = Kept()
    receiver = calltransfer.EventReceiver(handled, username="hook", password="s3cret")

    response = receiver.receive("POST", {**JSON, **headers}, b"not even JSON")

    assert response.status == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert handled == [] and b"s3cret" not in response.body


def test_headers_may_be_pairs_in_any_case() -> None:
    receiver = calltransfer.EventReceiver(Kept(), username="hook", password="pâß:word")
    pairs = [("CONTENT-TYPE", "application/json"), ("authorization", login("hook:pâß:word")["Authorization"])]
    assert receiver.receive("POST", pairs, body()).status == 204


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "password"),
        ({"username": "hook"}, "password"),
        ({"password": "s3cret"}, "username"),
        ({"username": "", "password": "s3cret"}, "username"),
        ({"username": "ho:ok", "password": "s3cret"}, "username"),
        ({"username": "hook", "password": 7}, "password"),
        ({"username": "hook", "password": "s3cret", "allow_anonymous": True}, "allow_anonymous"),
        ({"allow_anonymous": True, "max_body": 0}, "max_body"),
        ({"allow_anonymous": True, "max_body": 262145}, "max_body"),
        ({"allow_anonymous": True, "remember": "all"}, "remember"),
        ({"allow_anonymous": True, "queue_size": True}, "queue_size"),
        ({"allow_anonymous": True, "handler": "print"}, "handler"),
        ({"allow_anonymous": True, "whisper_audio": {"gender": "loud"}}, "whisper_audio.gender"),
    ],
)
def test_wrong_setting_is_refused_by_name(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.EventReceiver(**settings)
    assert caught.value.field == field
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("method", "headers", "given", "status"),
    [
        ("PUT", JSON, body(), 405),
        ("post", JSON, body(), 405),
        ("POST", JSON, b" " * 1001, 413),
        ("POST", JSON, b"{", 400),
        ("POST", JSON, b"", 400),
        ("POST", {"Content-Type": "text/html"}, body(), 415),
        ("GET", {}, b"", 400),
    ],
)
def test_what_is_not_an_event_is_refused(method: str, headers: dict[str, str], given: bytes, status: int) -> None:
    handled = Kept()
    response = open_to_all(handled, max_body=1000).receive(method, headers, given)
    assert (response.status, handled) == (status, [])
    assert response.headers["Content-Type"].startswith("text/plain") and len(response.body) < 200


@pytest.mark.parametrize("vector", vectors("events"), ids=lambda vector: vector["name"])
def test_every_vector_ends_in_an_event_or_a_refusal(vector: dict[str, Any]) -> None:
    given = bytes.fromhex(vector["body_hex"]) if "body_hex" in vector else vector["body"].encode()
    headers = {} if vector["content_type"] is None else {"Content-Type": vector["content_type"]}
    handled = Kept()
    response = open_to_all(handled).receive("POST", headers, given)
    assert response.status == (204 if "event" in vector else 415 if vector["refused"]["field"] != "body" else 400)
    assert len(handled) == ("event" in vector)


def test_get_is_read_from_the_query_and_not_from_the_body() -> None:
    handled = Kept()
    response = open_to_all(handled).receive("GET", JSON, b"{}", "eventType=hangup&callId=c-1&cause=USER_BUSY")
    assert (response.status, handled[0].cause) == (204, "busy")
    assert open_to_all().receive("GET", JSON, b"", body().decode()).status == 400


def test_same_event_again_is_dropped_in_whatever_form() -> None:
    handled = Kept()
    receiver = open_to_all(handled)
    fields = {"eventType": "answer", "callId": "c-1", "tag": "ä b"}
    for text in (json.dumps(fields), json.dumps(dict(reversed(fields.items())), ensure_ascii=False, indent=1)):
        assert receiver.receive("POST", JSON, text.encode()).status == 204
    assert receiver.receive("GET", {}, query="tag=%C3%A4+b&eventType=answer&callId=c-1").status == 204
    assert len(handled) == 1
    receiver.receive("POST", JSON, json.dumps({**fields, "tag": "other"}).encode())
    assert len(handled) == 2


def test_only_the_last_events_are_remembered() -> None:
    handled = Kept()
    receiver = open_to_all(handled, remember=2)
    for number in (1, 2, 2, 3, 3, 2, 1):
        receiver.receive("POST", JSON, body(number))
    assert [event.call_id for event in handled] == ["c-1", "c-2", "c-3", "c-1"]


def test_event_of_failed_handler_is_handled_again() -> None:
    failures = [ValueError("first"), KeyboardInterrupt(), None]

    def handler(event: events.Event) -> None:
        if (failure := failures.pop(0)) is not None:
            raise failure

    receiver = open_to_all(handler)
    with pytest.raises(ValueError, match="first"):
        receiver.receive("POST", JSON, body())
    with pytest.raises(KeyboardInterrupt):
        receiver.receive("POST", JSON, body())
    assert [receiver.receive("POST", JSON, body()).status for _ in range(2)] == [204, 204]
    assert failures == []


def test_event_that_comes_again_while_it_is_handled_is_put_off() -> None:
    begun, may_end = threading.Event(), threading.Event()
    count = []

    def handler(event: events.Event) -> None:
        count.append(event)
        begun.set()
        assert may_end.wait(30)

    receiver = open_to_all(handler)
    first = threading.Thread(target=receiver.receive, args=("POST", JSON, body()))
    first.start()
    assert begun.wait(30)
    again = receiver.receive("POST", JSON, body())
    may_end.set()
    first.join(30)
    assert (again.status, again.headers["Retry-After"]) == (503, "1")
    assert receiver.receive("POST", JSON, body()).status == 204
    assert len(count) == 1


def test_disorder_duplicates_and_threads_lose_and_repeat_nothing() -> None:
    handled = Kept()
    receiver = open_to_all(handled)
    sent = [body(number) for number in range(2000)]
    sent += random.Random(7).sample(sent, 600)
    random.Random(7).shuffle(sent)

    def send(part: list[bytes]) -> None:
        for one in part:
            while receiver.receive("POST", JSON, one).status == 503:
                pass

    threads = [threading.Thread(target=send, args=(sent[start::8],)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(event.call_id or "" for event in handled) == sorted(f"c-{number}" for number in range(2000))


def test_repeated_event_gets_the_same_response() -> None:
    answers = ["<Bxml><Hangup/></Bxml>", events.Response(202, {"X-One": "1"}, b"later")]
    receiver = open_to_all(lambda event: answers[int((event.call_id or "").removeprefix("c-"))])
    for number, expected in enumerate(
        [(200, {"Content-Type": "application/xml"}, b"<Bxml><Hangup/></Bxml>"), (202, {"X-One": "1"}, b"later")]
    ):
        assert [receiver.receive("POST", JSON, body(number)) for _ in range(2)] == [expected] * 2


def test_answer_of_5xx_lets_the_event_be_handled_again() -> None:
    answers = [events.Response(503, {}, b""), None]
    receiver = open_to_all(lambda event: answers.pop(0))
    assert [receiver.receive("POST", JSON, body()).status for _ in range(3)] == [503, 204, 204]


def test_wrong_answer_of_the_handler_is_a_type_error() -> None:
    receiver = open_to_all(lambda event: 7)
    with pytest.raises(TypeError, match="handler: must return None, a str of BXML or an events.Response, got int"):
        receiver.receive("POST", JSON, body())


def test_whisper_is_served_to_the_target_of_a_transfer_only() -> None:
    receiver = open_to_all(Kept(), whisper_audio={"sentence": "You have a call", "locale": "en_GB"})
    response = receiver.receive("POST", JSON, body(eventType="transferAnswer"))
    assert response.status == 200 and response.headers == {"Content-Type": "application/xml"}
    assert response.body.decode() == calltransfer.whisper_bxml({"sentence": "You have a call", "locale": "en_GB"})
    assert receiver.receive("POST", JSON, body(2)).body == b""


def test_async_handler_is_awaited_and_refused_where_it_cant_be() -> None:
    handled = Kept()

    async def handler(event: events.Event) -> str:
        await asyncio.sleep(0)
        handled.append(event)
        return "<Bxml/>"

    receiver = open_to_all(handler)
    with pytest.raises(TypeError, match="handler: is async"):
        receiver.receive("POST", JSON, body())

    async def twice() -> list[events.Response]:
        return [await receiver.receive_async("POST", JSON, body()) for _ in range(2)]

    assert [response.body for response in asyncio.run(twice())] == [b"<Bxml/>"] * 2
    assert len(handled) == 1


def test_handler_that_is_not_async_runs_beside_the_loop() -> None:
    threads = []
    receiver = open_to_all(lambda event: threads.append(threading.current_thread()))
    asyncio.run(receiver.receive_async("POST", JSON, body()))
    assert threads != [threading.current_thread()]


def test_events_are_iterated_in_threads_until_it_is_closed() -> None:
    receiver = open_to_all()
    taken: list[str | None] = []
    thread = threading.Thread(target=lambda: taken.extend(event.call_id for event in receiver.events()))
    thread.start()
    for number in range(5):
        assert receiver.receive("POST", JSON, body(number)).status == 204
    receiver.close()
    thread.join(30)
    assert taken == [f"c-{number}" for number in range(5)]
    assert receiver.receive("POST", JSON, body(9)).status == 503
    assert list(receiver.events()) == []


def test_iteration_ends_where_no_event_comes_in_time() -> None:
    assert list(open_to_all().events(timeout=0.01)) == []


def test_full_queue_puts_off_and_loses_nothing() -> None:
    receiver = open_to_all(queue_size=2)
    assert [receiver.receive("POST", JSON, body(number)).status for number in range(3)] == [204, 204, 503]
    assert next(receiver.events()).call_id == "c-0"
    assert receiver.receive("POST", JSON, body(2)).status == 204
    assert [event.call_id for event in receiver.events(timeout=0)] == ["c-1", "c-2"]


def test_events_are_iterated_in_a_loop_while_threads_receive() -> None:
    receiver = open_to_all()

    async def take() -> list[str | None]:
        sender = threading.Thread(
            target=lambda: [*(receiver.receive("POST", JSON, body(number)) for number in range(200)), receiver.close()]
        )
        sender.start()
        taken = [event.call_id async for event in receiver]
        sender.join(30)
        return taken

    assert asyncio.run(take()) == [f"c-{number}" for number in range(200)]


def test_taker_that_is_cancelled_takes_no_event_along() -> None:
    receiver = open_to_all()

    async def take() -> str | None:
        takers = [asyncio.ensure_future(anext(aiter(receiver))) for _ in range(2)]
        await asyncio.sleep(0)
        receiver.receive("POST", JSON, body())
        takers[0].cancel()  # already woken, has not run
        return (await asyncio.wait_for(takers[1], 30)).call_id

    assert asyncio.run(take()) == "c-1"


def test_repr_has_no_secret() -> None:
    receiver = calltransfer.EventReceiver(print, username="hook", password="s3cret")
    assert repr(receiver) == "EventReceiver(print, allow_anonymous=False)"
    assert "s3cret" not in str(vars(receiver))


def frames_of(error: BaseException) -> str:
    """What a collector of errors keeps of the package's frames: their variables."""
    kept, traceback = [], error.__traceback__
    while traceback is not None:
        if "calltransfer" in pathlib.Path(traceback.tb_frame.f_code.co_filename).parts:
            kept.append(repr(traceback.tb_frame.f_locals))
        traceback = traceback.tb_next
    assert kept
    return "".join(kept)


@pytest.mark.parametrize("way", ["receive", "receive_async", "asgi", "wsgi"])
def test_traceback_of_a_handler_holds_no_password(way: str) -> None:
    def handler(event: events.Event) -> None:
        raise ValueError(event.kind)

    receiver = calltransfer.EventReceiver(handler, username="hook", password="s3cret")
    token = login()["Authorization"]

    async def message(*_: Any) -> dict[str, Any]:
        return {"type": "http.request", "body": body()}

    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": [(b"authorization", token.encode())]}
    environ = {"REQUEST_METHOD": "POST", "HTTP_AUTHORIZATION": token, "CONTENT_LENGTH": str(len(body()))}
    with pytest.raises(ValueError, match="answer") as caught:
        if way == "asgi":
            asyncio.run(receiver.asgi(scope, message, message))
        elif way == "wsgi":
            receiver.wsgi({**environ, "wsgi.input": io.BytesIO(body())}, lambda *_: None)
        elif way == "receive_async":
            asyncio.run(receiver.receive_async("POST", login(), body()))
        else:
            receiver.receive("POST", login(), body())
    assert "aG9vazpzM2NyZXQ" not in frames_of(caught.value) and "s3cret" not in frames_of(caught.value)


def test_traceback_of_a_wrong_setting_holds_no_password() -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.EventReceiver(username="ho:ok", password="s3cret")
    assert "s3cret" not in frames_of(caught.value)
