"""The suppression files that hosts are given: nothing of the library is reported, and the host's faults still are."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest
from c.compiler import HERE, ROOT, compile_program
from sandbox_process import SandboxProcess

FILES = ROOT / "packaging/suppressions"
CALLS = 32
RACE = """
#include <calltransfer/calltransfer.h>
#include <pthread.h>
#include <stdio.h>
static int shared;
static void *add(void *unused)
{
    shared++;
    return unused;
}
int main(void)
{
    pthread_t first, second;
    puts(calltransfer_version());
    pthread_create(&first, NULL, add, NULL);
    pthread_create(&second, NULL, add, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
"""

# The log function reads and writes what main wrote and reads, with nothing but the library in between: the
# library's threads exist already when it is written.
LOG = """
#include <calltransfer/calltransfer.h>
#include "check.h"
static int written;
static void count(const calltransfer_log_record *record, void *user_data)
{
    CHECK(calltransfer_log_record_line(record) != NULL);
    ++*(int *)user_data;
}
static void read_call(calltransfer_queue *queue)
{
    calltransfer_completion *done;
    int32_t kind = CALLTRANSFER_REQUEST_GET_CALL;
    CHECK(calltransfer_queue_submit_request(queue, kind, "c-0", 10000, NULL, NULL, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_queue_next(queue, -1, &done, NULL) == CALLTRANSFER_OK);
    CHECK(calltransfer_completion_status(done) == CALLTRANSFER_OK);
    calltransfer_completion_free(done);
}
int main(void)
{
    int round;
    calltransfer_config *config = calltransfer_config_new();
    calltransfer_queue *first, *second;
    calltransfer_config_use_environment(config);
    CHECK(calltransfer_queue_new(config, &first, NULL) == CALLTRANSFER_OK);
    read_call(first);
    for (round = 1; round <= 20; round++) {
        written = 100 * round;
        calltransfer_config_set_log_function(config, count, &written);
        CHECK(calltransfer_queue_new(config, &second, NULL) == CALLTRANSFER_OK);
        read_call(second);
        CHECK(written == 100 * round + 1);
        written = 0;
        read_call(second);
        calltransfer_queue_free(second);
        CHECK(written == 1);
    }
    calltransfer_queue_free(first);
    calltransfer_config_free(config);
    return 0;
}
"""


def moved(command: list[object], sandbox: SandboxProcess, **more: str) -> subprocess.CompletedProcess[str]:
    """Moves calls through the example with an event loop."""
    calls = [f"c-{number}" for number in range(CALLS)]
    for call in calls:
        sandbox.place_incoming_call(call)
    done = subprocess.run(
        [str(word) for word in command],
        input="".join(f"{call} +18382947878\n" for call in calls),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=sandbox.environment() | more,
    )
    assert done.stdout.count(" applied ") == CALLS, done.stderr
    return done


def with_thread_sanitizer(source: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    empty = folder / "empty.c"
    empty.write_text("int main(void) { return 0; }\n", encoding="utf-8")
    command = ["cc", "-fsanitize=thread", str(empty), "-o", str(folder / "empty")]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("NO THREADSANITIZER IN CC: tsan.supp was not tried")
    return compile_program(source, folder / source.stem, options=("-fsanitize=thread", f"-I{HERE}"))


def test_thread_sanitizer_reports_nothing_of_the_library(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = with_thread_sanitizer(ROOT / "examples/c/epoll.c", tmp_path)
    done = moved([program], sandbox, TSAN_OPTIONS=f"suppressions={FILES}/tsan.supp")
    assert (done.returncode, done.stderr) == (0, "")


def watched(program: pathlib.Path, *arguments: str, sandbox: SandboxProcess) -> subprocess.CompletedProcess[str]:
    environment = sandbox.environment() | {"TSAN_OPTIONS": f"suppressions={FILES}/tsan.supp"}
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=300, check=False, env=environment
    )


def test_thread_sanitizer_sees_what_the_library_orders(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    submitters, calls = 8, 25
    for submitter in range(submitters):
        for call in range(calls):
            sandbox.place_incoming_call(f"c-{submitter}-{call}")
    program = with_thread_sanitizer(HERE / "queue_storm.c", tmp_path)
    done = watched(program, str(submitters), str(calls), "3", sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == submitters * calls


def test_thread_sanitizer_sees_when_the_log_function_runs(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-0")
    source = tmp_path / "log.c"
    source.write_text(LOG, encoding="utf-8")
    done = watched(with_thread_sanitizer(source, tmp_path), sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")


def test_thread_sanitizer_still_finds_a_race_of_the_host(tmp_path: pathlib.Path) -> None:
    source = tmp_path / "race.c"
    source.write_text(RACE, encoding="utf-8")
    program = with_thread_sanitizer(source, tmp_path)
    environment = {"TSAN_OPTIONS": f"suppressions={FILES}/tsan.supp"}
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert "data race" in done.stderr and " in add" in done.stderr


def valgrind() -> list[str]:
    program = shutil.which("valgrind")
    if program is None:
        pytest.skip("NO VALGRIND ON PATH: valgrind.supp was not tried")
    kinds = ["--show-leak-kinds=all", "--errors-for-leak-kinds=all"]
    return [program, "--leak-check=full", *kinds, "--error-exitcode=99", f"--suppressions={FILES}/valgrind.supp"]


def test_valgrind_reports_nothing_of_the_library(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = compile_program(ROOT / "examples/c/epoll.c", tmp_path / "epoll")
    done = moved([*valgrind(), program], sandbox)
    assert done.returncode == 0, done.stderr


def test_valgrind_still_finds_a_leak(tmp_path: pathlib.Path) -> None:
    program = compile_program(HERE / "sanitizer_selfcheck.c", tmp_path / "faults")
    command = [*valgrind(), str(program), "leak"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={})
    assert done.returncode == 99 and "definitely lost" in done.stderr
