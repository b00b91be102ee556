"""The example of a telephone server: it holds many calls, moves them all, and its own descriptors stay its own."""

from __future__ import annotations

import os
import pathlib
import re
import resource
import subprocess
import sys

import pytest
from c.compiler import ROOT, compile_program
from sandbox_process import SandboxProcess

CALLS = 2_000 if os.environ.get("CALLTRANSFER_TEST_LONG") else 300

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="epoll is Linux's")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_program(ROOT / "examples/c/server_2000.c", tmp_path_factory.mktemp("c") / "server_2000")


def few_descriptors() -> None:
    """The server has to raise the soft limit by itself, as hosts do."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def held(program: pathlib.Path, calls: list[str], sandbox: SandboxProcess) -> subprocess.CompletedProcess[str]:
    lines = "".join(f"{call} +18382947878\n" for call in calls)
    return subprocess.run(
        [program],
        input=lines,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=sandbox.environment(),
        preexec_fn=few_descriptors,
    )


def test_all_calls_are_moved_and_own_descriptors_untouched(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    calls = [f"c-{number}" for number in range(CALLS)]
    for call in calls:
        sandbox.place_incoming_call(call)
    done = held(program, calls, sandbox)
    assert done.stdout == f"held {CALLS} calls, moved {CALLS}, descriptors untouched {CALLS}\n", done.stderr
    assert done.returncode == 0
    moved = [re.search(r"/calls/([^/]+)$", request["path"]) for request in sandbox.requests()]
    assert sorted(found[1] for found in moved if found) == sorted(calls), "each call is transferred once"


def test_call_that_is_gone_is_reported_and_the_others_move(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    calls = [f"c-{number}" for number in range(100)]
    for call in calls[1:]:
        sandbox.place_incoming_call(call)
    done = held(program, calls, sandbox)
    refused, summary = done.stdout.splitlines()
    assert refused.startswith("c-0 not_applied the platform has no such call")
    assert summary == "held 100 calls, moved 99, descriptors untouched 100"
    assert done.returncode == 1
