"""Fixtures for tests of programs that transfer calls; pytest finds them by itself.

    def test_the_caller_is_transferred(calltransfer_sandbox):
        call_id = calltransfer_sandbox.place_incoming_call()
        my_program.send_to_the_front_desk(call_id)
        assert calltransfer_sandbox.call(call_id)["state"] == "transferring"

A package of its own: every run of pytest imports it, and `calltransfer` comes with a native module that
only those runs load which use a fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from calltransfer import Client
    from calltransfer.sandbox import Sandbox


@pytest.fixture(scope="session")
def calltransfer_sandbox_settings() -> dict[str, Any]:
    """What the sandboxes are made with, as `{"owned_numbers": ["+19195551212"]}`: override it."""
    return {}


@pytest.fixture
def calltransfer_sandbox(
    calltransfer_sandbox_settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """A sandbox of the platform for this test alone, with its account in the environment."""
    from calltransfer import _native
    from calltransfer.sandbox import Sandbox

    with Sandbox(**calltransfer_sandbox_settings) as sandbox:
        for _, name in _native.VARIABLES:  # a real account of the developer's has no place in a test
            monkeypatch.delenv(name, raising=False)
        for name, value in sandbox.environment().items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.fixture
def calltransfer_client(calltransfer_sandbox: Sandbox) -> Client:
    """A `calltransfer.Client` of `calltransfer_sandbox`."""
    return calltransfer_sandbox.client()
