"""Signals around one request: the command never says less than what was sent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from typing import Any

import pytest
from calltransfer.sandbox import Sandbox
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT, Cli
from forwarder import Forwarder

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
REQUESTS = {
    "transfer": (["transfer", "c-1", TARGET], "active"),
    "answer": (["call", "answer", "c-1"], "started"),
    "hang_up": (["call", "hang-up", "c-1"], "active"),
}


class Interrupted:
    """One command that gets a signal when the server has read its request, or its response."""

    def __init__(
        self, sandbox: Sandbox, arguments: list[str], number: signal.Signals, moment: str, delay: float = 0.0
    ) -> None:
        started = threading.Event()

        def send(_: int) -> None:
            started.wait(30)
            self._process.send_signal(number)
            time.sleep(delay)

        with Forwarder(sandbox.url, **{moment: send}) as forwarder:
            environment = {**WITHOUT_ACCOUNT, **sandbox.environment(), "CALLTRANSFER_BASE_URL": forwarder.url}
            self._process: subprocess.Popen[str] = subprocess.Popen(
                [COMMAND, *arguments, "--json", "--timeout", "60"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            started.set()
            self.out, self.err = self._process.communicate(timeout=60)
        self.code = self._process.returncode
        assert "Traceback" not in self.err, self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("delay", [0.0, 0.005, 0.02, 0.045])
def test_signal_while_response_is_near_never_reports_not_sent(
    name: str, number: signal.Signals, delay: float, sandbox: Sandbox
) -> None:
    arguments, state = REQUESTS[name]
    sandbox.place_incoming_call(call_id="c-1", state=state)
    ended = Interrupted(sandbox, arguments, number, "after", delay)
    assert len(sandbox.requests()) == 1
    if ended.code == 0:
        assert ended.json["outcome"] == "applied"
    else:
        assert (ended.code, ended.json["error"]["outcome"]) == (5, "unknown")
        assert "nothing was sent" not in ended.err


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_while_request_is_unanswered_reports_unknown(number: signal.Signals, sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    ended = Interrupted(sandbox, ["transfer", "c-1", TARGET], number, "after", 30)
    assert (ended.code, ended.json["error"]["outcome"]) == (5, "unknown")


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_before_connection_reports_not_sent(number: signal.Signals, sandbox: Sandbox) -> None:
    # The backlog of this port is full, so no connection comes about.
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
            fillers.append(filler)
        environment = {
            **WITHOUT_ACCOUNT,
            **sandbox.environment(),
            "CALLTRANSFER_BASE_URL": f"http://127.0.0.1:{server.getsockname()[1]}",
        }
        process = subprocess.Popen(
            [COMMAND, "transfer", "c-1", TARGET, "--json", "--timeout", "60"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        _until_connecting(process.pid)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        for filler in fillers:
            filler.close()
    assert (process.returncode, json.loads(out)["error"]["outcome"]) == (130, "not_sent"), err
    assert "nothing was sent" in err


def _until_connecting(pid: int) -> None:
    """Waits until the process has a socket, by then its handlers are in place."""
    folder = f"/proc/{pid}/fd"
    for _ in range(600):
        try:
            if any(os.readlink(f"{folder}/{name}").startswith("socket:") for name in os.listdir(folder)):
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("no socket after 30 s")


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("action", ["show", "check"])
def test_signal_during_read_changes_nothing(action: str, number: signal.Signals, sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    ended = Interrupted(sandbox, ["call", action, "c-1"], number, "before", 30)
    assert ended.code == {"show": 130, "check": 5}[action]
    assert "nothing was changed" in ended.err and "outcome" not in ended.err


def test_ignored_signal_stays_ignored(cli: Cli) -> None:
    cli.sandbox.place_incoming_call(call_id="c-1")
    sent: list[int] = []

    def hang_up_terminal(_: int) -> None:
        started.wait(30)
        process.send_signal(signal.SIGHUP)
        sent.append(1)

    started = threading.Event()
    with Forwarder(cli.sandbox.url, before=hang_up_terminal) as forwarder:
        environment = {**WITHOUT_ACCOUNT, **cli.sandbox.environment(), "CALLTRANSFER_BASE_URL": forwarder.url}
        process = subprocess.Popen(
            ["nohup", COMMAND, "transfer", "c-1", TARGET],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.set()
        process.communicate(timeout=60)
    assert (process.returncode, sent) == (0, [1])


@pytest.mark.parametrize("number", SIGNALS)
def test_signals_until_the_end_never_hide_the_outcome(number: signal.Signals, sandbox: Sandbox) -> None:
    for turn in range(5):
        sandbox.place_incoming_call(call_id=f"c-{turn}")
        started = threading.Event()

        def send_always(_: int) -> None:
            started.wait(30)  # noqa: B023  # called within this turn of the loop only
            threading.Thread(target=_send_until_end, args=(process, number), daemon=True).start()  # noqa: B023

        with Forwarder(sandbox.url, after=send_always) as forwarder:
            environment = {**WITHOUT_ACCOUNT, **sandbox.environment(), "CALLTRANSFER_BASE_URL": forwarder.url}
            process = subprocess.Popen(
                [COMMAND, "transfer", f"c-{turn}", TARGET, "--json"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            started.set()
            out, err = process.communicate(timeout=60)
        if out:
            said = json.loads(out)
            assert (process.returncode, said.get("outcome") or said["error"]["outcome"]) in [
                (0, "applied"),
                (5, "unknown"),
            ], err
        else:  # ended by a late third signal
            assert process.returncode == 5
        assert "Traceback" not in err


def _send_until_end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    while process.poll() is None:
        process.send_signal(number)
        time.sleep(0.0005)


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_while_a_file_is_read_reports_nothing_sent(number: signal.Signals, sandbox: Sandbox) -> None:
    process = subprocess.Popen(
        [COMMAND, "many", "-"],
        env={**WITHOUT_ACCOUNT, **sandbox.environment()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write("call_id,to\n" + f"c-1,{TARGET}\n" * 20_000)  # more than a pipe holds: it is being read
    process.stdin.flush()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and err == "calltransfer: stopped; nothing was sent\n"
    assert sandbox.requests() == []


def test_handlers_of_a_program_that_calls_main_are_given_back(
    account: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    from calltransfer.cli import main

    before = [signal.getsignal(number) for number in SIGNALS]
    assert main(["transfer", "c-1", "12"]) == 2
    assert [signal.getsignal(number) for number in SIGNALS] == before
    assert "to: " in capsys.readouterr().err
