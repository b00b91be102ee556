"""The platform of these tests, `server.py`, as a process of its own."""

from __future__ import annotations

import contextlib
import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator

from sandbox_process import SECRET, TOKEN, USER_ID

HERE = pathlib.Path(__file__).resolve().parent


class Server:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self.port = int(process.stdout.readline())

    def ended(self) -> dict[str, int]:
        """What it saw."""
        out, _ = self._process.communicate(timeout=60)
        return json.loads(out)


@contextlib.contextmanager
def server(mode: str, *certificate: str) -> Iterator[Server]:
    command = [sys.executable, str(HERE / "server.py"), mode, *certificate]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Server(process)
        finally:
            if process.poll() is None:
                process.communicate(timeout=60)


def account(base_url: str, **more: str) -> dict[str, str]:
    """What a program needs in its environment to find a platform."""
    account = {"BANDWIDTH_USER_ID": USER_ID, "BANDWIDTH_API_TOKEN": TOKEN, "BANDWIDTH_API_SECRET": SECRET}
    return {**account, "CALLTRANSFER_BASE_URL": base_url, **more}
