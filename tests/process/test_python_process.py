"""What only shows with processes: signals, the interpreter's lock, forks, threads and exits."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import textwrap
import threading
import time
from typing import Any

import calltransfer
import pytest
from python_program import (
    TARGET,
    TIMEOUT,
    assert_each_sent_once,
    interrupt,
    read_request,
    silent_server,
    start,
    url,
)
from sandbox_process import SECRET, TOKEN, USER_ID, SandboxProcess

INTERRUPTED = f"""
    begin = time.time()
    try:
        client.transfer("c-1", "{TARGET}")
    except KeyboardInterrupt as stopped:
        at = time.time()
        cause = stopped.__context__
        print(at, type(cause).__name__, cause.outcome, cause.kind, *getattr(stopped, "__notes__", ["-"]), sep="|")
"""


def test_ctrl_c_under_silent_server_leaves_outcome_unknown() -> None:
    with silent_server() as server:
        process = start(INTERRUPTED, url(server))
        with read_request(server):
            time.sleep(0.2)
            sent = time.time()
            _, out, err = interrupt(process)
    at, name, outcome, kind, note = out.strip().split("|", 4)
    took = float(at) - sent
    print(f"Ctrl-C answered after {took * 1000:.1f} ms")
    assert (name, outcome, kind) == ("OutcomeUnknownError", "unknown", "outcome_unknown"), err
    assert 0 <= took < TIMEOUT
    if sys.version_info >= (3, 11):
        assert note.startswith("calltransfer: ")


def test_ctrl_c_before_sending_is_not_sent() -> None:
    with socket.socket() as full:
        # A backlog that is full keeps further connections from coming about.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        process = start("print('began')\n" + textwrap.dedent(INTERRUPTED), url(full))
        assert process.stdout is not None
        assert process.stdout.readline() == "began\n"
        time.sleep(0.5)
        sent = time.time()
        _, out, err = interrupt(process)
        for filler in fillers:
            filler.close()
    at, name, outcome, kind, _ = out.strip().split("|", 4)
    assert (name, outcome, kind) == ("TransferCancelledError", "not_sent", "cancelled"), err
    assert float(at) - sent < TIMEOUT


def test_uncaught_interrupt_ends_the_program() -> None:
    with silent_server() as server:
        process = start(f"client.transfer('c-1', '{TARGET}')", url(server))
        with read_request(server):
            took, _, err = interrupt(process)
    assert process.returncode == -signal.SIGINT, err
    assert took < TIMEOUT + 1
    assert "KeyboardInterrupt" in err and "OutcomeUnknownError" in err


def test_signal_handler_runs_during_a_transfer() -> None:
    program = f"""
        import signal
        signal.signal(signal.SIGUSR1, lambda *_: print("handled"))
        print(client.transfer("c-1", "{TARGET}").new_call_id)
    """
    with silent_server() as server:
        process = start(program, url(server))
        connection = read_request(server)
        process.send_signal(signal.SIGUSR1)
        assert process.stdout is not None
        assert process.stdout.readline() == "handled\n"
        connection.sendall(
            b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /v1/users/%b/calls/c-2\r\n\r\n" % USER_ID.encode()
        )
        out, err = process.communicate(timeout=20)
        connection.close()
    assert (process.returncode, out) == (0, "c-2\n"), err


def test_other_threads_run_while_one_waits() -> None:
    with silent_server() as server:
        client = calltransfer.Client(user_id=USER_ID, token=TOKEN, secret=SECRET, base_url=url(server), timeout=0.6)
        waiting = threading.Thread(
            target=lambda: pytest.raises(calltransfer.OutcomeUnknownError, client.transfer, "c-1", TARGET)
        )
        waiting.start()
        with read_request(server):
            steps, longest, last = 0, 0.0, time.perf_counter()
            while waiting.is_alive():
                steps += 1
                now = time.perf_counter()
                longest, last = max(longest, now - last), now
        waiting.join(10)
    print(f"{steps} steps, the longest pause {longest * 1000:.1f} ms")
    assert steps > 1000
    assert longest < 0.4  # less than the wait: the lock was not held through it


def test_interpreter_ends_at_once_with_a_transfer_in_flight() -> None:
    program = f"""
        class Slow:  # keeps the interpreter ending for a while, so that the threads meet it
            def __del__(self, sleep=time.sleep):
                sleep(0.3)
        slow = Slow()
        threading.Thread(target=client.transfer, args=("c-1", "{TARGET}"), daemon=True).start()
        time.sleep(0.3)
        print(time.time())
    """
    with silent_server() as server:
        process = start(program, url(server))
        with read_request(server):
            out, err = process.communicate(timeout=20)
            took = time.time() - float(out)
    print(f"exit after {took * 1000:.1f} ms")
    assert process.returncode == 0, err
    assert err == ""
    assert took < TIMEOUT + 1


def test_interpreter_ends_while_responses_arrive(sandbox: SandboxProcess) -> None:
    program = f"""
        class Slow:  # keeps the interpreter ending for a while, so that the threads meet it
            def __del__(self, sleep=time.sleep):
                sleep(0.3)
        slow = Slow()
        def work(number):
            for turn in range(10_000):
                try:
                    client.transfer(f"c-{{number}}-{{turn}}", "{TARGET}")
                except calltransfer.CallNotFoundError:
                    pass
        for number in range(4):
            threading.Thread(target=work, args=(number,), daemon=True).start()
        time.sleep(0.2)
    """
    for _ in range(5):
        process = start(program, sandbox.url)
        _, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (0, "")


def test_interpreter_exit_spares_thread_that_makes_an_error(sandbox: SandboxProcess) -> None:
    program = """
        from calltransfer import errors
        class Slow:  # keeps the interpreter ending for a while, so that the thread meets it
            def __del__(self, sleep=time.sleep):
                sleep(0.6)
        threading.slow = Slow()
        make = errors.make
        def slowly(*parts):
            inside.set()
            time.sleep(0.3)  # without the lock, in the middle of the library
            return make(*parts)
        errors.make = slowly
        inside = threading.Event()
        threading.Thread(target=client.transfer, args=("c-1", "nobody"), daemon=True).start()
        inside.wait()
    """
    process = start(program, sandbox.url)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "FATAL" not in err


def transfer_of(client: calltransfer.Client, call_id: str) -> str | None:
    return client.transfer(call_id, TARGET).new_call_id


@pytest.fixture
def used_client(sandbox: SandboxProcess) -> calltransfer.Client:
    """A client that has an open connection already."""
    client = calltransfer.Client(user_id=USER_ID, token=TOKEN, secret=SECRET, base_url=sandbox.url)
    sandbox.place_incoming_call("c-before")
    transfer_of(client, "c-before")
    return client


def test_forked_child_transfers_and_so_does_its_parent(
    sandbox: SandboxProcess, used_client: calltransfer.Client
) -> None:
    for call_id in ("c-child", "c-parent", "c-after"):
        sandbox.place_incoming_call(call_id)
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            signal.alarm(20)
            status = 0 if transfer_of(used_client, "c-child") else 2
        os._exit(status)
    assert transfer_of(used_client, "c-parent")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert transfer_of(used_client, "c-after")
    assert_each_sent_once(sandbox, "c-before", "c-child", "c-parent", "c-after")
    owners = {request["call_id"]: request["connection"] for request in sandbox.requests()}
    assert owners["c-child"] != owners["c-before"] == owners["c-parent"], "a connection was shared with the child"


def test_shared_client_works_in_a_forked_child(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    for call_id in ("c-before", "c-child"):
        sandbox.place_incoming_call(call_id)
    calltransfer.transfer("c-before", TARGET)
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            signal.alarm(20)
            status = 0 if calltransfer.transfer("c-child", TARGET).new_call_id else 2
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert_each_sent_once(sandbox, "c-before", "c-child")


def work_in_child(client: calltransfer.Client, call_id: str, responses: Any) -> None:
    responses.put(transfer_of(client, call_id))


def test_multiprocessing_children_transfer_beside_parent_threads(
    sandbox: SandboxProcess, used_client: calltransfer.Client
) -> None:
    mine, theirs = [f"c-p{n}" for n in range(40)], [f"c-c{n}" for n in range(4)]
    for call_id in mine + theirs:
        sandbox.place_incoming_call(call_id)
    context = multiprocessing.get_context("fork")
    responses = context.SimpleQueue()
    done: list[str | None] = []
    thread = threading.Thread(target=lambda: done.extend(transfer_of(used_client, call_id) for call_id in mine))
    thread.start()
    children = [context.Process(target=work_in_child, args=(used_client, call_id, responses)) for call_id in theirs]
    for child in children:
        child.start()
    for child in children:
        child.join(20)
        assert child.exitcode == 0
    thread.join(20)
    assert all(responses.get() for _ in theirs)
    assert len(done) == len(mine) and all(done)
    assert_each_sent_once(sandbox, "c-before", *mine, *theirs)


def test_threads_share_client_and_send_each_request_once(
    sandbox: SandboxProcess, used_client: calltransfer.Client
) -> None:
    ids = [f"c-{number}" for number in range(400)]
    for call_id in ids:
        sandbox.place_incoming_call(call_id)
    results: list[str | None] = []

    def work(own: list[str]) -> None:
        results.extend(transfer_of(used_client, call_id) for call_id in own)

    threads = [threading.Thread(target=work, args=(ids[start::40],)) for start in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(results)) == len(ids)
    assert_each_sent_once(sandbox, "c-before", *ids)


def test_without_free_file_descriptors_nothing_is_sent(sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    program = f"""
        import os, resource
        calltransfer.Transferred  # loaded now: later there is no descriptor for it
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        taken = []
        while True:
            try:
                taken.append(os.open(os.devnull, os.O_RDONLY))
            except OSError:
                break
        while True:  # from none to just enough
            try:
                client.transfer("c-1", "{TARGET}")
                break
            except calltransfer.CallTransferError as error:
                print(error.outcome)
            os.close(taken.pop())
        print("applied")
    """
    process = start(program, sandbox.url)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    outcomes = out.split()
    assert outcomes[0] == "not_sent" and set(outcomes[:-1]) == {"not_sent"} and outcomes[-1] == "applied"
    assert_each_sent_once(sandbox, "c-1")
