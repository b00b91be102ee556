"""Every vector of the v2 API that C can say, through the C interface, over the real sandbox."""

from __future__ import annotations

import json
import pathlib
import subprocess
import urllib.parse
import xml.etree.ElementTree as ET
from typing import Any

import pytest
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


def lines_of(given: dict[str, Any]) -> list[tuple[str, Any]]:
    to = given["to"] if isinstance(given["to"], list) else [given["to"]]
    lines = [("call_id", given["call_id"]), ("to", to[0]), *(("also_to", more) for more in to[1:])]
    for name, value in given["options"].items():
        if name == "whisper_audio":
            parts = {"sentence": value} if isinstance(value, str) else value
            lines += [(f"whisper_audio.{part}", text) for part, text in parts.items()]
        else:
            lines.append((name, json.dumps(value) if name == "extra" else value))
    return lines


def drive(driver: pathlib.Path, base_url: str, account_id: str, lines: list[tuple[str, Any]]) -> dict[str, Any]:
    account = [("account_id", account_id), ("username", "api-user"), ("password", "s-secret"), ("base_url", base_url)]
    said = "".join(
        f"{name} {urllib.parse.quote(str(int(value)) if isinstance(value, bool) else str(value))}\n"
        for name, value in [*account, *lines]
    )
    done = subprocess.run([driver], input=said.encode(), capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@cases([vector for vector in REQUESTS if "request" in vector])
@pytest.mark.parametrize("way", ["client", "queue"])
def test_v2_request_arrives_as_given(
    vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess, way: str
) -> None:
    sandbox.script({"status": 204})
    lines = lines_of(vector["given"]) + ([("way", way)] if way == "queue" else [])
    reported = drive(driver, sandbox.url, vector["given"]["account_id"], lines)
    assert (reported["outcome"], reported["new_call_id"]) == ("applied", None)
    [arrived] = sandbox.requests()
    expected = vector["request"]
    assert (arrived["method"], arrived["path"]) == (expected["method"], expected["path"])
    assert arrived["body"] == reported["body"], "to_bxml shows other bytes than are sent"
    assert ET.canonicalize(arrived["body"]) == ET.canonicalize(expected["bxml"])


@cases([vector for vector in REQUESTS if "refused" in vector])
def test_the_v2_request_is_refused_by_its_field(
    vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess
) -> None:
    reported = drive(driver, sandbox.url, vector["given"]["account_id"], lines_of(vector["given"]))
    assert (reported["kind"], reported["outcome"], reported["field"]) == (
        "invalid_argument",
        "not_sent",
        vector["refused"]["field"],
    )
    assert sandbox.requests() == []


@cases(vectors("v2-answers"))
def test_the_v2_answer_is_read_so(
    vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess, other: SilentListener
) -> None:
    replies, expect = replies_of(vector, other.host), vector["expect"]
    sandbox.script(*replies)
    reported = drive(driver, sandbox.url, "5500099", [("call_id", "c-1"), ("to", "+18382947878")])
    assert (reported["outcome"], reported.get("kind")) == (expect["outcome"], expect["kind"])
    assert expect.get("code") in (None, reported.get("code"))
    assert len(sandbox.requests()) == expect.get("attempts", 1)


@cases(WHISPERS)
def test_the_v2_whisper_is_written_so(vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    given = {"call_id": "c-1", "to": "+12", "options": {"whisper_audio": vector["given"]}}
    reported = drive(driver, sandbox.url, "5500099", [*lines_of(given), ("whispers", "yes")])
    if "bxml" in vector:
        assert ET.canonicalize(reported["whisper"]) == ET.canonicalize(vector["bxml"])
    else:
        assert (reported["whisper"], reported["whisper_field"]) == (None, vector["refused"]["field"])
