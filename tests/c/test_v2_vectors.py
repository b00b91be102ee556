"""Every vector of the v2 API that C can say, through the C interface, over the real sandbox."""

from __future__ import annotations

import pathlib
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from c.compiler import drive
from sandbox_process import SandboxProcess, SilentListener, replies_of, vectors

KINDS = {"privacy": bool, "recording_enabled": bool, "call_timeout": (int, float), "volume": int, "loop_enabled": bool}


def is_sayable(options: Any) -> bool:
    """C's setters have types, names are functions, and a NUL ends a text."""
    if isinstance(options, str):
        return "\0" not in options
    return all(
        isinstance(value, KINDS.get(name, (str, dict))) and name.islower() and "\0" not in str(value)
        for name, value in options.items()
    )


REQUESTS = [vector for vector in vectors("v2-requests") if is_sayable(vector["given"]["options"])]
WHISPERS = [vector for vector in vectors("v2-whispers") if is_sayable(vector["given"])]


def cases(chosen: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("vector", chosen, ids=[vector["name"] for vector in chosen])


def send(driver: pathlib.Path, base_url: str, given: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Makes the transfer of a vector, and returns what the driver says of it."""
    account = {"username": "api-user", "password": "s-secret", "base_url": base_url}
    return drive(driver, {**given, **account, **more})


@cases([vector for vector in REQUESTS if "request" in vector])
@pytest.mark.parametrize("way", ["client", "queue"])
def test_v2_request_arrives_as_given(
    vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess, way: str
) -> None:
    sandbox.script({"status": 204})
    reported = send(driver, sandbox.url, vector["given"], way=way)
    assert (reported["outcome"], reported["new_call_id"]) == ("applied", None)
    [arrived] = sandbox.requests()
    expected = vector["request"]
    assert (arrived["method"], arrived["path"]) == (expected["method"], expected["path"])
    assert arrived["body"] == reported["body"], "to_bxml shows other bytes than are sent"
    assert ET.canonicalize(arrived["body"]) == ET.canonicalize(expected["bxml"])


@cases([vector for vector in REQUESTS if "refused" in vector])
def test_v2_request_is_refused_by_its_field(
    vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess
) -> None:
    reported = send(driver, sandbox.url, vector["given"])
    assert (reported["kind"], reported["outcome"], reported["field"]) == (
        "invalid_argument",
        "not_sent",
        vector["refused"]["field"],
    )
    assert sandbox.requests() == []


@cases(vectors("v2-responses"))
def test_v2_answer_is_read_so(
    vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess, other: SilentListener
) -> None:
    replies, expect = replies_of(vector, other.host), vector["expect"]
    sandbox.script(*replies)
    reported = send(driver, sandbox.url, {"account_id": "5500099", "call_id": "c-1", "to": "+18382947878"})
    assert (reported["outcome"], reported.get("kind")) == (expect["outcome"], expect["kind"])
    assert expect.get("code") in (None, reported.get("code"))
    assert len(sandbox.requests()) == expect.get("attempts", 1)


@cases(WHISPERS)
def test_v2_whisper_is_written_so(vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    options = {"whisper_audio": vector["given"]}
    given = {"account_id": "5500099", "call_id": "c-1", "to": "+12", "options": options}
    reported = send(driver, sandbox.url, given, whispers=True)
    if "bxml" in vector:
        assert ET.canonicalize(reported["whisper"]) == ET.canonicalize(vector["bxml"])
    else:
        assert (reported["whisper"], reported["whisper_field"]) == (None, vector["refused"]["field"])
