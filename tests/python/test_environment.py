"""Variables of the environment: wrapped credentials, and proxies."""

from __future__ import annotations

import socket
import threading

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from cli_command import run

TARGET = "+18382947878"

WRAPPED = {
    "quotes": ('"{}"', "quotation mark"),
    "apostrophes": ("'{}'", "quotation mark"),
    "space": ("{} ", "space"),
    "line break": ("{}\r", "line break"),
    "byte order mark": ("\ufeff{}", "byte order mark"),
}


@pytest.mark.parametrize("wrapping", WRAPPED)
@pytest.mark.parametrize(
    ("variable", "field"),
    [("BANDWIDTH_USER_ID", "user_id"), ("BANDWIDTH_API_TOKEN", "token"), ("BANDWIDTH_API_SECRET", "secret")],
)
def test_wrapped_variable_is_rejected_by_name_without_its_value(
    variable: str, field: str, wrapping: str, account: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, word = WRAPPED[wrapping]
    monkeypatch.setenv(variable, form.format("x-VERY-PRIVATE"))
    with pytest.raises(calltransfer.ConfigurationError) as caught:
        calltransfer.Client()
    message = str(caught.value)
    assert message.startswith(f"{variable}: ") and word in message
    assert "VERY-PRIVATE" not in message
    assert caught.value.field == field
    reported = run("doctor", environment={**account.environment(), variable: form.format("x-VERY-PRIVATE")})
    assert reported.code == 1
    assert f"NO  set-up: {variable}: " in reported.out


def test_wrapped_argument_is_rejected_by_the_name_of_the_setting() -> None:
    with pytest.raises(calltransfer.ConfigurationError, match="^client_secret: starts and ends with a quotation mark"):
        calltransfer.Client(account_id="55", client_id="c", client_secret='"s-1"')


def test_quotation_mark_inside_a_secret_is_kept(account: Sandbox) -> None:
    calltransfer.Client(secret='s"1', token="'t")


def test_proxy_with_backslash_is_rejected_by_name(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"base_url": "https://127.0.0.1:9"}
    with pytest.raises(calltransfer.ConfigurationError, match="^proxy: .*%5C") as caught:
        calltransfer.Client(**settings, proxy="http://CORP\\user:pa55word@host:3128")
    assert "pa55word" not in str(caught.value)
    monkeypatch.setenv("CALLTRANSFER_PROXY", "http://CORP\\user:pa55word@host:3128")
    with pytest.raises(calltransfer.ConfigurationError, match="^CALLTRANSFER_PROXY: .*%5C") as caught:
        calltransfer.Client(**settings)
    assert caught.value.field == "proxy"
    assert "pa55word" not in str(caught.value)


def test_proxy_of_the_environment_is_asked_to_connect(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(60)

        def refuse() -> None:
            connection = proxy.accept()[0]
            connection.settimeout(60)
            got = b""
            while not got.endswith(b"\r\n\r\n"):
                got += connection.recv(65536)
            heard.append(got)
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=refuse)
        thread.start()
        monkeypatch.setenv("CALLTRANSFER_PROXY", "http://carl:pass@127.0.0.1:%d" % proxy.getsockname()[1])
        client = calltransfer.Client(base_url="https://platform.example", max_retries=0)
        with pytest.raises(calltransfer.ProxyError) as caught:
            client.transfer("c-1", TARGET)
        thread.join(60)
    assert caught.value.outcome == "not_sent"
    assert heard[0].startswith(b"CONNECT platform.example:443 ") and b"Basic Y2FybDpwYXNz" in heard[0]


def test_proxy_of_the_environment_is_not_used_for_this_machine(
    account: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLTRANSFER_PROXY", "http://127.0.0.1:9")
    call = account.place_incoming_call()
    assert calltransfer.Client().transfer(call, TARGET).outcome == "applied"


def test_unread_proxy_variable_is_named_by_error_and_doctor(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pa55word@127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    client = calltransfer.Client(base_url=f"https://127.0.0.1:{port}", max_retries=0)
    with pytest.raises(calltransfer.ConnectionFailedError, match="HTTPS_PROXY is set, but is not read") as caught:
        client.transfer("c-1", TARGET)
    assert "pa55word" not in str(caught.value)
    reported = run("doctor", environment={**account.environment(), "HTTPS_PROXY": "http://user:pa55word@127.0.0.1:9"})
    assert "HTTPS_PROXY: set, but not read; for a proxy use --proxy or CALLTRANSFER_PROXY" in reported.out
    assert "pa55word" not in reported.out
