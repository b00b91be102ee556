"""Requests that another thread stops, and requests with a timeout of their own, at a server that never responds."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import subprocess
import threading
from collections.abc import Iterator

import pytest
from c.compiler import HERE, compile_program
from sandbox_process import SandboxProcess

READS = ["get_call", "check", "get_call_events", "list_calls", "wait"]
CHANGES = ["answer", "hang_up", "transfer", "transfer_to_first"]
# transfer_to_first and wait are limited by what they wait for.
WITH_TIMEOUT = [name for name in READS + CHANGES if name not in ("wait", "transfer_to_first")]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_program(HERE / "stop_test.c", tmp_path_factory.mktemp("c") / "stop_test")


class Silent:
    """Accepts connections and reads requests, and responds to none."""

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.connections: list[socket.socket] = []
        self.has_received = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                self.connections.append(connection)
                threading.Thread(target=self.read, args=[connection], daemon=True).start()

    def read(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if connection.recv(1):
                self.has_received.set()


@pytest.fixture
def silent() -> Iterator[Silent]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Silent(listening)
        yield server
        listening.shutdown(socket.SHUT_RDWR)
        for connection in server.connections:
            connection.close()


def run(program: pathlib.Path, case: str, name: str, sandbox: SandboxProcess, silent: Silent) -> str:
    """What was reported; the request is stopped once the server has received it."""
    environment = sandbox.environment() | {"CALLTRANSFER_BASE_URL": silent.url}
    command = [str(program), case, name]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as running:
        try:
            if case == "stopped":
                assert silent.has_received.wait(60)
            out, _ = running.communicate("x", timeout=60)
        finally:
            running.kill()
    assert running.returncode == 0
    return out.strip()


@pytest.mark.parametrize("name", READS)
def test_read_that_is_stopped_is_cancelled(
    name: str, program: pathlib.Path, sandbox: SandboxProcess, silent: Silent
) -> None:
    assert run(program, "stopped", name, sandbox, silent) == "cancelled not_applied"


@pytest.mark.parametrize("name", CHANGES)
def test_change_that_is_stopped_is_unknown(
    name: str, program: pathlib.Path, sandbox: SandboxProcess, silent: Silent
) -> None:
    assert run(program, "stopped", name, sandbox, silent) == "outcome_unknown unknown"


@pytest.mark.parametrize("name", READS + CHANGES)
def test_nothing_is_sent_after_the_stop(
    name: str, program: pathlib.Path, sandbox: SandboxProcess, silent: Silent
) -> None:
    assert run(program, "refused", name, sandbox, silent) == "cancelled not_sent"
    assert silent.connections == []


@pytest.mark.parametrize("name", WITH_TIMEOUT)
def test_own_timeout_counts_instead_of_the_clients_hour(
    name: str, program: pathlib.Path, sandbox: SandboxProcess, silent: Silent
) -> None:
    expected = {"timeout not_applied"} if name in READS else {"outcome_unknown unknown"}
    # On a slow machine the request may not be sent in time.
    assert run(program, "late", name, sandbox, silent) in expected | {"timeout not_sent"}
