"""The same call center on the vendor's SDK of the same API, bandwidth-sdk 3.1: for comparison. See README.md."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime
import hmac
import json
import os
import pathlib
import time
import zoneinfo
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import bandwidth
import requests
from bandwidth.voice import BandwidthVoiceAPIException
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

CONFIG = json.loads(pathlib.Path(os.environ["CALL_CENTER"]).read_text(encoding="utf-8"))
URL = os.environ["CALL_CENTER_URL"]
PAGE = pathlib.Path(__file__).with_name("page.html")
LOGIN = "Basic " + base64.b64encode(f"hook:{os.environ['HOOK_PASSWORD']}".encode()).decode()
RESULTS = {"USER_BUSY": "busy", "NO_ANSWER": "no_answer", "CALL_REJECTED": "rejected", "ORIGINATOR_CANCEL": "cancelled"}
QUIET = 2.0  # seconds without an event, after which the call is read

board: dict[str, dict[str, object]] = {}
changed = asyncio.Condition()
tasks: set[asyncio.Task[None]] = set()
seen: deque[str] = deque(maxlen=10_000)
# Events by leg: they may come before the request that made the leg has returned.
of_leg: dict[str, list[dict[str, Any]]] = {}
woken: dict[str, asyncio.Event] = {}


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


class Unknown(Exception):
    """It is not known whether the request was carried out."""


async def ask(method: str, *arguments: Any, **options: Any) -> Any:
    """Calls the SDK in a thread: it blocks, and has no timeout."""
    try:
        return await asyncio.to_thread(getattr(client, method), *arguments, **options)
    except requests.RequestException as error:
        raise Unknown(type(error).__name__) from error
    except BandwidthVoiceAPIException as error:
        if error.status_code >= 500 and error.code != "call-unavailable":
            raise Unknown(error.code) from error
        raise


async def transfer(call_id: str, to: str, skill: str) -> str:
    for attempt in range(10):
        try:
            whisper = {"sentence": f"A call for {skill}"}
            return await ask("transfer_call", call_id, to, callback_url=URL, whisper_audio=whisper)
        except BandwidthVoiceAPIException as error:
            if error.code != "call-unavailable" or attempt == 9:
                raise
            await asyncio.sleep(0.2 * 2**attempt)
    raise AssertionError


def result_of(leg: str) -> tuple[str | None, bool]:
    """What the events of a leg say: its result, and whether it has ended. They come in any sequence."""
    events = of_leg.get(leg, [])
    answered = any(event["eventType"] in ("answer", "speak") for event in events)
    ended = next((event for event in events if event["eventType"] == "hangup"), None)
    if answered or (ended and ended.get("cause") == "NORMAL_CLEARING"):
        return "answered", ended is not None
    if ended:
        return RESULTS.get(ended.get("cause", ""), "failed"), True
    return None, False


async def read_leg(leg: str) -> tuple[str | None, bool]:
    """The same from reads, where events were lost."""
    call = await ask("get_call", leg)
    if call["state"] == "completed":
        for event in await ask("list_call_events", leg):
            of_leg.setdefault(leg, []).append({"eventType": event["name"], "cause": event.get("data")})
    elif call.get("activeTime"):
        of_leg.setdefault(leg, []).append({"eventType": "answer"})
    return result_of(leg)


async def wait(leg: str, until_ended: bool, seconds: float) -> tuple[str | None, bool]:
    deadline = time.monotonic() + seconds
    while True:
        event = woken.setdefault(leg, asyncio.Event())
        event.clear()
        result, ended = result_of(leg)
        if ended or (result and not until_ended):
            return result, ended
        left = deadline - time.monotonic()
        if left <= 0:
            return result, ended
        try:
            await asyncio.wait_for(event.wait(), min(left, QUIET))
        except asyncio.TimeoutError:
            with contextlib.suppress(Unknown, BandwidthVoiceAPIException):
                await read_leg(leg)


async def try_agent(call_id: str, to: str, skill: str) -> tuple[str, str | None]:
    """The result, and the leg; raises `Unknown` where no other agent may be tried."""
    try:
        leg = await transfer(call_id, to, skill)
    except BandwidthVoiceAPIException as error:
        return f"refused: {error.code}", None
    if not leg:
        raise Unknown("the response names no leg")
    result, _ = await wait(leg, False, CONFIG["ring"])
    if result is None:
        with contextlib.suppress(Unknown, BandwidthVoiceAPIException):
            await ask("hangup_call", leg)
        result, _ = await wait(leg, False, 20)
    if result is None:
        raise Unknown("the leg can't be followed")
    return result, leg


async def is_active(call_id: str) -> bool:
    """Whether the caller can be transferred again: the platform needs a moment for it."""
    for _ in range(40):
        state = (await ask("get_call", call_id))["state"]
        if state != "transferring":
            return bool(state == "active")
        await asyncio.sleep(0.25)
    raise Unknown("the call is still being transferred")


async def serve(call_id: str, number: str | None, is_ringing: bool) -> None:
    skill, agents = agents_of(number)
    await show(call_id, skill=skill, state=f"calling {', '.join(agents)}")
    tried: dict[str, str] = {}
    try:
        if is_ringing:
            await ask("answer_call", call_id)
        for name, to in agents.items():
            tried[name], leg = await try_agent(call_id, to, skill)
            if tried[name] == "answered" and leg:
                await show(call_id, tried=tried, state=f"connected to {name}")
                await wait(leg, True, 24 * 3600)
                return await show(call_id, state="ended")
            if not await is_active(call_id):
                return await show(call_id, tried=tried, state="no one answered: caller_gone")
        await show(call_id, tried=tried, state="no one answered: all_tried")
    except (Unknown, BandwidthVoiceAPIException) as error:
        await show(call_id, tried=tried, state=f"failed: {error}")


async def receive(request: Request) -> Response:
    if not hmac.compare_digest(request.headers.get("authorization", "").encode(), LOGIN.encode()):
        return Response(status_code=401, headers={"WWW-Authenticate": "Basic"})
    body = await request.body()
    if len(body) > 262_144:
        return Response(status_code=413)
    try:
        event = json.loads(body)
        kind, call_id = event["eventType"], event["callId"]
    except (ValueError, KeyError, TypeError):
        return Response(status_code=400)
    key = json.dumps(event, sort_keys=True)
    if key in seen:
        return Response(status_code=204)
    seen.append(key)
    if kind == "incomingcall":
        task = asyncio.create_task(serve(call_id, event.get("to"), event.get("callState") == "started"))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    else:
        of_leg.setdefault(call_id, []).append(event)
        if call_id in woken:
            woken[call_id].set()
    return Response(status_code=204)


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


client = bandwidth.client(
    "voice",
    os.environ["BANDWIDTH_USER_ID"],
    os.environ["BANDWIDTH_API_TOKEN"],
    os.environ["BANDWIDTH_API_SECRET"],
    **({"api_endpoint": os.environ["CALLTRANSFER_BASE_URL"]} if "CALLTRANSFER_BASE_URL" in os.environ else {}),
)
app = FastAPI(lifespan=lifespan)
app.add_api_route("/events", receive, methods=["POST"])
app.add_api_route("/", lambda: FileResponse(PAGE))
app.add_api_route("/live", lambda: StreamingResponse(live(), media_type="text/event-stream"))
