"""The C examples do what they say, over the real sandbox."""

from __future__ import annotations

import json
import pathlib
import subprocess

import pytest
from c.compiler import ROOT, compile_program
from sandbox_process import SandboxProcess, vectors

EXAMPLES = ROOT / "examples" / "c"


def run(program: pathlib.Path, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=30, check=False, env=environment
    )


@pytest.fixture(scope="module")
def three_transfers(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_program(EXAMPLES / "three_transfers.c", tmp_path_factory.mktemp("c") / "three_transfers", "c99")


def test_three_transfers_are_those_of_the_page(three_transfers: pathlib.Path, sandbox: SandboxProcess) -> None:
    calls = ["c-1", "c-2", "c-3"]
    for call_id in calls:
        sandbox.place_incoming_call(call_id)
    done = run(three_transfers, *calls, environment=sandbox.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    page = {vector["name"]: vector["request"]["body"] for vector in vectors("requests")[:4]}
    expected = [
        page["document example 1: number only"],
        page["document example 2: private caller id and whisper"],
        page["document example 3: diversion"],
    ]
    arrived = sandbox.requests()
    assert [json.loads(request["body"]) for request in arrived] == expected
    assert [request["call_id"] for request in arrived] == calls
    lines = done.stdout.splitlines()
    assert lines[0::2] == [request["body"] for request in arrived]
    new_calls = [call["id"] for call in sandbox.calls() if call["id"] not in calls]
    assert lines[1::2] == [f"applied: the new call is {call_id}" for call_id in new_calls]


def test_failed_transfer_is_reported_and_others_are_made(
    three_transfers: pathlib.Path, sandbox: SandboxProcess
) -> None:
    sandbox.place_incoming_call("c-1")
    sandbox.place_incoming_call("c-3")
    done = run(three_transfers, "c-1", "c-2", "c-3", environment=sandbox.environment())
    assert done.returncode == 1
    outcomes = [line.split(":")[0] for line in done.stdout.splitlines()[1::2]]
    assert outcomes == ["applied", "not_applied", "applied"]


def test_unknown_outcome_comes_with_advice(three_transfers: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.script({"status": 502}, {"status": 502}, {"status": 502})
    done = run(three_transfers, "c-1", "c-2", "c-3", environment=sandbox.environment())
    assert done.returncode == 1
    assert done.stdout.count("look at the call before trying again") == 3


def test_missing_credentials_are_reported(three_transfers: pathlib.Path) -> None:
    done = run(three_transfers, "c-1", "c-2", "c-3", environment={})
    assert done.returncode == 1
    assert "BANDWIDTH_API_TOKEN" in done.stdout


def test_minimal_program_transfers(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = compile_program(EXAMPLES / "minimal.c", tmp_path / "minimal")
    sandbox.place_incoming_call("c-1")
    done = run(program, "c-1", environment=sandbox.environment())
    assert done.returncode == 0, done.stderr
    [new_call] = [call["id"] for call in sandbox.calls() if call["id"] != "c-1"]
    assert done.stdout == f"the new call is {new_call}\n"
    again = run(program, "c-1", environment=sandbox.environment())
    assert again.returncode == 1
    assert again.stderr.startswith("not_applied: the call is not active")
