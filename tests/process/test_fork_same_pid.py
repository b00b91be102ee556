"""A forked child whose pid is its parent's: pid 1 that forks into a new pid namespace."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap

import pytest
from python_program import TARGET, assert_each_sent_once
from sandbox_process import SECRET, TOKEN, USER_ID, SandboxProcess

# The parent is pid 1 of a namespace. It uses the client in every way, then forks into another
# namespace, where the child is pid 1 as well.
PROGRAM = f"""
    import asyncio, ctypes, os, signal, sys, time, calltransfer

    CLONE_NEWPID = 0x20000000

    def every_way(prefix):
        print(prefix, "blocking", client.transfer(f"c-{{prefix}}1", {TARGET!r}).outcome)
        for row in client.transfer_many([(f"c-{{prefix}}2", {TARGET!r})]):
            print(prefix, "many", row.outcome)
        async def asynchronous():
            return await calltransfer.AsyncClient(**settings).transfer(f"c-{{prefix}}3", {TARGET!r})
        print(prefix, "async", loop.run_until_complete(asynchronous()).outcome)

    settings = dict(user_id={USER_ID!r}, token={TOKEN!r}, secret={SECRET!r}, base_url=sys.argv[1], timeout=20)
    client = calltransfer.Client(**settings)
    loop = asyncio.new_event_loop()
    assert os.getpid() == 1, os.getpid()
    every_way("p")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWPID) != 0:
        print("unshare:", os.strerror(ctypes.get_errno()))
        sys.exit(77)
    child = os.fork()
    if child == 0:
        assert os.getpid() == 1, os.getpid()
        loop = asyncio.new_event_loop()
        every_way("k")
        sys.stdout.flush()
        os._exit(0)
    until = time.monotonic() + 60  # a child that hangs ends; as pid 1 it takes no other signal
    while (waited := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
        time.sleep(0.05)
    if waited == (0, 0):
        os.kill(child, signal.SIGKILL)
        waited = os.waitpid(child, 0)
    status = waited[1]
    print("child ended with", status)
"""


def test_child_with_the_pid_of_its_parent_makes_its_own_requests(sandbox: SandboxProcess) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "--fork", "--pid", "true"], capture_output=True).returncode != 0:
        pytest.skip("SKIPPED: no pid namespace may be made here (needs root, or CAP_SYS_ADMIN)")
    calls = [f"c-{prefix}{number}" for prefix in "pk" for number in (1, 2, 3)]
    for call in calls:
        sandbox.place_incoming_call(call)
    done = subprocess.run(
        [unshare, "--fork", "--pid", "--kill-child", sys.executable, "-u", "-c", textwrap.dedent(PROGRAM), sandbox.url],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode == 77:
        pytest.skip(f"SKIPPED: {done.stdout.splitlines()[-1]}")
    expected = [f"{prefix} {way} applied" for prefix in "pk" for way in ("blocking", "many", "async")]
    assert done.stdout.splitlines() == [*expected, "child ended with 0"], done
    assert_each_sent_once(sandbox, *calls)
