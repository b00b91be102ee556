"""docs/troubleshooting.md: its messages are in the source, many are caused here, and no exit code is missing."""

from __future__ import annotations

import os
import re
import socket
from typing import Any

import calltransfer
import pytest
from calltransfer import _native
from calltransfer.cli import _exit_codes
from calltransfer.sandbox import Sandbox
from sandbox_process import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
SOURCES = ("core/src", "runs/src", "python/src", "python/calltransfer")
ACCOUNT = {"user_id": "u-1", "token": "t-1", "secret": "s-1"}
CLIENT = {"account_id": "5500099", "client_id": "c-1", "client_secret": "s-1"}

# What the library refuses: settings of a client, and a transfer with options.
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, str], dict[str, Any]]] = {
    "missing; pass to the client or set": ({}, ("c-1", "+18382947878"), {}),
    "choose one with api": (ACCOUNT | CLIENT, ("c-1", "+18382947878"), {}),
    "remove the quotation marks": (ACCOUNT | {"token": '"t-1"'}, ("c-1", "+18382947878"), {}),
    "uses plain http": (ACCOUNT | {"base_url": "http://platform.example"}, ("c-1", "+18382947878"), {}),
    "requires an https base_url": (
        ACCOUNT | {"base_url": "http://localhost:9", "proxy": "http://proxy:3128"},
        ("c-1", "+18382947878"),
        {},
    ),
    "could not be read as PEM": (ACCOUNT | {"ca_file": os.devnull}, ("c-1", "+18382947878"), {}),
    "is not a valid ID": (ACCOUNT, ("https://example.com/c-1", "+18382947878"), {}),
    "no country code": (ACCOUNT, ("c-1", "(838) 294-7878"), {}),
    "a spreadsheet shortened": (ACCOUNT, ("c-1", "1.83829E+10"), {}),
    "is an option of the v2 API only": (ACCOUNT, ("c-1", "+18382947878"), {"tag": "t"}),
    "has no whisper in the request": (CLIENT, ("c-1", "+18382947878"), {"whisper_audio": "Hello"}),
    "must be greater than 0": (ACCOUNT, ("c-1", "+18382947878"), {"timeout": 10_000}),
}

# What the platform responds with, and the message that follows.
RESPONSES: dict[str, dict[str, Any]] = {
    "rejected this token and secret": {"status": 401, "body": "{}"},
    "or not with this number": {"status": 401, "body": '{"category": "authorization"}'},
    "rejected the request as invalid": {"status": 400, "body": "{}"},
    "has no such call": {"status": 404, "body": '{"code": "call-not-found"}'},
    "has nothing at this address": {"status": 404, "body": "{}"},
    "the call is not active": {"status": 403, "body": '{"code": "call-invalid-state"}'},
    "forbids this request": {"status": 403, "body": '{"code": "invalid-destination-number"}'},
    "too many calls at once": {"status": 403, "body": '{"code": "call-rate-limit"}'},
    "no credit left": {"status": 403, "body": '{"category": "credit"}'},
    "another update": {"status": 409, "body": "{}"},
    "too many requests": {"status": 429, "body": "{}"},
    "still being set up": {"status": 503, "body": '{"code": "call-unavailable"}'},
    "does not say whether": {"status": 500, "body": "{}"},
    "the platform timed out": {"status": 408, "body": "{}"},
    "which is never followed": {"status": 301, "body": "{}"},
    "responded with a web page": {
        "status": 200,
        "headers": {"Content-Type": "text/html"},
        "body": "<!doctype html><html></html>",
    },
}


@pytest.fixture
def sandbox(calltransfer_sandbox: Sandbox) -> Sandbox:
    return calltransfer_sandbox


def messages() -> list[str]:
    """What the first column of each table of messages quotes, without the `…`."""
    tables = re.findall(r"^\| message .*\n\|[- |]*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [quoted for table in tables for row in table.splitlines() for quoted in _quoted(row.split(" | ")[0])]


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def parts(message: str) -> list[str]:
    return [part.strip() for part in message.split("…") if len(part.strip()) > 3]


def source() -> str:
    """The texts of the program as they are printed: without escapes, and continued lines joined."""
    files = [path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*")) if path.suffix in (".rs", ".py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return re.sub(r"\\\n\s*", "", text).replace('\\"', '"')


def row_of(error: calltransfer.CallTransferError) -> list[str]:
    return [message for message in messages() if all(part in str(error) for part in parts(message))]


def test_each_message_is_in_the_source() -> None:
    text = source()
    found = messages()
    assert len(found) > 50
    missing = [message for message in found if not all(part in text for part in parts(message))]
    assert missing == []


def test_each_exit_code_has_advice() -> None:
    table = PAGE.partition("## Exit codes")[2].partition("\n## ")[0]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(_exit_codes.MEANINGS)


@pytest.mark.parametrize("message", REFUSED)
def test_refused_argument_has_a_row(message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _native.ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    settings, transfer, options = REFUSED[message]
    with pytest.raises(calltransfer.CallTransferError) as caught:
        calltransfer.Client(**settings).transfer(*transfer, **options)
    assert caught.value.outcome == "not_sent" and message in str(caught.value)
    assert row_of(caught.value), str(caught.value)


@pytest.mark.parametrize("message", RESPONSES)
def test_response_has_a_row(message: str, sandbox: Sandbox) -> None:
    sandbox.script(RESPONSES[message])
    client = sandbox.client(max_retries=0)
    with pytest.raises(calltransfer.CallTransferError) as caught:
        client.transfer("c-1", "+18382947878")
    assert message in str(caught.value)
    assert row_of(caught.value), str(caught.value)


def test_unreachable_platform_has_rows_in_both_apis() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        for account, message in ((ACCOUNT, "could not connect to"), (CLIENT, "no access token:")):
            with pytest.raises(calltransfer.ConnectionFailedError) as caught:
                calltransfer.Client(**account, base_url=url, max_retries=0).transfer("c-1", "+18382947878")
            assert message in row_of(caught.value)


def test_silent_platform_has_a_row(sandbox: Sandbox) -> None:
    sandbox.inject({"no_response": True})
    client = sandbox.client(timeout=1)
    with pytest.raises(calltransfer.OutcomeUnknownError) as caught:
        client.transfer("c-1", "+18382947878")
    assert row_of(caught.value) == ["no response in time; the request may have been carried out"]
