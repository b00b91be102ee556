"""Python at the borders of its process: signals, threads, fork, exit."""

from __future__ import annotations

import multiprocessing
import os
import pathlib
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import calltransfer
from sandbox_process import SECRET, TOKEN, SandboxProcess

TO = "+18382947878"


class SilentServer:
    """Takes connections, reads, and never answers."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._socket.getsockname()[1]
        self.reached = threading.Event()
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            connection.recv(4096)
            self.reached.set()

    def close(self) -> None:
        self._socket.close()
        for connection in self._connections:
            connection.close()


@pytest.fixture
def silent():  # type: ignore[no-untyped-def]
    server = SilentServer()
    yield server
    server.close()


def client(url: str, **settings: float) -> calltransfer.Client:
    return calltransfer.Client(user_id="u-abc123", token=TOKEN, secret=SECRET, base_url=url, **settings)  # type: ignore[arg-type]


def program(text: str, url: str) -> list[str]:
    head = f"""
        import calltransfer, os, signal, sys, threading, time
        client = calltransfer.Client(user_id="u-abc123", token={TOKEN!r}, secret={SECRET!r}, base_url={url!r})
    """
    return [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(text)]


def test_ctrl_c_is_answered_and_says_what_became_of_the_call(silent: SilentServer) -> None:
    text = """
        try:
            client.transfer("c-1", "+18382947878")
        except KeyboardInterrupt as stop:
            error = stop.__context__
            print(type(error).__name__, error.outcome, error.call_id, getattr(stop, "__notes__", ""), flush=True)
            sys.exit(7)
    """
    process = subprocess.Popen(program(text, silent.url), stdout=subprocess.PIPE, text=True)
    assert silent.reached.wait(10)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=10)
    elapsed = time.monotonic() - begin
    print(f"Ctrl-C answered, process ended after {elapsed * 1000:.0f} ms")
    assert process.returncode == 7
    assert told.startswith("OutcomeUnknownError unknown c-1")
    if sys.version_info >= (3, 11):
        assert "may have been carried out" in told
    assert elapsed < 3  # it waits for 10 seconds without the polling


def test_a_signal_handler_that_returns_lets_the_transfer_go_on(sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    busy = '{"category":"unavailable","code":"call-unavailable"}'
    sandbox.script({"status": 503, "headers": {}, "body": busy})  # it waits 0.25 s at least
    text = """
        seen = []
        signal.signal(signal.SIGALRM, lambda *_: seen.append(time.monotonic()))
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        done = client.transfer("c-1", "+18382947878")
        print(len(seen), time.monotonic() - seen[0] > 0.05, done.attempts)
    """
    told = subprocess.run(program(text, sandbox.url), capture_output=True, text=True, timeout=30, check=True)
    assert told.stdout.split() == ["1", "True", "2"]


def test_other_threads_run_while_one_waits(silent: SilentServer) -> None:
    waiting = threading.Thread(target=lambda: pytest.raises(
        calltransfer.OutcomeUnknownError, client(silent.url, timeout=1.0).transfer, "c-1", TO
    ))
    waiting.start()
    assert silent.reached.wait(10)
    count = 0
    while waiting.is_alive():
        count += 1
        time.sleep(0.001)
    assert count > 50  # with the interpreter's lock held it would be one or two


def test_a_forked_child_goes_on_with_the_parents_client(sandbox: SandboxProcess) -> None:
    for call in ("c-1", "c-2", "c-3"):
        sandbox.place_incoming_call(call)
    shared = client(sandbox.url)
    shared.transfer("c-1", TO)
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if shared.transfer("c-2", TO).call_id else 1)
        except BaseException:
            os._exit(2)
    deadline = time.monotonic() + 10
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            pytest.fail("the child hangs")
        time.sleep(0.01)
    assert shared.transfer("c-3", TO).call_id
    requests = sandbox.requests()
    assert [request["call_id"] for request in requests] == ["c-1", "c-2", "c-3"]
    # The child opened a connection of its own; the parent went on with its old one.
    assert requests[1]["connection"] != requests[0]["connection"] == requests[2]["connection"]


def _in_child(shared: calltransfer.Client, call: str) -> None:
    sys.exit(0 if shared.transfer(call, TO).call_id else 1)


def test_multiprocessing_by_fork_works(sandbox: SandboxProcess) -> None:
    shared = client(sandbox.url)
    calls = [f"c-{number}" for number in range(5)]
    for call in calls:
        sandbox.place_incoming_call(call)
    shared.transfer(calls[0], TO)
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_in_child, args=(shared, call)) for call in calls[1:]]
    for child in children:
        child.start()
    for child in children:
        child.join(20)
        assert child.exitcode == 0
    assert sorted(request["call_id"] for request in sandbox.requests()) == calls


@pytest.mark.parametrize("moment", ["waiting", "between"])
def test_the_interpreter_ends_with_a_transfer_in_flight(
    moment: str, silent: SilentServer, sandbox: SandboxProcess
) -> None:
    url = silent.url if moment == "waiting" else sandbox.url
    text = """
        def work():
            while True:
                try:
                    client.transfer("c-1", "+18382947878")
                except calltransfer.CallTransferError:
                    pass
        class Slow:  # keeps the interpreter ending for a while, so that the threads meet it
            def __del__(self, sleep=time.sleep):
                sleep(0.3)
        slow = Slow()
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(0.3)
    """
    begin = time.monotonic()
    for _ in range(1 if moment == "waiting" else 5):
        ended = subprocess.run(program(text, url), capture_output=True, text=True, timeout=30, check=False)
        assert (ended.returncode, ended.stderr) == (0, "")
    assert time.monotonic() - begin < 15


def test_the_import_loads_nothing_from_elsewhere(tmp_path: pathlib.Path) -> None:
    text = """
        import sys
        before = set(sys.modules)
        import calltransfer
        roots = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(sorted(roots - set(sys.stdlib_module_names) - {"calltransfer"}))
    """
    told = subprocess.run([sys.executable, "-c", textwrap.dedent(text)], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_without_free_file_descriptors_nothing_is_sent(sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    text = """
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        taken = []
        while True:
            try:
                taken.append(os.open(os.devnull, os.O_RDONLY))
            except OSError:
                break
        for free in range(6):  # from none to just too few
            try:
                client.transfer("c-1", "+18382947878")
                break
            except calltransfer.CallTransferError as error:
                print(error.outcome)
            os.close(taken.pop())
        for descriptor in taken:
            os.close(descriptor)
        if free == 5:
            client.transfer("c-1", "+18382947878")
        print("applied")
    """
    told = subprocess.run(program(text, sandbox.url), capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    outcomes = told.stdout.split()
    assert outcomes[0] == "not_sent" and set(outcomes[:-1]) == {"not_sent"} and outcomes[-1] == "applied"
    assert len(sandbox.requests()) == 1
