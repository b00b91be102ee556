"""What only shows with processes, for the asyncio client and many at once."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import textwrap
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

# In flight at once; `make test-long` makes it 10,000.
MANY = 1_000 * int(os.environ.get("CALLTRANSFER_TEST_FACTOR", "1"))

ASYNC = f"""
    import asyncio
    client = calltransfer.AsyncClient(user_id={USER_ID!r}, token={TOKEN!r}, secret={SECRET!r},
                                      base_url=str(client).split("base_url='")[1].split("'")[0], timeout=30)
"""


def test_ctrl_c_in_a_loop_reports_the_outcome() -> None:
    program = f"""
        async def main():
            try:
                await client.transfer("c-1", "{TARGET}")
            except BaseException as stopped:
                known = stopped.__context__
                print(type(stopped).__name__, type(known).__name__, known.outcome)
                raise
        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            print(time.time())
    """
    with silent_server() as server:
        process = start(textwrap.dedent(ASYNC) + textwrap.dedent(program), url(server))
        with read_request(server):
            time.sleep(0.1)
            sent = time.time()
            _, out, err = interrupt(process)
    reported, at = out.splitlines()
    print(f"Ctrl-C answered after {(float(at) - sent) * 1000:.1f} ms")
    assert reported == "CancelledError OutcomeUnknownError unknown", err
    assert float(at) - sent < TIMEOUT
    assert process.returncode == 0, err


def test_ctrl_c_in_a_batch_reports_the_outcome_of_each() -> None:
    program = f"""
        import collections
        try:
            client.transfer_many([(f"c-{{number}}", "{TARGET}") for number in range(50)], concurrency=3)
        except KeyboardInterrupt as stopped:
            print(time.time())
            print(sorted(collections.Counter(row.outcome for row in stopped.results).items()))
            print(*getattr(stopped, "__notes__", ["47 not_sent, 3 unknown"]))
    """
    with silent_server() as server:
        process = start(program, url(server))
        with read_request(server), read_request(server), read_request(server):
            time.sleep(0.1)
            sent = time.time()
            _, out, err = interrupt(process)
    assert process.returncode == 0, err
    at, counts, note = out.splitlines()
    print(f"Ctrl-C answered after {(float(at) - sent) * 1000:.1f} ms")
    assert counts == "[('not_sent', 47), ('unknown', 3)]"
    assert "47 not_sent, 3 unknown" in note
    assert float(at) - sent < TIMEOUT


HAMMER = f"""
    class Slow:  # keeps the interpreter ending for a while, so that responses meet it
        def __del__(self, sleep=time.sleep):
            sleep(0.3)
    slow = Slow()
    async def work():
        async def one(number):
            for turn in range(10_000):
                try:
                    await client.transfer(f"c-{{number}}-{{turn}}", "{TARGET}")
                except calltransfer.CallNotFoundError:
                    pass
        await asyncio.gather(*(one(number) for number in range(16)))
"""


@pytest.mark.parametrize(
    "end",
    [
        """
        threading.Thread(target=lambda: asyncio.run(work()), daemon=True).start()
        time.sleep(0.2)
        """,
        """
        loop = asyncio.new_event_loop()
        task = loop.create_task(work())
        task._log_destroy_pending = False
        loop.run_until_complete(asyncio.sleep(0.2))
        """,
        """
        async def main():
            task = asyncio.ensure_future(work())
            await asyncio.sleep(0.2)
        asyncio.run(main())
        """,
        f"""
        threading.Thread(target=calltransfer.Client.transfer_many, daemon=True, args=(
            sync, ((f"c-{{n}}", "{TARGET}") for n in range(10_000_000)))).start()
        time.sleep(0.2)
        """,
    ],
    ids=["in-a-daemon-thread", "in-a-loop-that-is-left", "in-a-loop-that-ends", "in-a-batch"],
)
def test_interpreter_ends_with_answers_arriving_meanwhile(end: str, sandbox: SandboxProcess) -> None:
    program = "sync = client\n" + "".join(textwrap.dedent(part) for part in (ASYNC, HAMMER, end))
    for _ in range(3):
        process = start(program, sandbox.url)
        _, err = process.communicate(timeout=30)
        unfinished = [line for line in err.splitlines() if "never" not in line]  # coroutines that were left
        assert process.returncode == 0, err
        assert not any("panick" in line or "Fatal" in line or "Traceback" in line for line in unfinished), err


async def transferred(client: calltransfer.AsyncClient, call_id: str) -> str:
    return (await client.transfer(call_id, TARGET)).outcome


def test_forked_child_and_parent_have_their_own_loops(sandbox: SandboxProcess) -> None:
    for call_id in ("c-before", "c-child", "c-many", "c-parent"):
        sandbox.place_incoming_call(call_id)
    account = {"user_id": USER_ID, "token": TOKEN, "secret": SECRET, "base_url": sandbox.url}
    client, sync = calltransfer.AsyncClient(**account), calltransfer.Client(**account)
    assert asyncio.run(transferred(client, "c-before")) == "applied"
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            signal.alarm(20)
            ok = asyncio.run(transferred(client, "c-child")) == "applied"
            status = 0 if ok and sync.transfer_many([("c-many", TARGET)])[0].outcome == "applied" else 2
        os._exit(status)
    assert asyncio.run(transferred(client, "c-parent")) == "applied"
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert_each_sent_once(sandbox, "c-before", "c-child", "c-many", "c-parent")


def test_batch_that_is_under_way_at_a_fork_is_the_parents(sandbox: SandboxProcess) -> None:
    ids = [f"c-{number}" for number in range(200)]
    for call_id in ids:
        sandbox.place_incoming_call(call_id)
    client = calltransfer.Client(user_id=USER_ID, token=TOKEN, secret=SECRET, base_url=sandbox.url)
    arriving = client.transfer_as_completed([(call_id, TARGET) for call_id in ids], concurrency=4)
    rows = [next(arriving)]
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            signal.alarm(20)
            arriving.close()  # type: ignore[attr-defined]
            status = 0
        os._exit(status)
    rows += arriving
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert sorted(str(row.call_id) for row in rows) == sorted(ids)
    assert {row.outcome for row in rows} == {"applied"}
    assert_each_sent_once(sandbox, *ids)


def work_in_child(client: Any, call_id: str) -> str:
    if isinstance(client, calltransfer.AsyncClient):
        return asyncio.run(transferred(client, call_id))
    return str(client.transfer(call_id, TARGET).outcome)


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.parametrize("kind", [calltransfer.Client, calltransfer.AsyncClient], ids=["sync", "async"])
def test_pool_of_processes_gets_the_client_by_pickle(
    kind: Any, method: str, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)  # the secrets, which a pickle doesn't hold
    ids = [f"c-{number}" for number in range(6)]
    for call_id in [*ids, "c-before"]:
        sandbox.place_incoming_call(call_id)
    client = kind(user_id=USER_ID, token=TOKEN, secret=SECRET, base_url=sandbox.url, timeout=20)
    assert work_in_child(client, "c-before") == "applied"
    with multiprocessing.get_context(method).Pool(2) as pool:
        reported = pool.starmap_async(work_in_child, [(client, call_id) for call_id in ids]).get(60)
        pool.close()
        pool.join()
    assert reported == ["applied"] * 6
    assert_each_sent_once(sandbox, "c-before", *ids)


SERVER = """
import asyncio, sys
many, waiting, peak = int(sys.argv[1]), [], asyncio.Event()
async def serve(reader, writer):
    head = await reader.readuntil(b"\\r\\n\\r\\n")
    length = [line for line in head.lower().split(b"\\r\\n") if line.startswith(b"content-length:")]
    await reader.readexactly(int(length[0].split(b":")[1]))
    waiting.append(writer)
    if len(waiting) == many:
        peak.set()
    await peak.wait()  # no one is answered before all are here
    writer.write(b"HTTP/1.1 201 Created\\r\\nContent-Length: 0\\r\\nLocation: /v1/users/u-abc123/calls/c-new\\r\\n\\r\\n")
    await writer.drain()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main())
"""


@pytest.mark.parametrize("way", ["async", "many"])
def test_so_many_are_in_flight_on_one_client(way: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY + 200
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            pytest.skip(f"no more than {hard} file descriptors here; {wanted} are needed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    command = [sys.executable, "-c", SERVER, str(MANY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None and server.stdin is not None
        account = {
            "user_id": USER_ID,
            "token": TOKEN,
            "secret": SECRET,
            "base_url": f"http://127.0.0.1:{server.stdout.readline().strip()}",
        }
        items = [(f"c-{number}", TARGET) for number in range(MANY)]

        async def main() -> list[str]:
            most = MANY if way == "async" else None  # of a batch its concurrency says it
            settings = {"timeout": 120, "max_retries": 0, "max_connections": most}
            async with calltransfer.AsyncClient(**account, **settings) as client:
                if way == "many":
                    return [row.outcome for row in await client.transfer_many(items, concurrency=MANY)]
                return [done.outcome for done in await asyncio.gather(*(client.transfer(*item) for item in items))]

        begin = time.perf_counter()
        try:
            assert asyncio.run(main()) == ["applied"] * MANY
        finally:
            server.stdin.close()
        print(f"{MANY} in flight at once, {way}: {time.perf_counter() - begin:.2f} s")


def test_subinterpreter_works_or_says_clearly_that_it_does_not() -> None:
    program = """
        try:
            import _interpreters as interpreters  # Python 3.13
        except ImportError:
            import _xxsubinterpreters as interpreters
        code = "try:\\n import calltransfer\\n print(calltransfer.payload('c-1', '+18382947878'))\\nexcept ImportError as e:\\n print('ImportError', e)"
        run = getattr(interpreters, "exec", None) or interpreters.run_string
        run(interpreters.create(), code)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent("import calltransfer\n") + textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "No module named '_xxsub" in done.stderr:
        pytest.skip("this Python has no module for sub-interpreters")
    assert done.returncode == 0, done.stderr
    print(done.stdout.strip())
    assert done.stdout.startswith('{"state"') or ("ImportError" in done.stdout and "interpreter" in done.stdout), (
        done.stdout
    )
