"""What a server repeats of credentials, numbers and addresses is shown nowhere."""

from __future__ import annotations

import base64
import copy
import json
import pathlib
import pickle
import traceback
import urllib.parse
from typing import Any

import calltransfer
import pytest
from calltransfer import _native
from calltransfer.sandbox import Sandbox
from cli_command import Cli
from sandbox_process import SECRET, TOKEN

TARGET = "+18382947878"
BASIC = base64.b64encode(f"{TOKEN}:{SECRET}".encode()).decode().rstrip("=")


def encoded(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


SECRETS = [
    BASIC,
    BASIC.lower(),
    *(
        form
        for secret in (TOKEN, SECRET)
        for form in (secret, secret.upper(), encoded(secret), base64.b64encode(secret.encode()).decode().rstrip("="))
    ),
]
# As they come, and what must not be seen of them.
PRIVATE = {
    "838-294-7878": "294-78",
    "(838) 294-7878": "294-78",
    "+1 838 294 7878": "294 78",
    "838.294.7878": "294.78",
    "838\u00a0294\u20117878": "294\u2011",
    "٨٣٨٢٩٤٧٨٧٨": "٨٣٨",
    "８３８２９４７８７８": "８３８",
    "sip:alice@example.com": "alice",
    "sip:+18382947878@example.com": "18382",
    "https://me:pa55word@example.com/x?key=abc": "pa55word",
}


def refusal(status: int, echo: str) -> dict[str, Any]:
    body = {
        "category": echo,
        "code": echo,
        "message": echo,
        "details": [{"name": echo, "value": echo}, {"name": "all", "value": {echo: [echo]}}],
    }
    return {"status": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def failed(client: calltransfer.Client) -> calltransfer.CallTransferError:
    with pytest.raises(calltransfer.CallTransferError) as caught:
        client.transfer("c-1", TARGET)
    return caught.value


def shown(error: calltransfer.CallTransferError) -> str:
    """Everything that a person may see of an error, in lower case."""
    texts = [str(error), repr(error), *traceback.format_exception(error), repr(vars(error))]
    for copied in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        texts += [str(copied), repr(vars(copied))]
    texts += [
        pickle.dumps(error, protocol).decode("utf-8", "replace") for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ]
    texts += error._repr_mimebundle_().values()
    return "\n".join(texts).lower()


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_refusal_with_secrets_is_shown_without_them(status: int, sandbox: Sandbox, client: calltransfer.Client) -> None:
    for secret in SECRETS:
        sandbox.script(refusal(status, f"[{secret}]"))
        text = shown(failed(client))
        assert secret.lower() not in text
        assert "[***]" in text


@pytest.mark.parametrize("text", PRIVATE)
def test_refusal_with_number_or_address_is_redacted(text: str, sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.script(refusal(400, text))
    error = failed(client)
    assert PRIVATE[text] not in shown(error)
    for field in (
        error.category,
        error.code,
        error.platform_message,
        error.details[0][0],
        error.details[0][1],
        error.details[1][1],
    ):
        assert field is not None and PRIVATE[text] not in field and "*" in field


@pytest.mark.parametrize(
    "text", ["2026-01-01T00:00:00Z", "10.200.100.255", "c-abc123", "HTTP 503", "12345678-1234-1234-1234-123456789012"]
)
def test_text_without_a_number_is_shown(text: str, sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.script(refusal(400, text))
    error = failed(client)
    assert (error.code, error.platform_message, error.details[0]) == (text, text, (text, text))


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_command_shows_no_secret_and_no_number(more: tuple[str, ...], cli: Cli, tmp_path: pathlib.Path) -> None:
    (tmp_path / "calls.csv").write_text(f"call_id,to\nc-1,{TARGET}\n")
    for echo in (f"[{TOKEN}] [{SECRET}] [{BASIC}]", " ".join(PRIVATE)):
        for command in (
            ("transfer", "c-1", TARGET),
            ("many", str(tmp_path / "calls.csv")),
            ("call", "check", "c-1"),
            ("call", "hang-up", "c-1"),
        ):
            cli.sandbox.script(refusal(401, echo))
            reported = cli(*command, *more)
            text = reported.out + reported.err
            for private in (TOKEN, SECRET, BASIC, *PRIVATE.values()):
                assert private not in text, command
            assert "***" in text


def test_results_file_holds_no_secret(cli: Cli, tmp_path: pathlib.Path) -> None:
    (tmp_path / "calls.csv").write_text(f"call_id,to\nc-1,{TARGET}\n")
    cli.sandbox.script(refusal(401, f"[{TOKEN}] [{SECRET}] [{BASIC}]"))
    cli("many", str(tmp_path / "calls.csv"), "--results", str(tmp_path / "done"))
    text = (tmp_path / "done").read_text()
    assert "[***] [***] [***]" in text and not any(secret in text for secret in (TOKEN, SECRET, BASIC))


@pytest.mark.parametrize("odd", "\ufe0d\u00ad\u3164\u00a0\U000e0001\u200b\u2800")
def test_refused_number_shows_its_invisible_character(odd: str) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.payload("c-1", f"+18382{odd}947878")
    assert f'"+*****\\u{{{ord(odd):x}}}****78" is not a valid phone number or SIP address' in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("(838) 294-7878", '"(***) ***-**78"'),
        ("0018382947878", '"***********78"'),
        ("+18382947878 x123", '"+*********** x*23"'),
        ("+1838\u00a02947878", '"+****\\u{a0}*****78"'),
        ("+١٨٣٨٢٩٤٧٨٧٨", '"+*********٧٨"'),
    ],
)
def test_number_of_a_file_is_refused_as_it_was_written(
    cell: str, message: str, cli: Cli, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "calls.csv").write_text(f"call_id,to\nc-1,{cell}\n", encoding="utf-8")
    reported = cli("many", str(tmp_path / "calls.csv"))
    assert reported.code == 2 and f"to: {message} is not a valid phone number or SIP address" in reported.err
    assert cli.sandbox.requests() == []


def test_every_place_of_the_package_masks_alike() -> None:
    call = calltransfer.Call("c-1", "active", "to 8382947878", TARGET, "sip:alice@example.com", None, None, None, {})
    bundle = call._repr_mimebundle_()
    for text in (repr(call), bundle["text/html"], bundle["text/plain"]):
        assert "+*********78" in text and "sip:***@example.com" in text and "8382947" not in text
    row = calltransfer.TransferRow(0, "c-1", TARGET, None, calltransfer.CallTransferError("x"))
    assert "+*********78" in repr(row)
    assert _native.redact_number("\ud800838").endswith("*38")  # what no encoding can write
    assert urllib.parse.unquote(_native.redact_text("sip%3Aalice%40h")) == "sip:***@h"
