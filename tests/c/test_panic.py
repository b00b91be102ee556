"""A panic inside the library is a status in C. Only a debug build can be told to panic."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

from c.compiler import HERE, LIBRARIES, ROOT, compile_program

BUILD = ["cargo", "build", "--quiet", "--locked", "-p", "calltransfer-c", "--features", "forced-panic"]


def test_a_panic_is_a_status_and_nothing_worse(tmp_path: pathlib.Path) -> None:
    subprocess.run(BUILD, cwd=ROOT, check=True)
    shutil.copy(LIBRARIES.parent / "debug" / "libcalltransfer.so", tmp_path)
    program = compile_program(HERE / "panic_test.c", tmp_path / "panic_test")
    environment = {"LD_LIBRARY_PATH": str(tmp_path)}
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
    assert done.stderr.count("on purpose") >= 25, "the library that was told to panic wasn't the one that ran"


def test_no_release_can_be_told_to_panic() -> None:
    done = subprocess.run([*BUILD, "--release"], cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode != 0
    assert "no release may have it" in done.stderr
    assert b"CALLTRANSFER_FORCED_PANIC" not in (LIBRARIES / "libcalltransfer.so").read_bytes()
