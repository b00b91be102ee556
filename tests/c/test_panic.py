"""A panic inside the library is a status in C. Only a debug build can be made to panic."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pytest
from c.compiler import HERE, LIBRARIES, ROOT, TARGET, compile_program
from c.header import RUNS_HEADER, functions
from c.test_misuse import compiled
from c.test_runs import compiled_with_runs

SONAME = "libcalltransfer.so.0"
BUILD = ["cargo", "build", "--quiet", "--locked", "-p", "calltransfer-c", "--features", "forced-panic"]
WITH_RUNS = [*BUILD[:-1], "forced-panic,runs"]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a program that finds the library that can be made to panic."""
    subprocess.run(WITH_RUNS, cwd=ROOT, check=True)
    folder = tmp_path_factory.mktemp("panic")
    shutil.copy(TARGET / "debug" / "libcalltransfer.so", folder / SONAME)
    return {"LD_LIBRARY_PATH": str(folder)}


def run(
    command: list[pathlib.Path | str], environment: dict[str, str], folder: pathlib.Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment, cwd=folder)


def test_panic_is_a_status_and_nothing_worse(library: dict[str, str], tmp_path: pathlib.Path) -> None:
    done = run([compile_program(HERE / "panic_test.c", tmp_path / "panic_test")], library)
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
    assert done.stderr.count("on purpose") >= 25, "another library than the one that was made to panic has run"


def test_every_function_panics_as_it_says(library: dict[str, str], tmp_path: pathlib.Path) -> None:
    done = run([compiled(tmp_path), "panicking"], library)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) == len(functions()) == done.stderr.count("on purpose")


def test_every_function_of_runs_panics_as_it_says(library: dict[str, str], tmp_path: pathlib.Path) -> None:
    done = run([compiled_with_runs(tmp_path), "panicking"], library, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) == len(functions(RUNS_HEADER)) == done.stderr.count("on purpose")


def test_release_build_cannot_force_a_panic() -> None:
    done = subprocess.run([*BUILD, "--release"], cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode != 0
    assert "no release may have it" in done.stderr
    assert b"CALLTRANSFER_FORCED_PANIC" not in (LIBRARIES / "libcalltransfer.so").read_bytes()
