"""Every entry point of Python without descriptors, threads or memory: what was not sent is reported so."""

from __future__ import annotations

import ast
import os
import pathlib
import sys

import pytest
from sandbox_process import SandboxProcess
from starvation.judge import HERE, RESOURCES, compile_no_threads, starve

PROGRAM = HERE / "program.py"
ENTRIES = [
    "client_transfer",
    "transfer_many",
    "transfer_as_completed",
    "async_transfer",
    "async_transfer_many",
    "async_transfer_as_completed",
    "command_many",
]


@pytest.fixture(scope="module")
def no_threads(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_no_threads(tmp_path_factory.mktemp("starvation"))


def test_starved_entry_points_are_all_of_the_program() -> None:
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"))
    listed = next(node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "ENTRIES")
    assert [name.id for name in listed.elts] == ENTRIES


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("resource,amount", RESOURCES)
def test_entry_point_starved_reports_what_was_not_sent(
    entry: str, resource: str, amount: int, no_threads: pathlib.Path, sandbox: SandboxProcess
) -> None:
    came = starve(
        [sys.executable, PROGRAM, entry], resource, amount, no_threads, sandbox, may_abort=resource == "memory"
    )
    print(f"\n| python {entry} | {resource} {amount} | {came} |")


@pytest.mark.parametrize("entry", ENTRIES)
def test_name_look_up_without_a_thread_is_not_sent(
    entry: str, no_threads: pathlib.Path, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = sandbox.url.replace("127.0.0.1", "localhost")
    environment = sandbox.environment() | {"CALLTRANSFER_BASE_URL": named}
    monkeypatch.setattr(sandbox, "environment", lambda: environment)
    workers = 0 if entry == "client_transfer" else min(os.cpu_count() or 1, 4)
    came = starve([sys.executable, PROGRAM, entry], "threads", workers, no_threads, sandbox)
    assert came in ("3 not_sent", "3 applied")  # the latter where this name needs no look-up
