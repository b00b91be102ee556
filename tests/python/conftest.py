"""The sandbox of our own pytest plugin, and clients of it."""

from __future__ import annotations

import asyncio
import pathlib
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


class Waiting:
    """An `AsyncClient` whose transfers are waited for, each in a loop of its own."""

    def __init__(self, **settings: Any) -> None:
        self._client = calltransfer.AsyncClient(**settings)

    def transfer(self, *arguments: Any, **options: Any) -> calltransfer.Transferred:
        return asyncio.run(self._client.transfer(*arguments, **options))


@pytest.fixture(params=[calltransfer.Client, Waiting], ids=["sync", "async"])
def either(request: pytest.FixtureRequest) -> Any:
    """Makes a `Client`, and for the same test again an `AsyncClient`."""
    return request.param


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


@pytest.fixture
def ledger(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "evac.db")
