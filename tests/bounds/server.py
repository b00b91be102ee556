"""A platform for hosts that submit much: `server.py fast|slow|silent [CERTIFICATE]` prints its port.

`fast` responds at once, `slow` after 20 ms, `silent` never. When its input ends it prints as JSON how many requests
came, for how many calls more than one, and how many connections there were at most.
"""

from __future__ import annotations

import asyncio
import json
import resource
import ssl
import sys
from typing import ClassVar

RESPONSE = (
    b"HTTP/1.1 201 Created\r\nLocation: http://127.0.0.1/v1/users/u-abc123/calls/c-new456\r\nContent-Length: 0\r\n\r\n"
)


class Connection(asyncio.Protocol):
    delay: float | None = 0.0
    open = 0
    most = 0
    requests = 0
    seen: ClassVar[set[bytes]] = set()
    twice = 0

    def __init__(self) -> None:
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        Connection.open += 1
        Connection.most = max(Connection.most, Connection.open)

    def connection_lost(self, error: Exception | None) -> None:
        Connection.open -= 1

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if not self.rest.endswith(b"}"):
            return
        call = self.rest.split(b" ", 2)[1]
        self.rest = b""
        Connection.requests += 1
        Connection.twice += call in Connection.seen
        Connection.seen.add(call)
        if Connection.delay == 0:
            self.respond()
        elif Connection.delay is not None:
            asyncio.get_running_loop().call_later(Connection.delay, self.respond)

    def respond(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(RESPONSE)


async def main(mode: str, certificate: str | None) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    Connection.delay = {"fast": 0.0, "slow": 0.02, "silent": None}[mode]
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, ssl=context, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps({"requests": Connection.requests, "twice": Connection.twice, "connections": Connection.most}))


asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
