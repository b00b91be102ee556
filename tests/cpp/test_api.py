"""`api_test.cpp`, case by case: by both compilers, with exceptions and without, shared and static."""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest
from c.compiler import INCLUDE, LIBRARIES, WARNINGS, check_syntax, command, compile_program, compiler, need, run
from c.header import constants
from cpp.conftest import HERE

SOURCE = HERE / "api_test.cpp"
CASES = re.findall(r"\bCASE\((\w+)\),", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
WAYS = [
    ("gcc", "c++17", "shared", ()),
    ("gcc", "c++20", "static", ("-fno-exceptions",)),
    ("clang", "c++20", "static", ()),
    ("clang", "c++17", "shared", ("-fno-exceptions",)),
]
STANDARDS = ["c++17", "c++20", "c++23", "c++2b"]
FORMS = [(), ("-fno-exceptions",), ("-DCALLTRANSFER_NO_EXCEPTIONS",), ("-fno-rtti", "-fno-exceptions")]

TWICE = """
#include <calltransfer/async.hpp>
#include <calltransfer/calltransfer.hpp>
#include <calltransfer/async.hpp>
#include <calltransfer/calltransfer.hpp>
int other();
int UNIT() { return calltransfer::error() ? 1 : OTHER; }
"""


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: "-".join([*way[:3], *way[3]]))
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    family, standard, linked, options = request.param
    need(standard, family)
    return compile_program(SOURCE, tmp_path_factory.mktemp("cpp") / "api_test", standard, linked, family, options)


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, program: pathlib.Path) -> None:
    listed = subprocess.run([program, "--list"], capture_output=True, text=True, timeout=60, check=True)
    throws = case not in listed.stdout.split()
    assert not throws or "throw" in case, "a case that no one runs"
    if not throws:
        done = subprocess.run([program, case], capture_output=True, text=True, timeout=60, check=False, env={})
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("family", ["gcc", "clang"])
@pytest.mark.parametrize("standard", STANDARDS)
def test_headers_are_clean(family: str, standard: str) -> None:
    need(standard, family)
    for options in FORMS:
        check_syntax(INCLUDE / "calltransfer/async.hpp", standard, family, "-Wconversion", "-Wshadow", *options)
        if family == "gcc":
            check_syntax(INCLUDE / "calltransfer/async.hpp", standard, family, "-Wuseless-cast", *options)


@pytest.mark.parametrize("header", sorted(path.name for path in INCLUDE.glob("calltransfer/*.hpp")))
def test_header_can_be_included_alone(header: str) -> None:
    for standard in ("c++17", "c++20"):
        check_syntax(INCLUDE / "calltransfer" / header, standard)


def test_two_files_that_include_it_twice_are_one_program(tmp_path: pathlib.Path) -> None:
    objects = []
    for unit, other in [("main", "other()"), ("other", "0")]:
        source = tmp_path / f"{unit}.cpp"
        source.write_text(TWICE.replace("UNIT", unit).replace("OTHER", other), encoding="utf-8")
        objects.append(str(source.with_suffix(".o")))
        run([*compiler("c++17"), *WARNINGS, f"-I{INCLUDE}", "-c", str(source), "-o", objects[-1]])
    program = str(tmp_path / "program")
    run([*command("c++17"), *objects, "-o", program, f"-L{LIBRARIES}", "-lcalltransfer", f"-Wl,-rpath,{LIBRARIES}"])
    run([program])


def test_nothing_of_the_c_interface_is_left_out() -> None:
    declared = set(
        re.findall(
            r"^\S.*?\b(calltransfer_\w+)\(",
            (INCLUDE / "calltransfer/calltransfer.h").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    used = "".join(header.read_text(encoding="utf-8") for header in INCLUDE.glob("calltransfer/*.hpp"))
    # Reached in another way: by kind() and outcome(), which have names; by handlers, which know what they wait for.
    elsewhere = {"calltransfer_error_kind_name", "calltransfer_error_outcome_name", "calltransfer_queue_in_flight"}
    elsewhere |= {f"calltransfer_completion_{part}" for part in ("id", "request", "result", "call", "finding", "error")}
    # Of a client or queue with a timeout the general function; what C++ copies as values.
    elsewhere |= {f"calltransfer_queue_submit_{verb}" for verb in ("get_call", "answer", "hang_up", "check")}
    elsewhere |= {"calltransfer_client_request_transfer", "calltransfer_config_copy", "calltransfer_transfer_copy"}
    elsewhere |= {"calltransfer_transfer_set", "calltransfer_transfer_get"}
    # For languages without pointers to pointers; make() reports the error of a configuration.
    elsewhere |= {f"calltransfer_{name}" for name in ("client_open", "queue_open", "queue_take", "config_check")}
    missing = {name for name in declared - elsewhere if not re.search(rf"\b{name}\b", used)}
    assert not missing, "the C++ headers don't reach: " + ", ".join(sorted(missing))


def test_every_kind_and_outcome_is_there() -> None:
    cpp = "".join((INCLUDE / f"calltransfer/{name}.hpp").read_text(encoding="utf-8") for name in ("outcome", "event"))
    names = [re.match(r"CALLTRANSFER_(E|OUTCOME|EVENT|CAUSE)_(\w+)$", name) for name in constants()]
    found = [name for name in names if name]
    assert {name[1] for name in found} == {"E", "OUTCOME", "EVENT", "CAUSE"}
    for name in found:
        assert f"{name[2].lower()} = {name[0]}," in cpp, name[0]
