"""`memory_test.c`: with too little memory left, a text or a response is refused, and the process goes on."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from c.compiler import HERE, compile_program
from python_program import silent_server, url
from sandbox_process import SandboxProcess

# Pages of a list whose values need far more memory than their text.
PAGES = {
    "calls": (b'{"id":"c-1","state":"active"}', 400_000),
    "short_calls": (b'{"id":"c"}', 400_000),
    "lists": (b"[0]", 1_000_000),
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    options = ("-D_DEFAULT_SOURCE",)
    return compile_program(HERE / "memory_test.c", tmp_path_factory.mktemp("c") / "memory_test", options=options)


def test_json_that_needs_more_than_the_memory_is_refused(program: pathlib.Path) -> None:
    done = subprocess.run([program, "shapes"], capture_output=True, text=True, timeout=300, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mebibytes", [8, 24, 64, 128, 256])
@pytest.mark.parametrize("shape", PAGES)
def test_text_or_response_larger_than_the_memory_is_an_error(
    shape: str, mebibytes: int, program: pathlib.Path, sandbox: SandboxProcess
) -> None:
    item, count = PAGES[shape]
    page = b"[" + b",".join([item] * count) + b"]"
    with silent_server() as server:
        environment = sandbox.environment() | {"CALLTRANSFER_BASE_URL": url(server), "MEBIBYTES": str(mebibytes)}
        with subprocess.Popen(
            [program, "response"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as process:
            connection, _ = server.accept()
            with connection:
                while b"\r\n\r\n" not in connection.recv(65536):
                    pass
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page))
                try:
                    connection.sendall(page)
                except OSError:
                    pass  # the program has read enough
                out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert out == "the response is not a complete list of calls (HTTP 200)\n"
