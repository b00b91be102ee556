"""A real nginx between the library and the sandbox: TLS, connections kept, a restart in mid-call."""

from __future__ import annotations

import pathlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator

import calltransfer
import pytest
import trustme
from sandbox_process import SECRET, TOKEN, SandboxProcess

TO = "+18382947878"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

pytestmark = pytest.mark.skipif(
    NGINX is None, reason="NO NGINX ON THIS MACHINE: TLS through a real server was not tried (Debian: nginx-light)"
)

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests {requests};
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/chain.pem;
        ssl_certificate_key {folder}/key.pem;
        location / {{
            proxy_pass {upstream};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


class Nginx:
    """An nginx of a test's own, as a single process."""

    def __init__(self, folder: pathlib.Path, upstream: str) -> None:
        self._folder = folder
        self._upstream = upstream
        self.authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(str(self.ca_file))
        certificate = self.authority.issue_cert("127.0.0.1")
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        (folder / "chain.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self.start()

    def start(self, requests: int = 1000) -> None:
        configuration = self._folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=self._folder, port=self.port, upstream=self._upstream, requests=requests)
        )
        assert NGINX is not None
        self._process = subprocess.Popen([NGINX, "-c", str(configuration), "-p", str(self._folder)])
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, "nginx doesn't listen"
                time.sleep(0.02)

    def stop(self, with_signal: int = signal.SIGTERM) -> None:
        self._process.send_signal(with_signal)
        self._process.wait(10)


@pytest.fixture
def nginx(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> Iterator[Nginx]:
    server = Nginx(tmp_path, sandbox.url)
    yield server
    server.stop()


def client(nginx: Nginx, **settings: object) -> calltransfer.Client:
    given = {"user_id": "u-abc123", "token": TOKEN, "secret": SECRET, "base_url": nginx.url, "ca_file": nginx.ca_file}
    return calltransfer.Client(**(given | settings))  # type: ignore[arg-type]


def test_transfers_pass_through_it(nginx: Nginx, sandbox: SandboxProcess) -> None:
    calls = [f"c-{number}" for number in range(50)]
    shared = client(nginx)
    for call in calls:
        sandbox.place_incoming_call(call)
        assert shared.transfer(call, TO).new_call_id
    assert [request["call_id"] for request in sandbox.requests()] == calls


def test_certificate_is_refused_by_client_that_trusts_another(
    nginx: Nginx, sandbox: SandboxProcess, tmp_path: pathlib.Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for settings in ({"ca_file": other}, {"ca_file": None}):
        with pytest.raises(calltransfer.TlsError) as refused:
            client(nginx, **settings).transfer("c-1", TO)
        assert (refused.value.outcome, refused.value.attempts) == ("not_sent", 1)
    assert sandbox.requests() == []


def test_limit_of_requests_for_a_connection_loses_nothing(nginx: Nginx, sandbox: SandboxProcess) -> None:
    nginx.stop()
    nginx.start(requests=3)  # it announces the close of every third, as a server should
    calls = [f"c-{number}" for number in range(30)]
    shared = client(nginx)
    for call in calls:
        sandbox.place_incoming_call(call)
        assert shared.transfer(call, TO).attempts == 1
    assert [request["call_id"] for request in sandbox.requests()] == calls


def test_restart_loses_nothing_and_repeats_nothing(nginx: Nginx, sandbox: SandboxProcess) -> None:
    calls = [f"c-{number}" for number in range(6)]
    shared = client(nginx)
    for number, call in enumerate(calls):
        sandbox.place_incoming_call(call)
        if number % 2:
            nginx.stop(signal.SIGKILL)
            nginx.start()
        assert shared.transfer(call, TO).new_call_id
    assert [request["call_id"] for request in sandbox.requests()] == calls


def test_without_its_platform_the_outcome_is_unknown(nginx: Nginx, sandbox: SandboxProcess) -> None:
    sandbox.close()  # nginx answers 502: whether the platform had the request, it doesn't say
    with pytest.raises(calltransfer.OutcomeUnknownError) as unknown:
        client(nginx).transfer("c-1", TO)
    assert (unknown.value.http_status, unknown.value.attempts) == (502, 1)
