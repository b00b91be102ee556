"""Serves the whisper of v2 transfers: uvicorn whisper_server:app, at the transfer_answer_url."""

import calltransfer
from fastapi import FastAPI, Response

app = FastAPI()


@app.post("/whisper")
def whisper() -> Response:
    document = calltransfer.whisper_bxml("You have an incoming call")
    return Response(document, media_type="application/xml")
