"""`calltransfer transfer --wait`: the transfer is followed, and the exit code says whether a target answered."""

from __future__ import annotations

import json

import pytest
from calltransfer.cli import _exit_codes
from cli_command import Cli

ANSWERS, BUSY, WAITS = "+12025550101", "+12025550110", "+12025550104"


@pytest.mark.parametrize(("number", "code", "result"), [(ANSWERS, 0, "answered"), (BUSY, 6, "busy")])
def test_wait_answered_says_who_answered(cli: Cli, number: str, code: int, result: str) -> None:
    call_id = cli.sandbox.place_incoming_call()
    done = cli("transfer", call_id, number, "--wait", "answered", "--json")
    made, status = map(json.loads, done.out.splitlines())
    assert (done.code, made["outcome"], status["result"]) == (code, "applied", result)
    assert status["evidence"] and status["new_call_id"] == made["new_call_id"]


def test_wait_that_is_over_says_what_is_missing(cli: Cli) -> None:
    call_id = cli.sandbox.place_incoming_call()
    done = cli("transfer", call_id, WAITS, "--wait", "answered", "--wait-timeout", "0.3")
    assert done.code == _exit_codes.NOT_ANSWERED
    assert "unknown: the time for following is over" in done.out


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        ("-1", "must be 0 to 7 days, got -1s"),
        ("nan", "must be 0 to 7 days, got NaN"),
        ("604801", "must be 0 to 7 days, got 604801s"),
        ("soon", "expected a number of seconds, got 'soon'"),
    ],
)
def test_wrong_wait_timeout_sends_nothing(cli: Cli, seconds: str, reason: str) -> None:
    call_id = cli.sandbox.place_incoming_call()
    done = cli("transfer", call_id, BUSY, "--wait", "answered", f"--wait-timeout={seconds}")
    assert done.code == _exit_codes.USAGE
    assert f"wait_timeout: {reason}" in done.err
    assert cli.sandbox.requests() == []
