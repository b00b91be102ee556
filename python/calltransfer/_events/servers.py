"""The receiver of events as an application for ASGI and for WSGI."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from calltransfer._events.requests import EventRequests, Response

    Message = dict[str, Any]


# The headers that the receiver reads, as ASGI has them.
_READ = {name.encode(): name for name in ("authorization", "content-type", "content-length")}


class AsgiApplication:
    """A receiver as an ASGI application. An object, not a function: so that routers call it as one.

    uvicorn.run(receiver.asgi)
    """

    def __init__(self, receiver: EventRequests) -> None:
        self._receiver = receiver

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            return await _lifespan(receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        headers = {_READ[name]: value.decode("latin-1") for name, value in scope["headers"] if name in _READ}
        method = scope["method"]
        response = self._receiver._refuse(method, headers, _length(headers.get("content-length")))
        if response is None:
            body = bytearray()
            while method == "POST":
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                response = self._receiver._refuse_length(len(body))
                if response is not None or not message.get("more_body"):
                    break
            if response is None:
                query = scope["query_string"].decode("latin-1")
                begun = self._receiver._begin(method, headers.get("content-type"), body, query)
                del scope, headers  # a traceback of the handler keeps this frame
                response = await self._receiver._finish_async(begun)
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _headers(response)]
        await send({"type": "http.response.start", "status": response.status, "headers": fields})
        return await send({"type": "http.response.body", "body": response.body})


class WsgiApplication:
    """A receiver as a WSGI application.

    make_server("127.0.0.1", 8080, receiver.wsgi).serve_forever()
    """

    def __init__(self, receiver: EventRequests) -> None:
        self._receiver = receiver

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        method = environ["REQUEST_METHOD"]
        names = {"CONTENT_TYPE": "content-type", "HTTP_AUTHORIZATION": "authorization"}
        headers = {name: environ[key] for key, name in names.items() if key in environ}
        length = _length(environ.get("CONTENT_LENGTH"))
        response = self._receiver._refuse(method, headers, length)
        if response is None:
            body = b""
            if method == "POST" and length is not None:
                body = environ["wsgi.input"].read(length)
            elif method == "POST" and environ.get("wsgi.input_terminated"):  # chunked: read one byte too many
                body = environ["wsgi.input"].read(self._receiver._max_body + 1)
            begun = self._receiver._begin(method, headers.get("content-type"), body, environ.get("QUERY_STRING", ""))
            del environ, headers  # a traceback of the handler keeps this frame
            response = self._receiver._finish(begun)
        known = response.status in HTTPStatus._value2member_map_
        phrase = HTTPStatus(response.status).phrase if known else "Other"
        start_response(f"{response.status} {phrase}", _headers(response))
        return [response.body]


def _headers(response: Response) -> list[tuple[str, str]]:
    headers = list(response.headers.items())
    if response.status != HTTPStatus.NO_CONTENT:
        headers.append(("Content-Length", str(len(response.body))))
    return headers


def _length(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


async def _lifespan(receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
