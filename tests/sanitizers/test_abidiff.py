"""abidiff between the last release's library and today's. For `make test-long`: it builds the former."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest
from c.compiler import ROOT

FOLDER = ROOT / "target" / "abi"


@pytest.fixture
def abidiff() -> str:
    program = shutil.which("abidiff")
    if program is None:
        pytest.skip("NO ABIDIFF ON PATH (Debian: abigail-tools): the ABI was held to the ledger only")
    return program


@pytest.fixture
def last_release() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--tags", "--abbrev=0"]
    tag = subprocess.run(command, capture_output=True, text=True, check=False)
    if tag.returncode != 0:
        pytest.skip("NO TAG YET: there is no release to compare the ABI with")
    return tag.stdout.strip()


def is_compatible(abidiff: str, before: pathlib.Path, after: pathlib.Path) -> bool:
    """Whether nothing was removed or changed; what was added may be."""
    command = [abidiff, "--no-added-syms", str(before), str(after)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode & 3 == 0, f"abidiff itself failed: {done.stderr}"
    print(done.stdout)
    return done.returncode == 0


def built(source: pathlib.Path) -> pathlib.Path:
    """The library of a source tree, with what a debugger needs: abidiff reads types there."""
    command = ["cargo", "build", "--quiet", "--locked", "-p", "calltransfer-c", "--target-dir", str(FOLDER / "build")]
    subprocess.run(command, cwd=source, check=True)
    return FOLDER / "build" / "debug" / "libcalltransfer.so"


def test_nothing_was_removed_since_the_last_release(abidiff: str, last_release: str, tmp_path: pathlib.Path) -> None:
    source = tmp_path / "source"
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", last_release], capture_output=True, check=True).stdout
    source.mkdir()
    subprocess.run(["tar", "-x", "-C", source], input=archive, check=True)
    before = shutil.copy(built(source), tmp_path / "before.so")
    assert is_compatible(abidiff, before, built(ROOT))


def test_abidiff_distinguishes_removed_and_added_functions(abidiff: str, tmp_path: pathlib.Path) -> None:
    one, two = "int one(int number) { return number; }\n", "int two(void) { return 2; }\n"
    for name, text in [("one", one), ("both", one + two)]:
        (tmp_path / f"{name}.c").write_text(text, encoding="utf-8")
        command = ["cc", "-g", "-shared", "-fPIC", f"{name}.c", "-o", f"{name}.so"]
        subprocess.run(command, cwd=tmp_path, check=True)
    assert is_compatible(abidiff, tmp_path / "one.so", tmp_path / "both.so")
    assert not is_compatible(abidiff, tmp_path / "both.so", tmp_path / "one.so")
