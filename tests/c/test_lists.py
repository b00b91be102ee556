"""Lists of calls through the C interface: the shared vectors, and the real sandbox."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from c.compiler import drive
from c.test_vectors import ids
from sandbox_process import SECRET, TOKEN, USER_ID, SandboxProcess, SilentListener, replies_of, vectors

LISTS = vectors("lists")
ACCOUNTS = {
    "v1": {"user_id": USER_ID, "token": TOKEN, "secret": SECRET},
    "v2": {"account_id": "5500099", "username": "user-name", "password": "pass-word"},
}


def listed(driver: pathlib.Path, sandbox: SandboxProcess, api: str, query: dict[str, Any]) -> dict[str, Any]:
    """The calls, and what ended the list."""
    return drive(driver, {**ACCOUNTS[api], "base_url": sandbox.url, "query": query})


@pytest.mark.parametrize("vector", LISTS, ids=ids(LISTS))
def test_list_is_what_the_vector_says(
    vector: dict[str, Any], list_driver: pathlib.Path, sandbox: SandboxProcess, other: SilentListener
) -> None:
    expect = vector["expect"]
    if vector["replies"]:
        sandbox.script(*replies_of(vector, other.host))
    ended = listed(list_driver, sandbox, vector["api"], vector["query"])
    assert [request["path"] for request in sandbox.requests()] == expect["requests"]
    assert (ended["calls"], ended["kind"]) == (expect["calls"], expect["kind"])
    if expect["kind"] is not None:
        assert ended["field"] == expect.get("field")
        assert ended["outcome"] in ("not_sent", "not_applied")
        assert expect.get("message", "") in ended["message"]
    assert not other.was_connected()


def test_list_has_the_calls_of_the_sandboxs_record(list_driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    for number in range(12):
        sandbox.place_incoming_call(f"c-{number}", state="completed" if number % 3 == 0 else "active")
    ended = listed(list_driver, sandbox, "v1", {"state": "active", "page_size": 5})
    active = [call["id"] for call in sandbox.calls() if call["state"] == "active"]
    assert (ended["calls"], ended["kind"]) == (active[::-1], None)
    assert len(sandbox.requests()) == 3
