"""The sandbox of our own pytest plugin, and clients of it."""

from __future__ import annotations

from typing import Any, Protocol

import calltransfer
import pytest
from calltransfer import _native
from calltransfer.sandbox import Sandbox

from cli_command import Cli
from sandbox_process import OWNED, SECRET, TOKEN, USER_ID


class MakeClient(Protocol):
    def __call__(self, **settings: Any) -> calltransfer.Client: ...


@pytest.fixture(scope="session")
def calltransfer_sandbox_settings() -> dict[str, Any]:
    return {"user_id": USER_ID, "token": TOKEN, "secret": SECRET, "owned_numbers": [OWNED]}


@pytest.fixture
def sandbox(calltransfer_sandbox: Sandbox) -> Sandbox:
    return calltransfer_sandbox


@pytest.fixture
def make_client(sandbox: Sandbox) -> MakeClient:
    return sandbox.client


@pytest.fixture
def client(calltransfer_client: calltransfer.Client) -> calltransfer.Client:
    return calltransfer_client


@pytest.fixture
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _native.ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def account(sandbox: Sandbox) -> Sandbox:
    """The sandbox, whose account the plugin has put into the environment."""
    return sandbox


@pytest.fixture
def cli(sandbox: Sandbox) -> Cli:
    return Cli(sandbox)
