"""What the tests of all languages share: a sandbox of their own, per test."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import postgres_server
import pytest
from sandbox_process import SandboxProcess, SilentListener

# A background job of a shell, and nohup, ignore signals, and every program that a test starts would too.
for _name in ("SIGINT", "SIGHUP", "SIGTERM"):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _name == "SIGINT" else signal.SIG_DFL)


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
