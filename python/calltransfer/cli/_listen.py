"""Receives events with the standard library's server, and prints them as they come."""

from __future__ import annotations

import io
import os
import threading
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from calltransfer._events.receiver import EventReceiver
from calltransfer.cli import _exit_codes
from calltransfer.cli._output import OutputFailed
from calltransfer.errors import make

if TYPE_CHECKING:
    import argparse

    from calltransfer._events.event import Event
    from calltransfer.cli._output import Output
    from calltransfer.cli._signals import Signals

PASSWORD = "CALLTRANSFER_LISTEN_PASSWORD"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LAST_PORT = 65535
# A client that says nothing for so long is left, in seconds.
_SILENCE = 30.0


def run(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    printer = _Printer(output, parsed.call)
    receiver = EventReceiver(printer, whisper_audio=parsed.whisper_audio, **_login(parsed))
    if parsed.port > _LAST_PORT:
        raise _wrong("port", f"must be 0 to {_LAST_PORT}, got {parsed.port}")
    if parsed.dry_run:
        shown = {"host": parsed.host, "port": parsed.port, "requires_password": parsed.username is not None}
        output.result(shown, f"would listen at {_url(parsed.host, parsed.port)}")
        return _exit_codes.DONE
    try:
        server = make_server(parsed.host, parsed.port, receiver.wsgi, _server_class(parsed.host), _Handler)
    except OSError as error:
        raise _wrong("port", f"can't listen at {_url(parsed.host, parsed.port)}: {error}") from None
    with server:
        printer.server = server
        output.note(f"listening at {_url(parsed.host, server.server_port)}; Ctrl-C ends it")
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:  # the usual end
            return _exit_codes.DONE
    if printer.failed is not None:
        raise printer.failed
    return _exit_codes.DONE


class _Printer:
    """Prints the events of one call, or of all, each in a line of its own."""

    def __init__(self, output: Output, call: str | None) -> None:
        self._output = output
        self._call = call
        self._lock = threading.Lock()
        self.server: WSGIServer | None = None
        self.failed: OutputFailed | None = None

    def __call__(self, event: Event) -> None:
        if self._call is not None and self._call not in (event.call_id, event.parent_call_id):
            return
        time = event.time.isoformat(timespec="milliseconds").replace("+00:00", "Z") if event.time else "no time"
        with self._lock:
            try:
                self._output.result(event.to_dict(), f"{time} {event}")
            except OutputFailed as failed:
                # The request gets a 500, so that the event is sent again elsewhere: this output is closed.
                self.failed = failed
                if self.server is not None:
                    threading.Thread(target=self.server.shutdown, daemon=True).start()
                raise


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        # The original queries the name service for this machine's name, which may take seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away ends its own request, and nothing else."""


class _Handler(WSGIRequestHandler):
    timeout = _SILENCE

    def log_message(self, format: str, *args: Any) -> None:
        """The lines of the original have whole numbers: those of a query."""

    def get_stderr(self) -> Any:
        return io.StringIO()  # what went wrong is said by the command


def _server_class(host: str) -> type[WSGIServer]:
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return type("_Server", (_Server,), {"address_family": family})


def _login(parsed: argparse.Namespace) -> dict[str, Any]:
    password = os.environ.get(PASSWORD)
    if parsed.username is not None:
        if not password:
            raise _wrong("password", f"is missing; --username needs it in {PASSWORD}")
        return {"username": parsed.username, "password": password}
    if parsed.host not in _LOOPBACK:
        raise _wrong("username", f"is missing; beyond this machine give --username, and {PASSWORD}")
    return {"allow_anonymous": True}


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _wrong(field: str, reason: str) -> Exception:
    known = {"field": field, "outcome": "not_sent", "safe_to_repeat": True}
    return make("configuration", f"{field}: {reason}", known)
