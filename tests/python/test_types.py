"""The types that are written down hold, in the package and for those who use it."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import textwrap

PROGRAM = """
    import calltransfer

    done: calltransfer.Transferred = calltransfer.transfer("c-1", "+18382947878", caller_id="private")
    name: str | None = done.call_id
    client = calltransfer.Client(timeout=3)
    client.transfer("c-1", "+1838", recording_file_format="mp3", diversion_treatment="stack")
    state: str = client.get_call("c-1").state
"""
WRONG = """
    import calltransfer

    calltransfer.transfer("c-1", "+18382947878", transferCallerId="private")
    calltransfer.transfer("c-1", "+18382947878", recording_file_format="ogg")
    calltransfer.transfer("c-1")
"""


def mypy(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_package_is_typed() -> None:
    checked = mypy("-p", "calltransfer")
    assert checked.returncode == 0, checked.stdout


def test_a_right_program_is_accepted(tmp_path: pathlib.Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    checked = mypy(str(program))
    assert checked.returncode == 0, checked.stdout


def test_a_wrong_program_is_refused_line_by_line(tmp_path: pathlib.Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(WRONG))
    checked = mypy(str(program))
    assert checked.stdout.count("error:") == 3, checked.stdout
