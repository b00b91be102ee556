"""The plain C ABI from languages that don't read its header: Perl and LuaJIT, where the machine has them."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess

import pytest
from c.compiler import LIBRARIES, ROOT
from sandbox_process import SandboxProcess

LIBRARY = LIBRARIES / "libcalltransfer.so"


def perl() -> list[str]:
    program = shutil.which("perl")
    if (
        program is None
        or subprocess.run([program, "-MFFI::Platypus", "-e1"], capture_output=True, check=False).returncode
    ):
        pytest.skip("NO PERL WITH FFI::Platypus (Debian: libffi-platypus-perl): the ABI was not tried from Perl")
    return [program, str(ROOT / "examples/perl/transfer.pl")]


def luajit() -> list[str]:
    program = shutil.which("luajit")
    if program is None:
        pytest.skip("NO LUAJIT ON PATH (Debian: luajit): the ABI was not tried from Lua")
    return [program, str(ROOT / "examples/lua/transfer.lua")]


@pytest.fixture(params=[perl, luajit], ids=["perl", "luajit"])
def command(request: pytest.FixtureRequest) -> list[str]:
    return request.param()


def run(command: list[str], *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    whole: list[str | pathlib.Path] = [*command, LIBRARY, *arguments]
    return subprocess.run(whole, capture_output=True, text=True, timeout=30, check=False, env=environment)


def test_a_call_is_transferred(command: list[str], sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    done = run(command, "c-1", "+18382947878", "Grüße", environment=sandbox.environment())
    assert done.returncode == 0, done.stderr
    [new_call] = [call["id"] for call in sandbox.calls() if call["id"] != "c-1"]
    assert done.stdout == f"the new call is {new_call}\n"
    [request] = sandbox.requests()
    assert json.loads(request["body"])["whisperAudio"] == {"sentence": "Grüße"}


def test_a_refusal_is_reported(command: list[str], sandbox: SandboxProcess) -> None:
    done = run(command, "c-nobody", "+18382947878", environment=sandbox.environment())
    assert done.returncode == 1
    assert done.stderr.startswith("not_applied: the platform has no such call")


def test_invalid_transfer_is_reported(command: list[str], sandbox: SandboxProcess) -> None:
    done = run(command, "c-1", "nobody", environment=sandbox.environment())
    assert done.returncode == 1
    assert done.stderr.startswith("not_sent: to: ")
    assert sandbox.requests() == []
