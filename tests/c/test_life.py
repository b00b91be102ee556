"""`life_test.c`, case by case: waking, the end of threads and descriptors, small stacks, and what may be freed when."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import socket
import subprocess

import pytest
import trustme
from bounds.platform import account, server
from c.compiler import HERE, compile_program
from python_program import silent_server, url
from sandbox_process import SandboxProcess

SOURCE = HERE / "life_test.c"
CASES = re.findall(r"\bCASE\((\w+)\),", SOURCE.read_text(encoding="utf-8"))
CALLS = ["c-1", "c-2"]

# Cases of requests that are never answered, and one that needs more than a program.
SILENT = ["a_shutdown_completes_what_is_under_way"]
OWN_TESTS = [
    "a_freed_client_closes_its_connections_beside_a_child",
    "small_stacks_are_enough_for_tls",
    "small_stacks_are_enough_for_nested_json",
]
REPLY = b'HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{"id":"c-1","state":"active"}'


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    options = ("-D_DEFAULT_SOURCE",)
    return compile_program(SOURCE, tmp_path_factory.mktemp("c") / "life_test", options=options)


@pytest.mark.parametrize("case", [case for case in CASES if case not in OWN_TESTS])
def test_case(case: str, program: pathlib.Path, sandbox: SandboxProcess) -> None:
    for call_id in CALLS:
        sandbox.place_incoming_call(call_id)
    with silent_server() as silent:
        environment = sandbox.environment()
        if case in SILENT:
            environment["CALLTRANSFER_BASE_URL"] = url(silent)
        done = subprocess.run(
            [program, case, *CALLS], capture_output=True, text=True, timeout=60, check=False, env=environment
        )
    assert done.returncode == 0, done.stderr
    assert "panicked" not in done.stderr, done.stderr


def test_small_stacks_are_enough_for_tls(program: pathlib.Path, tmp_path: pathlib.Path) -> None:
    certificate, ca_file = tmp_path / "server.pem", tmp_path / "ca.pem"
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(ca_file))
    with server("fast", str(certificate)) as platform:
        more = {"SSL_CERT_FILE": str(ca_file), "STACK_KIB": os.environ.get("STACK_KIB", "128")}
        done = subprocess.run(
            [program, OWN_TESTS[1], *CALLS],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=account(f"https://localhost:{platform.port}", **more),
        )
    assert done.returncode == 0, done.stderr


def test_small_stacks_are_enough_for_nested_json(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    nested = "[" * 126 + "]" * 126
    headers = {"content-type": "application/json"}
    call = f'{{"id": "c-1", "state": "active", "data": {nested}}}'
    bodies = [(400, f'{{"code": {nested}}}'), (200, call), (200, nested), (200, nested)]
    sandbox.script(*({"status": status, "headers": headers, "body": body} for status, body in bodies))
    more = {"STACK_KIB": os.environ.get("STACK_KIB", "128")}
    command = [program, OWN_TESTS[2], *CALLS]
    environment = sandbox.environment() | more
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert len(sandbox.requests()) == len(bodies)


def serve_one(server: socket.socket) -> socket.socket:
    connection, _ = server.accept()
    connection.settimeout(20)
    text = b""
    while b"\r\n\r\n" not in text:
        text += connection.recv(4096)
    connection.sendall(REPLY)
    return connection


def test_freed_client_closes_connections_despite_fork(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    with silent_server() as server:
        environment = sandbox.environment() | {"CALLTRANSFER_BASE_URL": url(server)}
        command = [program, OWN_TESTS[0], *CALLS]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
            connections = [serve_one(server), serve_one(server)]
            assert process.stdout is not None
            assert process.stdout.readline() == b"freed\n"
            for connection in connections:
                assert connection.recv(1) == b"", "the child keeps the connection open"
                connection.close()
            process.communicate(timeout=30)
            assert process.returncode == 0


@pytest.mark.skipif(
    shutil.which("valgrind") is None, reason="NO VALGRIND ON PATH: leaks after a shutdown not looked for"
)
def test_use_and_shutdown_are_clean_under_valgrind(program: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    # Possibly lost is what Rust's std keeps for the main thread, until the process ends.
    check = ["--leak-check=full", "--errors-for-leak-kinds=definite,indirect", "--error-exitcode=1"]
    command = ["valgrind", *check, program, "nothing_is_left_after_shutdown", "c-1"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=os.environ | sandbox.environment()
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR SUMMARY: 0 errors" in done.stderr
    lost = re.search(r"possibly lost: ([\d,]+) bytes", done.stderr)
    assert lost is None or int(lost[1].replace(",", "")) < 100, done.stderr
