"""Followed transfers through the C interface: the vectors of events, and calls in the sandbox."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from c.compiler import HERE, compile_driver, drive
from c.header import constants
from c.test_event_vectors import milliseconds
from sandbox_process import SandboxProcess, vectors

NUMBERS = constants()
ANSWERS = "+12025550101"
# What is read of calls has no constructor in C and C++: there a client reads it.
VECTORS = [vector for vector in vectors("follow") if all("event" in item for item in vector["feed"])]
# No C list of targets is empty.
LIMITS = [vector for vector in vectors("limits") if vector.get("targets") != 0]
RESULTS = [
    ("+12025550101", "answered"),
    ("+12025550110", "busy"),
    ("+12025550111", "no_answer"),
    ("+12025550112", "rejected"),
    ("+12025550113", "failed"),
]


@pytest.fixture(scope="module")
def follow_driver(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_driver(HERE / "follow_driver.c", tmp_path_factory.mktemp("c"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_status_is_the_vectors_in_any_sequence(vector: dict[str, Any], follow_driver: pathlib.Path) -> None:
    given = dict(vector)
    if "not_before" in vector:
        given["not_before_ms"] = milliseconds(vector["not_before"])
    events = vector["feed"]
    for feed in (events, events[::-1], events + events[::-1]):
        status = drive(follow_driver, given | {"feed": feed}, "events")
        expected = vector["status"]
        same = ("result", "cause_text", "new_call_id", "caller")
        assert {name: status[name] for name in same} == {name: expected[name] for name in same}
        for name in ("is_ended", "is_certainly_unanswered"):
            assert bool(status[name]) == expected[name]
        for name in ("answered_time", "ended_time"):
            assert status[name] == milliseconds(expected[name])
        assert (status["doubt"] is not None) == expected["has_doubt"]
        assert status["evidence"]
        assert status["result_number"] == number("FOLLOW", expected["result"])
        assert status["cause_number"] == number("CAUSE", expected["cause"])
        assert status["caller_number"] == number("CALLER", expected["caller"])
    assert "n" not in status["seen"][len(events) :], "an event that comes twice says nothing new"


def number(family: str, name: str | None) -> int:
    return NUMBERS[f"CALLTRANSFER_{family}_{name.upper()}"] if name else 0


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_wait_ends_with_the_result_of_the_number(
    api: str, follow_driver: pathlib.Path, sandbox: SandboxProcess
) -> None:
    for place, (to, result) in enumerate(RESULTS):
        sandbox.place_incoming_call(f"c-{place}")
        status = drive(follow_driver, {"call_id": f"c-{place}", "to": to}, "wait", env=environment(sandbox, api))
        assert status["result"] == result
        assert status["new_call_id"] == call(sandbox, f"c-{place}")["transferred_to"]
        assert status["may_transfer_again"] == (api == "v1" and result != "answered")


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_first_target_that_answers_gets_the_call(
    api: str, follow_driver: pathlib.Path, sandbox: SandboxProcess
) -> None:
    sandbox.place_incoming_call("c-1")
    to = ["+12025550110", "+12025550101"]
    done = drive(follow_driver, {"call_id": "c-1", "to": to}, "first", env=environment(sandbox, api))
    assert (done["status"], done["answered"], done["stopped"], done["call_id"]) == (0, 1, "answered", "c-1")
    assert done["stopped_number"] == NUMBERS["CALLTRANSFER_STOP_ANSWERED"]
    busy, answered = done["targets"]
    assert (busy["to"], busy["outcome"]) == (to[0], NUMBERS["CALLTRANSFER_OUTCOME_APPLIED"])
    assert busy["result"] == NUMBERS["CALLTRANSFER_FOLLOW_BUSY"]
    assert answered["result"] == NUMBERS["CALLTRANSFER_FOLLOW_ANSWERED"]
    assert call(sandbox, answered["new_call_id"])["to"] == to[1]


def test_list_of_a_calls_events_is_read(follow_driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    listed = drive(follow_driver, {"call_id": "c-1"}, "list", env=environment(sandbox, "v1"))
    assert [event["name"] for event in json.loads(listed["events"])] == ["incomingcall", "answer"]


def test_unknown_outcome_stops_the_sequence(follow_driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    to = ["+12025550110", "+12025550126", "+12025550101"]
    done = drive(follow_driver, {"call_id": "c-1", "to": to}, "first", env=environment(sandbox, "v1"))
    assert (done["answered"], done["stopped"]) == (-1, "unknown")
    assert [target["error"] is not None for target in done["targets"]] == [False, True, False]
    assert done["targets"][2]["outcome"] == 0


def test_invalid_target_is_named_before_anything_is_sent(follow_driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    given = {"call_id": "c-1", "to": ["+12025550110", "12"]}
    done = drive(follow_driver, given, "first", env=environment(sandbox, "v1"))
    assert (done["status"], done["field"]) == (NUMBERS["CALLTRANSFER_E_INVALID_ARGUMENT"], "to")
    assert sandbox.requests() == []


@pytest.mark.parametrize("vector", LIMITS, ids=lambda vector: vector["name"])
def test_limits_are_the_vectors(vector: dict[str, Any], follow_driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    is_follow = vector["verb"] == "follow"
    given: dict[str, Any] = {"call_id": "c-1", "to": vector["to"] if is_follow else [ANSWERS] * vector["targets"]}
    if vector["seconds"] is not None:
        given["timeout_ms" if is_follow else "ring_ms"] = round(vector["seconds"] * 1000)
    command = "wait" if is_follow else "first"
    done = drive(follow_driver, given, command, env=environment(sandbox, vector["api"]))
    sent = sandbox.requests()
    reads = [request for request in sent if request["method"] == "GET"]
    if vector["refused"] is not None:
        assert {name: done[name] for name in ("field", "message")} == vector["refused"]
        assert done["status"] == NUMBERS["CALLTRANSFER_E_INVALID_ARGUMENT"]
        assert (reads if is_follow else sent) == []
    elif is_follow:
        assert (done["status"], done["result"]) == (0, vector["result"])
        assert len(reads) == vector.get("reads", len(reads))
    else:
        assert done["status"] == 0
        assert done["answered"] >= 0


def environment(sandbox: SandboxProcess, api: str) -> dict[str, str]:
    if api == "v1":
        return sandbox.environment()
    return {
        "BW_ACCOUNT_ID": "9900000",
        "BW_CLIENT_ID": "client-sandbox",
        "BW_CLIENT_SECRET": "client-secret-sandbox",
        "CALLTRANSFER_BASE_URL": sandbox.url,
    }


def call(sandbox: SandboxProcess, call_id: str) -> dict[str, Any]:
    [found] = [call for call in sandbox.calls() if call["id"] == call_id]
    return found
