"""A Python program of its own, and a server that it waits for."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

from sandbox_process import SECRET, TOKEN, USER_ID, SandboxProcess

TARGET = "+18382947878"
# Ctrl-C is answered within 0.1 s; a busy machine gets more, but less than the 30 s of a transfer.
TIMEOUT = 10.0


@contextlib.contextmanager
def silent_server() -> Iterator[socket.socket]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        server.settimeout(20)
        yield server


def url(server: socket.socket) -> str:
    return "http://127.0.0.1:%d" % server.getsockname()[1]


def start(program: str, base_url: str) -> subprocess.Popen[str]:
    """A Python program of its own, with `client` made and `began` reported once it is in progress."""
    head = f"""
        import signal, sys, threading, time, calltransfer
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
        client = calltransfer.Client(user_id={USER_ID!r}, token={TOKEN!r}, secret={SECRET!r},
                                     base_url={base_url!r}, timeout=30)
    """
    code = textwrap.dedent(head) + textwrap.dedent(program)
    return subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def read_request(server: socket.socket) -> socket.socket:
    """The connection of a request that has arrived, body and all."""
    connection = server.accept()[0]
    connection.settimeout(20)
    got = b""
    while not got.endswith(b"}"):
        got += connection.recv(65536)
    return connection


def interrupt(process: subprocess.Popen[str]) -> tuple[float, str, str]:
    sent = time.perf_counter()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    return time.perf_counter() - sent, out, err


def assert_each_sent_once(sandbox: SandboxProcess, *call_ids: str) -> None:
    assert sorted(request["call_id"] for request in sandbox.requests()) == sorted(call_ids)
