"""A task that is cancelled more than once, as anyio does in every turn of the loop."""

from __future__ import annotations

import asyncio
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from cancelled import original
from python_program import TARGET, silent_server, url
from sandbox_process import SECRET, TOKEN, USER_ID

anyio = pytest.importorskip("anyio")


def client(base_url: str) -> calltransfer.AsyncClient:
    return calltransfer.AsyncClient(user_id=USER_ID, token=TOKEN, secret=SECRET, base_url=base_url, timeout=30)


async def cancel_until_done(task: asyncio.Task[Any]) -> BaseException:
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return original(caught.value)


def test_cancelled_again_keeps_error() -> None:
    async def main(base_url: str) -> BaseException:
        task = asyncio.ensure_future(client(base_url).transfer("c-1", TARGET))
        await asyncio.sleep(0.3)
        return await cancel_until_done(task)

    with silent_server() as server:
        stopped = asyncio.run(main(url(server)))
    assert stopped.outcome == "unknown" and stopped.result is None  # type: ignore[attr-defined]
    assert isinstance(stopped.__context__, calltransfer.OutcomeUnknownError)


def test_cancelled_again_after_response_keeps_result(sandbox: Sandbox) -> None:
    async def main() -> BaseException:
        task = asyncio.ensure_future(client(sandbox.url).transfer("c-1", TARGET))
        await asyncio.sleep(0)
        while not sandbox.requests():
            pass  # the loop stands still until the response has come
        return await cancel_until_done(task)

    sandbox.place_incoming_call(call_id="c-1")
    stopped = asyncio.run(main())
    if stopped.outcome == "applied":  # type: ignore[attr-defined]
        assert stopped.result.new_call_id in [call["id"] for call in sandbox.calls()]  # type: ignore[attr-defined]
    else:
        assert isinstance(stopped.__context__, calltransfer.OutcomeUnknownError)


def test_scope_that_ends_keeps_results_of_batch(sandbox: Sandbox) -> None:
    """Eight are applied, the others wait for a server that says nothing."""
    seen: list[BaseException] = []

    async def main() -> None:
        with anyio.move_on_after(1.5):
            try:
                items = [(f"c-{number}", TARGET) for number in range(20)]
                await client(sandbox.url).transfer_many(items, concurrency=4)
            except asyncio.CancelledError as stopped:
                seen.append(stopped)
                raise

    for number in range(20):
        sandbox.place_incoming_call(call_id=f"c-{number}")
    for number in range(8, 20):
        sandbox.inject({"no_response": True, "call_id": f"c-{number}"})
    anyio.run(main)
    (stopped,) = seen
    results = stopped.results  # type: ignore[attr-defined]
    outcomes = [row.outcome for row in results]
    assert (len(outcomes), outcomes.count("applied")) == (20, 8), outcomes


def test_timeout_of_asyncio_keeps_error() -> None:
    async def main(base_url: str) -> BaseException:
        try:
            await asyncio.wait_for(client(base_url).transfer("c-1", TARGET), 0.3)
        except asyncio.TimeoutError as error:
            return error
        raise AssertionError

    with silent_server() as server:
        error = asyncio.run(main(url(server)))
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, calltransfer.OutcomeUnknownError):
        cause = cause.__cause__ or cause.__context__
    assert cause is not None
