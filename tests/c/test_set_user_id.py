"""A set-user-id program: the environment is that of its user, and counts for nothing."""

from __future__ import annotations

import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
import trustme
from c.compiler import HERE, compile_program

ACCOUNT = {"BANDWIDTH_USER_ID": "u-1", "BANDWIDTH_API_TOKEN": "t-1", "BANDWIDTH_API_SECRET": "s-1"}
OTHER_USER = 65534

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AT_SECURE is Linux's")


@pytest.fixture(scope="module")
def programs() -> Iterator[tuple[pathlib.Path, pathlib.Path]]:
    """The program as it is, and its set-user-id copy, where another user may start them."""
    if os.geteuid() != 0:
        pytest.skip("SKIPPED: only root can make a set-user-id program of another user's")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        plain = compile_program(HERE / "set_user_id.c", folder / "plain", linked="static")
        plain.chmod(0o755)
        raised = folder / "raised"
        shutil.copy(plain, raised)
        raised.chmod(0o4755)
        if run(raised, {})[0] != "1":
            pytest.skip("SKIPPED: set-user-id programs have no effect here (a nosuid mount?)")
        yield plain, raised


def run(program: pathlib.Path, environment: dict[str, str], *arguments: str) -> list[str]:
    done = subprocess.run(
        [program, *arguments],
        env=environment,
        user=OTHER_USER,
        group=OTHER_USER,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.splitlines()


def test_environment_of_a_set_user_id_program_is_ignored(programs: tuple[pathlib.Path, pathlib.Path]) -> None:
    plain, raised = programs
    environment = ACCOUNT | {"CALLTRANSFER_BASE_URL": "http://127.0.0.1:9"}
    assert run(plain, environment) == ["0", "made"]
    secure, message = run(raised, environment)
    assert secure == "1"
    assert message == (
        "user_id, token, secret: missing; pass to the client (the environment is ignored in a set-user-id program)"
        "; an account of the v2 API has account_id, client_id, client_secret"
    )


def test_certificates_of_a_set_user_id_program_are_the_systems(programs: tuple[pathlib.Path, pathlib.Path]) -> None:
    plain, raised = programs
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    heard: list[bytes] = []

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            try:
                with context.wrap_socket(self.request, server_side=True) as secure:
                    heard.append(secure.recv(65536))
                    secure.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                pass

    class Server(ThreadingTCPServer):
        daemon_threads = True

    ca_file = plain.with_name("ca.pem")
    authority.cert_pem.write_to_path(str(ca_file))
    ca_file.chmod(0o644)
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_address[1]}"
        environment = {"SSL_CERT_FILE": str(ca_file), "CALLTRANSFER_PROXY": "http://127.0.0.1:9"}
        # The proxy is not there, so the plain program gets no further; without it, the file counts.
        assert run(plain, environment, url)[1] in ("connection", "proxy")
        del environment["CALLTRANSFER_PROXY"]
        assert run(plain, environment, url) == ["0", "applied"]
        heard_before = len(heard)
        environment["CALLTRANSFER_PROXY"] = "http://127.0.0.1:9"
        assert run(raised, environment, url) == ["1", "tls"]
        server.shutdown()
    assert heard_before == 1
    assert [request for request in heard[heard_before:] if request] == [], "a request left"
