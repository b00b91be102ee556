"""Every function with NULL, with text that isn't UTF-8, with too much of it, with the ends of numbers; and after a fork."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from c.compiler import HERE, compile_program
from c.header import functions
from c.misuse import cases, program
from c.misuse_rows import ROWS

ALL = functions()


def test_every_function_has_its_row() -> None:
    assert sorted(ROWS) == sorted(ALL), "give each function a row in tests/c/misuse_rows.py"


@pytest.mark.parametrize("name", ALL)
def test_every_pointer_is_tried(name: str) -> None:
    pointers = {parameter for kind, parameter in ALL[name].parameters if "*" in kind}
    assert set(ROWS[name]) == pointers
    for kind, parameter in ALL[name].parameters:
        if kind == "const char *":
            assert isinstance(ROWS[name][parameter], tuple), "a text needs three: NULL, no UTF-8, too long"


def compiled(folder: pathlib.Path) -> pathlib.Path:
    before, after = ((HERE / f"null_args_{part}.c").read_text(encoding="utf-8") for part in ("prologue", "epilogue"))
    source = folder / "misuse.c"
    source.write_text(program(ALL, before.replace('"check.h"', f'"{HERE}/check.h"'), after), encoding="utf-8")
    return compile_program(source, folder / "misuse")


@pytest.fixture(scope="module")
def misuse(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compiled(tmp_path_factory.mktemp("c"))


@pytest.mark.parametrize("where", ["here", "forked"])
def test_nothing_crashes_and_each_is_reported(where: str, misuse: pathlib.Path) -> None:
    done = subprocess.run([misuse, where], capture_output=True, text=True, timeout=300, check=False, env={})
    assert done.returncode == 0, "\n".join(done.stderr.splitlines()[-3:])
    assert int(done.stdout) == sum(len(cases(function)) for function in ALL.values()) > 150
