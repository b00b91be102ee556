"""`host_test.cpp`, case by case, over the real sandbox: as it is, and watched by AddressSanitizer."""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest
from c.compiler import compile_program
from cpp.conftest import HERE
from sandbox_process import SandboxProcess

SOURCE = HERE / "host_test.cpp"
CASES = re.findall(r"\bCASE\((\w+)\),", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
CALLS = ["c-1", "c-2", "c-3", "c-4"]
KINDS = {"plain": (), "address": ("-fsanitize=address", "-fno-omit-frame-pointer")}


@pytest.fixture(scope="module", params=KINDS)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    options = ("-D_GNU_SOURCE", "-pthread", *KINDS[request.param])
    return compile_program(SOURCE, tmp_path_factory.mktemp("cpp") / "host_test", "c++17", options=options)


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, program: pathlib.Path, sandbox: SandboxProcess) -> None:
    for call in CALLS:
        sandbox.place_incoming_call(call)
    environment = {**sandbox.environment(), "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(
        [program, case, *CALLS], capture_output=True, text=True, timeout=100, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
