"""The small costs of Python: imports, payloads, the first client. Each prints one line of JSON.

small.py import MODULE | payload NAME [REPEATS] | first NAME URL | once NAME URL
"""

import json
import sys
import time


def payload(name: str, repeats: str = "100000") -> float:
    """Microseconds for the whisper example, of arguments or of the ready dict."""
    times = range(int(repeats))
    whisper = {"sentence": "You have an incoming call"}
    ready = {
        "state": "transferring",
        "transferTo": "+18382947878",
        "transferCallerId": "private",
        "whisperAudio": whisper,
    }
    if name == "calltransfer":
        from calltransfer import payload

        def build():
            return payload("c-call123", "+18382947878", caller_id="private", whisper_audio="You have an incoming call")

    elif name == "json":

        def build():
            return json.dumps(ready)

    elif name == "orjson":
        import orjson

        def build():
            return orjson.dumps(ready)

    else:
        from pydantic import BaseModel

        class Whisper(BaseModel):
            sentence: str | None = None

        class Transfer(BaseModel):
            state: str
            transferTo: str
            transferCallerId: str | None = None
            whisperAudio: Whisper | None = None

        def build():
            return Transfer(
                state="transferring",
                transferTo="+18382947878",
                transferCallerId="private",
                whisperAudio=Whisper(sentence="You have an incoming call"),
            ).model_dump_json(exclude_none=True)

    for _ in range(1000):
        build()
    begin = time.perf_counter()
    for _ in times:
        build()
    return (time.perf_counter() - begin) / len(times) * 1e6


def first(name: str, url: str) -> float:
    """Microseconds from nothing (but the import) until the connection to `url` is refused."""
    if name == "calltransfer":
        import calltransfer

        begin = time.perf_counter()
        client = calltransfer.Client(user_id="u-1", token="t", secret="s", base_url=url, max_retries=0)
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.ConnectionFailedError:
            return (time.perf_counter() - begin) * 1e6
    elif name == "requests":
        import requests

        begin = time.perf_counter()
        try:
            requests.Session().post(url, json={}, auth=("t", "s"))
        except requests.ConnectionError:
            return (time.perf_counter() - begin) * 1e6
    elif name == "pycurl":
        import pycurl

        begin = time.perf_counter()
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, url)
        try:
            curl.perform()
        except pycurl.error:
            return (time.perf_counter() - begin) * 1e6
    else:
        import httpx

        begin = time.perf_counter()
        try:
            httpx.Client(auth=("t", "s")).post(url, json={})
        except httpx.ConnectError:
            return (time.perf_counter() - begin) * 1e6
    raise SystemExit("someone listens")


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "import":
        begin = time.perf_counter()
        __import__(rest[0])
        us = (time.perf_counter() - begin) * 1e6
    elif what == "payload":
        us = payload(*rest)
    elif what == "once":
        from clients import SYNC

        begin = time.perf_counter()
        SYNC[rest[0]](rest[1], None)()
        us = (time.perf_counter() - begin) * 1e6
    else:
        us = first(*rest)
    print(json.dumps({"us": us}))
