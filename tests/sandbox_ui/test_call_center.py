"""examples/call_center: a call comes in, and its page shows live who was called and who answered."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import ROOT
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

EXAMPLE = ROOT / "examples" / "call_center"
BUSY, NO_ANSWER, ANSWERS = "+12025550110", "+12025550111", "+12025550100"
OURS = "+18385550199"
# The vendor's client of the same API, where `make .venv/vendor/tools` has put it.
VENDOR = list((ROOT / ".venv/vendor/lib").glob("python3*/site-packages"))


class CallCenter:
    """The application as its README serves it, with a sandbox in the place of the platform."""

    def __init__(self, sandbox: Sandbox, folder: pathlib.Path, program: str = "app", **config: Any) -> None:
        known = json.loads((EXAMPLE / "config.json").read_text(encoding="utf-8"))
        (folder / "config.json").write_text(json.dumps(known | config), encoding="utf-8")
        self._log = folder / "log"
        # The port has to be known before the application starts: it is in the URL that it gives to the platform.
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.hook = f"http://hook:s3cret@127.0.0.1:{port}/events"
        environment = {
            **os.environ,
            **sandbox.environment(),
            "CALL_CENTER": str(folder / "config.json"),
            "CALL_CENTER_URL": self.hook,
            "HOOK_PASSWORD": "s3cret",
            "PYTHONPATH": os.pathsep.join(map(str, VENDOR if program == "vendor_sdk" else [])),
        }
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            f"{program}:app",
            "--port",
            str(port),
            "--timeout-graceful-shutdown",
            "1",
        ]
        with self._log.open("w") as log:
            self._server = subprocess.Popen(command, cwd=EXAMPLE, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not re.search("running on", self.log()):
            assert self._server.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(30)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["app", "vendor_sdk"])
def center(
    request: pytest.FixtureRequest, calltransfer_sandbox: Sandbox, tmp_path: pathlib.Path
) -> Iterator[CallCenter]:
    if request.param == "vendor_sdk" and not VENDOR:
        pytest.skip("SKIPPED: the vendor's client isn't installed; `make .venv/vendor/tools` does it")
    calltransfer_sandbox.set_clock("running", factor=60)
    started = CallCenter(calltransfer_sandbox, tmp_path, request.param, open=[0, 24])
    yield started
    started.close()


def shows(browser: Any, call_id: str, *texts: str) -> str:
    """The row of the call, once it shows these."""

    def row(_: Any) -> str:
        # In one step: the page puts new rows in the place of the old ones.
        shown = browser.execute_script(
            "return document.querySelector(`[data-call='${arguments[0]}']`)?.textContent ?? ''", call_id
        )
        seen.append(shown)
        return shown if all(text in shown for text in texts) else ""

    seen: list[str] = []
    with contextlib.suppress(TimeoutException):
        return str(WebDriverWait(browser, 30, poll_frequency=0.05).until(row))
    raise AssertionError(f"{texts}: {seen[-1]!r}")


def test_call_goes_to_the_first_agent_who_answers(
    browser: Any, calltransfer_sandbox: Sandbox, center: CallCenter
) -> None:
    sandbox = calltransfer_sandbox
    browser.get(center.url)
    WebDriverWait(browser, 20).until(lambda _: browser.find_element(By.ID, "live").text == "live")
    call_id = sandbox.place_incoming_call("+19195550100", OURS, state="started", callback_url=center.hook)
    row = shows(browser, call_id, "sales", "connected to Cyd")
    assert "Ann: busy, Bob: no_answer, Cyd: answered" in row
    legs = [call for call in sandbox.calls() if call["transferred_from"] == call_id]
    assert [leg["to"] for leg in legs] == [BUSY, NO_ANSWER, ANSWERS]
    assert legs[2]["phase"] in ("whispering", "connected")
    assert legs[2]["whisper_audio"] == {"sentence": "A call for sales"}
    sandbox.hang_up(legs[2]["id"])
    shows(browser, call_id, "ended")
    assert "19195550100" not in browser.page_source and "2025550100" not in browser.page_source
    assert "Traceback" not in center.log()


def test_doubled_and_lost_events_connect_no_second_agent(
    browser: Any, calltransfer_sandbox: Sandbox, center: CallCenter
) -> None:
    sandbox = calltransfer_sandbox
    sandbox.inject_callbacks({"copies": 1, "rate": 0.3, "seed": 1}, {"after_next": True, "rate": 0.3, "seed": 2})
    browser.get(center.url)
    ids = [sandbox.place_incoming_call(to=OURS, state="started", callback_url=center.hook) for _ in range(5)]
    for call_id in ids:
        shows(browser, call_id, "connected to Cyd")
        legs = [call for call in sandbox.calls() if call["transferred_from"] == call_id]
        assert [leg["to"] for leg in legs] == [BUSY, NO_ANSWER, ANSWERS]


def test_closed_hours_go_to_the_night_service(
    browser: Any, calltransfer_sandbox: Sandbox, tmp_path: pathlib.Path
) -> None:
    center = CallCenter(calltransfer_sandbox, tmp_path, open=[0, 0])
    try:
        browser.get(center.url)
        call_id = calltransfer_sandbox.place_incoming_call(to=OURS, state="started", callback_url=center.hook)
        shows(browser, call_id, "connected to night service")
    finally:
        center.close()


def test_request_without_the_password_starts_no_call(calltransfer_sandbox: Sandbox, center: CallCenter) -> None:
    calltransfer_sandbox.place_incoming_call(callback_url=f"{center.url}/events")
    deadline = time.monotonic() + 20
    while any(callback["state"] == "waiting" for callback in calltransfer_sandbox.callbacks()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert {callback["state"] for callback in calltransfer_sandbox.callbacks()} == {"failed"}
    assert calltransfer_sandbox.requests() == []


def lines_of(name: str) -> list[str]:
    """Lines that are neither empty nor comments."""
    lines = (line.strip() for line in (EXAMPLE / name).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_table_of_lines_is_counted() -> None:
    ours, theirs = lines_of("app.py"), lines_of("vendor_sdk.py")
    same = (Counter(ours) & Counter(theirs)).total()
    rows = re.findall(
        r"^\| .+ \| (\d+) \| (\d+) \|$", (EXAMPLE / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [(int(one), int(other)) for one, other in rows] == [
        (len(ours), len(theirs)),
        (same, same),
        (len(ours) - same, len(theirs) - same),
    ]
