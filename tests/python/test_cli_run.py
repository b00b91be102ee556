"""`calltransfer many --run` and `calltransfer run …`, as programs. The sandbox's record is the judge."""

from __future__ import annotations

import collections
import csv
import io
import json
import pathlib
import signal
import subprocess
import time
from typing import Any

import pytest
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT, Cli


def calls(folder: pathlib.Path, count: int, **more: Any) -> str:
    path = folder / "calls.jsonl"
    path.write_text("".join(json.dumps({"call_id": f"c-{n}", "to": TARGET, **more}) + "\n" for n in range(count)))
    return str(path)


def place(cli: Cli, count: int) -> None:
    for number in range(count):
        cli.sandbox.place_incoming_call(call_id=f"c-{number}")


def posts(cli: Cli) -> collections.Counter[str]:
    return collections.Counter(r["call_id"] for r in cli.sandbox.requests() if r["method"] == "POST")


def start(cli: Cli, *arguments: str) -> subprocess.Popen[str]:
    environment = {**WITHOUT_ACCOUNT, **cli.sandbox.environment()}
    return subprocess.Popen(
        [COMMAND, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_lines_of_a_file_become_a_run_and_are_sent_once(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    place(cli, 5)
    file = calls(tmp_path, 5, caller_id="private")
    reported = cli("many", file, "--run", ledger, "--rate", "100")
    assert (reported.code, reported.out, reported.err) == (0, "", "5 rows added\napplied 5\n")
    again = cli("many", file, "--run", ledger)
    assert (again.code, again.err) == (0, "0 rows added, 5 already in the run\napplied 5\n")
    assert set(posts(cli).values()) == {1} and len(posts(cli)) == 5
    assert json.loads(cli.sandbox.requests()[0]["body"])["transferCallerId"] == "private"


def test_each_outcome_is_a_line_of_json(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    place(cli, 2)
    reported = cli("many", calls(tmp_path, 3), "--run", ledger, "--json")
    rows = {row["call_id"]: row for row in map(json.loads, reported.out.splitlines())}
    assert {call_id: row["outcome"] for call_id, row in rows.items()} == {
        "c-0": "applied",
        "c-1": "applied",
        "c-2": "not_applied",
    }
    assert rows["c-0"]["new_call_id"] and rows["c-2"]["error_kind"] == "call_not_found"
    assert reported.code == 4


def test_run_is_shown_without_an_account(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    place(cli, 2)
    cli("many", calls(tmp_path, 3), "--run", ledger, "--rate", "50")
    shown = run("run", "show", ledger)
    assert shown.code == 0 and "  applied              2\n" in shown.out and "0 workers; 50 per second" in shown.out
    assert "c-2: not_applied:" in shown.out and "8382947878" not in shown.out
    fields = run("run", "show", ledger, "--json").json
    assert (fields["applied"], fields["not_applied"], fields["total"], fields["api"]) == (2, 1, 3, "v1")


def run(*arguments: str) -> Any:
    from cli_command import run as without_account

    return without_account(*arguments)


def test_run_that_is_not_there_is_not_made(cli: Cli, ledger: str) -> None:
    for action in ("show", "resume", "work", "check", "stop", "export"):
        reported = cli("run", action, ledger)
        assert reported.code == 2 and "does not exist" in reported.err
    assert not pathlib.Path(ledger).exists()


@pytest.mark.parametrize("is_json", [False, True])
def test_rows_are_exported_with_numbers_redacted(tmp_path: pathlib.Path, cli: Cli, ledger: str, is_json: bool) -> None:
    place(cli, 1)
    cli("many", calls(tmp_path, 2, caller_id="+19195551212"), "--run", ledger)
    how = ("--json",) if is_json else ()

    def rows(*more: str) -> list[dict[str, Any]]:
        out = run("run", "export", ledger, *how, *more).out
        return [json.loads(line) for line in out.splitlines()] if is_json else list(csv.DictReader(io.StringIO(out)))

    assert [(row["call_id"], row["state"]) for row in rows()] == [("c-0", "applied"), ("c-1", "not_applied")]
    assert [row["call_id"] for row in rows("--state", "not_applied", "--state", "unknown")] == ["c-1"]
    shown = str(rows())
    assert "8382947878" not in shown and "9195551212" not in shown
    whole = rows("--show-numbers")[0]
    options = whole["options"] if is_json else json.loads(whole["options"])
    assert (whole["to"], options) == (TARGET, {"caller_id": "+19195551212"})


def test_dry_run_sends_nothing_and_makes_no_ledger(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    reported = cli("many", calls(tmp_path, 2), "--run", ledger, "--dry-run")
    assert reported.code == 0 and reported.err == "2 transfers are ready; nothing was sent\n"
    assert not pathlib.Path(ledger).exists() and not cli.sandbox.requests()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--results", "done.jsonl"), "run: can't be used with --results"),
        (("--rate", "2000000"), "rate: must be 0.001 to 1,000,000 per second"),
        (("--deadline", "31d"), "deadline: must be greater than 0 and at most 30 days"),
        (("--deadline", "soon"), "expected a time such as 90s, 15m, 2h or 1d, got 'soon'"),
        (("--concurrency", "0"), "concurrency: must be 1 to 10,000, got 0"),
    ],
)
def test_invalid_options_of_a_run_are_refused(
    tmp_path: pathlib.Path, cli: Cli, ledger: str, arguments: tuple[str, ...], said: str
) -> None:
    place(cli, 1)
    reported = cli("many", calls(tmp_path, 1), "--run", ledger, *arguments)
    assert reported.code == 2 and said in reported.err and not cli.sandbox.requests()


def test_options_of_a_run_need_one(tmp_path: pathlib.Path, cli: Cli) -> None:
    for option in ("--deadline", "--name"):
        assert "can only be used with --run PLACE" in cli("many", calls(tmp_path, 1), option, "5").err


def test_line_that_differs_from_its_row_is_refused(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    place(cli, 3)
    cli("many", calls(tmp_path, 2), "--run", ledger)
    reported = cli("many", calls(tmp_path, 3, caller_id="private"), "--run", ledger)
    assert reported.code == 2 and "line 2: c-1: call_id: is in the run already" in reported.err
    assert "line 3" not in reported.err and "c-2" not in posts(cli)


def test_second_process_joins_the_run(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    place(cli, 60)
    file = calls(tmp_path, 60)
    both = [start(cli, "many", file, "--run", ledger, "--rate", "40", "--name", f"w{number}") for number in (1, 2)]
    for process in both:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0 and err.endswith("applied 60\n"), out + err
    assert len(posts(cli)) == 60 and set(posts(cli).values()) == {1}


def test_stop_ends_a_worker_elsewhere_and_resume_goes_on(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    place(cli, 60)
    process = start(cli, "many", calls(tmp_path, 60), "--run", ledger, "--rate", "20")
    while not posts(cli):
        time.sleep(0.01)
    assert run("run", "stop", ledger).code == 0
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3 and "calltransfer run resume" in err, err
    left = 60 - len(posts(cli))
    assert left > 0 and cli("run", "work", ledger).code == 0 and len(posts(cli)) == 60 - left
    assert cli("run", "resume", ledger).code == 0
    assert len(posts(cli)) == 60 and set(posts(cli).values()) == {1}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_begins_no_more_and_the_same_command_goes_on(
    tmp_path: pathlib.Path, cli: Cli, ledger: str, number: signal.Signals
) -> None:
    place(cli, 60)
    file = calls(tmp_path, 60)
    process = start(cli, "many", file, "--run", ledger, "--rate", "20")
    while not posts(cli):
        time.sleep(0.01)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    fields = run("run", "show", ledger, "--json").json
    assert process.returncode == 3 and "Traceback" not in err
    assert fields["applied"] == len(posts(cli)) < 60 and fields["sending"] == fields["unknown"] == 0
    assert cli("many", file, "--run", ledger).code == 0
    assert len(posts(cli)) == 60 and set(posts(cli).values()) == {1}


def test_check_and_retry_after_a_broken_connection(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    place(cli, 2)
    cli.sandbox.inject(
        {"cut_after": 0, "reset": True, "call_id": "c-0"},
        {"cut_after": 0, "reset": True, "call_id": "c-1", "applied": False},
    )
    sent = cli("many", calls(tmp_path, 2), "--run", ledger)
    assert sent.code == 5 and "2 may have been transferred; to look at them: calltransfer run check" in sent.err
    refused = run("run", "retry", ledger, "unknown")
    assert refused.code == 2 and "check the run first" in refused.err
    checked = cli("run", "check", ledger, "--json")
    assert (checked.json["applied"], checked.json["not_applied"], checked.code) == (1, 1, 0), checked.out
    again = run("run", "retry", ledger, "not_applied", "--json")
    assert (again.json, again.code) == ({"planned": 1, "refused": []}, 0)
    assert cli("run", "resume", ledger).code == 0
    assert posts(cli) == {"c-0": 1, "c-1": 2}


def test_many_with_check_looks_at_what_is_unknown(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    place(cli, 2)
    cli.sandbox.inject({"cut_after": 0, "reset": True})
    reported = cli("many", calls(tmp_path, 2), "--run", ledger, "--check")
    assert reported.code == 0 and "checked: 1 applied" in reported.out


def test_password_of_a_url_is_shown_nowhere(tmp_path: pathlib.Path, cli: Cli) -> None:
    url = "postgresql://user:s-pass@127.0.0.1:1/evac"
    for arguments in (("many", calls(tmp_path, 1), "--run", url), ("run", "show", url), ("run", "resume", url)):
        reported = cli(*arguments)
        assert reported.code == 2 and "s-pass" not in reported.out + reported.err


def test_output_that_cannot_be_written_loses_no_outcome(tmp_path: pathlib.Path, cli: Cli, ledger: str) -> None:
    place(cli, 60)
    process = start(cli, "many", calls(tmp_path, 60), "--run", ledger, "--rate", "20", "--json")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(60) == 3 and "standard output can't be written" in err
    assert run("run", "show", ledger, "--json").json["applied"] == len(posts(cli)) < 60
