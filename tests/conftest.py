"""What the tests of all languages share: a sandbox of their own, per test."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator

import postgres_server
import pytest
from sandbox_process import SandboxProcess, SilentListener

# A background job of a shell, and nohup, ignore signals, and every program that a test starts would too.
for _name in ("SIGINT", "SIGHUP", "SIGTERM"):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _name == "SIGINT" else signal.SIG_DFL)

# With it, a test that lacks a tool fails: CI's weekly job installs all of them.
IS_COMPLETE = "CALLTRANSFER_TEST_COMPLETE" in os.environ


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if IS_COMPLETE and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        # A tag comes with the first release.
        if reason.startswith("NO ") and not reason.startswith("NO TAG YET"):
            report.outcome, report.longrepr = "failed", f"a tool is missing: {reason}"
    return report


@pytest.fixture
def sandbox() -> Iterator[SandboxProcess]:
    process = SandboxProcess()
    yield process
    process.close()


@pytest.fixture
def other() -> Iterator[SilentListener]:
    listener = SilentListener()
    yield listener
    assert not listener.was_connected(), "something connected to a host that it was redirected to"
    listener.close()


@pytest.fixture
def postgres() -> Iterator[postgres_server.Postgres]:
    with postgres_server.running() as server:
        yield server
