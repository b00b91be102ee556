"""A receiver of events that opens no socket: it takes a request and returns a response."""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from calltransfer import _native
from calltransfer._documents import whisper_bxml
from calltransfer._event import Event, TransferAnswer, read
from calltransfer._event_followers import EventFollowers
from calltransfer._event_memory import Memory
from calltransfer._event_queue import EventQueue
from calltransfer.errors import InvalidArgumentError, make

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping

    from calltransfer._event_servers import AsgiApplication, WsgiApplication
    from calltransfer._following import AsyncCallFollow, CallFollow, Following
    from calltransfer._results import Transferred
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
    Answered = str | Response | None
    Handler = Callable[[Event], Answered | Awaitable[Answered]]
    Headers = Mapping[str, str] | Iterable[tuple[str, str]]
    Begun = tuple[Event, bytes] | Response

_DONE = Response(204, {}, b"")


def _says(status: int, text: str, more: Mapping[str, str] | None = None) -> Response:
    return Response(status, {**_TEXT, **(more or {})}, f"{text}\n".encode())


_UNAUTHORIZED = _says(401, "authorization: wrong or missing", {"WWW-Authenticate": 'Basic realm="events"'})
_METHOD = _says(405, "method: must be GET or POST", {"Allow": ", ".join(_METHODS)})
_BUSY = _says(503, "the same event is being handled; send it again later", {"Retry-After": "1"})
_FULL = _says(503, "too many events wait to be handled; send it again later", {"Retry-After": "1"})


class EventReceiver:
    """Receives what the platform sends to a callback URL, in any web framework.

    It opens no socket: `receive` takes a request and returns the response; `asgi` and `wsgi` are applications
    for ASGI and WSGI servers. It checks user and password (in constant time), method, size and form, and
    passes on each event once: an event that is equal in every field to one of the last `remember` events gets
    the response to the first. Events may come in any order; compare their `time`.

    `handler` is called with each event, and may be async. It returns `None`, a str of BXML (for events of v2
    whose response says what the call does next), or a `calltransfer.events.Response`. If it raises an
    exception, so does `receive`: the server responds with 500, and the event counts as not received, so that
    it is handled when the platform sends it again. Without a handler, at most `queue_size` events wait until
    `events()` or `async for` takes them; further ones get 503.

    Any number of threads and event loops may use it at the same time.

        import os

        receiver = calltransfer.EventReceiver(print, username="hook", password=os.environ["HOOK_PASSWORD"])
        response = receiver.receive("POST", request.headers, request.body)

    Args:
        handler: The function that is called with each event.
        username: The user in the callback URL, `https://hook:secret@example.com/events`.
        password: The password in the callback URL.
        allow_anonymous: Accepts requests without user and password: for tests, or if another server checks
            them.
        whisper_audio: The whisper for the target of a v2 transfer whose `transfer_answer_url` is the
            receiver's URL, unless the handler returns another response.
        max_body: The longest body in bytes, at most 262,144; a longer one gets 413.
        remember: How many events are remembered, to drop those that come again.
        queue_size: How many events wait if there is no handler.

    Raises:
        InvalidArgumentError: A setting is missing or wrong; `field` names it.
    """

    def __init__(
        self,
        handler: Handler | None = None,
        *,
        username: str | None = None,
        password: str | None = None,
        allow_anonymous: bool = False,
        whisper_audio: str | WhisperAudio | Mapping[str, Any] | None = None,
        max_body: int = _native.EVENT_MAX_BODY,
        remember: int = 10_000,
        queue_size: int = 10_000,
    ) -> None:
        self._handler = handler
        self._login: bytes | None = None
        try:
            self._login = _login(username, password, allow_anonymous)
        finally:
            del username, password  # a traceback keeps this frame
        if handler is not None and not callable(handler):
            raise _invalid("handler", f"must be callable, got {type(handler).__name__}")
        self._whisper = None if whisper_audio is None else Response(200, _BXML, whisper_bxml(whisper_audio).encode())
        self._max_body = _count("max_body", max_body, _native.EVENT_MAX_BODY)
        self._memory: Memory[Response] = Memory(_count("remember", remember))
        self._queue = EventQueue(_count("queue_size", queue_size))
        self._followers = EventFollowers(_KEPT)

    def receive(
        self, method: str, headers: Headers, body: bytes | bytearray | memoryview = b"", query: str = ""
    ) -> Response:
        """Takes a request of the platform, calls the handler, and returns the response to send.

            response = receiver.receive("POST", {"Content-Type": "application/json"}, body)
            print(response.status, response.body)

        Args:
            method: The HTTP method: `POST`, or `GET` for an event in the query.
            headers: The request's headers, as a mapping or as pairs; case does not count.
            body: The whole body.
            query: The query of the URL, still encoded, for a `GET`.

        Raises:
            TypeError: The handler is async, or returned a value of a wrong type.
            Exception: What the handler raised.
        """
        given = _lower(headers)
        begun = self._refuse(method, given, None) or self._begin(method, given.get("content-type"), body, query)
        del headers, given  # a traceback of the handler keeps this frame
        return self._finish(begun)

    async def receive_async(
        self, method: str, headers: Headers, body: bytes | bytearray | memoryview = b"", query: str = ""
    ) -> Response:
        """As `receive`, for asyncio. A handler that is not async runs in a thread of the loop's pool.

        Example:
            response = await receiver.receive_async("POST", request.headers, request.body)
            print(response.status)
        """
        given = _lower(headers)
        begun = self._refuse(method, given, None) or self._begin(method, given.get("content-type"), body, query)
        del headers, given  # a traceback of the handler keeps this frame
        return await self._finish_async(begun)

    @property
    def asgi(self) -> AsgiApplication:
        """The receiver as an ASGI application, for Starlette, FastAPI, uvicorn and others.

        app.add_route("/events", receiver.asgi, methods=["GET", "POST"])
        """
        from calltransfer._event_servers import AsgiApplication

        return AsgiApplication(self)

    @property
    def wsgi(self) -> WsgiApplication:
        """The receiver as a WSGI application, for gunicorn, Flask's dispatcher and others.

        from wsgiref.simple_server import make_server

        with make_server("127.0.0.1", 0, receiver.wsgi) as server:
            print(server.server_port)  # then server.serve_forever()
        """
        from calltransfer._event_servers import WsgiApplication

        return WsgiApplication(self)

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """The events in the order in which they are received, for a receiver without a handler; ends with `close`.

            for event in receiver.events():
                print(event)

        Args:
            timeout: Also ends if no event comes for this time, in seconds.
        """
        while (event := self._queue.get(timeout)) is not None:
            yield event

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self._queue.get_async()) is not None:
            yield event

    def follow(self, call: str | Transferred, new_call_id: str | None = None) -> CallFollow:
        """Follows a transfer by its events alone; `Client.follow` with `receiver=` also reads the call if
        events are lost.

            follow = receiver.follow("c-call123", "c-1")
            print(follow.wait("answered", timeout=0.1).result)

        Events that came before `transfer()` had returned are used too, if they are among the last 1,000.

        Args:
            call: What `transfer` returned, or the ID of the call that was transferred.
            new_call_id: v1: the new call, if `call` is an ID.
        """
        from calltransfer._following import CallFollow, following_of

        following = following_of(call, new_call_id, None, None, None)
        return CallFollow(following, self._register(following), None)

    def follow_async(self, call: str | Transferred, new_call_id: str | None = None) -> AsyncCallFollow:
        """As `follow`, for asyncio.

        Example:
            status = await receiver.follow_async("c-call123", "c-1").wait("answered", timeout=0.1)
            print(status.result)
        """
        from calltransfer._following import AsyncCallFollow, following_of

        following = following_of(call, new_call_id, None, None, None)
        return AsyncCallFollow(following, self._register(following), None)

    def _register(self, following: Following) -> EventFollowers:
        self._followers.add(following, following.call_id, following.new_call_id)
        return self._followers

    def close(self) -> None:
        """Ends the iterations over events, when the waiting events are taken. Later events get 503.

        Example:
            receiver.close()
            print(list(receiver.events()))
        """
        self._queue.close()

    def __repr__(self) -> str:
        handler = getattr(self._handler, "__qualname__", type(self._handler).__name__)
        return f"EventReceiver({handler if self._handler else None}, allow_anonymous={self._login is None})"

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
            answered = self._call(event)
            if inspect.isawaitable(answered):
                if inspect.iscoroutine(answered):
                    answered.close()
                raise TypeError("handler: is async; await receive_async, or serve receiver.asgi")
            return handling.keep(self._response(event, answered))

    async def _finish_async(self, begun: Begun) -> Response:
        if isinstance(begun, Response):
            return begun
        event, key = begun
        with self._memory.handling(key) as handling:
            if self._handler is None or inspect.iscoroutinefunction(self._handler):
                answered = self._call(event)
            else:
                import asyncio

                answered = await asyncio.to_thread(self._call, event)
            if inspect.isawaitable(answered):
                answered = await answered
            return handling.keep(self._response(event, answered))

    def _call(self, event: Event) -> Any:
        if self._handler is not None:
            return self._handler(event)
        return None if self._queue.put(event) else _FULL

    def _response(self, event: Event, answered: Any) -> Response:
        if answered is None:
            whisper = self._whisper if isinstance(event, TransferAnswer) else None
            return whisper or _DONE
        if isinstance(answered, Response):
            return answered
        if isinstance(answered, str):
            return Response(200, _BXML, answered.encode())
        name = type(answered).__name__
        raise TypeError(f"handler: must return None, a str of BXML or an events.Response, got {name}")


def _lower(headers: Headers) -> dict[str, str]:
    pairs = headers.items() if hasattr(headers, "items") else headers
    return {name.lower(): value for name, value in pairs}


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
        return "username", "must have no colon: basic authentication ends the user's name there"
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
