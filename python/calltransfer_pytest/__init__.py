"""Fixtures for tests of programs that transfer calls; pytest finds them by itself.

    def test_caller_is_transferred(calltransfer_sandbox):
        call_id = calltransfer_sandbox.place_incoming_call()
        my_program.transfer_to_support(call_id)
        assert calltransfer_sandbox.call(call_id)["state"] == "transferring"

This is a separate package because every run of pytest imports it; `calltransfer` and its native module are imported only
if a test uses a fixture.
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
    """The keyword arguments of `Sandbox`, for example `{"owned_numbers": ["+19195551212"]}`. Override it to set them."""
    return {}


@pytest.fixture
def calltransfer_sandbox(
    calltransfer_sandbox_settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """A sandbox for this test only, with its account in the environment."""
    from calltransfer import _native
    from calltransfer.sandbox import Sandbox

    with Sandbox(**calltransfer_sandbox_settings) as sandbox:
        for _, name in _native.VARIABLES:  # a test must not use a real account of the developer
            monkeypatch.delenv(name, raising=False)
        for name, value in sandbox.environment().items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.fixture
def calltransfer_client(calltransfer_sandbox: Sandbox) -> Client:
    """A `calltransfer.Client` of `calltransfer_sandbox`."""
    return calltransfer_sandbox.client()
