"""The C suites as every C and C++ that users write, by both compilers, dynamic and static."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from c.compiler import (
    FAMILIES,
    HERE,
    INCLUDE,
    LIBRARIES,
    WARNINGS,
    YYJSON,
    check_syntax,
    command,
    compile_program,
    compiler,
    need,
    run,
)
from c.test_api import PROGRAMS

STANDARDS = ["c89", "c11", "c17", "c2x", "c++17", "c++20"]
# All but the pieces that a program is put together from.
SUITES = sorted(path.name for path in HERE.glob("*.c") if not path.name.startswith("null_args_"))
HEADER_ALONE = ["c89", "c99", "c11", "c17", "c2x", "c++98", "c++11", "c++14", "c++17", "c++20", "c++2b"]

TWICE = """
#include <calltransfer/calltransfer.h>
#include <calltransfer/calltransfer.h>

int other(void);

int UNIT(void)
{
    return calltransfer_version() == 0 ? 1 : OTHER;
}
"""


@pytest.mark.parametrize("linked", ["shared", "static"])
@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_suite_passes_however_it_is_compiled(family: str, standard: str, linked: str, tmp_path: pathlib.Path) -> None:
    need(standard, family)
    for name in PROGRAMS:
        program = compile_program(HERE / f"{name}.c", tmp_path / name, standard, linked, family)
        done = subprocess.run([program], capture_output=True, text=True, timeout=120, check=False, env={})
        assert done.returncode == 0, done.stderr
        needed = subprocess.run(["readelf", "-d", str(program)], capture_output=True, text=True, timeout=60, check=True)
        assert ("[libcalltransfer.so.0]" in needed.stdout) == (linked == "shared")


@pytest.mark.parametrize("standard", ["c89", "c2x", "c++20"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_suite_is_clean(family: str, standard: str) -> None:
    need(standard, family)
    for suite in SUITES:
        check_syntax(HERE / suite, standard, family, "-D_POSIX_C_SOURCE=200809L", f"-isystem{YYJSON}")


@pytest.mark.parametrize("standard", HEADER_ALONE)
@pytest.mark.parametrize("family", FAMILIES)
def test_two_files_that_include_the_header_twice_are_one_program(
    family: str, standard: str, tmp_path: pathlib.Path
) -> None:
    need(standard, family)
    objects = []
    for unit, other in [("main", "other()"), ("other", "0")]:
        source = tmp_path / f"{unit}.c"
        source.write_text(TWICE.replace("UNIT", unit).replace("OTHER", other), encoding="utf-8")
        objects.append(str(tmp_path / f"{unit}.o"))
        run([*compiler(standard, family), *WARNINGS, f"-I{INCLUDE}", "-c", str(source), "-o", objects[-1]])
    program = str(tmp_path / "program")
    library = [f"-L{LIBRARIES}", "-lcalltransfer", f"-Wl,-rpath,{LIBRARIES}"]
    run([*command(standard, family), *objects, "-o", program, *library])
    run([program])
