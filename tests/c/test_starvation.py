"""Every entry point of C and C++ without descriptors, threads or memory: one completion for each accepted request."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from c.compiler import compile_program
from python_program import read_request, silent_server, url
from sandbox_process import SandboxProcess
from starvation.judge import HERE, RESOURCES, compile_no_threads, starve

ENTRIES = [("c", "blocking"), ("c", "queue"), ("c++", "blocking"), ("c++", "handlers"), ("c++", "futures")]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pathlib.Path]:
    folder = tmp_path_factory.mktemp("starvation")
    options = ("-D_GNU_SOURCE",)
    return {
        "no_threads": compile_no_threads(folder),
        "c": compile_program(HERE / "starved.c", folder / "starved_c", options=options),
        "c++": compile_program(HERE / "starved.cpp", folder / "starved_cpp", "c++17", options=options),
    }


@pytest.mark.parametrize("language,entry", ENTRIES)
@pytest.mark.parametrize("resource,amount", RESOURCES)
def test_entry_point_starved_completes_what_was_accepted(
    language: str, entry: str, resource: str, amount: int, programs: dict[str, pathlib.Path], sandbox: SandboxProcess
) -> None:
    if (entry, resource) == ("futures", "threads"):
        amount += 1  # the client has one of its own
    command = [programs[language], entry]
    came = starve(command, resource, amount, programs["no_threads"], sandbox, may_abort=resource == "memory")
    print(f"\n| {language} {entry} | {resource} {amount} | {came} |")


def test_descriptors_closed_by_the_host_later_requests_are_made(
    tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    program = compile_program(HERE / "closed.c", tmp_path / "closed", options=("-D_GNU_SOURCE",))
    files = tmp_path / "files"
    files.mkdir()
    calls = [f"c-{number}" for number in range(1, 6)]
    for call_id in calls:
        sandbox.place_incoming_call(call_id)
    done = subprocess.run(
        [program, files], capture_output=True, text=True, timeout=60, check=False, env=sandbox.environment()
    )
    assert done.returncode == 0, done.stderr
    assert "panicked" not in done.stderr, done.stderr
    assert [request["call_id"] for request in sandbox.requests()] == calls


def test_request_under_closed_descriptors_is_unknown(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = compile_program(HERE / "closed.c", tmp_path / "closed", options=("-D_GNU_SOURCE",))
    files = tmp_path / "files"
    files.mkdir()
    with silent_server() as server:
        environment = sandbox.environment() | {"CALLTRANSFER_BASE_URL": url(server)}
        with (
            subprocess.Popen(
                [program, files, "in_flight"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
            ) as process,
            read_request(server),
        ):
            _, errors = process.communicate("\n", timeout=60)
    assert process.returncode == 0, errors
    assert "panicked" not in errors, errors
