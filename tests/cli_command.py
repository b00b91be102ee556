"""The command `calltransfer` as the tests run it: installed, as a program of its own."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sysconfig
from typing import Any

from calltransfer import _native
from calltransfer.sandbox import Sandbox
from sandbox_process import SECRET, TOKEN

TARGET = "+18382947878"
COMMAND = str(pathlib.Path(sysconfig.get_path("scripts")) / "calltransfer")
WITHOUT_ACCOUNT = {name: value for name, value in os.environ.items() if name not in _native.ENVIRONMENT}


class CommandResult:
    """The output and the exit code of a command. Checks that the output contains no secret."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        assert TOKEN not in self.out + self.err and SECRET not in self.out + self.err
        assert "Traceback" not in self.err, self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str, environment: dict[str, str] | None = None) -> CommandResult:
    given = {**WITHOUT_ACCOUNT, **(environment or {})}
    return CommandResult(
        subprocess.run([COMMAND, *arguments], env=given, capture_output=True, text=True, timeout=60, check=False)
    )


class Cli:
    """The command with a sandbox's account in its environment."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __call__(self, *arguments: str) -> CommandResult:
        return run(*arguments, environment=self.sandbox.environment())
