"""Compiles C and C++ programs against the library and the header, as a user would."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = ROOT / "include"
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
LIBRARIES = TARGET / "c/lib"
RUNS_LIBRARIES = TARGET / "c/lib-runs"
# yyjson's source, and what was compiled of it.
YYJSON = pathlib.Path(sys.prefix) / "yyjson"
WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror"]


def install_variable(name: str) -> str:
    """What `make install` sets a variable to, reported by itself."""
    rules = (ROOT / "ffi-c/install/install.mk").read_text(encoding="utf-8")
    return re.search(rf"^{name} := (.*)$", rules, re.MULTILINE)[1]


STATIC_LIBRARIES = install_variable("STATIC_LIBS").split()

# The compilers that are tried, as (C, C++); the environment's stand where none is named.
FAMILIES = {"gcc": ("gcc", "g++"), "clang": ("clang", "clang++")}


def command(standard: str, family: str | None = None) -> list[str]:
    """The command of the compiler for a standard, as c11 or c++17."""
    cplusplus = standard.startswith("c++")
    if family is not None:
        return [FAMILIES[family][cplusplus]]
    return shlex.split(os.environ.get("CXX", "c++") if cplusplus else os.environ.get("CC", "cc"))


def compiler(standard: str, family: str | None = None) -> list[str]:
    """The same with its options for a source of any name."""
    language = ["-x", "c++"] if standard.startswith("c++") else []
    return [*command(standard, family), *language, f"-std={standard}"]


def strict(source: pathlib.Path, program: list[str]) -> list[str]:
    """What a host with strict rules adds for C++; C that is compiled as C++ needs casts."""
    if source.suffix not in (".cpp", ".hpp"):
        return []
    return ["-Wshadow", "-Wuseless-cast"] if knows_useless_casts(*program) else ["-Wshadow"]


@functools.cache
def knows_useless_casts(*program: str) -> bool:
    line = [*program, "-Werror", "-Wuseless-cast", "-fsyntax-only", "-x", "c++", os.devnull]
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


def need(standard: str, family: str) -> None:
    """Skips the test where the compiler is missing, or doesn't know the standard."""
    program = command(standard, family)[0]
    if shutil.which(program) is None:
        pytest.skip(f"NO {program.upper()} ON PATH: nothing was compiled with it")
    known = subprocess.run(
        [*compiler(standard, family), "-fsyntax-only", os.devnull], capture_output=True, text=True, check=False
    )
    if known.returncode != 0:
        pytest.skip(f"THIS {program.upper()} HAS NO {standard.upper()}: nothing was compiled as it")


def check_syntax(source: pathlib.Path, standard: str, family: str | None = None, *options: str) -> None:
    """Compiles a file and keeps nothing; a warning is an error."""
    warnings = [*WARNINGS, *strict(source, command(standard, family))]
    run([*compiler(standard, family), *warnings, *options, "-fsyntax-only", f"-I{INCLUDE}", str(source)])


def compile_program(
    source: pathlib.Path,
    program: pathlib.Path,
    standard: str = "c11",
    linked: str = "shared",
    family: str | None = None,
    options: tuple[str, ...] = (),
    libraries: pathlib.Path = LIBRARIES,
    objects: tuple[pathlib.Path, ...] = (),
) -> pathlib.Path:
    """Compiles one file to a program; `linked` is shared or static, `libraries` is where the library is."""
    if linked == "static":
        library = [str(libraries / "libcalltransfer.a"), *STATIC_LIBRARIES]
    else:
        library = [f"-L{libraries}", "-lcalltransfer", f"-Wl,-rpath,{libraries}"]
    warnings = [*WARNINGS, *strict(source, command(standard, family))]
    compile_only = [*compiler(standard, family), *warnings, "-D_POSIX_C_SOURCE=200809L", "-g", f"-I{INCLUDE}", *options]
    # Through an object file: `-x c++` would take the library for source, too.
    object_file = program.with_suffix(".o")
    run([*compile_only, "-c", str(source), "-o", str(object_file)])
    run(
        [
            *command(standard, family),
            *options,
            str(object_file),
            *map(str, objects),
            "-o",
            str(program),
            *library,
            "-pthread",
        ]
    )
    return program


def compile_driver(
    source: pathlib.Path, folder: pathlib.Path, standard: str = "c11", options: tuple[str, ...] = ()
) -> pathlib.Path:
    """Compiles a driver into this folder: a program that reads and writes JSON, with yyjson."""
    assert (YYJSON / "yyjson.o").is_file(), "the drivers need yyjson: make .venv/yyjson/yyjson.o"
    options = (*options, "-isystem", str(YYJSON))
    return compile_program(source, folder / source.stem, standard, options=options, objects=(YYJSON / "yyjson.o",))


def drive(
    driver: pathlib.Path | list[Any], given: dict[str, Any], *arguments: str, env: dict[str, str] | None = None
) -> Any:
    """Gives a driver, or the command that runs one, a JSON object, and returns the one that it writes."""
    line = [*driver, *arguments] if isinstance(driver, list) else [driver, *arguments]
    text = json.dumps(given)
    done = subprocess.run(line, input=text, capture_output=True, text=True, timeout=300, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run(line: list[str]) -> None:
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(line)}\n{done.stderr}"
