"""The example with an event loop: calls are reported as they end, and none waits for another."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest
from c.compiler import ROOT, compile_program
from sandbox_process import SandboxProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="epoll is Linux's")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_program(ROOT / "examples/c/epoll.c", tmp_path_factory.mktemp("c") / "epoll")


def test_result_is_printed_while_the_input_is_open(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    for call_id in ("c-1", "c-2"):
        sandbox.place_incoming_call(call_id)
    environment = sandbox.environment()
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write("c-1 +18382947878\n")
        child.stdin.flush()
        assert child.stdout.readline().startswith("c-1 applied the new call is ")
        # Half a line waits for the other half; nothing else does.
        child.stdin.write("c-2 +1838")
        child.stdin.flush()
        child.stdin.write("2947878\nc-3 nobody\nc-4 +18382947878\n")
        rest, _ = child.communicate(timeout=30)
    reported = dict(line.split(" ", 1) for line in rest.splitlines())
    assert sorted(reported) == ["c-2", "c-3", "c-4"]
    assert reported["c-2"].startswith("applied ")
    assert reported["c-3"].startswith("not_sent to: ")
    assert reported["c-4"].startswith("not_applied the platform has no such call")
    assert child.returncode == 1


def test_many_calls_go_at_once(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    calls = [f"c-{number}" for number in range(100)]
    for call_id in calls:
        sandbox.place_incoming_call(call_id)
    lines = "".join(f"{call_id} +18382947878\n" for call_id in calls)
    done = subprocess.run(
        [program], input=lines, capture_output=True, text=True, timeout=60, check=False, env=sandbox.environment()
    )
    assert done.returncode == 0, done.stderr
    assert sorted(line.split(" applied ")[0] for line in done.stdout.splitlines()) == sorted(calls)


def test_missing_credentials_are_reported(program: pathlib.Path) -> None:
    done = subprocess.run(
        [program], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False, env={}
    )
    assert done.returncode == 2
    assert "BANDWIDTH_API_TOKEN" in done.stderr
