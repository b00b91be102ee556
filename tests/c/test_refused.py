"""Submissions that are refused because the library's threads can't start."""

from __future__ import annotations

import pathlib
import subprocess

from c.compiler import HERE, compile_program
from c.preload import without_threads
from sandbox_process import SandboxProcess


def test_refused_submission_without_threads_gets_no_completion(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    program = compile_program(HERE / "refused_submissions.c", tmp_path / "refused", options=("-D_GNU_SOURCE",))
    environment = {**sandbox.environment(), "LD_PRELOAD": without_threads(tmp_path)}
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr
