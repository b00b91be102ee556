"""An interrupt that comes near the response: the outcome and the result are on the exception."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import threading
import time

import calltransfer
import pytest
from python_program import TARGET, silent_server, start, url
from sandbox_process import SECRET, TOKEN, USER_ID

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /v1/users/%b/calls/c-2\r\n\r\n" % USER_ID.encode()
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
CALL = b'{"id":"c-1","state":"active"}'
READ = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(CALL), CALL)
REFUSED = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

PROGRAM = """
    class Stop(BaseException):
        pass

    def stop(*_):
        raise Stop

    def leave(*_):
        sys.exit(7)

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, leave)
    try:
        done = {request}
        print("returned", getattr(done, "new_call_id", None))
        time.sleep(30)
    except BaseException as stopped:
        result = getattr(stopped, "result", "none")
        new = getattr(result, "new_call_id", None) or getattr(result, "id", None)
        cause = stopped.__context__
        notes = "".join(getattr(stopped, "__notes__", []))
        print(type(stopped).__name__, getattr(stopped, "outcome", "none"), new, type(cause).__name__, notes, sep="|")
"""
TRANSFER = f"client.transfer('c-1', '{TARGET}')"


def read(server: socket.socket) -> socket.socket:
    """The connection of a request that has arrived whole, whatever its method."""
    connection = server.accept()[0]
    connection.settimeout(20)
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65536)
    return connection


def interrupted(request: str, response: bytes, number: int, delay: float) -> list[str]:
    """What the program says that gets this signal when the server has its request, and then the response."""
    with silent_server() as server:
        process = start(PROGRAM.format(request=request), url(server))
        with read(server) as connection:
            process.send_signal(number)
            time.sleep(delay)
            connection.sendall(response)
            assert process.stdout is not None
            said = process.stdout.readline().strip()
            if said.startswith("returned"):
                # The signal came after all: the request had returned, with its result.
                said += "|" + process.stdout.readline().strip()
        process.kill()
        process.communicate()
    return said.split("|")


@pytest.mark.parametrize("delay_ms", [0, 2, 10, 30, 45, 80, 200])
@pytest.mark.parametrize(
    ("number", "name"),
    [(signal.SIGINT, "KeyboardInterrupt"), (signal.SIGALRM, "Stop"), (signal.SIGTERM, "SystemExit")],
)
def test_interrupt_near_response_keeps_outcome(number: int, name: str, delay_ms: int) -> None:
    said = interrupted(TRANSFER, CREATED, number, delay_ms / 1000)
    if said[0] == "returned c-2":
        return
    assert said[0] == name
    assert said[1] in ("applied", "unknown"), said
    if said[1] == "applied":
        assert said[2] == "c-2" and ("c-2" in said[4] or said[4] == ""), said
    else:
        assert said[3] == "OutcomeUnknownError", said


@pytest.mark.parametrize(
    ("request_", "response", "new"),
    [
        ("client.get_call('c-1')", READ, "c-1"),
        ("client.answer('c-1')", OK, "None"),
        ("client.hang_up('c-1')", OK, "None"),
    ],
)
def test_interrupt_near_response_of_other_request_keeps_outcome(request_: str, response: bytes, new: str) -> None:
    for delay in (0.0, 0.02):
        said = interrupted(request_, response, signal.SIGINT, delay)
        if said[0].startswith("returned"):
            continue
        assert said[0] == "KeyboardInterrupt"
        # Only what was written can be unknown; a read that was stopped changed nothing.
        assert said[1:3] == ["applied", new] or said[1] in ("unknown", "not_applied", "not_sent"), said


def test_interrupt_near_refusal_keeps_error() -> None:
    for delay in (0.0, 0.02):
        said = interrupted(TRANSFER, REFUSED, signal.SIGINT, delay)
        assert said[0] == "KeyboardInterrupt" and said[1] in ("not_applied", "unknown"), said
        assert said[3].endswith("Error"), said


class TimeLimit(Exception):
    """As worker frameworks set it in the thread of a task that takes too long."""


@pytest.mark.parametrize("responds", [True, False])
def test_exception_set_in_waiting_thread_says_outcome(responds: bool) -> None:
    caught: list[BaseException] = []

    def work() -> None:
        try:
            with calltransfer.Client(
                user_id=USER_ID, token=TOKEN, secret=SECRET, base_url=url(server), timeout=30
            ) as client:
                client.transfer("c-1", TARGET)
        except TimeLimit as stopped:
            caught.append(stopped)

    with silent_server() as server:
        thread = threading.Thread(target=work)
        thread.start()
        with read(server) as connection:
            assert thread.ident is not None
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeLimit))
            if responds:
                connection.sendall(CREATED)
            thread.join(20)
            assert not thread.is_alive()
    (stopped,) = caught
    outcome = stopped.outcome  # type: ignore[attr-defined]
    if outcome == "applied":
        assert stopped.result.new_call_id == "c-2"  # type: ignore[attr-defined]
    else:
        assert outcome == "unknown" and isinstance(stopped.__context__, calltransfer.OutcomeUnknownError)


def test_second_interrupt_of_batch_keeps_results() -> None:
    program = f"""
        items = [(f"c-{{number}}", "{TARGET}") for number in range(20)]
        try:
            client.transfer_many(items, concurrency=4)
        except BaseException as stopped:
            print(type(stopped).__name__, len(stopped.results), sep="|")
    """
    with silent_server() as server:
        process = start(program, url(server))
        with read(server):
            # However many come, and whenever.
            for _ in range(40):
                process.send_signal(signal.SIGINT)
                time.sleep(0.001)
                if process.poll() is not None:
                    break
            try:
                out, err = process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert out.splitlines()[:1] in (["KeyboardInterrupt|20"], []), err
    if not out:
        assert "KeyboardInterrupt" in err  # one hit the program's own lines
