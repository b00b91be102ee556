"""`calltransfer doctor`: "ok" only for what was seen to work."""

from __future__ import annotations

import contextlib
import pathlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from calltransfer.sandbox import Sandbox
from cli_command import Cli, CommandResult, run

V2 = {"BW_ACCOUNT_ID": "5500099", "BW_USERNAME": "user", "BW_PASSWORD": "pass"}


def finding(reported: CommandResult, what: str) -> str:
    """The line about one thing."""
    return next(line for line in reported.out.splitlines() if line[4:].startswith(f"{what}: "))


@contextlib.contextmanager
def server(status: int, body: bytes, kind: str) -> Iterator[str]:
    """A web server that has this for everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def test_system_without_certificates_is_not_ok(tmp_path: pathlib.Path, sandbox: Sandbox) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    environment = {**sandbox.environment(), "SSL_CERT_FILE": str(empty), "SSL_CERT_DIR": str(tmp_path / "none")}
    reported = run("doctor", environment=environment)
    assert reported.code == 1 and finding(reported, "certificates").startswith("NO  "), reported.out


def test_variables_that_decide_about_certificates_are_named(tmp_path: pathlib.Path, sandbox: Sandbox) -> None:
    import trustme

    trusted = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(trusted))
    reported = run("doctor", environment={**sandbox.environment(), "SSL_CERT_FILE": str(trusted)})
    assert finding(reported, "certificates").startswith(f"ok  certificates: loaded from SSL_CERT_FILE={trusted}")
    assert run("doctor", "--ca-file", str(trusted), environment=sandbox.environment()).code == 0


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, b"<html>404 Not Found nginx</html>", "text/html"),
        (404, b"", "text/plain"),
        (404, b'{"detail": "Not Found"}', "application/json"),
        (200, b"<html>Welcome</html>", "text/html"),
        (401, b"", "text/plain"),
        (302, b"", "text/plain"),
    ],
)
@pytest.mark.parametrize("account", ["v1", "v2"])
def test_other_web_server_is_not_the_platform(
    account: str, status: int, body: bytes, kind: str, sandbox: Sandbox
) -> None:
    environment = V2 if account == "v2" else sandbox.environment()
    with server(status, body, kind) as url:
        reported = run("doctor", "--connect", environment={**environment, "CALLTRANSFER_BASE_URL": url})
    assert reported.code == 1 and finding(reported, "platform").startswith("NO  "), reported.out


def test_path_that_the_platform_does_not_have_is_not_ok(cli: Cli) -> None:
    reported = cli("doctor", "--connect", "--base-url", f"{cli.sandbox.url}/v9")
    assert reported.code == 1 and finding(reported, "platform").startswith("NO  "), reported.out


def test_account_of_v2_is_found(sandbox: Sandbox) -> None:
    environment = dict(sandbox.environment(api="v2"))
    reported = run("doctor", "--connect", environment=environment)
    assert reported.code == 0 and finding(reported, "platform").startswith("ok  "), reported.out
    reported = run("doctor", "--connect", environment={**environment, "BW_CLIENT_SECRET": "s-wrong"})
    assert reported.code == 1 and finding(reported, "platform").startswith("NO  "), reported.out


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_proxy_variable_that_is_not_read_is_named(name: str, sandbox: Sandbox) -> None:
    reported = run("doctor", environment={**sandbox.environment(), name: "http://u:pa55word@proxy:3128"})
    assert finding(reported, name).startswith(f"ok  {name}: set, but not read; for a proxy use --proxy")
    assert reported.code == 0 and "pa55word" not in reported.out


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('"s-secret"', "starts and ends with a quotation mark"),
        (" s-secret", "starts or ends with a space"),
        ("s-secret\r", "ends with a line break"),
        ("\ufeffs-secret", "starts with a byte order mark"),
        ("\u201cs-secret\u201d", "starts and ends with a quotation mark"),
    ],
)
def test_secret_with_something_around_it_is_named(value: str, said: str, sandbox: Sandbox) -> None:
    reported = run_unchecked({**sandbox.environment(), "BANDWIDTH_API_SECRET": value})
    assert f"NO  BANDWIDTH_API_SECRET: set, but it {said}" in reported


def run_unchecked(environment: dict[str, str]) -> str:
    reported = run("doctor", environment=environment)
    assert reported.code == 1
    return reported.out
