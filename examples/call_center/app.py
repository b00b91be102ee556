"""A small call center: uvicorn app:app, at the callback URL of the account's numbers. See README.md."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import pathlib
import zoneinfo
from collections.abc import AsyncIterator

import calltransfer
from calltransfer import events
from fastapi import FastAPI
from fastapi.responses import FileResponse, StreamingResponse

CONFIG = json.loads(pathlib.Path(os.environ["CALL_CENTER"]).read_text(encoding="utf-8"))
URL = os.environ["CALL_CENTER_URL"]  # https://hook:PASSWORD@example.com/events
PAGE = pathlib.Path(__file__).with_name("page.html")

board: dict[str, dict[str, object]] = {}
changed = asyncio.Condition()
tasks: set[asyncio.Task[None]] = set()


async def show(call_id: str, **what: object) -> None:
    async with changed:
        board.setdefault(call_id, {"call": call_id}).update(what)
        changed.notify_all()


def agents_of(number: str | None) -> tuple[str, dict[str, str]]:
    """The skill that the called number stands for, and who has it now: name to number."""
    skill = CONFIG["skills"].get(number) or CONFIG["skills"]["default"]
    now = datetime.datetime.now(zoneinfo.ZoneInfo(CONFIG["time_zone"]))
    first, last = CONFIG["open"]
    return skill["name"], skill["agents"] if first <= now.hour < last else CONFIG["closed"]


async def serve(call_id: str, number: str | None, is_ringing: bool) -> None:
    skill, agents = agents_of(number)
    await show(call_id, skill=skill, state=f"calling {', '.join(agents)}")
    try:
        if is_ringing:
            await client.answer(call_id)
        first = await client.transfer_to_first(
            call_id,
            list(agents.values()),
            ring=CONFIG["ring"],
            receiver=receiver,
            callback_url=URL,
            whisper_audio=f"A call for {skill}",
        )
    except calltransfer.CallTransferError as error:
        await show(call_id, state=f"failed: {error}")
        return
    tried = {name: target.result for name, target in zip(agents, first.targets) if target.outcome}
    if first.answered is None:
        await show(call_id, tried=tried, state=f"no one answered: {first.stopped}")
        return
    await show(call_id, tried=tried, state=f"connected to {list(agents)[first.answered]}")
    leg = first.targets[first.answered].new_call_id
    status = await client.follow(call_id, leg, receiver=receiver)
    await show(call_id, state=f"ended at {status.ended_time:%H:%M:%S}" if status.ended_time else "ended")


async def handle(event: calltransfer.Event) -> None:
    if isinstance(event, events.IncomingCall) and event.call_id is not None:
        task = asyncio.create_task(serve(event.call_id, event.to, event.call_state == "started"))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def live() -> AsyncIterator[str]:
    while True:
        yield f"data: {json.dumps(list(board.values()))}\n\n"
        async with changed:
            await changed.wait()


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    for task in tasks:
        task.cancel()


client = calltransfer.AsyncClient()
receiver = calltransfer.EventReceiver(handle, username="hook", password=os.environ["HOOK_PASSWORD"])
app = FastAPI(lifespan=lifespan)
app.add_route("/events", receiver.asgi, methods=["GET", "POST"])
app.add_api_route("/", lambda: FileResponse(PAGE))
app.add_api_route("/live", lambda: StreamingResponse(live(), media_type="text/event-stream"))
