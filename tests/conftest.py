"""What the tests of all languages share: a sandbox of their own, per test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox_process import SandboxProcess, SilentListener


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
