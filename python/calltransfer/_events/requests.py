"""Requests to a receiver of events: each is refused, or its event is handled once, and gets a response."""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from calltransfer import _native
from calltransfer._events.event import Event, TransferAnswer, read
from calltransfer._events.followers import EventFollowers
from calltransfer._events.memory import Memory
from calltransfer._events.queue import EventQueue
from calltransfer._translation import encode_whisper
from calltransfer.errors import InvalidArgumentError, make

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from calltransfer._whisper_audio import WhisperAudio

# Events that may be about transfers that are not followed yet, because `transfer()` has not returned.
_KEPT = 1_000
_METHODS = ("GET", "POST")
_QUERY = "application/x-www-form-urlencoded"
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
_BXML = {"Content-Type": "application/xml"}


class Response(NamedTuple):
    """The response to send: status, headers and body.

    Example:
        return events.Response(200, {"Content-Type": "application/xml"}, b"<Bxml><Hangup/></Bxml>")
    """

    status: int
    """The HTTP status."""
    headers: Mapping[str, str]
    """The headers; the server adds `Content-Length`."""
    body: bytes
    """The body."""


if TYPE_CHECKING:
    HandlerResult = str | Response | None
    Handler = Callable[[Event], HandlerResult | Awaitable[HandlerResult]]
    Begun = tuple[Event, bytes] | Response

_DONE = Response(204, {}, b"")


def _says(status: int, text: str, more: Mapping[str, str] | None = None) -> Response:
    return Response(status, {**_TEXT, **(more or {})}, f"{text}\n".encode())


_UNAUTHORIZED = _says(401, "authorization: wrong or missing", {"WWW-Authenticate": 'Basic realm="events"'})
_METHOD = _says(405, "method: must be GET or POST", {"Allow": ", ".join(_METHODS)})
_BUSY = _says(503, "the same event is being handled; send it again later", {"Retry-After": "1"})
_FULL = _says(503, "too many events wait to be handled; send it again later", {"Retry-After": "1"})


class EventRequests:
    """Checks requests, passes each event on once, and makes the responses."""

    def __init__(
        self,
        handler: Handler | None,
        username: str | None,
        password: str | None,
        allow_anonymous: bool,
        whisper_audio: str | WhisperAudio | Mapping[str, Any] | None,
        max_body: int,
        remember: int,
        queue_size: int,
    ) -> None:
        self._handler = handler
        self._login: bytes | None = None
        try:
            self._login = _login(username, password, allow_anonymous)
        finally:
            del username, password  # a traceback keeps this frame
        if handler is not None and not callable(handler):
            raise _invalid("handler", f"must be callable, got {type(handler).__name__}")
        self._whisper = None
        if whisper_audio is not None:
            self._whisper = Response(200, _BXML, _native.whisper_bxml(encode_whisper(whisper_audio)).encode())
        self._max_body = _count("max_body", max_body, _native.EVENT_MAX_BODY)
        self._memory: Memory[Response] = Memory(_count("remember", remember))
        self._queue = EventQueue(_count("queue_size", queue_size))
        self._followers = EventFollowers(_KEPT)

    def _refuse(self, method: str, headers: Mapping[str, str], length: int | None) -> Response | None:
        """The response to a request that is refused without reading its body; the names of `headers` are lower case."""
        if method not in _METHODS:
            return _METHOD
        if self._login is not None and not hmac.compare_digest(_given_login(headers), self._login):
            return _UNAUTHORIZED
        return None if length is None else self._refuse_length(length)

    def _refuse_length(self, length: int) -> Response | None:
        if length <= self._max_body:
            return None
        return _says(413, f"body: must be at most {self._max_body} bytes")

    def _begin(self, method: str, content_type: str | None, body: Any, query: str) -> Begun:
        """The event to handle now, and its key; or the response, if there is no event."""
        is_get = method == "GET"
        given: Any = query if is_get else body
        if (refused := self._refuse_length(len(given))) is not None:
            return refused
        try:
            event, document = read(given, _QUERY if is_get else content_type)
        except InvalidArgumentError as error:
            return _says(415 if error.field == "content_type" else 400, str(error))
        key = hashlib.blake2b(document.encode(), digest_size=16).digest()
        known = self._memory.claim(key)
        if known is None:
            self._followers.take(event)
            return event, key
        return _BUSY if known.response is None else known.response

    def _finish(self, begun: Begun) -> Response:
        if isinstance(begun, Response):
            return begun
        event, key = begun
        with self._memory.handling(key) as handling:
            returned = self._call(event)
            if inspect.isawaitable(returned):
                if inspect.iscoroutine(returned):
                    returned.close()
                raise TypeError("handler: is async; await receive_async, or serve receiver.asgi")
            return handling.keep(self._response(event, returned))

    async def _finish_async(self, begun: Begun) -> Response:
        if isinstance(begun, Response):
            return begun
        event, key = begun
        with self._memory.handling(key) as handling:
            if self._handler is None or inspect.iscoroutinefunction(self._handler):
                returned = self._call(event)
            else:
                import asyncio

                returned = await asyncio.to_thread(self._call, event)
            if inspect.isawaitable(returned):
                returned = await returned
            return handling.keep(self._response(event, returned))

    def _call(self, event: Event) -> Any:
        if self._handler is not None:
            return self._handler(event)
        return None if self._queue.put(event) else _FULL

    def _response(self, event: Event, returned: Any) -> Response:
        if returned is None:
            whisper = self._whisper if isinstance(event, TransferAnswer) else None
            return whisper or _DONE
        if isinstance(returned, Response):
            return returned
        if isinstance(returned, str):
            return Response(200, _BXML, returned.encode())
        name = type(returned).__name__
        raise TypeError(f"handler: must return None, a str of BXML or an events.Response, got {name}")


def _digest(login: bytes) -> bytes:
    # Of one length, so that comparing takes the same time whatever is given.
    return hashlib.sha256(login).digest()


def _given_login(headers: Mapping[str, str]) -> bytes:
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return _digest(base64.b64decode(token.strip(), validate=True))
    except ValueError:
        return b""


def _login(username: str | None, password: str | None, allow_anonymous: bool) -> bytes | None:
    try:
        if (problem := _problem_of_login(username, password, allow_anonymous)) is not None:
            raise _invalid(*problem)
        return None if allow_anonymous else _digest(f"{username}:{password}".encode())
    finally:
        del username, password  # a traceback keeps this frame


def _problem_of_login(username: Any, password: Any, allow_anonymous: bool) -> tuple[str, str] | None:
    """The invalid field, and why it is invalid."""
    if username is None and password is None:
        missing = "is missing; give username and password, or allow_anonymous=True"
        return None if allow_anonymous else ("password", missing)
    if allow_anonymous:
        return "allow_anonymous", "can't be used together with username and password"
    for name, value in (("username", username), ("password", password)):
        if not isinstance(value, str):
            return name, f"expected a str, got {type(value).__name__}"
        if not value:
            return name, "is empty"
    if ":" in username:
        return "username", 'must not contain ":" (HTTP Basic authentication)'
    return None


def _count(name: str, value: int, most: int | None = None) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _invalid(name, f"expected an int, got {type(value).__name__}")
    if value < 1 or (most is not None and value > most):
        raise _invalid(name, f"must be at least 1{f' and at most {most}' if most else ''}, got {value}")
    return value


def _invalid(field: str, reason: str) -> Exception:
    return make(
        "invalid_argument",
        f"{field}: {reason}",
        {"field": field, "outcome": "not_sent", "safe_to_repeat": True},
    )
