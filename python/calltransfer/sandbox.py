"""A sandbox of the platform, to develop and test call transfers without an account.

    from calltransfer.sandbox import Sandbox

    with Sandbox() as sandbox:
        call_id = sandbox.place_incoming_call()
        done = sandbox.client().transfer(call_id, "+18382947878", whisper_audio="Hello!")
        print(sandbox.call(done.new_call_id)["whisper_audio"])

It listens on a free port of this machine, takes what the platform takes, refuses what it refuses,
and calls no phone. A page that shows its calls is at `sandbox.url`. From a shell, `python -m
calltransfer.sandbox` is the same; in pytest, the fixture `calltransfer_sandbox` is one per test.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from calltransfer import _native
from calltransfer._sandbox_records import Call, Callback, Fault, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from calltransfer import AsyncClient, Client
    from calltransfer._sandbox_records import State

__all__ = ["Call", "Callback", "Fault", "Reply", "Request", "Sandbox", "SandboxError", "main"]

Api = Literal["v1", "v2"]
Clock = Literal["instant", "running", "stepped"]

_ACCOUNT: dict[str, tuple[str, ...]] = {
    "v1": ("user_id", "token", "secret"),
    "v2": ("account_id", "client_id", "client_secret"),
}
CALLER = "+19195550100"
OUR_NUMBER = "+18385550199"


class SandboxError(ValueError):
    """The sandbox can't do what was asked of it; nothing has changed.

        try:
            sandbox.hang_up("c-none")
        except SandboxError as error:
            print(error.code)

    Attributes:
        code: Why, in one word, as `"call-not-found"`.
    """

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message, code)
        self.code = code

    def __str__(self) -> str:
        return str(self.args[0])


class Sandbox:
    """A running sandbox: it listens when this returns, and ends with `close` or the `with` block.

    It serves on a thread of its own and may be used by many threads at once. In a forked child its
    methods raise a RuntimeError; clients of its url work there.

        with Sandbox(owned_numbers=["+18385550199"]) as sandbox:
            client = sandbox.client(timeout=2)

    Args:
        user_id: The account's user id.
        token: Its API token.
        secret: Its API secret: made up, never a real one.
        owned_numbers: The numbers that the account owns, `+18385550199` by default.
        port: The port to listen on; 0 takes a free one.
        clock: How time goes by: `"instant"` (nothing takes time), `"running"` (as in life),
            `"stepped"` (it stands still until `advance`).
        https: Serves https too, with a certificate that is `"good"` (for who trusts `ca_pem`),
            `"self-signed"`, `"expired"` or for a `"wrong-host"`.
        callbacks_anywhere: Whether callbacks may leave this machine: no by default.

    Raises:
        ValueError: A setting can't be; the message names it.
        OSError: The port is taken, or the system allows no thread or socket.
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
        # Asked once: a forked child makes clients too.
        self._known: dict[str, Any] = self._ask("GET", "account")
        #: The base URL for clients, as `http://127.0.0.1:40123`; the page is there too.
        self.url: str = self._running.url
        #: The base URL of the same by https, if it was asked for.
        self.https_url: str | None = self._running.https_url
        #: The certificate of the authority behind https, as PEM: for a client's `ca_file`.
        self.ca_pem: str | None = self._running.ca_pem

    def client(self, *, api: Api = "v1", **settings: Any) -> Client:
        """A client of the sandbox's account; `settings` are those of `calltransfer.Client`.

        client = sandbox.client(max_retries=0)
        """
        from calltransfer import Client

        try:
            return Client(**{**self._account(api), "api": api, "base_url": self.url, **settings})
        finally:
            del settings  # a traceback keeps this frame

    def async_client(self, *, api: Api = "v1", **settings: Any) -> AsyncClient:
        """The same for asyncio: a `calltransfer.AsyncClient`.

        client = sandbox.async_client(max_retries=0)
        """
        from calltransfer import AsyncClient

        try:
            return AsyncClient(**{**self._account(api), "api": api, "base_url": self.url, **settings})
        finally:
            del settings  # a traceback keeps this frame

    def environment(self, api: Api = "v1") -> dict[str, str]:
        """What a program needs in its environment to find this sandbox.

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
        """Lets a call come in, and gives its id.

            call_id = sandbox.place_incoming_call("+19195550100", state="started")

        Args:
            from_: Who calls: a phone number or a SIP address.
            to: The number that is called.
            call_id: The id that the call is to have; made up by default.
            state: How far it has come: already answered by default.
            callback_url: Where its events go.
            diversion: The Diversion header that it comes with: `{"origTo": "+18385550199"}`, and
                `reason`, `counter`, `limit`, `privacy`, `screen`.
        """
        wanted: dict[str, Any] = {"from": from_, "to": to, "state": state}
        given = {"id": call_id, "callback_url": callback_url, "diversion": diversion}
        wanted.update({name: value for name, value in given.items() if value is not None})
        return str(self._ask("POST", "incoming-calls", wanted)["id"])

    def answer(self, call_id: str) -> None:
        """The called party of an outbound call picks up.

        sandbox.answer(call_id)
        """
        self._ask("POST", f"calls/{quote(call_id, safe='')}/answer")

    def hang_up(self, call_id: str, cause: str | None = None) -> None:
        """The party at the far end of a call hangs up, with a cause such as `"USER_BUSY"`.

        sandbox.hang_up(call_id)
        """
        body = None if cause is None else {"cause": cause}
        self._ask("POST", f"calls/{quote(call_id, safe='')}/hang-up", body)

    def advance(self, seconds: float) -> None:
        """Lets time pass at once, with everything that is due on the way happening at its time.

        sandbox.advance(2.5)
        """
        self._ask("POST", "clock", {"advance_ms": round(seconds * 1000)})

    def set_clock(self, clock: Clock, factor: float | None = None) -> None:
        """How time goes by; `factor` is how many times as fast as in life it runs.

        sandbox.set_clock("running", factor=60)
        """
        wanted: dict[str, Any] = {"mode": clock}
        if factor is not None:
            wanted["factor"] = factor
        self._ask("POST", "clock", wanted)

    def set_line(self, number: str, like: str) -> None:
        """A number does from now on what one of the documented test numbers does.

        sandbox.set_line("+18382947878", like="+12025550110")  # busy
        """
        self._ask("POST", "lines", {"number": number, "like": like})

    def forget_lines(self) -> None:
        """Every number does again what the documentation says of it.

        sandbox.forget_lines()
        """
        self._ask("DELETE", "lines")

    def call(self, call_id: str) -> Call:
        """The call as it stands now.

        print(sandbox.call(call_id)["state"])

        Raises:
            SandboxError: There is no such call, or it ended long ago.
        """
        call: Call = self._ask("GET", f"calls/{quote(call_id, safe='')}")
        return call

    def calls(self) -> list[Call]:
        """Every call, in the order in which they were placed; of ended ones the last 10,000.

        print([call["state"] for call in sandbox.calls()])
        """
        calls: list[Call] = []
        page = self._ask("GET", "calls")
        while True:
            calls += page["calls"]
            if page["next"] is None:
                return calls
            page = self._ask("GET", f"calls?after={page['next']}")

    def requests(self) -> list[Request]:
        """The last 10,000 requests to the API, oldest first.

        print([request["status"] for request in sandbox.requests()])
        """
        requests: list[Request] = self._ask("GET", "requests")["requests"]
        return requests

    def forget_requests(self) -> None:
        """Empties the list of requests.

        sandbox.forget_requests()
        """
        self._ask("DELETE", "requests")

    def script(self, *replies: Reply) -> None:
        """Answers the next requests with these replies, in turn; such a request changes no call.

        sandbox.script({"status": 503, "headers": {"Retry-After": "1"}}, {"status": 500})
        """
        self._ask("POST", "replies", {"replies": replies})

    def inject(self, *faults: Fault) -> None:
        """Lets something go wrong, with the next request unless a fault says otherwise.

        sandbox.inject({"no_answer": True}, {"status": 503, "rate": 0.1, "seed": 42})
        """
        self._ask("POST", "faults", {"faults": faults})

    def forget_faults(self) -> None:
        """Drops the faults that still wait.

        sandbox.forget_faults()
        """
        self._ask("DELETE", "faults")

    def callbacks(self) -> list[Callback]:
        """The last 10,000 callbacks, sent or not, oldest first.

        print([callback["event"]["eventType"] for callback in sandbox.callbacks()])
        """
        callbacks: list[Callback] = self._ask("GET", "callbacks")["callbacks"]
        return callbacks

    def forget_callbacks(self) -> None:
        """Empties the list of callbacks.

        sandbox.forget_callbacks()
        """
        self._ask("DELETE", "callbacks")

    def forget_script(self) -> None:
        """Drops the replies that still wait.

        sandbox.forget_script()
        """
        self._ask("DELETE", "replies")

    def close(self) -> None:
        """Stops it and closes every connection; a request under way gets no answer.

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
        from calltransfer import _display_bulk

        return _display_bulk.sandbox(self)

    def _account(self, api: Api) -> dict[str, str]:
        """What the client of an API is to know of the account."""
        if api not in _ACCOUNT:
            raise ValueError(f"api: {api!r} is not valid; expected one of: v1, v2")
        return {setting: self._known[setting] for setting in _ACCOUNT[api]}

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the admin interface answers: its table in the documentation is the one truth."""
        sent = "" if body is None else json.dumps(body)
        status, text = self._running.admin(method, path, sent)
        answer: Any = json.loads(text or "null")
        if status >= 400:
            raise SandboxError(answer["message"], answer["code"])
        return answer


def main(arguments: Sequence[str] | None = None, program: str = "calltransfer sandbox") -> int:
    """Runs a sandbox until Ctrl-C, and gives the exit status; `--help` lists the flags.

    sys.exit(main(["--port", "8787"]))
    """
    import signal

    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.stdout.flush()
    try:
        return _native.run_sandbox([program, *given])
    finally:
        # The sandbox took Ctrl-C for itself. Only a main thread may give it back.
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    sys.exit(main(program="python -m calltransfer.sandbox"))
