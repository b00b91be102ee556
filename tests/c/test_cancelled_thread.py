"""`cancelled_thread.c`: a thread that is cancelled while it waits in the library gets its outcome first."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from c.compiler import compile_program
from c.conftest import HERE
from python_program import read_request, silent_server, url
from sandbox_process import SECRET, TOKEN, USER_ID

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /v1/users/%b/calls/c-2\r\n\r\n" % USER_ID.encode()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    options = ("-D_GNU_SOURCE", "-pthread")
    return compile_program(HERE / "cancelled_thread.c", tmp_path_factory.mktemp("c") / "program", options=options)


@pytest.mark.parametrize("entry", ["blocking", "queue"])
def test_cancelled_thread_gets_outcome_first(entry: str, program: pathlib.Path) -> None:
    with silent_server() as server:
        environment = {
            "BANDWIDTH_USER_ID": USER_ID,
            "BANDWIDTH_API_TOKEN": TOKEN,
            "BANDWIDTH_API_SECRET": SECRET,
            "CALLTRANSFER_BASE_URL": url(server),
        }
        pipe = subprocess.PIPE
        process = subprocess.Popen([program, entry], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)
        assert process.stdin is not None and process.stdout is not None
        with read_request(server) as connection:
            process.stdin.write("now\n")
            process.stdin.flush()
            said = process.stdout.readline()
            connection.sendall(CREATED)
            out, err = process.communicate(timeout=60)
    assert (process.returncode, said, out) == (0, "cancelled\n", "c-2 cancelled\n"), err
