"""A host that closes every descriptor that it did not open, as daemons do: the library goes on."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import socket
import subprocess
import sys
import textwrap

import pytest
from python_program import read_request, silent_server, url
from sandbox_process import SECRET, TOKEN, USER_ID, SandboxProcess

TO = "+18382947878"
TIMEOUT = 60

HEAD = """
    import asyncio, json, os, sys, threading, time, warnings
    import calltransfer
    warnings.simplefilter("ignore")
    TO, folder = sys.argv[1:]
    FILES = []

    def report(call_id, error):
        row = {"call_id": call_id, "outcome": "applied"}
        if error is not None:
            row = {"call_id": call_id, "outcome": str(error.outcome), "kind": str(error.kind)}
        print(json.dumps(row), flush=True)

    def blocking(client, call_id):
        try:
            client.transfer(call_id, TO)
            report(call_id, None)
        except calltransfer.CallTransferError as error:
            report(call_id, error)

    def many(client, *call_ids):
        for row in client.transfer_many([{"call_id": one, "to": TO} for one in call_ids]):
            report(row.call_id, row.error)

    def in_loop(client, *call_ids):
        async def one(call_id):
            try:
                await client.transfer(call_id, TO)
                report(call_id, None)
            except calltransfer.CallTransferError as error:
                report(call_id, error)
        async def all():
            await asyncio.gather(*(one(call_id) for call_id in call_ids))
        loop = asyncio.new_event_loop()
        loop.run_until_complete(all())
        return loop  # open: closing it would close what is the host's by then

    def close_all(reuse):
        os.closerange(3, 4096)
        if reuse == "files":  # the numbers become those of the host's own files
            for number in range(64):
                FILES.append(os.open(os.path.join(folder, str(number)), os.O_RDWR | os.O_CREAT))
        elif reuse == "pipes":
            for number in range(32):
                FILES.extend(os.pipe())

    def check_files():
        for fd in FILES:
            os.fstat(fd)  # still open
        for name in os.listdir(folder):
            assert os.path.getsize(os.path.join(folder, name)) == 0, "written to a file of the host"

    client = calltransfer.Client()
    asynchronous = calltransfer.AsyncClient()
"""


def run_until_request(program: str, server: socket.socket, folder: pathlib.Path, timeout: int) -> tuple[int, str, str]:
    """Runs a program, which reads a line once its request has arrived. Its exit code, and what it wrote."""
    environment = os.environ | {
        "BANDWIDTH_USER_ID": USER_ID,
        "BANDWIDTH_API_TOKEN": TOKEN,
        "BANDWIDTH_API_SECRET": SECRET,
        "CALLTRANSFER_BASE_URL": url(server),
    }
    head = textwrap.dedent(HEAD).replace("calltransfer.Client()", f"calltransfer.Client(timeout={timeout})")
    with (
        subprocess.Popen(
            [sys.executable, "-u", "-c", head + program, TO, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        ) as process,
        read_request(server),
    ):
        out, err = process.communicate("\n", timeout=TIMEOUT)
    return process.returncode, out, err


def run(program: str, sandbox: SandboxProcess, folder: pathlib.Path, reuse: str, calls: list[str]) -> dict[str, str]:
    for call_id in calls:
        sandbox.place_incoming_call(call_id)
    code = textwrap.dedent(HEAD) + textwrap.dedent(program)
    code += "\ncheck_files()\nos._exit(0)\n" if "os._exit" not in program else ""
    done = subprocess.run(
        [sys.executable, "-c", code.replace("REUSE", reuse), TO, str(folder)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        env=os.environ | sandbox.environment(),
    )
    assert done.returncode == 0, done.stderr
    assert "panicked" not in done.stderr, done.stderr
    reported = [json.loads(line) for line in done.stdout.splitlines()]
    sent = collections.Counter(request["call_id"] for request in sandbox.requests() if request["method"] == "POST")
    for row in reported:
        assert sent[row["call_id"]] == (1 if row["outcome"] == "applied" else 0), (reported, sent)
    assert collections.Counter(row["call_id"] for row in reported) == dict.fromkeys(calls, 1)
    return {row["call_id"]: row["outcome"] for row in reported}


BEFORE = {
    "blocking": "blocking(client, 'c-1')",
    "many": "many(client, 'c-1')",
    "in_loop": "loop = in_loop(asynchronous, 'c-1')",
}
AFTER = {
    "blocking": "blocking(client, 'c-2'); blocking(client, 'c-3')",
    "many": "many(client, 'c-2', 'c-3')",
    "in_loop": "other = in_loop(asynchronous, 'c-2', 'c-3')",
}


@pytest.mark.parametrize("reuse", ["none", "files", "pipes"])
@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("before", BEFORE)
def test_descriptors_closed_between_requests_are_reopened(
    before: str, after: str, reuse: str, sandbox: SandboxProcess, tmp_path: pathlib.Path
) -> None:
    program = f"""
        {BEFORE[before]}
        close_all("REUSE")
        {AFTER[after]}
    """
    reported = run(program, sandbox, tmp_path, reuse, ["c-1", "c-2", "c-3"])
    assert set(reported.values()) == {"applied"}


@pytest.mark.parametrize("reuse", ["none", "files", "pipes"])
def test_descriptors_closed_clients_dropped_host_files_stay_open(
    reuse: str, sandbox: SandboxProcess, tmp_path: pathlib.Path
) -> None:
    program = """
        blocking(client, "c-1")
        many(client, "c-2")
        loop = in_loop(asynchronous, "c-3")
        close_all("REUSE")
        client.close()
        del client, asynchronous
        import gc; gc.collect()
        time.sleep(5)  # idle connections are dropped after 4 s: not these
        check_files()
        blocking(calltransfer.Client(), "c-4")
    """
    reported = run(program, sandbox, tmp_path, reuse, ["c-1", "c-2", "c-3", "c-4"])
    assert set(reported.values()) == {"applied"}


def test_descriptors_reused_by_a_host_epoll_crash_nothing(sandbox: SandboxProcess, tmp_path: pathlib.Path) -> None:
    program = """
        many(client, "c-1")
        blocking(client, "c-2")
        close_all("none")
        import select
        polls = [select.epoll() for _ in range(32)]  # at the numbers of the library's own
        readers = [os.pipe() for _ in polls]
        for poll, (read, write) in zip(polls, readers):
            poll.register(read, select.EPOLLIN)
            os.write(write, b"!")
        time.sleep(6)
        assert all(poll.poll(0) for poll in polls)
        many(client, "c-3")
        blocking(client, "c-4")
    """
    reported = run(program, sandbox, tmp_path, "none", ["c-1", "c-2", "c-3", "c-4"])
    assert set(reported.values()) == {"applied"}


IN_FLIGHT = {
    "blocking": """
        errors = []
        def ask():
            try:
                client.transfer("c-1", TO)
            except calltransfer.CallTransferError as error:
                errors.append(error)
        threads = [threading.Thread(target=ask)]
    """,
    "many": """
        errors = []
        def ask():
            errors.extend(row.error for row in client.transfer_many([{"call_id": "c-1", "to": TO}]))
        threads = [threading.Thread(target=ask)]
    """,
}


@pytest.mark.parametrize("entry", IN_FLIGHT)
def test_descriptors_closed_in_flight_leave_outcome_unknown(entry: str, tmp_path: pathlib.Path) -> None:
    """The server stays silent, so that the request is in progress when its descriptor goes."""
    program = textwrap.dedent(IN_FLIGHT[entry]) + textwrap.dedent("""
        for one in threads: one.start()
        sys.stdin.readline()
        close_all("none")
        for one in threads: one.join()
        print(*(str(error.outcome) for error in errors))
        again = calltransfer.Client(timeout=1)
        try:
            again.transfer("c-2", TO)
        except calltransfer.CallTransferError as error:
            print(error.outcome)
        os._exit(0)
    """)
    with silent_server() as server:
        code, out, err = run_until_request(program, server, tmp_path, timeout=5)
    assert code == 0, err
    assert out.split() == ["unknown", "unknown"], err


def test_descriptors_closed_under_a_batch_rest_is_begun(tmp_path: pathlib.Path) -> None:
    program = textwrap.dedent("""
        def ask():
            items = [{"call_id": one, "to": TO} for one in ("c-1", "c-2")]
            for row in client.transfer_as_completed(items, concurrency=1):
                print(row.call_id, row.outcome, flush=True)
        asking = threading.Thread(target=ask)
        asking.start()
        sys.stdin.readline()
        close_all("files")
        asking.join()
        check_files()
        os._exit(0)
    """)
    with silent_server() as server:
        code, out, err = run_until_request(program, server, tmp_path, timeout=3)
        with read_request(server):
            pass  # the second one was begun, over a connection of its own
    assert code == 0, err
    assert out.splitlines() == ["c-1 unknown", "c-2 unknown"], err
