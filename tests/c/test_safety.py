"""What a C program must never see: a signal of ours, a secret, another thread's response."""

from __future__ import annotations

import json
import pathlib
import signal
import socket
import struct
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from c.compiler import HERE, compile_program
from sandbox_process import SandboxProcess

THREADS = 64
CALLS = 25


class ClosingServer:
    """Accepts, reads a little of the request, and resets the connection while the rest is written."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._socket.getsockname()[1]
        self.accepted = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if connection.recv(1024) == b"stop":
                    return
                self.accepted += 1
                # No lingering: closing resets.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self) -> None:
        with socket.create_connection(self._socket.getsockname()) as connection:
            connection.sendall(b"stop")
        self._thread.join(10)
        self._socket.close()


@pytest.fixture
def closing_server() -> Iterator[ClosingServer]:
    server = ClosingServer()
    yield server
    server.close()


def with_default_sigpipe() -> None:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def test_closed_connection_raises_no_sigpipe(tmp_path: pathlib.Path, closing_server: ClosingServer) -> None:
    program = compile_program(HERE / "sigpipe.c", tmp_path / "sigpipe")
    times, size = 20, 8_000_000  # more than fits into the buffers of loopback
    environment = {
        "BANDWIDTH_USER_ID": "u-1",
        "BANDWIDTH_API_TOKEN": "t-1",
        "BANDWIDTH_API_SECRET": "s-1",
        "CALLTRANSFER_BASE_URL": closing_server.url,
    }
    done = subprocess.run(
        [program, str(times), str(size)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
        preexec_fn=with_default_sigpipe,
    )
    assert done.stdout.splitlines() == ["outcome_unknown unknown"] * times, "killed, or reported wrong"
    assert closing_server.accepted == times
    assert done.returncode == -signal.SIGPIPE, "the host's own SIGPIPE no longer reaches it"


def test_many_threads_on_one_client_each_get_their_own_answer(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = compile_program(HERE / "concurrency_stress.c", tmp_path / "concurrency_stress")
    wished = [f"c-{thread}-{call}" for thread in range(THREADS) for call in range(CALLS)]
    for call_id in wished:
        sandbox.place_incoming_call(call_id)
    done = subprocess.run(
        [program, str(THREADS), str(CALLS)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=sandbox.environment(),
    )
    assert done.returncode == 0, done.stderr
    reported = dict(line.split(" ") for line in done.stdout.splitlines())
    assert sorted(reported) == sorted(wished), done.stderr
    log = sandbox.requests()
    assert Counter(request["call_id"] for request in log) == Counter(wished), "not once each"
    assert {request["status"] for request in log} == {201}
    made = {call["id"] for call in sandbox.calls()} - set(wished)
    assert len(made) == len(wished)
    assert set(reported.values()) == made, done.stderr


SECRETS = {"token": "t-VERY-PRIVATE", "secret": "s-VERY-PRIVATE"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://t-VERY-PRIVATE:s-VERY-PRIVATE@127.0.0.1:9"},
        {"base_url": "http://example.com/?s-VERY-PRIVATE"},
        {"base_url": "t-VERY-PRIVATE:s-VERY-PRIVATE@host"},
        {"token": "t-VERY-PRIVATE\n"},
        {"token": "t-VERY:-PRIVATE"},
        {"secret": "s-VERY-PRIVATE\xff"},
        {"options": {"callback_url": "ftp://s-VERY-PRIVATE@example.com/?s-VERY-PRIVATE"}},
        {"options": {"callback_url": "s-VERY-PRIVATE@example.com"}},
        {"to": "+150055501991234567"},
        {"options": {"caller_id": "5005550199"}},
        {"base_url": "http://127.0.0.1:9"},
    ],
    ids=lambda wrong: " ".join(f"{name}={value}" for name, value in wrong.items()).replace("/", "|"),
)
def test_no_message_shows_a_secret_or_a_number(wrong: dict[str, Any], driver: pathlib.Path) -> None:
    account = {"user_id": "u-1", "base_url": "http://127.0.0.1:9", **SECRETS}
    given = {"call_id": "c-1", "to": "+15005550199", **account, **wrong}
    # In bytes, of which one alone is no UTF-8.
    job = json.dumps(given, ensure_ascii=False).encode("latin-1")
    done = subprocess.run([driver], input=job, capture_output=True, timeout=30, check=True)
    reported = json.loads(done.stdout)
    assert reported["message"]
    shown = json.dumps(reported | {"body": None}) + done.stderr.decode()
    for private in ["VERY", "PRIVATE", "5005550199", "dC1WRVJZ"]:
        assert private not in shown


def test_refusal_shows_no_secret(driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    given = {"user_id": "u-abc123", "call_id": "c-1", "to": "+18382947878", "base_url": sandbox.url, **SECRETS}
    done = subprocess.run([driver], input=json.dumps(given), capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(done.stdout)["kind"] == "authentication"
    assert "PRIVATE" not in done.stdout + done.stderr
