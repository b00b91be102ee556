"""The completion queue: taken on the caller's own threads, stopped, forked, freed in full flight."""

from __future__ import annotations

import collections
import pathlib
import socket
import subprocess

import pytest
from c.compiler import HERE, compile_program
from sandbox_process import SandboxProcess

UNAVAILABLE = {"status": 503, "headers": {}, "body": '{"code":"call-unavailable"}'}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_program(HERE / "queue_test.c", tmp_path_factory.mktemp("c") / "queue_test")


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_program(HERE / "queue_storm.c", tmp_path_factory.mktemp("c") / "queue_storm")


def run(program: pathlib.Path, case: str, environment: dict[str, str]) -> None:
    done = subprocess.run([program, case], capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr


def test_each_kind_of_request_completes(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1", state="started")
    sandbox.place_incoming_call("c-2")
    run(program, "each_kind_of_request_completes", sandbox.environment())
    states = {call["id"]: call["state"] for call in sandbox.calls()}
    assert states["c-2"] == "completed"


def test_error_comes_with_its_completion(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    run(program, "an_error_comes_with_its_completion", sandbox.environment())


def test_invalid_request_is_refused_at_once(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    run(program, "invalid_request_is_refused_at_once", sandbox.environment())
    assert sandbox.requests() == []


def test_descriptor_is_readable_while_completions_wait(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    run(program, "the_descriptor_is_readable_while_completions_wait", sandbox.environment())
    assert len(sandbox.requests()) == 6


def test_log_lines_are_reported_on_the_thread_that_calls_next(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    sandbox.script(UNAVAILABLE)
    run(program, "log_lines_are_reported_on_the_thread_that_calls_next", sandbox.environment())


def test_stopped_requests_complete(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = "http://127.0.0.1:%d" % silent.getsockname()[1]
        environment = sandbox.environment() | {"CALLTRANSFER_BASE_URL": url}
        command = [program, "stopped_requests_complete"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as child:
            connections = [silent.accept()[0] for _ in range(3)]
            for connection in connections:
                read_request(connection)
            _, errors = child.communicate("\n", timeout=60)
            assert child.returncode == 0, errors
            for connection in connections:
                assert connection.recv(1) == b"", "the connection of a stopped request is left open"
                connection.close()


def read_request(connection: socket.socket) -> None:
    """Reads up to the end of a body, which is the last brace of a transfer."""
    connection.settimeout(30)
    text = b""
    while not text.endswith(b"}"):
        text += connection.recv(4096)


def test_queue_is_freed_with_work_in_flight(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    run(program, "a_queue_is_freed_with_work_in_flight", sandbox.environment())


def test_forked_child_is_refused_and_the_parent_continues(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    for call_id in ("c-1", "c-2", "c-3"):
        sandbox.place_incoming_call(call_id)
    run(program, "forked_child_is_refused_and_the_parent_continues", sandbox.environment())
    assert collections.Counter(request["call_id"] for request in sandbox.requests()) == {"c-1": 1, "c-2": 1, "c-3": 1}


def weather(storm: pathlib.Path, sandbox: SandboxProcess, submitters: int, calls: int, stoppers: int) -> dict[str, str]:
    """The outcome that was reported to the program for each call; exactly one for each."""
    wished = [f"c-{thread}-{call}" for thread in range(submitters) for call in range(calls)]
    for call_id in wished:
        sandbox.place_incoming_call(call_id)
    done = subprocess.run(
        [storm, str(submitters), str(calls), str(stoppers)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=sandbox.environment(),
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    assert sorted(call_id for call_id, _ in lines) == sorted(wished), "not one completion each"
    return dict(lines)


def test_many_threads_submit_at_once(storm: pathlib.Path, sandbox: SandboxProcess) -> None:
    reported = weather(storm, sandbox, submitters=16, calls=25, stoppers=0)
    assert set(reported.values()) == {"applied"}
    assert collections.Counter(request["call_id"] for request in sandbox.requests()) == dict.fromkeys(reported, 1)


def test_many_cancels_report_each_true_outcome(storm: pathlib.Path, sandbox: SandboxProcess) -> None:
    reported = weather(storm, sandbox, submitters=16, calls=40, stoppers=8)
    log = sandbox.requests()
    # What was stopped before its first line was out names no call.
    assert not any(request["complete"] for request in log if request["call_id"] is None)
    arrived = collections.Counter(request["call_id"] for request in log if request["call_id"] is not None)
    assert max(arrived.values(), default=0) <= 1, "sent twice"
    for call_id, outcome in reported.items():
        assert outcome in ("applied", "not_sent", "unknown"), call_id
        if outcome == "applied":
            assert arrived[call_id] == 1
        if outcome == "not_sent":
            assert arrived[call_id] == 0
    assert set(reported.values()) != {"applied"}, "nothing was stopped: no storm"
