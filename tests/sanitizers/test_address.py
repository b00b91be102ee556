"""AddressSanitizer, LeakSanitizer and UBSan over C programs and an instrumented library. For `make test-long`.

There is no ThreadSanitizer: a stable toolchain has no instrumented std, and rustc refuses to mix it with ours.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from c.compiler import HERE, INCLUDE, ROOT
from c.compiler import command as compiler_command
from c.header import functions
from c.misuse import program as misuse_source
from c.test_api import PROGRAMS
from c.test_queue import weather
from c.test_safety import CALLS, THREADS
from c.test_valgrind import place
from cpp.conftest import HERE as CPP
from cpp.test_async import CASES as ASYNC_CASES
from cpp.test_async import SILENT
from sandbox_process import SandboxProcess

TARGET = f"{os.uname().machine}-unknown-linux-gnu"
FOLDER = ROOT / "target" / "address"
LIBRARY = FOLDER / TARGET / "debug" / "libcalltransfer.a"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or (shutil.which("clang") or shutil.which("gcc")) is None,
    reason="NO CLANG AND NO GCC ON LINUX: the sanitizers were not tried",
)


@pytest.fixture(scope="module")
def library() -> pathlib.Path:
    """The library, with every access to memory of ours and of its crates checked."""
    environment = os.environ | {
        "RUSTC_BOOTSTRAP": "1",
        "RUSTFLAGS": "-Zsanitizer=address",
        "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
        "CARGO_PROFILE_DEV_DEBUG": "line-tables-only",
    }
    command = ["cargo", "build", "--quiet", "--locked", "-p", "calltransfer-c", "--target", TARGET]
    subprocess.run([*command, "--target-dir", FOLDER], cwd=ROOT, env=environment, check=True)
    return LIBRARY


def compiled(source: pathlib.Path, library: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    program = folder / source.stem
    family = "clang" if shutil.which("clang") else "gcc"
    standard = "c++20" if source.suffix == ".cpp" else "c11"
    command = [
        *compiler_command(standard, family),
        f"-std={standard}",
        "-D_GNU_SOURCE",
        "-g",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=undefined",
        f"-I{INCLUDE}",
        f"-I{HERE}",
        str(source),
        str(library),
        "-o",
        str(program),
        "-pthread",
        "-lm",
        "-ldl",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return program


def run(command: list[object], environment: dict[str, str], timeout: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=environment | {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"},
    )


@pytest.mark.parametrize(
    "fault, reported",
    [
        ("use after free", r"AddressSanitizer: heap-use-after-free[\s\S]*#\d+ .* in calltransfer_transfer_to_json"),
        ("leak", r"LeakSanitizer: detected memory leaks"),
        ("overflow", r"runtime error: signed integer overflow"),
    ],
)
def test_fault_on_purpose_is_found(fault: str, reported: str, library: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = run([compiled(HERE / "sanitizer_selfcheck.c", library, tmp_path), fault], {})
    assert done.returncode != 0
    assert re.search(reported, done.stderr), done.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_suite_is_clean(name: str, library: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = run([compiled(HERE / f"{name}.c", library, tmp_path)], {})
    assert done.returncode == 0, done.stderr


def test_suite_of_cpp_is_clean(library: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = run([compiled(CPP / "api_test.cpp", library, tmp_path)], {})
    assert done.returncode == 0, done.stderr


def test_nonblocking_cpp_programs_are_clean(
    library: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    program = compiled(CPP / "async_test.cpp", library, tmp_path)
    for case in [case for case in ASYNC_CASES if case not in SILENT and "fork" not in case]:
        calls = [f"{case.replace('_', '-')}-{number}" for number in range(4)]
        for call_id in calls:
            sandbox.place_incoming_call(call_id, state="started" if case.startswith("coroutines") else "active")
        done = run([program, case, *calls], sandbox.environment())
        assert done.returncode == 0, f"{case}\n{done.stderr}"


@pytest.mark.parametrize("where", ["here", "forked"])
def test_every_misuse_is_clean(where: str, library: pathlib.Path, tmp_path: pathlib.Path) -> None:
    before, after = ((HERE / f"null_args_{part}.c").read_text(encoding="utf-8") for part in ("prologue", "epilogue"))
    source = tmp_path / "misuse.c"
    source.write_text(misuse_source(functions(), before, after), encoding="utf-8")
    done = run([compiled(source, library, tmp_path), where], {})
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize(
    "case",
    [
        "each_kind_of_request_completes",
        "an_error_comes_with_its_completion",
        "invalid_request_is_refused_at_once",
        "the_descriptor_is_readable_while_completions_wait",
        "a_queue_is_freed_with_work_in_flight",
        # Not a_forked_child_…: this sanitizer does not take its allocator's lock at a fork, so that the child
        # now and then waits for it forever. The plain test and valgrind's run it.
    ],
)
def test_queue_is_clean(case: str, library: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1", state="started" if case.startswith("each") else "active")
    for call_id in ("c-2", "c-3"):
        sandbox.place_incoming_call(call_id)
    done = run([compiled(HERE / "queue_test.c", library, tmp_path), case], sandbox.environment())
    assert done.returncode == 0, done.stderr


def test_storm_of_cancels_is_clean(library: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = compiled(HERE / "queue_storm.c", library, tmp_path)
    reported = weather(program, sandbox, submitters=16, calls=40, stoppers=8)
    assert set(reported.values()) != {"applied"}


def test_hammer_is_clean(library: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    for thread in range(THREADS):
        for call in range(CALLS):
            sandbox.place_incoming_call(f"c-{thread}-{call}")
    done = run([compiled(HERE / "concurrency_stress.c", library, tmp_path), THREADS, CALLS], sandbox.environment())
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == THREADS * CALLS == len(sandbox.requests())


def test_ten_thousand_transfers_are_clean(
    library: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    place(sandbox, 10_000)
    done = run([compiled(HERE / "soak.c", library, tmp_path), 10_000], sandbox.environment(), timeout=900)
    assert (done.returncode, done.stdout) == (0, "5000 of 10000\n"), done.stderr
