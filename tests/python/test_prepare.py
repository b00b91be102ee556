"""A connection that is opened ahead of the transfer, and one that is kept open for it."""

from __future__ import annotations

import asyncio
import http.server
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import calltransfer
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


class Server(http.server.ThreadingHTTPServer):
    """Makes every transfer, and closes connections that are idle for longer than `idle` seconds."""

    daemon_threads = True
    idle = 60.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections = 0
        self.transfers: list[str] = []

    @property
    def settings(self) -> dict[str, Any]:
        url = "http://127.0.0.1:%d" % self.server_address[1]
        return {"user_id": "u-1", "token": "t-1", "secret": "s-1", "base_url": url}

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        self.timeout = self.server.idle
        super().setup()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        call_id = self.path.rsplit("/", 1)[1]
        self.server.transfers.append(call_id)
        self.send_response(201)
        self.send_header("Location", f"/v1/users/u-1/calls/new-{call_id}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def wait_for(connections: int, server: Server) -> None:
    limit = time.monotonic() + 60
    while server.connections < connections:
        assert time.monotonic() < limit, server.connections
        time.sleep(0.02)


def test_transfer_after_prepare_opens_no_connection(server: Server) -> None:
    with calltransfer.Client(**server.settings) as client:
        client.prepare()
        wait_for(1, server)
        client.prepare()
        assert client.transfer("c-1", "+18382947878").new_call_id == "new-c-1"
    assert server.connections == 1
    assert server.transfers == ["c-1"]


def test_async_transfer_after_prepare_opens_no_connection(server: Server) -> None:
    async def main() -> None:
        async with calltransfer.AsyncClient(**server.settings) as client:
            await client.prepare()
            await client.transfer("c-1", "+18382947878")

    asyncio.run(main())
    assert server.connections == 1
    assert server.transfers == ["c-1"]


@pytest.fixture
def closed_port() -> dict[str, Any]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return {"user_id": "u-1", "token": "t-1", "secret": "s-1", "base_url": f"http://127.0.0.1:{port}"}


def test_failed_prepare_says_where_and_that_nothing_was_sent(closed_port: dict[str, Any]) -> None:
    async def main() -> None:
        await calltransfer.AsyncClient(**closed_port).prepare()

    for prepare in (calltransfer.Client(**closed_port).prepare, lambda: asyncio.run(main())):
        with pytest.raises(
            calltransfer.ConnectionFailedError, match=r"^could not connect to 127\.0\.0\.1:\d+: "
        ) as raised:
            prepare()
        assert (raised.value.outcome, raised.value.attempts) == ("not_sent", 1)


@pytest.mark.parametrize("kind", [calltransfer.Client, calltransfer.AsyncClient])
def test_ready_connection_is_renewed_without_request(server: Server, kind: Any) -> None:
    server.idle = 3.0
    client = kind(**server.settings, keep_ready=True)
    wait_for(3, server)
    before = server.connections
    del client
    time.sleep(4.5)
    assert server.connections <= before + 1
    assert server.transfers == []


def test_keep_ready_without_keep_alive_is_refused(closed_port: dict[str, Any]) -> None:
    with pytest.raises(calltransfer.ConfigurationError, match="keep_ready: requires keep_alive"):
        calltransfer.Client(**closed_port, keep_alive=False, keep_ready=True)
