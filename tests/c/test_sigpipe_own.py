"""A SIGPIPE that someone sends to the process while it is in the library."""

from __future__ import annotations

import pathlib
import signal
import socket
import subprocess

import pytest
from c.compiler import HERE, compile_program

BODY = b"}"


@pytest.mark.parametrize(("reply", "outcome"), [(True, "applied"), (False, "unknown")])
def test_sigpipe_of_another_process_reaches_the_host(tmp_path: pathlib.Path, reply: bool, outcome: str) -> None:
    program = compile_program(HERE / "sigpipe_own.c", tmp_path / "sigpipe_own")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        environment = {
            "BANDWIDTH_USER_ID": "u-1",
            "BANDWIDTH_API_TOKEN": "t-1",
            "BANDWIDTH_API_SECRET": "s-1",
            "CALLTRANSFER_BASE_URL": "http://127.0.0.1:%d" % server.getsockname()[1],
        }
        process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True, env=environment)
        connection = server.accept()[0]
        connection.settimeout(60)
        got = b""
        while not got.endswith(BODY):
            got += connection.recv(65536)
        process.send_signal(signal.SIGPIPE)
        if reply:
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        connection.close()
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, f"{outcome} 1\n")
