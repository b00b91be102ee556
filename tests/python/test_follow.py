"""Following a transfer: the shared vectors, by reads, by events, and by events that are doubled, late or lost."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import random
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import calltransfer
import pytest
from calltransfer import _native
from calltransfer._follow.status import FollowStatus
from calltransfer.sandbox import Sandbox
from python.test_event_servers import asgi, wsgi
from sandbox_process import vectors

VECTORS = vectors("follow")
ANSWERS, BUSY, NO_ANSWER, REJECTS = "+12025550100", "+12025550110", "+12025550111", "+12025550112"
UNALLOCATED, FAILS, HANGS_UP, WAITS = "+12025550113", "+12025550114", "+12025550103", "+12025550104"
RESULTS = {
    ANSWERS: "answered",
    HANGS_UP: "answered",
    BUSY: "busy",
    NO_ANSWER: "no_answer",
    REJECTS: "rejected",
    UNALLOCATED: "failed",
    FAILS: "failed",
}


def made(vector: dict[str, Any]) -> _native.Follow:
    given = (vector.get(name) for name in ("new_call_id", "targets", "not_before"))
    return _native.Follow(vector["call_id"], vector["api"], *given)


def feed(follow: _native.Follow, item: dict[str, Any]) -> str:
    if "event" in item:
        return follow.event(json.dumps(item["event"]))
    if "call" in item:
        return follow.call(json.dumps(item["call"]))
    if "call_events" in item:
        listed = item["call_events"]
        return follow.call_events(listed["call_id"], [json.dumps(event) for event in listed["events"]])
    return follow.listed([json.dumps(call) for call in item["calls"]], item["complete"])


def shown(follow: _native.Follow) -> dict[str, Any]:
    status = FollowStatus(**follow.status())
    assert status.evidence
    known = {name: getattr(status, name) for name in VECTORS[0]["status"] if name != "has_doubt"}
    for name in ("answered_time", "ended_time"):
        if known[name] is not None:
            known[name] = known[name].isoformat().replace("+00:00", "Z")
    return {**known, "has_doubt": status.doubt is not None}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_status_is_what_the_vector_says_in_any_sequence(vector: dict[str, Any]) -> None:
    for seed in range(6):
        items = vector["feed"] * (1 + seed % 2)
        random.Random(seed).shuffle(items)
        follow = made(vector)
        for item in items:
            feed(follow, item)
        assert shown(follow) == vector["status"], seed
        adopted = made(vector)
        adopted.adopt(follow, [json.dumps(item["event"]) for item in items if "event" in item])
        assert shown(adopted) == vector["status"]


@pytest.fixture
def quick(sandbox: Sandbox) -> Sandbox:
    """A sandbox in which a minute takes half a second."""
    sandbox.set_clock("running", factor=120)
    return sandbox


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("number", RESULTS)
def test_reads_show_the_result(quick: Sandbox, number: str, api: Any) -> None:
    client = quick.client(api=api)
    done = client.transfer(quick.place_incoming_call(), number)
    follow = client.follow(done, targets=1)
    status = follow.wait("answered", timeout=20)
    # v2 has no list of events, and ends a call whose transfer nothing follows.
    assert status.result == RESULTS[number], status
    if api == "v1":
        assert status.new_call_id == done.new_call_id
    if number == HANGS_UP:
        assert follow.wait("ended", timeout=20).is_ended
        assert follow.ended_time is not None and follow.answered_time is not None


def test_async_twin_reads_too(quick: Sandbox) -> None:
    async def main() -> list[Any]:
        async with quick.async_client() as client:
            follows = [
                client.follow(await client.transfer(quick.place_incoming_call(), number)) for number in (BUSY, HANGS_UP)
            ]
            return [status.result for status in await asyncio.gather(*follows)]

    assert asyncio.run(main()) == ["busy", "answered"]


def test_ids_alone_are_enough_after_a_restart(quick: Sandbox) -> None:
    done = quick.client().transfer(quick.place_incoming_call(), REJECTS)
    status = quick.client().follow(done.call_id, done.new_call_id).wait("answered", timeout=20)
    assert (status.result, status.cause_text, status.caller) == ("rejected", "CALL_REJECTED", "active")
    assert status.may_transfer_again


def test_time_that_is_over_says_unknown_and_waiting_goes_on(sandbox: Sandbox) -> None:
    client = sandbox.client()
    done = client.transfer(sandbox.place_incoming_call(), WAITS)
    follow = client.follow(done)
    status = follow.wait("answered", timeout=0.3)
    assert (status.result, status.is_ended) == ("unknown", False)
    assert "time for following is over" in status.evidence and status.doubt
    sandbox.answer(done.new_call_id or "")
    assert follow.wait("answered", timeout=20).result == "answered"


def test_wrong_arguments_are_refused_by_name(sandbox: Sandbox) -> None:
    client = sandbox.client()
    for field, use in (
        ("until", lambda: client.follow("c-1", "c-2").wait("never")),  # type: ignore[arg-type]
        ("timeout", lambda: client.follow("c-1", "c-2").wait(timeout=float("nan"))),
        ("timeout", lambda: client.follow("c-1", "c-2").wait(timeout=True)),
        ("timeout", lambda: next(client.follow("c-1", "c-2").events(timeout=-1))),
        ("call_id", lambda: client.follow("../x")),
        ("new_call_id", lambda: client.follow("c-1", "/")),
        ("ring", lambda: client.transfer_to_first("c-1", [ANSWERS], ring=0.5)),
        ("targets", lambda: client.transfer_to_first("c-1", [])),
    ):
        with pytest.raises(calltransfer.InvalidArgumentError) as caught:
            use()
        assert caught.value.field == field
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        client.follow("c-1", "c-2").wait("never")  # type: ignore[arg-type]
    assert str(caught.value).splitlines()[0] == 'until: "never" is not valid; expected one of: answered, ended'
    assert sandbox.requests() == []


def test_wrong_credentials_end_the_following(sandbox: Sandbox) -> None:
    client = sandbox.client(secret="wrong", max_retries=0)
    with pytest.raises(calltransfer.AuthenticationError):
        client.follow("c-1", "c-2").wait(timeout=20)


@contextlib.contextmanager
def served(**settings: Any) -> Iterator[tuple[calltransfer.EventReceiver, str]]:
    receiver = calltransfer.EventReceiver(lambda _: None, allow_anonymous=True, **settings)
    with asgi(receiver) as port:
        yield receiver, f"http://127.0.0.1:{port}/"


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("number", RESULTS)
def test_events_alone_show_the_result(quick: Sandbox, number: str, api: Any) -> None:
    with served(whisper_audio="You have a call") as (receiver, url):
        options = {"callback_url": url} | ({"transfer_answer_url": url} if api == "v2" else {})
        done = quick.client(api=api).transfer(quick.place_incoming_call(), number, **options)
        status = receiver.follow(done).wait("answered", timeout=20)
    assert status.result == RESULTS[number], status


def test_events_before_the_transfer_returned_count() -> None:
    receiver = calltransfer.EventReceiver(lambda _: None, allow_anonymous=True)
    for number in range(5):
        receive(receiver, "answer", f"c-leg{number}")
    follow = receiver.follow("c-1", "c-leg3")
    assert follow.result == "answered"
    assert [event.call_id for event in follow.events(timeout=0.01)] == ["c-leg3"]
    assert receiver.follow("c-1", "c-other").result is None


def receive(receiver: calltransfer.EventReceiver, kind: str, call_id: str, **more: Any) -> None:
    body = json.dumps({"eventType": kind, "callId": call_id, **more}).encode()
    assert receiver.receive("POST", {"Content-Type": "application/json"}, body).status == 204


def test_waiting_for_events_goes_on_after_its_time() -> None:
    receiver = calltransfer.EventReceiver(lambda _: None, allow_anonymous=True)
    follow = receiver.follow("c-1", "c-2")
    status = follow.wait("answered", timeout=0.05)
    assert (status.result, status.is_ended) == ("unknown", False)
    assert "no event has said more" in status.evidence
    later = threading.Timer(0.2, receive, (receiver, "answer", "c-2"))
    later.start()
    assert follow.wait("answered", timeout=20).result == "answered"
    later.join()


def test_events_are_iterated_once_until_the_end() -> None:
    receiver = calltransfer.EventReceiver(lambda _: None, allow_anonymous=True)
    follow = receiver.follow("c-1", "c-2")
    kinds: list[str] = []

    def iterate() -> None:
        kinds.extend(event.kind for event in follow)

    thread = threading.Thread(target=iterate)
    thread.start()
    for kind in ("answer", "answer", "speak", "hangup"):
        receive(receiver, kind, "c-2", cause="NORMAL_CLEARING")
        receive(receiver, kind, "c-3")
    thread.join(20)
    assert kinds == ["answer", "speak", "hangup"]
    assert follow.status.is_ended and "answered" in repr(follow)


def test_async_follow_awaits_and_iterates() -> None:
    async def main() -> tuple[list[str], Any, bool]:
        receiver = calltransfer.EventReceiver(lambda _: None, allow_anonymous=True)
        follow = receiver.follow_async("c-1", "c-2")
        waiting = asyncio.create_task(follow.wait("answered", timeout=20))
        cancelled = asyncio.create_task(follow.wait("answered", timeout=20))
        await asyncio.sleep(0)
        cancelled.cancel()
        # From another thread, as a WSGI server does.
        await asyncio.to_thread(receive, receiver, "answer", "c-2")
        answered = (await waiting).result
        await asyncio.to_thread(receive, receiver, "hangup", "c-2", cause="NORMAL_CLEARING")
        kinds = [event.kind async for event in follow]
        return kinds, answered, (await follow).is_ended

    assert asyncio.run(main()) == (["answer", "hangup"], "answered", True)


def test_transfer_that_is_no_longer_referred_to_is_forgotten() -> None:
    receiver = calltransfer.EventReceiver(lambda _: None, allow_anonymous=True)
    follow = receiver.follow("c-1", "c-2")
    gone = weakref.ref(follow._following)
    del follow
    gc.collect()
    assert gone() is None
    assert receiver._followers._of == {}
    receive(receiver, "answer", "c-2")


def test_lost_events_are_made_good_by_reads(quick: Sandbox) -> None:
    quick.inject_callbacks({"lost": True, "times": 1_000})
    with served() as (receiver, url):
        client = quick.client()
        done = client.transfer(quick.place_incoming_call(), BUSY, callback_url=url)
        assert client.follow(done, receiver=receiver).wait("answered", timeout=20).result == "busy"

        async def main() -> str | None:
            async with quick.async_client() as other:
                made = await other.transfer(done.call_id, REJECTS, callback_url=url)
                return (await other.follow(made, receiver=receiver)).result

        assert asyncio.run(main()) == "rejected"
    assert {callback["state"] for callback in quick.callbacks()} == {"lost"}


STORM = (
    {"copies": 1, "copy_delay_ms": 30, "rate": 0.3, "seed": 1},
    {"after_next": True, "rate": 0.3, "seed": 2},
    {"delay_ms": 60, "rate": 0.3, "seed": 3},
    {"lost": True, "rate": 0.3, "seed": 4},
)


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_storm_of_events_gives_no_wrong_result(quick: Sandbox, api: Any) -> None:
    """Doubled, disordered, late and lost, 30 % each."""
    quick.inject_callbacks(*STORM)  # type: ignore[arg-type]
    numbers = [*RESULTS] * 6
    with served(whisper_audio="You have a call") as (receiver, url):

        async def one(client: calltransfer.AsyncClient, number: str) -> tuple[str, str | None]:
            options: Any = {"callback_url": url} | ({"transfer_answer_url": url} if api == "v2" else {})
            done = await client.transfer(quick.place_incoming_call(), number, **options)
            status = await client.follow(done, receiver=receiver, targets=1).wait("answered", timeout=40)
            return number, status.result

        async def main() -> list[tuple[str, str | None]]:
            async with quick.async_client(api=api) as client:
                return await asyncio.gather(*(one(client, number) for number in numbers))

        results = asyncio.run(main())
    wrong = [(number, result) for number, result in results if result != RESULTS[number]]
    assert wrong == []
    states = [callback["state"] for callback in quick.callbacks()]
    assert states.count("lost") > 10
    assert any(len(callback["attempts"]) == 2 for callback in quick.callbacks())


def test_events_of_a_call_are_listed_in_v1_alone(quick: Sandbox) -> None:
    client = quick.client()
    done = client.transfer(quick.place_incoming_call(), BUSY)
    client.follow(done).wait("ended", timeout=20)
    hangup = client.get_call_events(done.new_call_id or "")[-1]
    assert (hangup.name, hangup.cause, hangup.cause_text) == ("hangup", "busy", "USER_BUSY")
    assert hangup.time is not None and "busy" in repr(hangup)

    async def main() -> int:
        async with quick.async_client() as other:
            return len(await other.get_call_events(done.new_call_id or ""))

    assert asyncio.run(main()) == len(client.get_call_events(done.new_call_id or ""))
    with pytest.raises(calltransfer.ConfigurationError, match="v2 keeps no list"):
        quick.client(api="v2").get_call_events("c-1")


def test_wsgi_feeds_followers_too(quick: Sandbox) -> None:
    receiver = calltransfer.EventReceiver(lambda _: None, allow_anonymous=True)
    with wsgi(receiver) as port:
        done = quick.client().transfer(quick.place_incoming_call(), BUSY, callback_url=f"http://127.0.0.1:{port}/")
        assert receiver.follow(done).wait("answered", timeout=20).result == "busy"
