"""A server between a program and the sandbox, which acts at chosen moments of a request."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

Hook = Callable[[int], Any]


class Forwarder:
    """Passes requests on to the sandbox and responses back.

    `before` is called with the number of the request once the whole of it has been read, `after` once the
    sandbox's response has been read and before any of it is passed on.
    """

    def __init__(self, target: str, before: Hook | None = None, after: Hook | None = None) -> None:
        self._target = urlsplit(target)
        self._before = before or (lambda _: None)
        self._after = after or (lambda _: None)
        self._count = 0
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Forwarder:
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._server.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(60)
            try:
                while request := _message(connection):
                    with self._lock:
                        self._count += 1
                        number = self._count
                    self._before(number)
                    response = self._pass_on(request)
                    self._after(number)
                    connection.sendall(response)
            except OSError:
                pass  # the program has ended

    def _pass_on(self, request: bytes) -> bytes:
        host = f"{self._target.hostname}:{self._target.port}".encode()
        request = re.sub(rb"(?im)^host:[^\r]*", b"host: " + host, request, count=1)
        with socket.create_connection((self._target.hostname, self._target.port), timeout=60) as sandbox:
            sandbox.sendall(request)
            return _message(sandbox)


def _message(connection: socket.socket) -> bytes:
    """A whole request or response; nothing where the connection is closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head = data.partition(b"\r\n\r\n")[0]
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    wanted = len(head) + 4 + (int(length[1]) if length else 0)
    while len(data) < wanted:
        more = connection.recv(65536)
        if not more:
            break
        data += more
    return data
