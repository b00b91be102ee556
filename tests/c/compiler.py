"""Compiles C and C++ programs against the library and the header, as a user would."""

from __future__ import annotations

import os
import pathlib
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = ROOT / "include"
LIBRARIES = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror"]

# What `cargo rustc -p calltransfer-c --release --crate-type staticlib -- --print native-static-libs`
# prints on Linux.
STATIC_LIBRARIES = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"]


def compiler(standard: str) -> list[str]:
    """The command of the compiler for a standard, as c11 or c++17."""
    if standard.startswith("c++"):
        return [*shlex.split(os.environ.get("CXX", "c++")), "-x", "c++", f"-std={standard}"]
    return [*shlex.split(os.environ.get("CC", "cc")), f"-std={standard}"]


def check_syntax(source: pathlib.Path, standard: str) -> None:
    """Compiles a file and keeps nothing; a warning is an error."""
    run([*compiler(standard), *WARNINGS, "-fsyntax-only", f"-I{INCLUDE}", str(source)])


def compile_program(
    source: pathlib.Path, program: pathlib.Path, standard: str = "c11", linked: str = "shared"
) -> pathlib.Path:
    """Compiles one file to a program; `linked` is shared or static."""
    if linked == "static":
        library = [str(LIBRARIES / "libcalltransfer.a"), *STATIC_LIBRARIES]
    else:
        library = [f"-L{LIBRARIES}", "-lcalltransfer", f"-Wl,-rpath,{LIBRARIES}"]
    compile_only = [*compiler(standard), *WARNINGS, "-D_POSIX_C_SOURCE=200809L", "-g", f"-I{INCLUDE}"]
    # Through an object file: `-x c++` would take the library for source, too.
    object_file = program.with_suffix(".o")
    run([*compile_only, "-c", str(source), "-o", str(object_file)])
    linker = shlex.split(os.environ.get("CXX", "c++") if standard.startswith("c++") else os.environ.get("CC", "cc"))
    run([*linker, str(object_file), "-o", str(program), *library, "-pthread"])
    return program


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stderr}"
