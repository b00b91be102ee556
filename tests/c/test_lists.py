"""Lists of calls through the C interface: the shared vectors, and the real sandbox."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any

import pytest
from c.test_vectors import ids
from sandbox_process import SECRET, TOKEN, USER_ID, SandboxProcess, SilentListener, replies_of, vectors

LISTS = vectors("lists")
ACCOUNTS = {
    "v1": {"user_id": USER_ID, "token": TOKEN, "secret": SECRET},
    "v2": {"account_id": "5500099", "username": "user-name", "password": "pass-word"},
}


def listed(driver: pathlib.Path, sandbox: SandboxProcess, api: str, query: dict[str, Any]) -> list[tuple[str, str]]:
    """The lines that the driver prints, each with its name."""
    given = {**ACCOUNTS[api], "base_url": sandbox.url, **query}
    arguments = [str(word) for pair in given.items() for word in pair]
    done = subprocess.run([driver, *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return [tuple(line.split(" ", 1)) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("vector", LISTS, ids=ids(LISTS))
def test_the_list_is_what_the_vector_says(
    vector: dict[str, Any], list_driver: pathlib.Path, sandbox: SandboxProcess, other: SilentListener
) -> None:
    expect = vector["expect"]
    if vector["replies"]:
        sandbox.script(*replies_of(vector, other.host))
    lines = listed(list_driver, sandbox, vector["api"], vector["query"])
    assert [request["path"] for request in sandbox.requests()] == expect["requests"]
    assert [text for name, text in lines if name == "call"] == expect["calls"]
    ended = {name: text for name, text in lines if name != "call"}
    assert ended["kind"] == (expect["kind"] or "")
    if expect["kind"] is not None:
        assert ended["field"] == expect.get("field", "")
        assert ended["outcome"] in ("not_sent", "not_applied")
        assert expect.get("message", "") in ended["message"]
    assert not other.was_connected()


def test_list_has_the_calls_of_the_sandboxs_record(list_driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    for number in range(12):
        sandbox.place_incoming_call(f"c-{number}", state="completed" if number % 3 == 0 else "active")
    lines = listed(list_driver, sandbox, "v1", {"state": "active", "page_size": 5})
    active = [call["id"] for call in sandbox.calls() if call["state"] == "active"]
    assert lines == [*(("call", call) for call in reversed(active)), ("kind", "")]
    assert len(sandbox.requests()) == 3
