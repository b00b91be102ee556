"""abidiff between the library of the last release and today's: what a linker sees of it."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest
from c.compiler import LIBRARIES

#: Written with each release: `abidw --no-corpus-path target/c/lib/libcalltransfer.so`.
BASELINE = pathlib.Path(__file__).with_name("libcalltransfer.abi")


@pytest.fixture
def abidiff() -> str:
    program = shutil.which("abidiff")
    if program is None:
        pytest.skip("NO ABIDIFF ON PATH (Debian: abigail-tools): the ABI was held to the ledger only")
    return program


def is_compatible(abidiff: str, before: pathlib.Path, after: pathlib.Path) -> bool:
    """Whether nothing was removed or changed; what was added may be."""
    command = [abidiff, "--no-added-syms", str(before), str(after)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode & 3 == 0, f"abidiff itself failed: {done.stderr}"
    print(done.stdout)
    return done.returncode == 0


def test_library_keeps_every_symbol_and_version_of_the_baseline(abidiff: str) -> None:
    assert is_compatible(abidiff, BASELINE, LIBRARIES / "libcalltransfer.so")


def test_abidiff_distinguishes_removed_and_added_functions(abidiff: str, tmp_path: pathlib.Path) -> None:
    one, two = "int one(int number) { return number; }\n", "int two(void) { return 2; }\n"
    for name, text in [("one", one), ("both", one + two)]:
        (tmp_path / f"{name}.c").write_text(text, encoding="utf-8")
        command = ["cc", "-g", "-shared", "-fPIC", f"{name}.c", "-o", f"{name}.so"]
        subprocess.run(command, cwd=tmp_path, check=True)
    assert is_compatible(abidiff, tmp_path / "one.so", tmp_path / "both.so")
    assert not is_compatible(abidiff, tmp_path / "both.so", tmp_path / "one.so")
