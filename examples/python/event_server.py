"""Receives the events of calls: uvicorn event_server:app, at the callback_url of calls and transfers."""

import os

import calltransfer
from calltransfer import events
from fastapi import FastAPI


async def handle(event: calltransfer.Event) -> str | None:
    match event:
        case events.Answer(call_id=leg):
            print(leg, "was answered")
        case events.Hangup(call_id=leg, cause=cause):
            print(leg, "ended:", cause)
        case events.TransferComplete(cause="busy" | "no_answer"):
            return "<Bxml><SpeakSentence>No one is there now.</SpeakSentence></Bxml>"
        case _:
            print(event)
    return None


receiver = calltransfer.EventReceiver(
    handle,
    username="hook",  # https://hook:PASSWORD@example.com/events
    password=os.environ["HOOK_PASSWORD"],
    whisper_audio="You have an incoming call",
)
app = FastAPI()
app.add_route("/events", receiver.asgi, methods=["GET", "POST"])
