"""A receiver of events that opens no socket: it takes a request and returns a response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calltransfer import _native
from calltransfer._events.requests import EventRequests, Response

# Following and servers are imported where they are used: they load asyncio and http.

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
    from typing import Any

    from calltransfer._events.event import Event
    from calltransfer._events.followers import EventFollowers
    from calltransfer._events.requests import Handler
    from calltransfer._events.servers import AsgiApplication, WsgiApplication
    from calltransfer._follow.call_follow import AsyncCallFollow, CallFollow
    from calltransfer._follow.following import Following
    from calltransfer._results import Transferred
    from calltransfer._whisper_audio import WhisperAudio

    Headers = Mapping[str, str] | Iterable[tuple[str, str]]


class EventReceiver(EventRequests):
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
        try:
            super().__init__(
                handler, username, password, allow_anonymous, whisper_audio, max_body, remember, queue_size
            )
        finally:
            del username, password  # a traceback keeps this frame

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
        from calltransfer._events.servers import AsgiApplication

        return AsgiApplication(self)

    @property
    def wsgi(self) -> WsgiApplication:
        """The receiver as a WSGI application, for gunicorn, Flask's dispatcher and others.

        from wsgiref.simple_server import make_server

        with make_server("127.0.0.1", 0, receiver.wsgi) as server:
            print(server.server_port)  # then server.serve_forever()
        """
        from calltransfer._events.servers import WsgiApplication

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
        from calltransfer._follow.call_follow import CallFollow
        from calltransfer._follow.following import following_of

        following = following_of(call, new_call_id, None, None, None)
        return CallFollow(following, self._register(following), None)

    def follow_async(self, call: str | Transferred, new_call_id: str | None = None) -> AsyncCallFollow:
        """As `follow`, for asyncio.

        Example:
            status = await receiver.follow_async("c-call123", "c-1").wait("answered", timeout=0.1)
            print(status.result)
        """
        from calltransfer._follow.call_follow import AsyncCallFollow
        from calltransfer._follow.following import following_of

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


def _lower(headers: Headers) -> dict[str, str]:
    pairs = headers.items() if hasattr(headers, "items") else headers
    return {name.lower(): value for name, value in pairs}
