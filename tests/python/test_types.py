"""The types, as mypy and pyright read them, and the stub beside what it describes."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import calltransfer
import pytest

pytest.importorskip("mypy")

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent / "python" / "calltransfer"
SAMPLE = HERE / "typed_sample.py"


def mypy(*arguments: str, cache: pathlib.Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(cache), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_package_is_strictly_typed(tmp_path: pathlib.Path) -> None:
    done = mypy(str(PACKAGE), str(PACKAGE.parent / "calltransfer_pytest"), cache=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def expected() -> dict[int, str]:
    """The lines of the sample that are wrong, with mypy's word for it."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    return {number: code for number, line in enumerate(lines, 1) for code in re.findall(r"# expect: ([a-z-]+)", line)}


def pyright(*arguments: str) -> subprocess.CompletedProcess[str]:
    scripts = pathlib.Path(sys.executable).parent  # pyright looks for the package where the first python is
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "pyright", *arguments]
    return subprocess.run(
        command, cwd=SAMPLE.anchor, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_mypy_reports_exactly_the_mistakes_of_the_sample(tmp_path: pathlib.Path) -> None:
    done = mypy(str(SAMPLE), cache=tmp_path)
    reported = {
        int(line): code for line, code in re.findall(r"typed_sample\.py:(\d+): error: .*\[([a-z-]+)\]", done.stdout)
    }
    assert reported == expected(), done.stdout


def test_pyright_reports_exactly_the_mistakes_of_the_sample(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("pyright")
    # By default pyright passes over whatever lies below a hidden folder, which a checkout may.
    folder = tmp_path / ".hidden"
    folder.mkdir()
    sample = shutil.copy(SAMPLE, folder)
    project = folder / "pyrightconfig.json"
    project.write_text(json.dumps({"include": [sample], "exclude": []}), encoding="utf-8")
    done = pyright("--outputjson", "--project", str(project))
    reported = {found["range"]["start"]["line"] + 1 for found in json.loads(done.stdout)["generalDiagnostics"]}
    assert reported == set(expected()), done.stdout


def test_pyright_finds_every_public_type_whole() -> None:
    pytest.importorskip("pyright")
    done = pyright("--verifytypes", "calltransfer", "--ignoreexternal")
    assert "Type completeness score: 100%" in done.stdout, done.stdout


def test_sample_uses_every_public_name() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    missing = [name for name in calltransfer.__all__ if not re.search(rf"calltransfer\.{name}\b", text)]
    assert missing == [], "use it in typed_sample.py"


def test_stub_matches_the_native_module() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "calltransfer._native"]
    done = subprocess.run(command, cwd=SAMPLE.anchor, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
