"""Transfers each incoming call: uvicorn incoming_calls:app, at the callback URL of the account's numbers. v1."""

from __future__ import annotations

import asyncio
import contextlib
import os

import calltransfer
from calltransfer import events

client = calltransfer.AsyncClient(keep_ready=True, timeout=5)
tasks: set[asyncio.Task[None]] = set()


def choose(event: events.IncomingCall) -> str:
    return "+18382947878"  # your rules


async def move(event: events.IncomingCall, call_id: str) -> None:
    try:
        if event.call_state == "started":
            with contextlib.suppress(calltransfer.CallNotActiveError):  # answered since this event
                await client.answer(call_id)
        done = await client.transfer(call_id, choose(event), callback_url=os.environ["HOOK_URL"])
        print(call_id, done.outcome, done.new_call_id)
    except calltransfer.CallTransferError as error:
        print(call_id, error.outcome, error)


async def handle(event: calltransfer.Event) -> None:
    if isinstance(event, events.IncomingCall) and event.call_id is not None:
        task = asyncio.create_task(move(event, event.call_id))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


receiver = calltransfer.EventReceiver(handle, username="hook", password=os.environ["HOOK_PASSWORD"])
app = receiver.asgi
