"""A client of the test's own sandbox."""

from __future__ import annotations

from typing import Any, Protocol

import calltransfer
import pytest

from sandbox_process import SECRET, TOKEN, USER_ID, SandboxProcess


class MakeClient(Protocol):
    def __call__(self, **settings: Any) -> calltransfer.Client: ...


@pytest.fixture
def make_client(sandbox: SandboxProcess) -> MakeClient:
    def make(**settings: Any) -> calltransfer.Client:
        account = {"user_id": USER_ID, "token": TOKEN, "secret": SECRET, "base_url": sandbox.url}
        return calltransfer.Client(**{**account, **settings})

    return make


@pytest.fixture
def client(make_client: MakeClient) -> calltransfer.Client:
    return make_client()


@pytest.fixture
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in calltransfer._client._native.ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def account(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> SandboxProcess:
    """The sandbox's account, in the environment."""
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    return sandbox
