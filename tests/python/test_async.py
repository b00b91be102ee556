"""The asyncio client: the same as the other, and what only a loop can do to it."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import os
import pickle
import socket
import sys
import threading
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import calltransfer
import pytest
from calltransfer import AsyncClient, Client
from calltransfer.sandbox import Sandbox
from cancelled import original
from sandbox_process import SECRET, TOKEN, USER_ID

TARGET = "+18382947878"


def runners() -> list[Any]:
    """Every kind of loop that can be had here."""
    found: list[Any] = [pytest.param(asyncio.run, id="asyncio")]
    try:
        import uvloop
    except ImportError:
        found.append(pytest.param(None, id="uvloop", marks=pytest.mark.skip(reason="uvloop isn't installed")))
    else:
        found.append(pytest.param(uvloop.run, id="uvloop"))
    found.append(pytest.param(run_without_readers, id="no-add_reader"))
    return found


def run_without_readers(main: Coroutine[Any, Any, Any]) -> Any:
    """A loop that can't watch a pipe, as Windows' proactor."""

    class Loop(asyncio.SelectorEventLoop):
        def add_reader(self, *_: Any) -> None:
            raise NotImplementedError

    loop = Loop()  # its own wake-up adds a reader by a private name
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


def silent() -> socket.socket:
    """A port that takes connections and never responds."""
    return socket.create_server(("127.0.0.1", 0), backlog=64)


def client_of(server: socket.socket, **settings: Any) -> AsyncClient:
    url = "http://127.0.0.1:%d" % server.getsockname()[1]
    return AsyncClient(user_id=USER_ID, token=TOKEN, secret=SECRET, base_url=url, **{"timeout": 30, **settings})


async def arrived(server: socket.socket) -> socket.socket:
    """The connection of a request that was read whole."""

    def read() -> socket.socket:
        connection = server.accept()[0]
        got = b""
        while not got.endswith(b"}"):
            got += connection.recv(65536)
        return connection

    return await asyncio.get_running_loop().run_in_executor(None, read)


METHODS = [
    name for name, member in vars(AsyncClient).items() if inspect.isfunction(member) and not name.startswith("_")
]


def test_twins_have_the_same_methods_and_arguments() -> None:
    assert {*METHODS} == {
        name.replace("close", "aclose")
        for name, member in vars(Client).items()
        if inspect.isfunction(member) and not name.startswith("_")
    }
    for name in METHODS:
        twin = getattr(Client, "close" if name == "aclose" else name)
        # An async iterable of items is for a loop alone.
        mine = str(inspect.signature(getattr(AsyncClient, name)).replace(return_annotation=None))
        mine = mine.replace("Iterable[Any] | AsyncIterable[Any]", "Iterable[Any]").replace("AsyncRun", "Run")
        assert mine == str(inspect.signature(twin).replace(return_annotation=None)), name
    assert inspect.signature(AsyncClient) == inspect.signature(Client)


@pytest.mark.parametrize("run", runners())
def test_call_is_answered_read_transferred_and_checked(run: Any, sandbox: Sandbox) -> None:
    async def main() -> None:
        async with AsyncClient() as client:
            sandbox.place_incoming_call(call_id="c-1", state="started")
            await client.answer("c-1")
            assert (await client.get_call("c-1")).state == "active"
            done = await client.transfer("c-1", TARGET, caller_id="private")
            assert (done.outcome, done.http_status, done.call_id) == ("applied", 201, "c-1")
            assert (await client.check(done)).outcome == "applied"
            await client.hang_up("c-1")
            with pytest.raises(calltransfer.CallNotFoundError) as caught:
                await client.transfer("c-none", TARGET)
            assert (caught.value.outcome, caught.value.call_id) == ("not_applied", "c-none")

    run(main())


@pytest.mark.parametrize("run", runners())
def test_many_at_once_each_get_their_own_answer(run: Any, sandbox: Sandbox) -> None:
    ids = [sandbox.place_incoming_call() for _ in range(200)]

    async def main() -> list[calltransfer.Transferred]:
        async with AsyncClient() as client:
            return await asyncio.gather(*(client.transfer(call_id, TARGET) for call_id in ids))

    assert [done.call_id for done in run(main())] == ids
    assert sorted(str(request["call_id"]) for request in sandbox.requests()) == sorted(ids)


@pytest.mark.parametrize("run", runners())
def test_cancelled_task_stops_transfer_with_unknown_outcome(run: Any) -> None:
    async def main() -> None:
        with silent() as server:
            client = client_of(server)
            task = asyncio.ensure_future(client.transfer("c-1", TARGET))
            with await arrived(server) as connection:
                task.cancel()
                with pytest.raises(asyncio.CancelledError) as caught:
                    await task
                known = original(caught.value).__context__
                assert isinstance(known, calltransfer.OutcomeUnknownError), known
                assert (known.outcome, known.call_id, known.attempts) == ("unknown", "c-1", 1)
                if sys.version_info >= (3, 11):
                    assert caught.value.__notes__ == [f"calltransfer: {known}"]
                connection.settimeout(10)
                assert connection.recv(1) == b""  # it was really stopped

    run(main())


def test_task_cancelled_before_sending_is_not_sent() -> None:
    async def main() -> None:
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
            task = asyncio.ensure_future(client_of(full).transfer("c-1", TARGET))
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            for filler in fillers:
                filler.close()
            known = original(caught.value).__context__
            assert isinstance(known, calltransfer.TransferCancelledError)
            assert known.outcome == "not_sent"

    asyncio.run(main())


def test_task_cancelled_after_response_carries_the_result(sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")

    async def main() -> str:
        client = AsyncClient()
        task = asyncio.ensure_future(client.transfer("c-1", TARGET))
        await asyncio.sleep(0)
        while sandbox.call("c-1")["state"] != "transferring":  # asks without the loop
            pass
        import time

        time.sleep(0.3)  # the response is here; the loop has not looked
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return "\n".join(getattr(caught.value, "__notes__", ["the new call is c-"]))

    assert "the new call is c-" in asyncio.run(main())


def test_timeout_of_asyncio_stops_the_transfer() -> None:
    async def main() -> None:
        with silent() as server:
            with pytest.raises(asyncio.TimeoutError) as caught:
                await asyncio.wait_for(client_of(server).transfer("c-1", TARGET), 0.3)
            causes, error = [], caught.value.__cause__ or caught.value.__context__
            while error is not None and error not in causes:
                causes.append(error)
                error = error.__cause__ or error.__context__
            assert any(isinstance(cause, calltransfer.OutcomeUnknownError) for cause in causes), causes

    asyncio.run(main())


def test_second_cancellation_is_not_held_up() -> None:
    async def main() -> None:
        with silent() as server:
            task = asyncio.ensure_future(client_of(server).transfer("c-1", TARGET))
            with await arrived(server):
                task.cancel()
                await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    asyncio.run(main())


def test_loops_of_several_threads_share_a_client(sandbox: Sandbox) -> None:
    ids = [[sandbox.place_incoming_call() for _ in range(20)] for _ in range(4)]
    client, done = AsyncClient(), []

    async def some(own: list[str]) -> list[calltransfer.Transferred]:
        return await asyncio.gather(*(client.transfer(call_id, TARGET) for call_id in own))

    def work(own: list[str]) -> None:
        for half in (own[:10], own[10:]):  # one loop after another, too
            done.extend(asyncio.run(some(half)))

    threads = [threading.Thread(target=work, args=(own,)) for own in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(one.call_id for one in done) == sorted(one for group in ids for one in group)


def test_loops_come_and_go_and_leave_no_descriptor_behind(sandbox: Sandbox) -> None:
    client = AsyncClient()
    sandbox.place_incoming_call(call_id="c-1")

    def descriptors() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("there is no /proc")
    for _ in range(3):
        asyncio.run(client.get_call("c-1"))
    before = descriptors()
    for _ in range(20):
        asyncio.run(client.get_call("c-1"))
    assert descriptors() <= before + 2


def test_loop_that_is_closed_meanwhile_is_let_be() -> None:
    with silent() as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        client = client_of(server, timeout=0.3)
        loop = asyncio.new_event_loop()
        task = loop.create_task(client.transfer("c-1", TARGET))
        connection = loop.run_until_complete(arrived(server))
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # it is meant
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        import time

        time.sleep(0.5)  # it ends for no one
        with pytest.raises(calltransfer.OutcomeUnknownError):
            asyncio.run(client.transfer("c-1", TARGET))
        connection.close()


USES: list[Callable[[AsyncClient], Awaitable[Any]]] = [
    lambda c: c.transfer("c-1", TARGET),
    lambda c: c.get_call("c-1"),
    lambda c: c.answer("c-1"),
    lambda c: c.hang_up("c-1"),
    lambda c: c.check("c-1"),
    lambda c: c.transfer_many([]),
]


@pytest.mark.parametrize("use", USES, ids=["transfer", "get_call", "answer", "hang_up", "check", "transfer_many"])
def test_closed_client_says_so(use: Callable[[AsyncClient], Awaitable[Any]], sandbox: Sandbox) -> None:
    async def main() -> None:
        async with AsyncClient() as client:
            pass
        await client.aclose()
        assert repr(client) == "AsyncClient(closed)"
        with pytest.raises(calltransfer.ConfigurationError, match="closed"):
            await use(client)

    asyncio.run(main())
    assert sandbox.requests() == []


def test_without_a_loop_it_says_what_to_use(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="use Client"):
        AsyncClient().transfer("c-1", TARGET).send(None)
    assert sandbox.requests() == []


def test_attempts_are_logged(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="calltransfer")
    sandbox.script(
        {"status": 429, "headers": {"Retry-After": "0"}, "body": ""}, {"status": 201, "headers": {}, "body": ""}
    )
    asyncio.run(AsyncClient().transfer("c-1", TARGET))
    assert [(record.name, record.levelname) for record in caplog.records] == [
        ("calltransfer", "WARNING"),
        ("calltransfer", "INFO"),
    ]
    for hidden in (TOKEN, SECRET, "8382947878"):
        assert hidden not in caplog.text


def test_pickled_client_works_in_another_loop(sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    again = pickle.loads(pickle.dumps(AsyncClient()))
    assert isinstance(again, AsyncClient)
    assert asyncio.run(again.transfer("c-1", TARGET)).outcome == "applied"
