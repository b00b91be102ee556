"""The types, as mypy reads them."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest

pytest.importorskip("mypy")

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent / "python" / "calltransfer"


def mypy(*arguments: str, cache: pathlib.Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(cache), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_the_package_is_strictly_typed(tmp_path: pathlib.Path) -> None:
    done = mypy(str(PACKAGE), cache=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_program_is_told_of_exactly_its_mistakes(tmp_path: pathlib.Path) -> None:
    sample = HERE / "typed_sample.py"
    done = mypy(str(sample), cache=tmp_path)
    told = {int(line): code for line, code in re.findall(r"typed_sample\.py:(\d+): error: .*\[([a-z-]+)\]", done.stdout)}
    expected = {
        number: code
        for number, line in enumerate(sample.read_text(encoding="utf-8").splitlines(), 1)
        for code in re.findall(r"# expect: ([a-z-]+)", line)
    }
    assert told == expected, done.stdout
