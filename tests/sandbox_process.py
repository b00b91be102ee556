"""The sandbox binary as the tests of every language use it: a process of its own, on a free port."""

from __future__ import annotations

import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.request
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent

USER_ID = "u-abc123"
TOKEN = "t-token"
SECRET = "s-secret"
OWNED = "+19195551212"
CALLER = "+19195550100"
CALLED = "+18385550199"


class SandboxProcess:
    """A running sandbox. It ends with this object, and with this process, whatever happens."""

    def __init__(self) -> None:
        binary = os.environ.get("CALLTRANSFER_SANDBOX", str(ROOT / "target/release/calltransfer-sandbox"))
        self._process = subprocess.Popen(
            [
                binary,
                "--exit-with-stdin",
                "--user-id",
                USER_ID,
                "--token",
                TOKEN,
                "--secret",
                SECRET,
                "--owned-number",
                OWNED,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.url: str = ready["url"]
        self.host: str = self.url.removeprefix("http://")

    def close(self) -> None:
        self._process.communicate(timeout=10)

    def place_incoming_call(self, call_id: str, state: str = "active") -> None:
        self._admin("POST", "incoming-calls", {"id": call_id, "from": CALLER, "to": CALLED, "state": state})

    def script(self, *replies: dict[str, Any]) -> None:
        """The next API requests are answered with these, in turn."""
        self._admin("POST", "replies", {"replies": list(replies)})

    def inject(self, *faults: dict[str, Any]) -> None:
        """What happens to the next API requests; see docs/sandbox/faults.md."""
        self._admin("POST", "faults", {"faults": list(faults)})

    def forget_faults(self) -> None:
        self._admin("DELETE", "faults")

    def requests(self) -> list[dict[str, Any]]:
        """Every API request that the sandbox read, in order."""
        return self._admin("GET", "requests")["requests"]

    def calls(self) -> list[dict[str, Any]]:
        page = self._admin("GET", "calls")
        calls = page["calls"]
        while page["next"] is not None:
            page = self._admin("GET", f"calls?after={page['next']}")
            calls += page["calls"]
        return calls

    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to find this sandbox."""
        return {
            "BANDWIDTH_USER_ID": USER_ID,
            "BANDWIDTH_API_TOKEN": TOKEN,
            "BANDWIDTH_API_SECRET": SECRET,
            "CALLTRANSFER_BASE_URL": self.url,
        }

    def _admin(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as response:
            text = response.read()
        return json.loads(text) if text else None


class SilentListener:
    """A loopback port that no one may connect to; for `{other}` in the vectors."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.host = "127.0.0.1:%d" % self._socket.getsockname()[1]

    def was_connected(self) -> bool:
        time.sleep(0.02)  # a connection in progress would have arrived by now
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()


def vectors(name: str) -> list[dict[str, Any]]:
    """The vectors of `tests/vectors/{name}.json`."""
    return json.loads((ROOT / "tests" / "vectors" / f"{name}.json").read_text(encoding="utf-8"))


def replies_of(vector: dict[str, Any], other: str) -> list[dict[str, Any]]:
    """The scripted replies of a response vector, with `{other}` filled in."""
    replies = vector.get("replies") or [vector["reply"]]
    return json.loads(json.dumps(replies).replace("{other}", other))
