"""docs/events.md: its programs run or compile, and its FastAPI application serves the sandbox."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import time

import pytest
from c.compiler import check_syntax, need
from calltransfer import _native
from calltransfer.sandbox import Sandbox
from sandbox_process import ROOT

PAGE = (ROOT / "docs/events.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples/python/event_server.py"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_first_program_reads_an_event() -> None:
    done = subprocess.run([sys.executable, "-c", blocks("python")[0]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "c-1 busy 2026-01-05 09:30:00+00:00\n")


def test_application_is_the_example() -> None:
    assert EXAMPLE.read_text(encoding="utf-8").partition("\n\n")[2] == blocks("python")[1]


@pytest.mark.parametrize(("language", "standard"), [("c", "c11"), ("cpp", "c++17")])
def test_functions_of_c_and_cpp_compile(language: str, standard: str, tmp_path: pathlib.Path) -> None:
    need(standard, "gcc")
    [code] = blocks(language)
    (source := tmp_path / f"block.{language}").write_text(code, encoding="utf-8")
    check_syntax(source, standard, "gcc")


def test_limit_is_the_librarys() -> None:
    assert f"{_native.EVENT_MAX_BODY:,} bytes" in PAGE


def test_application_serves_the_sandbox(sandbox: Sandbox, tmp_path: pathlib.Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-u", "-m", "uvicorn", "event_server:app", "--port", "0"]
    environment = {**os.environ, "HOOK_PASSWORD": "s3cret"}

    def logged(pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + 30
        while (found := re.search(pattern, log.read_text(encoding="utf-8"))) is None:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        return found

    with (
        log.open("w") as file,
        subprocess.Popen(command, cwd=EXAMPLE.parent, env=environment, stdout=file, stderr=file) as server,
    ):
        try:
            here = f"http://hook:s3cret@127.0.0.1:{logged('running on http://127.0.0.1:([0-9]+)')[1]}/events"
            v1 = sandbox.place_incoming_call(callback_url=here)
            leg = sandbox.client().transfer(v1, "+18382947878", callback_url=here).new_call_id
            logged(f"{leg} was answered")
            sandbox.hang_up(v1)
            logged(f"{leg} ended: answered")
            v2 = sandbox.place_incoming_call()
            options = {"callback_url": here, "transfer_answer_url": here}
            sandbox.client(api="v2").transfer(v2, "+18382947878", **options)
            logged(f"transferAnswer of c-.*, a leg of {v2}, from ")
        finally:
            server.terminate()
    assert any(call.get("whisper_audio") == {"sentence": "You have an incoming call"} for call in sandbox.calls())
