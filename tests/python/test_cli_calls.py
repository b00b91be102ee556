"""`calltransfer calls`: the list for people, as JSON, and as the table that `many` reads."""

from __future__ import annotations

import csv
import json
import pathlib
import subprocess

import pytest
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT, Cli

CALLED = "+18385550199"
OTHER = "+18385550188"


@pytest.fixture
def placed(cli: Cli) -> Cli:
    for number in range(6):
        state = "completed" if number == 3 else "active"
        called = OTHER if number == 5 else CALLED
        cli.sandbox.place_incoming_call(call_id=f"c-{number}", from_="+19195550100", to=called, state=state)
    return cli


def test_calls_are_listed_with_numbers_masked(placed: Cli) -> None:
    reported = placed("calls", "--state", "active", "--to", CALLED)
    lines = reported.out.splitlines()
    assert reported.code == 0
    assert [line.split()[0] for line in lines] == ["c-4", "c-2", "c-1", "c-0"]
    assert lines[0].startswith("c-4  active  in  +*********00 to +*********99  20")
    assert "555" not in reported.out + reported.err


def test_numbers_are_shown_to_who_asks_for_them(placed: Cli) -> None:
    for form in ((), ("--json",), ("--csv",)):
        masked = placed("calls", *form).out
        shown = placed("calls", "--show-numbers", *form).out
        assert CALLED in shown and "+19195550100" in shown
        assert CALLED not in masked and "+*********99" in masked


def test_json_has_an_object_in_a_line(placed: Cli) -> None:
    reported = placed("calls", "--from", "+19195550100", "--to", OTHER, "--json", "--show-numbers")
    [call] = map(json.loads, reported.out.splitlines())
    assert call.pop("start_time") <= call.pop("active_time")
    assert call == {
        "call_id": "c-5",
        "from": "+19195550100",
        "called": OTHER,
        "state": "active",
        "direction": "in",
        "end_time": None,
    }


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("numbers", [(), ("--show-numbers",)])
def test_list_feeds_many(placed: Cli, tmp_path: pathlib.Path, form: str, numbers: tuple[str, ...]) -> None:
    path = tmp_path / f"calls.{'csv' if form == 'csv' else 'jsonl'}"
    reported = placed("calls", "--state", "active", "--to", CALLED, f"--{form}", "--page-size", "2", *numbers)
    path.write_text(reported.out)
    done = placed("many", str(path), "--to", TARGET)
    assert (done.code, done.err) == (0, "applied 4\n")
    posts = [request for request in placed.sandbox.requests() if request["method"] == "POST"]
    assert sorted(request["call_id"] for request in posts) == ["c-0", "c-1", "c-2", "c-4"]
    assert {json.loads(request["body"])["transferTo"] for request in posts} == {TARGET}


def test_list_is_piped_into_many(placed: Cli) -> None:
    command = f"{COMMAND} calls --state active --to {OTHER} --csv | {COMMAND} many - --to {TARGET}"
    environment = {**WITHOUT_ACCOUNT, **placed.sandbox.environment()}
    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "applied 1\n")


def test_target_of_a_line_goes_before_that_of_all(placed: Cli, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("call_id,to,called\nc-0,+18382947879,+18385550199\nc-1,,\n")
    assert placed("many", str(path), "--to", TARGET).code == 0
    posts = [request for request in placed.sandbox.requests() if request["method"] == "POST"]
    targets = {request["call_id"]: json.loads(request["body"])["transferTo"] for request in posts}
    assert targets == {"c-0": "+18382947879", "c-1": TARGET}


def test_table_without_a_target_is_refused(placed: Cli, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(placed("calls", "--csv").out)
    refused = placed("many", str(path))
    assert refused.code == 2
    assert "names no column to" in refused.err
    assert all(request["method"] == "GET" for request in placed.sandbox.requests())


def test_table_can_be_read_with_its_names(placed: Cli) -> None:
    reported = placed("calls", "--csv", "--show-numbers")
    rows = list(csv.DictReader(reported.out.splitlines()))
    assert [row["call_id"] for row in rows] == ["c-5", "c-4", "c-3", "c-2", "c-1", "c-0"]
    assert rows[2]["state"] == "completed" and rows[2]["end_time"] and not rows[1]["end_time"]


def test_empty_list_is_a_header_or_nothing(cli: Cli) -> None:
    assert cli("calls").out == ""
    assert cli("calls", "--csv").out.startswith("call_id,from,called,")


def test_list_that_breaks_off_says_so(placed: Cli) -> None:
    placed.sandbox.script(
        {"status": 200, "headers": {"Link": "<?page=1>; rel=next"}, "body": '[{"id":"c-9","state":"active"}]'},
        *[{"status": 503}] * 3,
    )
    reported = placed("calls", "--csv")
    assert reported.code == 4
    assert reported.out.splitlines()[1].startswith("c-9,")
    assert "the list was not read; nothing was changed" in reported.err
    assert "the list is not complete: it ended after 1 calls" in reported.err


def test_condition_that_cannot_be_sent_is_refused(cli: Cli) -> None:
    for arguments, field in (
        (("--state", "activ"), "state"),
        (("--from", "5550100"), "from"),
        (("--to", ""), "to"),
        (("--min-start-time", "2026-01-01"), "min_start_time"),  # v1 has none
        (("--page-size", "0"), "page_size"),
    ):
        reported = cli("calls", *arguments)
        assert (reported.code, reported.out) == (2, "")
        assert reported.err.startswith(f"calltransfer: {field}: ")
    assert cli.sandbox.requests() == []


def test_dry_run_shows_the_request_and_sends_nothing(cli: Cli) -> None:
    reported = cli("calls", "--to", CALLED, "--from", "sip:office@example.com", "--dry-run")
    assert reported.code == 0
    url = f"{cli.sandbox.url}/v1/users/u-abc123/calls?from=sip:***@example.com&to=+*********99&size=1000"
    assert reported.out == f"GET {url}\n"
    assert cli.sandbox.requests() == []
