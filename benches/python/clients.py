"""Transfers from Python, through this library and through others.

clients.py NAME URL IN_FLIGHT WARM SECONDS [CA_FILE]

A new peer is one function below: it gives what makes one transfer and says the new call's id.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from meter import Meter

CALL = "c-call123"
PATH = f"/v1/users/u-abc123/calls/{CALL}"
ACCOUNT = ("t-token", "s-secret")
BODY = {
    "state": "transferring",
    "transferTo": "+18382947878",
    "transferCallerId": "private",
    "whisperAudio": {"sentence": "You have an incoming call"},
}
OPTIONS = {"caller_id": "private", "whisper_audio": "You have an incoming call"}
SETTINGS = {"user_id": "u-abc123", "token": ACCOUNT[0], "secret": ACCOUNT[1]}

Once = Callable[[], object]
OnceAsync = Callable[[], Awaitable[object]]


def calltransfer_sync(url: str, ca_file: str | None) -> Once:
    import calltransfer

    client = calltransfer.Client(base_url=url, ca_file=ca_file, **SETTINGS)
    return lambda: client.transfer(CALL, "+18382947878", **OPTIONS).new_call_id


def pycurl_easy(url: str, ca_file: str | None) -> Once:
    import json

    import pycurl

    curl = pycurl.Curl()
    location: list[bytes] = []

    def header(line: bytes) -> None:
        if line.startswith(b"Location: "):
            location.append(line[10:].strip())

    curl.setopt(pycurl.URL, url + PATH)
    curl.setopt(pycurl.USERPWD, ":".join(ACCOUNT))
    curl.setopt(pycurl.HTTPHEADER, ["Content-Type: application/json", "Accept: application/json"])
    curl.setopt(pycurl.HEADERFUNCTION, header)
    curl.setopt(pycurl.TIMEOUT, 10)
    curl.setopt(pycurl.NOSIGNAL, 1)
    if ca_file:
        curl.setopt(pycurl.CAINFO, ca_file)

    def once() -> object:
        location.clear()
        curl.setopt(pycurl.POSTFIELDS, json.dumps(BODY))
        curl.perform()
        assert curl.getinfo(pycurl.RESPONSE_CODE) == 201
        return location[0].rpartition(b"/")[2].decode()

    return once


def http_client(url: str, ca_file: str | None) -> Once:
    import base64
    import http.client
    import json
    import ssl

    scheme, _, host = url.partition("://")
    if scheme == "https":
        trust = ssl.create_default_context(cafile=ca_file)
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(host, timeout=10, context=trust)
    else:
        connection = http.client.HTTPConnection(host, timeout=10)
    headers = {
        "Authorization": "Basic " + base64.b64encode(":".join(ACCOUNT).encode()).decode(),
        "Content-Type": "application/json",
        "Accept": "application/json",
    }

    def once() -> object:
        connection.request("POST", PATH, json.dumps(BODY), headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 201
        return response.headers["Location"].rpartition("/")[2]

    return once


def requests_session(url: str, ca_file: str | None) -> Once:
    import os

    import requests

    session = requests.Session()
    session.auth = ACCOUNT
    if ca_file:
        os.environ["REQUESTS_CA_BUNDLE"] = ca_file

    def once() -> object:
        response = session.post(url + PATH, json=BODY, timeout=10)
        assert response.status_code == 201
        return response.headers["Location"].rpartition("/")[2]

    return once


def httpx_client(url: str, ca_file: str | None) -> Once:
    import ssl

    import httpx

    trust = ssl.create_default_context(cafile=ca_file) if ca_file else True
    client = httpx.Client(auth=ACCOUNT, timeout=10, verify=trust)

    def once() -> object:
        response = client.post(url + PATH, json=BODY)
        assert response.status_code == 201
        return response.headers["Location"].rpartition("/")[2]

    return once


def vendor_sdk(url: str, ca_file: str | None) -> Once:
    import os

    import bandwidth

    if ca_file:
        os.environ["REQUESTS_CA_BUNDLE"] = ca_file  # it has no setting of its own
    client = bandwidth.client("voice", "u-abc123", *ACCOUNT, api_endpoint=url)
    whisper = {"sentence": "You have an incoming call"}
    return lambda: client.transfer_call(CALL, "+18382947878", caller_id="private", whisper_audio=whisper)


async def calltransfer_async(url: str, ca_file: str | None, in_flight: int, open_: AsyncExitStack) -> OnceAsync:
    import calltransfer

    client = calltransfer.AsyncClient(base_url=url, ca_file=ca_file, max_connections=in_flight, **SETTINGS)
    await open_.enter_async_context(client)

    async def once() -> object:
        return (await client.transfer(CALL, "+18382947878", **OPTIONS)).new_call_id

    return once


async def aiohttp_session(url: str, ca_file: str | None, in_flight: int, open_: AsyncExitStack) -> OnceAsync:
    import ssl

    import aiohttp

    trust = ssl.create_default_context(cafile=ca_file) if ca_file else True
    session = aiohttp.ClientSession(
        headers={"Authorization": aiohttp.encode_basic_auth(*ACCOUNT)},
        connector=aiohttp.TCPConnector(limit=in_flight, ssl=trust),
        timeout=aiohttp.ClientTimeout(total=60),
    )
    await open_.enter_async_context(session)

    async def once() -> object:
        async with session.post(url + PATH, json=BODY) as response:
            assert response.status == 201
            return response.headers["Location"].rpartition("/")[2]

    return once


async def httpx_async(url: str, ca_file: str | None, in_flight: int, open_: AsyncExitStack) -> OnceAsync:
    import ssl

    import httpx

    trust = ssl.create_default_context(cafile=ca_file) if ca_file else True
    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    client = httpx.AsyncClient(auth=ACCOUNT, timeout=60, verify=trust, limits=limits)
    await open_.enter_async_context(client)

    async def once() -> object:
        response = await client.post(url + PATH, json=BODY)
        assert response.status_code == 201
        return response.headers["Location"].rpartition("/")[2]

    return once


def calltransfer_many(url: str, ca_file: str | None, in_flight: int, meter: Meter) -> int:
    """`transfer_many` takes a list: as long a one as the time is good for, measured as a whole."""
    import calltransfer

    client = calltransfer.Client(base_url=url, ca_file=ca_file, **SETTINGS)
    item = {"call_id": CALL, "to": "+18382947878", **OPTIONS}

    def send(number: int) -> float:
        begin = time.perf_counter()
        results = client.transfer_many([item] * number, concurrency=in_flight, allow_repeated_calls=True)
        made = sum(1 for row in results if row.result and row.result.new_call_id)
        assert made == number, f"{made} of {number} were made"
        return time.perf_counter() - begin

    number = max(1000, 2 * in_flight)
    number = max(number, int(number / send(number) * meter.seconds))
    meter.processor = time.process_time()
    meter.seconds = send(number)
    return number


SYNC = {
    "calltransfer": calltransfer_sync,
    "pycurl": pycurl_easy,
    "http.client": http_client,
    "requests": requests_session,
    "httpx": httpx_client,
    "vendor": vendor_sdk,
}
ASYNC = {
    "calltransfer-async": calltransfer_async,
    "aiohttp": aiohttp_session,
    "httpx-async": httpx_async,
}
MANY = {"calltransfer-many": calltransfer_many}


async def run_async(name: str, url: str, in_flight: int, meter: Meter, ca_file: str | None) -> None:
    async with AsyncExitStack() as open_:
        once = await ASYNC[name](url, ca_file, in_flight, open_)

        async def worker() -> None:
            now = time.perf_counter()
            while now < meter.ends:
                begin = now
                assert await once() == "c-new456"
                now = time.perf_counter()
                meter.ended(begin, now)

        await asyncio.gather(*(worker() for _ in range(in_flight)))


def main() -> None:
    name, url, in_flight, warm, seconds, *rest = sys.argv[1:]
    ca_file = rest[0] if rest else None
    meter = Meter(float(warm), float(seconds))
    if name in MANY:
        meter.report(MANY[name](url, ca_file, int(in_flight), meter))
    elif name in ASYNC:
        asyncio.run(run_async(name, url, int(in_flight), meter, ca_file))
        meter.report()
    else:
        once = SYNC[name](url, ca_file)
        now = time.perf_counter()
        while now < meter.ends:
            begin = now
            assert once() == "c-new456"
            now = time.perf_counter()
            meter.ended(begin, now)
        meter.report()


if __name__ == "__main__":
    main()
