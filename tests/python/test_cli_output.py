"""Output that can't be written: the exit code stays that of the outcome, and standard error has the words."""

from __future__ import annotations

import json
import os
import shlex
import subprocess

import pytest
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT, Cli, CommandResult

REQUESTS = {
    "transfer": (["transfer", "c-1", TARGET], "active", 0, "transferred c-1: the new call is "),
    "answer": (["call", "answer", "c-1"], "started", 0, "answered c-1"),
    "hang_up": (["call", "hang-up", "c-1"], "active", 0, "ended c-1"),
    "check": (["call", "check", "c-1"], "active", 4, "not_applied: "),
    "unknown call": (["transfer", "c-none", TARGET], "active", 4, "outcome not_applied"),
}


def shell(cli: Cli, script: str, *arguments: str, encoding: str = "utf-8") -> CommandResult:
    environment = {**WITHOUT_ACCOUNT, **cli.sandbox.environment(), "PYTHONIOENCODING": encoding}
    command = script.replace("COMMAND", shlex.join([COMMAND, *arguments]))
    return CommandResult(
        subprocess.run(
            ["bash", "-c", command], env=environment, capture_output=True, encoding=encoding, timeout=60, check=False
        )
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="NO /dev/full ON THIS MACHINE")
@pytest.mark.parametrize("script", ["COMMAND > /dev/full", "COMMAND >&-", "COMMAND | true; exit ${PIPESTATUS[0]}"])
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("name", REQUESTS)
def test_broken_output_keeps_outcome_and_words(name: str, as_json: bool, script: str, cli: Cli) -> None:
    arguments, state, code, words = REQUESTS[name]
    cli.sandbox.place_incoming_call(call_id="c-1", state=state)
    reported = shell(cli, script, *arguments, *(["--json"] if as_json else []))
    assert reported.code == code
    if as_json and script != "COMMAND | true; exit ${PIPESTATUS[0]}":  # a pipe's reader may end after the write
        shown = next(json.loads(line) for line in reported.err.splitlines() if line.startswith("{"))
        assert (shown.get("outcome") or shown["error"]["outcome"]) == ("applied" if code == 0 else "not_applied")
    elif not as_json and "PIPESTATUS" not in script:
        assert words in reported.err
    assert "Exception ignored" not in reported.err
    assert len(cli.sandbox.requests()) == 1


@pytest.mark.parametrize(
    "script", ["COMMAND 2> /dev/full", "COMMAND 2>&-", "COMMAND > /dev/full 2>&1", "COMMAND >&- 2>&-"]
)
def test_broken_standard_error_keeps_the_exit_code(script: str, cli: Cli) -> None:
    cli.sandbox.place_incoming_call(call_id="c-1")
    assert shell(cli, script, "transfer", "c-none", TARGET).code == 4
    assert shell(cli, script, "transfer", "c-1", TARGET).code == 0


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_words_that_the_encoding_lacks_keep_the_exit_code(encoding: str, cli: Cli) -> None:
    words = "na\u00efve \u4e2d\u6587 \U0001f600"
    reply = {"status": 403, "headers": {"Content-Type": "application/json"}, "body": json.dumps({"message": words})}
    cli.sandbox.script(reply, reply)
    environment = {**WITHOUT_ACCOUNT, **cli.sandbox.environment(), "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [COMMAND, "transfer", "c-1", TARGET, "--json"], env=environment, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 4
    assert json.loads(done.stdout.decode(encoding))["error"]["platform_message"] == words
    assert shell(cli, "COMMAND", "transfer", "c-1", TARGET, encoding=encoding).code == 4


def test_broken_output_of_reading_command_exits_with_1(cli: Cli) -> None:
    reported = shell(cli, "COMMAND > /dev/full", "payload", "c-1", TARGET)
    assert (reported.code, "standard output can't be written" in reported.err) == (1, True)
    assert shell(cli, "COMMAND > /dev/full", "--help").code == 0


def test_error_of_a_read_says_nothing_about_a_transfer(cli: Cli) -> None:
    reported = cli("call", "show", "c-none")
    assert reported.code == 4
    assert reported.err.endswith("the call was not read; nothing was changed\n") and "outcome" not in reported.err


def test_check_that_fails_leaves_the_outcome_unknown(cli: Cli) -> None:
    reported = cli("call", "check", "c-1", "--base-url", "http://127.0.0.1:1", "--max-retries", "0")
    assert reported.code == 5 and "nothing was sent" not in reported.err
