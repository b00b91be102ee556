"""`calltransfer evacuate`: all live calls in one run. The sandbox's record is the judge."""

from __future__ import annotations

import collections
import json
import pathlib

from cli_command import TARGET, Cli

CALLED = "+18385550199"


def posts(cli: Cli) -> collections.Counter[str]:
    return collections.Counter(r["call_id"] for r in cli.sandbox.requests() if r["method"] == "POST")


def place(cli: Cli, *call_ids: str, to: str = CALLED, state: str = "active") -> None:
    for call_id in call_ids:
        cli.sandbox.place_incoming_call(call_id=call_id, to=to, state=state)


def test_live_calls_are_transferred_once(cli: Cli, ledger: str) -> None:
    place(cli, "c-1", "c-2")
    place(cli, "c-other", to="+18385550111")
    place(cli, "c-ringing", state="started")
    command = ("evacuate", "--to", TARGET, "--called", CALLED, "--run", ledger, "--caller-id", "private")
    first = cli(*command)
    assert (first.code, first.err) == (0, "2 rows added\napplied 2\n")
    place(cli, "c-3")
    again = cli(*command)
    assert again.code == 0 and "1 row added" in again.err
    assert posts(cli) == {"c-1": 1, "c-2": 1, "c-3": 1}
    bodies = [json.loads(r["body"]) for r in cli.sandbox.requests() if r["method"] == "POST"]
    assert {body["transferCallerId"] for body in bodies} == {"private"}


def test_dry_run_counts_the_calls_and_sends_nothing(cli: Cli, ledger: str) -> None:
    place(cli, "c-1", "c-2")
    reported = cli("evacuate", "--to", TARGET, "--run", ledger, "--dry-run")
    assert (reported.code, reported.out) == (0, "2 calls would be transferred; nothing was sent\n")
    assert not posts(cli) and not pathlib.Path(ledger).exists()


def test_incomplete_list_sends_nothing(cli: Cli, ledger: str) -> None:
    place(cli, "c-1")
    cli.sandbox.script({"status": 403, "body": "{}"})
    reported = cli("evacuate", "--to", TARGET, "--run", ledger, "--max-retries", "0")
    assert reported.code == 4
    assert "nothing was sent, because the list of live calls is not complete" in reported.err
    assert not posts(cli)


def test_invalid_target_is_refused_before_the_list_is_read(cli: Cli, ledger: str) -> None:
    reported = cli("evacuate", "--to", "12", "--run", ledger)
    assert reported.code == 2
    assert not cli.sandbox.requests()
