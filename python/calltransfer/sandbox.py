"""A sandbox of the platform, to develop and test call transfers without an account.

    from calltransfer.sandbox import Sandbox

    with Sandbox() as sandbox:
        call_id = sandbox.place_incoming_call()
        done = sandbox.client().transfer(call_id, "+18382947878", whisper_audio="Hello!")
        print(sandbox.call(done.new_call_id)["whisper_audio"])

It listens on a free port of this machine, refuses the requests that the platform refuses, and calls no real phone. A
page that shows its calls is at `sandbox.url`. From a shell, run `python -m calltransfer.sandbox`; in pytest, the fixture
`calltransfer_sandbox` is a sandbox for one test.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from calltransfer import _native
from calltransfer._sandbox_records import Call, Callback, CallbackFault, Fault, Reply, Request

# Clients and displays are imported where they are used: the command that serves a sandbox needs none.

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from calltransfer import AsyncClient, Client
    from calltransfer._sandbox_records import State

__all__ = ["Call", "Callback", "CallbackFault", "Fault", "Reply", "Request", "Sandbox", "SandboxError", "main"]

Api = Literal["v1", "v2"]
Clock = Literal["instant", "running", "stepped"]

_ACCOUNT: dict[str, tuple[str, ...]] = {
    "v1": ("user_id", "token", "secret"),
    "v2": ("account_id", "client_id", "client_secret"),
}
CALLER = "+19195550100"
OUR_NUMBER = "+18385550199"


class SandboxError(ValueError):
    """The sandbox can't do what was requested; nothing was changed.

        try:
            sandbox.hang_up("c-none")
        except SandboxError as error:
            print(error.code)

    Attributes:
        code: The reason, for example `"call-not-found"`.
    """

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message, code)
        self.code = code

    def __str__(self) -> str:
        return str(self.args[0])


class Sandbox:
    """A running sandbox. It listens when this returns, and ends with `close` or the `with` block.

    It serves on a thread of its own, and several threads may use it at the same time. In a forked child its methods
    raise a RuntimeError, but clients of its `url` work there.

        with Sandbox(owned_numbers=["+18385550199"]) as sandbox:
            client = sandbox.client(timeout=2)

    Args:
        user_id: The account's user ID.
        token: The account's API token.
        secret: The account's API secret. Invent one; never use a real one.
        owned_numbers: The numbers that the account owns; `+18385550199` by default.
        port: The port to listen on; 0 takes a free one.
        clock: How time passes: `"instant"` (nothing takes time), `"running"` (as the wall clock),
            `"stepped"` (only by `advance`).
        https: Also serves https, with a certificate that is `"good"` (for clients that trust `ca_pem`),
            `"self-signed"`, `"expired"`, or for another host (`"wrong-host"`).
        callbacks_anywhere: Whether callbacks may be sent to other machines; `False` by default.

    Raises:
        ValueError: A setting is not valid; the message names it.
        OSError: The port is in use, or the system allows no thread or socket.
    """

    def __init__(
        self,
        *,
        user_id: str = "u-sandbox",
        token: str = "t-sandbox",
        secret: str = "s-sandbox",
        owned_numbers: Iterable[str] = (OUR_NUMBER,),
        port: int = 0,
        clock: Clock = "instant",
        https: Literal["good", "self-signed", "expired", "wrong-host"] | None = None,
        callbacks_anywhere: bool = False,
    ) -> None:
        self.user_id = user_id
        self.token = token
        self.secret = secret
        del user_id, token, secret  # a traceback keeps this frame
        numbers = list(owned_numbers)
        account = (self.user_id, self.token, self.secret)
        try:
            self._running = _native.Sandbox(account, numbers, port, https, callbacks_anywhere)
        finally:
            del account
        if clock != "instant":
            self.set_clock(clock)
        # Read once: a forked child makes clients too, but cannot send this request.
        self._known: dict[str, Any] = self._request("GET", "account")
        #: The base URL for clients, for example `http://127.0.0.1:40123`; the page is at the same address.
        self.url: str = self._running.url
        #: The base URL with https, if `https` was given; otherwise `None`.
        self.https_url: str | None = self._running.https_url
        #: The certificate of the authority for https, as PEM text; for a client's `ca_file`.
        self.ca_pem: str | None = self._running.ca_pem

    def client(self, *, api: Api = "v1", **settings: Any) -> Client:
        """Returns a client of the sandbox's account; `settings` are those of `calltransfer.Client`.

        client = sandbox.client(max_retries=0)
        """
        from calltransfer import Client

        try:
            return Client(**{**self._account(api), "api": api, "base_url": self.url, **settings})
        finally:
            del settings  # a traceback keeps this frame

    def async_client(self, *, api: Api = "v1", **settings: Any) -> AsyncClient:
        """Returns a client for asyncio: a `calltransfer.AsyncClient`.

        client = sandbox.async_client(max_retries=0)
        """
        from calltransfer import AsyncClient

        try:
            return AsyncClient(**{**self._account(api), "api": api, "base_url": self.url, **settings})
        finally:
            del settings  # a traceback keeps this frame

    def environment(self, api: Api = "v1") -> dict[str, str]:
        """Returns the environment variables with which a program uses this sandbox.

        Example:
            subprocess.run(["python", "my_program.py"], env={**os.environ, **sandbox.environment()})
        """
        names = dict(_native.VARIABLES)
        account = {names[setting]: value for setting, value in self._account(api).items()}
        return {**account, names["base_url"]: self.url}

    def place_incoming_call(
        self,
        from_: str = CALLER,
        to: str = OUR_NUMBER,
        call_id: str | None = None,
        state: State = "active",
        callback_url: str | None = None,
        diversion: Mapping[str, Any] | None = None,
    ) -> str:
        """Places an incoming call, and returns its ID.

            call_id = sandbox.place_incoming_call("+19195550100", state="started")

        Args:
            from_: The caller: a phone number or a SIP address.
            to: The number that is called.
            call_id: The ID of the call; generated by default.
            state: The state of the call; by default it is already answered.
            callback_url: The URL to which its events are sent.
            diversion: The Diversion header that comes with it: `{"origTo": "+18385550199"}`, and
                `reason`, `counter`, `limit`, `privacy`, `screen`.
        """
        wanted: dict[str, Any] = {"from": from_, "to": to, "state": state}
        given = {"id": call_id, "callback_url": callback_url, "diversion": diversion}
        wanted.update({name: value for name, value in given.items() if value is not None})
        return str(self._request("POST", "incoming-calls", wanted)["id"])

    def answer(self, call_id: str) -> None:
        """Answers an outbound call as the called party.

        sandbox.answer(call_id)
        """
        self._request("POST", f"calls/{quote(call_id, safe='')}/answer")

    def hang_up(self, call_id: str, cause: str | None = None) -> None:
        """Hangs up as the other party of a call, with a cause such as `"USER_BUSY"`.

        sandbox.hang_up(call_id)
        """
        body = None if cause is None else {"cause": cause}
        self._request("POST", f"calls/{quote(call_id, safe='')}/hang-up", body)

    def advance(self, seconds: float) -> None:
        """Advances the sandbox's clock by so many seconds. Everything due in between happens at its own time.

        sandbox.advance(2.5)
        """
        self._request("POST", "clock", {"advance_ms": round(seconds * 1000)})

    def set_clock(self, clock: Clock, factor: float | None = None) -> None:
        """Sets how time passes; with `"running"`, `factor` says how many times as fast as the wall clock.

        sandbox.set_clock("running", factor=60)
        """
        wanted: dict[str, Any] = {"mode": clock}
        if factor is not None:
            wanted["factor"] = factor
        self._request("POST", "clock", wanted)

    def set_line(self, number: str, like: str) -> None:
        """Makes a number behave like one of the documented test numbers from now on.

        sandbox.set_line("+18382947878", like="+12025550110")  # busy
        """
        self._request("POST", "lines", {"number": number, "like": like})

    def forget_lines(self) -> None:
        """Makes every number behave as documented again.

        sandbox.forget_lines()
        """
        self._request("DELETE", "lines")

    def call(self, call_id: str) -> Call:
        """Returns the call as it is now.

        print(sandbox.call(call_id)["state"])

        Raises:
            SandboxError: There is no such call, or it ended so long ago that it is not kept.
        """
        call: Call = self._request("GET", f"calls/{quote(call_id, safe='')}")
        return call

    def calls(self) -> list[Call]:
        """Returns every call, in the order in which they were placed; of ended calls only the last 10,000.

        print([call["state"] for call in sandbox.calls()])
        """
        calls: list[Call] = []
        page = self._request("GET", "calls")
        while True:
            calls += page["calls"]
            if page["next"] is None:
                return calls
            page = self._request("GET", f"calls?after={page['next']}")

    def requests(self) -> list[Request]:
        """Returns the last 10,000 requests to the API, oldest first.

        print([request["status"] for request in sandbox.requests()])
        """
        requests: list[Request] = self._request("GET", "requests")["requests"]
        return requests

    def forget_requests(self) -> None:
        """Empties the list of requests.

        sandbox.forget_requests()
        """
        self._request("DELETE", "requests")

    def script(self, *replies: Reply) -> None:
        """Sends these responses to the next requests, one each; such a request changes no call.

        sandbox.script({"status": 503, "headers": {"Retry-After": "1"}}, {"status": 500})
        """
        self._request("POST", "replies", {"replies": replies})

    def inject(self, *faults: Fault) -> None:
        """Injects failures; each affects the next request, unless the fault says otherwise.

        sandbox.inject({"no_response": True}, {"status": 503, "rate": 0.1, "seed": 42})
        """
        self._request("POST", "faults", {"faults": faults})

    def forget_faults(self) -> None:
        """Removes the faults that have not happened yet.

        sandbox.forget_faults()
        """
        self._request("DELETE", "faults")

    def inject_callbacks(self, *faults: CallbackFault) -> None:
        """Doubles, delays, disorders or loses callbacks; each affects the next one, unless the fault says otherwise.

        sandbox.inject_callbacks({"copies": 1, "rate": 0.3, "seed": 1}, {"lost": True, "event_type": "hangup"})
        """
        self._request("POST", "callback-faults", {"faults": faults})

    def forget_callback_faults(self) -> None:
        """Removes the faults of callbacks. What they have done to callbacks that were not sent yet stays.

        sandbox.forget_callback_faults()
        """
        self._request("DELETE", "callback-faults")

    def callbacks(self) -> list[Callback]:
        """Returns the last 10,000 callbacks, sent or not, oldest first.

        print([callback["event"]["eventType"] for callback in sandbox.callbacks()])
        """
        callbacks: list[Callback] = self._request("GET", "callbacks")["callbacks"]
        return callbacks

    def forget_callbacks(self) -> None:
        """Empties the list of callbacks.

        sandbox.forget_callbacks()
        """
        self._request("DELETE", "callbacks")

    def forget_script(self) -> None:
        """Removes the responses that were not sent yet.

        sandbox.forget_script()
        """
        self._request("DELETE", "replies")

    def close(self) -> None:
        """Stops the sandbox and closes every connection; a request in progress gets no response.

        sandbox.close()
        """
        self._running.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if "url" not in self.__dict__:
            return "Sandbox(not set up)"
        return f"Sandbox(url={self.url!r}, user_id={self.user_id!r})"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import bulk as _display_bulk

        try:
            calls, requests = self.calls(), self.requests()
        except (AttributeError, RuntimeError):  # it is closed, of another process, or was never set up
            return _display_bulk.not_running(repr(self))
        states = [str(call["state"]) for call in calls]
        return _display_bulk.sandbox(repr(self), self.url, self.user_id, states, len(requests))

    def _account(self, api: Api) -> dict[str, str]:
        """The credentials for a client of this API."""
        if api not in _ACCOUNT:
            raise ValueError(f"api: {api!r} is not valid; expected one of: v1, v2")
        return {setting: self._known[setting] for setting in _ACCOUNT[api]}

    def _request(self, method: str, path: str, body: Any = None) -> Any:
        """Sends a request to the admin interface, which docs/sandbox/README.md describes, and returns the response."""
        sent = "" if body is None else json.dumps(body)
        status, text = self._running.admin(method, path, sent)
        response: Any = json.loads(text or "null")
        if status >= 400:
            raise SandboxError(response["message"], response["code"])
        return response


def main(arguments: Sequence[str] | None = None, program: str = "calltransfer sandbox") -> int:
    """Runs a sandbox until Ctrl-C, and returns the exit code; `--help` lists the flags.

    sys.exit(main(["--port", "8787"]))
    """
    import signal

    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.stdout.flush()
    try:
        return _native.run_sandbox([program, *given])
    finally:
        # The sandbox has its own handler for Ctrl-C. Only the main thread may restore Python's.
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    sys.exit(main(program="python -m calltransfer.sandbox"))
