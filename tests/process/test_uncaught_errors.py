"""What a person reads of an error that no program caught, in every Python of this machine."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import calltransfer
import pytest
import python_versions
from sandbox_process import SandboxProcess

PACKAGE = pathlib.Path(calltransfer.__file__).parent
PYTHONS = {**python_versions.found(), (sys.version_info[0], sys.version_info[1]): sys.executable}
UNKNOWN = "outcome: unknown; look at the call before you send it again: client.check(error)"


def traceback_of(python: str, program: str, sandbox: SandboxProcess, **variables: str) -> list[str]:
    environment = {**os.environ, **sandbox.environment(), "PYTHONPATH": str(PACKAGE.parent), **variables}
    done = subprocess.run(
        [python, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1 and done.stdout == ""
    return done.stderr.splitlines()


def assert_ends_with(lines: list[str], message: str, note: str, version: tuple[int, int]) -> None:
    if version >= (3, 11):
        assert lines.pop() == note
    assert message in lines[-1]
    frames = [line for line in lines if line.startswith("  File ")]
    assert len([frame for frame in frames if str(PACKAGE) in frame]) == 1, "\n".join(frames)
    assert not [line for line in lines if line.startswith("During handling")]


@pytest.mark.parametrize("version", sorted(PYTHONS), ids=lambda version: "%d.%d" % version)
def test_uncaught_error_ends_with_outcome_and_advice(version: tuple[int, int], sandbox: SandboxProcess) -> None:
    python = PYTHONS[version]
    program = "import calltransfer; calltransfer.transfer('c-none', '+18382947878')"
    lines = traceback_of(python, program, sandbox)
    assert_ends_with(
        lines, "CallNotFoundError: ", "outcome: not_applied; it may be sent again once the cause is gone", version
    )
    lines = traceback_of(python, program, sandbox, CALLTRANSFER_BASE_URL="nonsense")
    assert_ends_with(lines, "ConfigurationError: ", "outcome: not_sent; correct it first", version)
    lines = traceback_of(python, "import calltransfer; calltransfer.Client(timeout=0)", sandbox)
    assert_ends_with(lines, "ConfigurationError: ", "outcome: not_sent; correct it first", version)
    sandbox.script({"status": 500, "headers": {}, "body": ""})
    assert_ends_with(traceback_of(python, program, sandbox), "OutcomeUnknownError: ", UNKNOWN, version)
