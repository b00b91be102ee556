"""Runs from C and C++: the library that was built with them, its header, and the examples that are killed and go on."""

from __future__ import annotations

import collections
import csv
import json
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest
from c.compiler import HERE, INCLUDE, ROOT, RUNS_LIBRARIES, compile_program
from c.header import RUNS_HEADER, constants, functions
from c.misuse import cases, program
from c.misuse_runs import RUN_ROWS
from sandbox_process import SandboxProcess

ALL = functions(RUNS_HEADER)
COMMAND = pathlib.Path(sys.executable).with_name("calltransfer")
TARGET = "+18382947878"
CALLS = 300
CASES = [
    "rows_are_added_sent_and_read",
    "refused_rows_are_listed_and_none_is_added",
    "another_run_is_refused_by_name",
    "a_run_is_stopped_and_goes_on",
    "unknown_rows_are_checked_and_planned_again",
    "rows_are_exported",
    "a_forked_child_is_refused",
]


def compiled(source: pathlib.Path, folder: pathlib.Path, standard: str = "c11") -> pathlib.Path:
    options = ("-D_DEFAULT_SOURCE",) if standard == "c11" else ()
    return compile_program(source, folder / source.stem, standard, options=options, libraries=RUNS_LIBRARIES)


@pytest.fixture(scope="module")
def run_test(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compiled(HERE / "run_test.c", tmp_path_factory.mktemp("c"))


def run_case(case: str, program: pathlib.Path, folder: pathlib.Path, sandbox: SandboxProcess) -> None:
    for number in range(10):
        sandbox.place_incoming_call(f"c-{number}")
    if case.startswith("unknown"):
        sandbox.script({"status": 502})
    done = subprocess.run(
        [program, case], cwd=folder, env=sandbox.environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr


@pytest.mark.parametrize("case", CASES)
def test_run(case: str, run_test: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    run_case(case, run_test, tmp_path, sandbox)
    posts = collections.Counter(r["call_id"] for r in sandbox.requests() if r["method"] == "POST")
    is_repeated = case.startswith("unknown")  # as a decision of the program
    assert set(posts.values()) <= {1, 2 if is_repeated else 1}


def test_every_case_of_the_program_is_run() -> None:
    source = (HERE / "run_test.c").read_text(encoding="utf-8")
    assert [case for case in CASES if f'"{case}"' not in source] == []
    assert source.count('    {"') == len(CASES)


def test_report_is_that_of_the_command(run_test: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    run_case("rows_are_exported", run_test, tmp_path, sandbox)

    def of_the_command(*options: str) -> str:
        command = [COMMAND, "run", "export", "evac.db", *options]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True).stdout

    def objects(text: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in text.splitlines()]

    def table(text: str) -> list[list[str]]:
        return [
            [*cells[:-1], json.loads(cells[-1])] if n else cells
            for n, cells in enumerate(csv.reader(text.splitlines(keepends=True)))
        ]

    report = (tmp_path / "report.jsonl").read_text(encoding="utf-8")
    assert objects(report) == objects(of_the_command("--json"))
    assert list(objects(report)[0]) == list(objects(of_the_command("--json"))[0])
    assert table((tmp_path / "report.csv").read_text(encoding="utf-8")) == table(of_the_command())
    whole = (tmp_path / "whole.jsonl").read_text(encoding="utf-8")
    states = ("--state", "applied", "--state", "planned")
    assert objects(whole) == objects(of_the_command("--json", "--show-numbers", *states))
    assert TARGET in whole and TARGET not in report and TARGET[3:] not in report


@pytest.mark.parametrize("example", ["c/run.c", "cpp/run.cpp"])
def test_example_that_is_killed_goes_on(example: str, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = compiled(ROOT / "examples" / example, tmp_path, "c++20" if example.startswith("cpp") else "c11")
    calls = [f"c-{number}" for number in range(CALLS)]
    for call_id in calls:
        sandbox.place_incoming_call(call_id)
    sandbox.inject({"delay_ms": 40, "rate": 1, "seed": 1})

    def start(text: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [program, tmp_path / "evac.db", TARGET],
            env=sandbox.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(text)
        process.stdin.close()
        process.stdin = None
        return process

    listed = "".join(f"{call_id}\n" for call_id in calls)
    first = start(listed)
    try:
        until = time.monotonic() + 60
        while len(sandbox.requests()) < CALLS // 4 and time.monotonic() < until:
            time.sleep(0.005)
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    sent = len(sandbox.requests())
    assert 0 < sent < CALLS, "it was killed too late"
    second = start(listed)
    output, errors = second.communicate(timeout=120)
    assert (second.returncode, errors) == (0, "")
    first_line, *others = output.splitlines()
    # Rows that the killed one had taken and not sent: a check found that nothing was done.
    undone = {line.partition(":")[0] for line in others}
    assert all(f"{call_id}: not_applied: " in output for call_id in undone)
    assert first_line == f"{CALLS - len(undone)} of {CALLS} calls were transferred, 0 are not known"
    posts = collections.Counter(r["call_id"] for r in sandbox.requests() if r["method"] == "POST")
    assert posts == dict.fromkeys(set(calls) - undone, 1)


def test_every_function_of_runs_has_its_row() -> None:
    assert sorted(RUN_ROWS) == sorted(ALL), "give each function a row in tests/c/misuse_runs.py"


@pytest.mark.parametrize("name", ALL)
def test_every_pointer_is_tried(name: str) -> None:
    assert set(RUN_ROWS[name]) == {parameter for kind, parameter in ALL[name].parameters if "*" in kind}


def compiled_with_runs(folder: pathlib.Path) -> pathlib.Path:
    before, after = ((HERE / f"null_args_{part}.c").read_text(encoding="utf-8") for part in ("prologue", "epilogue"))
    source = folder / "misuse_runs.c"
    before = before.replace('"check.h"', f'"{HERE}/check.h"')
    source.write_text("#define WITH_RUNS\n" + program(ALL, before, after, RUN_ROWS), encoding="utf-8")
    return compile_program(source, folder / "misuse_runs", options=("-Wno-unused-function",), libraries=RUNS_LIBRARIES)


@pytest.mark.parametrize("where", ["here", "forked"])
def test_nothing_of_runs_crashes_and_each_is_reported(where: str, tmp_path: pathlib.Path) -> None:
    done = subprocess.run(
        [compiled_with_runs(tmp_path), where],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={},
        cwd=tmp_path,
    )
    assert done.returncode == 0, "\n".join(done.stderr.splitlines()[-3:])
    assert int(done.stdout) == sum(len(cases(function, RUN_ROWS)) for function in ALL.values()) > 100


def test_nothing_of_runs_is_left_out_of_cpp() -> None:
    cpp = "".join(path.read_text(encoding="utf-8") for path in INCLUDE.glob("calltransfer/run*.hpp"))
    # Reached by kind(), which has names, and by add(), which takes many.
    elsewhere = {"calltransfer_run_error_kind_name", "calltransfer_run_add"}
    assert [name for name in ALL if name not in elsewhere and f"{name}(" not in cpp] == []
    numbers = constants(RUNS_HEADER)
    assert len(numbers) > 10
    assert [name for name in numbers if not re.search(rf"= {name}\b", cpp)] == []
