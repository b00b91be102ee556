"""`async_test.cpp`, case by case, over the real sandbox; and the examples that don't wait."""

from __future__ import annotations

import pathlib
import re
import socket
import subprocess

import pytest
from c.compiler import FAMILIES, ROOT, compile_program, need
from cpp.conftest import HERE
from sandbox_process import SandboxProcess

SOURCE = HERE / "async_test.cpp"
CASES = re.findall(r"\bCASE\((\w+)\),", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
CALLS = ["c-1", "c-2", "c-3", "c-4"]

# Cases of requests that are never answered.
SILENT = ["one_is_stopped_and_the_others_too", "destroyed_client_fulfils_every_future"]


@pytest.fixture(scope="module", params=FAMILIES)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    need("c++20", request.param)
    return compile_program(
        SOURCE, tmp_path_factory.mktemp("cpp") / "async_test", "c++20", family=request.param, options=("-D_GNU_SOURCE",)
    )


def run(program: pathlib.Path, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=60, check=False, env=environment
    )


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, program: pathlib.Path, sandbox: SandboxProcess) -> None:
    state = "started" if case.startswith("coroutines") else "active"
    for call in CALLS:
        sandbox.place_incoming_call(call, state=state)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = sandbox.environment()
        if case in SILENT:
            environment["CALLTRANSFER_BASE_URL"] = "http://127.0.0.1:%d" % silent.getsockname()[1]
        done = run(program, case, *CALLS, environment=environment)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("example", ["coroutines", "futures"])
def test_examples_transfer_all_at_once(example: str, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = compile_program(
        ROOT / f"examples/cpp/{example}.cpp", tmp_path / example, "c++20", options=("-D_GNU_SOURCE",)
    )
    for call in CALLS:
        sandbox.place_incoming_call(call, state="started" if example == "coroutines" else "active")
    done = run(program, *CALLS, "c-none", environment=sandbox.environment())
    assert done.returncode == 1, done.stderr
    reported = dict(line.split(": the new call is ") for line in done.stdout.splitlines() if "new call" in line)
    assert reported == {call["id"]: call["transferred_to"] for call in sandbox.calls() if call["id"] in CALLS}
    assert "c-none: not_applied: " in done.stdout
