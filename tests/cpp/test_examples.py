"""The C++ examples do what they say, over the real sandbox: the three transfers as C's are held to it."""

from __future__ import annotations

import pathlib

import pytest
from c.compiler import ROOT, compile_program
from c.test_examples import (  # noqa: F401
    run,
    test_failed_transfer_is_reported_and_others_are_made,
    test_missing_credentials_are_reported,
    test_three_transfers_are_those_of_the_page,
    test_unknown_outcome_comes_with_advice,
)
from sandbox_process import SandboxProcess

EXAMPLES = ROOT / "examples" / "cpp"


@pytest.fixture(scope="module")
def three_transfers(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_program(
        EXAMPLES / "three_transfers.cpp", tmp_path_factory.mktemp("cpp") / "three_transfers", "c++20"
    )


def test_minimal_program_transfers(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = compile_program(EXAMPLES / "minimal.cpp", tmp_path / "minimal", "c++20")
    sandbox.place_incoming_call("c-1")
    done = run(program, "c-1", environment=sandbox.environment())
    assert done.returncode == 0, done.stderr
    [new_call] = [call["id"] for call in sandbox.calls() if call["id"] != "c-1"]
    assert done.stdout == f"the new call is {new_call}\n"
    again = run(program, "c-1", environment=sandbox.environment())
    assert again.returncode == 1
    assert again.stderr.startswith("not_applied: the call is not active")
