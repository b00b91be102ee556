"""Live calls through C: read, answer, hang up, look; in a forked child, too."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from c.compiler import HERE, compile_program
from sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_program(HERE / "calls_test.c", tmp_path_factory.mktemp("c") / "calls_test", "c11")


def run(program: pathlib.Path, case: str, environment: dict[str, str]) -> str:
    done = subprocess.run([program, case], capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_call_goes_through_its_states(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1", state="started")
    run(program, "states", sandbox.environment())
    [call, _] = sandbox.calls()
    assert call["state"] == "completed"


def test_each_attempt_is_a_line_of_the_log(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    sandbox.script({"status": 503, "headers": {}, "body": '{"code":"call-unavailable"}'})
    first, second = run(program, "logged", sandbox.environment()).splitlines()
    place = f"transfer of c-1 at {sandbox.host}"
    assert first.startswith(f"1 {place}: attempt 1 not_applied (unavailable), HTTP 503, ")
    assert second.startswith(f"2 {place}: attempt 2 applied, HTTP 201, ")


def test_forked_child_goes_on_with_the_parents_client(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    for call in ("c-1", "c-2", "c-3"):
        sandbox.place_incoming_call(call)
    run(program, "forked", sandbox.environment())
    requests = sandbox.requests()
    assert [request["call_id"] for request in requests] == ["c-1", "c-2", "c-3"]
    assert requests[1]["connection"] != requests[0]["connection"] == requests[2]["connection"]
