"""Events: the shared vectors, and what only Python has."""

from __future__ import annotations

import dataclasses
import json
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import calltransfer
import pytest
from calltransfer import events
from sandbox_process import vectors

VECTORS = vectors("events")
BODY = {
    "eventType": "transferComplete",
    "eventTime": "2022-06-17T22:19:40.375Z",
    "callId": "c-1",
    "from": "+19195550100",
    "to": "sip:alice@example.com",
    "cause": "busy",
    "tag": "call 8382947878 back",
    "transferTo": "+18382947878",
    "transferCallerId": "+19195550100",
}


def body_of(vector: dict[str, Any]) -> bytes:
    return bytes.fromhex(vector["body_hex"]) if "body_hex" in vector else vector["body"].encode()


def parse(fields: dict[str, Any]) -> events.Event:
    return calltransfer.parse_event(json.dumps(fields))


@pytest.mark.parametrize("vector", [v for v in VECTORS if "event" in v], ids=lambda vector: vector["name"])
def test_event_is_read_as_the_vector_says(vector: dict[str, Any]) -> None:
    expected = dict(vector["event"])
    event = calltransfer.parse_event(body_of(vector), vector["content_type"])

    shown = {"kind": event.kind, "from": event.from_}
    shown |= {name: getattr(event, name) for name in EVERY if name not in ("from_", "time")}
    shown["time"] = None if event.time is None else shown_time(event.time)
    details = {it.name: getattr(event, it.name) for it in dataclasses.fields(event)[len(EVERY) + 1 :]}
    shown["details"] = {name: value for name, value in details.items() if value is not None}

    assert shown == {**dict.fromkeys(shown), **expected}
    assert isinstance(event, getattr(events, "".join(word.title() for word in expected["kind"].split("_"))))
    assert calltransfer.Event.from_dict(json.loads(json.dumps(event.to_dict()))) == event


EVERY = [it.name for it in dataclasses.fields(events.Event) if it.name != "fields"]


def shown_time(time: datetime) -> str:
    assert time.utcoffset() == timedelta(0)
    return time.isoformat(timespec="milliseconds" if time.microsecond else "seconds").replace("+00:00", "Z")


@pytest.mark.parametrize("vector", [v for v in VECTORS if "refused" in v], ids=lambda vector: vector["name"])
def test_body_is_refused_as_the_vector_says(vector: dict[str, Any]) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.parse_event(body_of(vector), vector["content_type"])
    assert (caught.value.field, caught.value.outcome) == (vector["refused"]["field"], "not_sent")


def test_every_kind_of_the_vectors_has_its_class() -> None:
    from calltransfer._events.event import CLASSES

    assert {vector["event"]["kind"] for vector in VECTORS if "event" in vector} == set(CLASSES)


def test_repr_and_str_show_no_whole_number() -> None:
    event = parse(BODY)
    for shown in (repr(event), str(event)):
        assert "c-1" in shown and "busy" in shown
        for hidden in ("82947878", "9195550100", "alice"):
            assert hidden not in shown
    assert str(event) == "transferComplete of c-1, from +*********00 to sip:***@example.com: busy (busy)"
    assert repr(event).startswith("TransferComplete(api='v2', event_type='transferComplete', call_id='c-1', ")
    incoming = repr(parse({"eventType": "incomingcall", "diversion": {"origTo": "+18382947878"}}))
    assert "12345" not in repr(parse({"eventType": "answer", "from": "12345"}))
    assert "diversion=" in incoming and "82947878" not in incoming


def test_event_is_frozen_comparable_hashable_and_picklable() -> None:
    event = parse(BODY)
    assert event == parse(BODY) != parse({**BODY, "cause": "hangup"})
    assert len({event, parse(BODY), parse({"eventType": "answer", "diversion": {}})}) == 2
    assert pickle.loads(pickle.dumps(event)) == event
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.tag = "other"  # type: ignore[misc]


def test_time_is_aware_and_exact() -> None:
    event = parse({**BODY, "eventTime": "2022-06-17T19:19:40.375001-03"})
    assert event.time == datetime(2022, 6, 17, 22, 19, 40, 375001, tzinfo=timezone.utc)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
def test_body_of_every_type_is_read(kind: Any) -> None:
    body = kind(json.dumps(BODY).encode())
    assert calltransfer.parse_event(body, "application/json").call_id == "c-1"


@pytest.mark.parametrize(("body", "content_type", "field"), [(None, None, "body"), (b"{}", 7, "content_type")])
def test_wrong_type_is_refused_by_name(body: Any, content_type: Any, field: str) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError, match=f"^{field}: expected ") as caught:
        calltransfer.parse_event(body, content_type)
    assert caught.value.field == field


def test_body_over_the_limit_is_refused_and_not_quoted() -> None:
    with pytest.raises(calltransfer.InvalidArgumentError, match="^body: must be at most 262144 bytes, got 262145"):
        calltransfer.parse_event(b" " * 262145)


def test_match_statement_sees_kind_and_cause() -> None:
    match parse({"eventType": "hangup", "callId": "c-1", "cause": "USER_BUSY"}):
        case events.Hangup(call_id=leg, cause="busy" | "no_answer"):
            assert leg == "c-1"
        case other:
            pytest.fail(repr(other))


def test_dict_of_another_type_is_refused_by_name() -> None:
    for document, said in [
        ({"type": "call"}, "type: must be 'event'"),
        ({**parse(BODY).to_dict(), "fields": 1}, "fields"),
    ]:
        with pytest.raises(ValueError, match=said):
            events.Event.from_dict(document)
