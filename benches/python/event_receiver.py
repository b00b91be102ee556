"""Counts the events that a core receives: uvicorn with an EventReceiver, and with an application that does nothing.

By the processor time of the server, so that how busy the machine is counts less. With httptools installed, also with
it: `pip install httptools uvicorn uvloop`, then `python benches/python/event_receiver.py`. Linux only: reads /proc.
"""

import base64
import importlib.util
import json
import os
import selectors
import socket
import subprocess
import sys

EVENTS, CONNECTIONS = 30_000, 16
LOGIN = base64.b64encode(b"hook:s3cret").decode()


async def nothing(scope, receive, send):
    """Reads the body, and responds with 204."""
    if scope["type"] == "lifespan":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def receiver():
    import calltransfer

    async def handle(_event):
        pass

    return calltransfer.EventReceiver(handle, username="hook", password="s3cret").asgi


def serve(which, parser):
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    application = nothing if which == "nothing" else receiver()
    config = uvicorn.Config(application, http=parser, loop="uvloop", log_level="error", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


def request(number):
    event = {
        "eventType": "hangup",
        "callId": f"c-{number}",
        "callUri": f"https://api.example.com/v1/users/u-1/calls/c-{number}",
        "from": "+19195550100",
        "to": "+18385550199",
        "time": "2012-11-14T16:21:59.616Z",
        "cause": "NORMAL_CLEARING",
        "callState": "completed",
    }
    body = json.dumps(event).encode()
    head = f"POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {LOGIN}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(which, parser):
    command = [sys.executable, __file__, which, parser]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())
        requests = map(request, range(EVENTS))
        begun = processor_seconds(server.pid)
        with selectors.DefaultSelector() as waiting:
            for _ in range(CONNECTIONS):
                connection = socket.create_connection(("127.0.0.1", port))
                connection.sendall(next(requests))
                waiting.register(connection, selectors.EVENT_READ)
            while waiting.get_map():
                for key, _ in waiting.select():
                    response = key.fileobj.recv(65536)
                    if not response.startswith(b"HTTP/1.1 204 "):
                        sys.exit(f"unexpected response: {response[:200]!r}")
                    following = next(requests, None)
                    if following is None:
                        waiting.unregister(key.fileobj)
                        key.fileobj.close()
                    else:
                        key.fileobj.sendall(following)
        spent = processor_seconds(server.pid) - begun
        server.terminate()
    print(f"{parser:<10}{which:<10}{spent / EVENTS * 1e6:6.0f} µs each, {EVENTS / spent:,.0f} a second on a core")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(*sys.argv[1:])
    else:
        for parser in ("h11", "httptools"):
            if importlib.util.find_spec(parser):
                for which in ("nothing", "receiver"):
                    measure(which, parser)
