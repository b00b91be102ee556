"""`api_test.c`, case by case: as C and as C++, against the shared and the static library."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess

import pytest

from c.compiler import HERE, compile_program

SOURCE = HERE / "api_test.c"
CASES = re.findall(r"^    CASE\((\w+)\),$", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
WAYS = [("c11", "shared"), ("c11", "static"), ("c++17", "shared"), ("c++17", "static")]


@pytest.fixture(scope="module", params=WAYS, ids="-".join)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    standard, linked = request.param
    return compile_program(SOURCE, tmp_path_factory.mktemp("c") / "api_test", standard, linked)


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, program: pathlib.Path) -> None:
    done = subprocess.run([program, case], capture_output=True, text=True, timeout=60, check=False, env={})
    assert done.returncode == 0, done.stderr


def test_every_case_is_run(program: pathlib.Path) -> None:
    listed = subprocess.run([program, "--list"], capture_output=True, text=True, timeout=60, check=True)
    assert listed.stdout.split() == CASES


def test_valgrind_finds_nothing(tmp_path: pathlib.Path) -> None:
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        pytest.skip("NO VALGRIND ON PATH: memory errors and leaks of the C interface were not looked for")
    program = compile_program(SOURCE, tmp_path / "api_test")
    command = [valgrind, "--leak-check=full", "--errors-for-leak-kinds=definite", "--error-exitcode=99", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env={})
    assert done.returncode == 0, done.stderr
    assert "ERROR SUMMARY: 0 errors" in done.stderr
    lost = re.search(r"definitely lost: (\S+) bytes", done.stderr)
    assert lost is None or lost[1] == "0", done.stderr
