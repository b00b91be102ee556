"""The suite of the C interface, case by case; test_matrix.py has the other compilers and standards."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess

import pytest
from c.compiler import HERE, compile_program

PROGRAMS = ["config_test", "transfer_test", "client_test", "call_order_test", "process_test"]
CASES = {
    name: re.findall(r"\bCASE\((\w+)\),", (HERE / f"{name}.c").read_text(encoding="utf-8"), re.MULTILINE)
    for name in PROGRAMS
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("c")
    for name in PROGRAMS:
        compile_program(HERE / f"{name}.c", folder / name)
    return folder


@pytest.mark.parametrize(("name", "case"), [(name, case) for name in PROGRAMS for case in CASES[name]])
def test_case(name: str, case: str, programs: pathlib.Path) -> None:
    done = subprocess.run([programs / name, case], capture_output=True, text=True, timeout=60, check=False, env={})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_case_is_run(name: str, programs: pathlib.Path) -> None:
    listed = subprocess.run([programs / name, "--list"], capture_output=True, text=True, timeout=60, check=True)
    assert listed.stdout.split() == CASES[name]


@pytest.mark.parametrize("name", PROGRAMS)
def test_valgrind_finds_nothing(name: str, tmp_path: pathlib.Path) -> None:
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        pytest.skip("NO VALGRIND ON PATH: memory errors and leaks of the C interface were not looked for")
    program = compile_program(HERE / f"{name}.c", tmp_path / name)
    command = [valgrind, "--leak-check=full", "--errors-for-leak-kinds=definite", "--error-exitcode=99", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env={})
    assert done.returncode == 0, done.stderr
    assert "ERROR SUMMARY: 0 errors" in done.stderr
    lost = re.search(r"definitely lost: (\S+) bytes", done.stderr)
    assert lost is None or lost[1] == "0", done.stderr
