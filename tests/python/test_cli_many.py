"""`calltransfer many`: a file of transfers, reported line by line, and gone on with after an end."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
from typing import Any

import pytest
from cli_command import COMMAND, TARGET, Cli, run

CSV = """call_id,to,caller_id,whisper_audio,whisper_audio.volume,recording_enabled,extra
c-0,+18382947878,private,"Hello, you",2,,
c-1,+18382947879,,,,true,"{""tag"": ""x""}"
"""


def jsonl(folder: pathlib.Path, count: int) -> str:
    path = folder / "calls.jsonl"
    path.write_text("".join(json.dumps({"call_id": f"c-{n}", "to": TARGET}) + "\n" for n in range(count)))
    return str(path)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_csv_is_transferred_with_its_options(tmp_path: pathlib.Path, cli: Cli) -> None:
    (tmp_path / "calls.csv").write_text(CSV)
    for call in ("c-0", "c-1"):
        cli.sandbox.place_incoming_call(call_id=call)
    reported = cli("many", str(tmp_path / "calls.csv"), "--diversion-treatment", "propagate")
    assert (reported.code, reported.out.count("the new call is"), reported.err) == (0, 2, "applied 2\n")
    bodies = {request["call_id"]: json.loads(request["body"]) for request in cli.sandbox.requests()}
    common = {"state": "transferring", "diversionTreatment": "propagate"}
    assert bodies == {
        "c-0": {
            **common,
            "transferTo": "+18382947878",
            "transferCallerId": "private",
            "whisperAudio": {"sentence": "Hello, you", "volume": 2},
        },
        "c-1": {**common, "transferTo": "+18382947879", "recordingEnabled": True, "tag": "x"},
    }


def test_failure_is_a_line_and_not_the_end(tmp_path: pathlib.Path, cli: Cli) -> None:
    for call in ("c-0", "c-2"):
        cli.sandbox.place_incoming_call(call_id=call)
    reported = cli("many", jsonl(tmp_path, 3), "--json")
    assert reported.code == 4
    assert {line["call_id"]: line["outcome"] for line in lines(reported.out)} == {
        "c-0": "applied",
        "c-1": "not_applied",
        "c-2": "applied",
    }
    assert reported.err == "applied 2, not_applied 1\n"


def test_later_run_goes_on_where_the_last_one_ended(tmp_path: pathlib.Path, cli: Cli) -> None:
    file, results = jsonl(tmp_path, 6), tmp_path / "results.jsonl"
    for number in range(6):
        cli.sandbox.place_incoming_call(call_id=f"c-{number}")
    results.write_text(
        '{"call_id": "c-0", "outcome": "applied"}\n{"call_id": "c-1", "outcome": "unknown"}\n'
        '{"call_id": "c-2", "outcome": "not_sent"}\n{"call_id": "c-3", "outc'  # killed here
    )
    reported = cli("many", file, "--results", str(results))
    assert {request["call_id"] for request in cli.sandbox.requests()} == {"c-2", "c-4", "c-5"}
    assert reported.code == 5, "an unknown outcome of an earlier run is still unknown"
    assert reported.err.startswith(
        "3 of 6 ended in an earlier run and aren't sent again\n2 of them may have been transferred: c-1, c-3; "
    )
    assert reported.err.endswith("\napplied 3\n")
    assert cli("many", file, "--results", str(results)).err.endswith("nothing to do\n")
    assert len(cli.sandbox.requests()) == 3


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "id,to\nc-1,+18382947878\n", "line 1: 'id' is not the name of a column"),
        ("a.csv", "call_id,to\nc-1\n", "\n  line 2: the number of cells is 1, but the first line names 2 columns"),
        ("a.csv", "call_id,to\nc-1,+18382947878\nc-2,8382947878\n", "\n  line 3: to: "),
        ("a.csv", "call_id,to,callerId\nc-1,+18382947878,private\n", "did you mean caller_id?"),
        (
            "a.csv",
            "call_id,to\nc-1,+18382947878\nc-1,+18382947878\n",
            "\n  line 3: call_id: is the same call as in line 2",
        ),
        ("a.jsonl", '{"call_id": "c-1"}\n', "\n  line 1: to: is missing"),
        ("a.jsonl", "[1]\n", "\n  line 1: is not a JSON object"),
        ("a.txt", "", "file: "),
    ],
)
def test_wrong_row_is_named_before_anything_is_sent(
    name: str, text: str, said: str, tmp_path: pathlib.Path, cli: Cli
) -> None:
    (tmp_path / name).write_text(text)
    reported = cli("many", str(tmp_path / name))
    assert (reported.code, reported.out) == (2, "")
    assert said in reported.err and "8382947878" not in reported.err
    assert cli.sandbox.requests() == []


def test_dry_run_shows_each_request_redacted(tmp_path: pathlib.Path, cli: Cli) -> None:
    results = tmp_path / "results.jsonl"
    (tmp_path / "calls.csv").write_text(f"call_id,to\nc-0,{TARGET}\n\nc-1,sip:ann@example.com\n")
    reported = cli("many", str(tmp_path / "calls.csv"), "--dry-run", "--results", str(results))
    assert (reported.code, reported.err) == (0, "2 transfers are ready; nothing was sent\n")
    assert reported.out.splitlines()[0] == ('line 2: c-0: POST {"state": "transferring", "transferTo": "+*********78"}')
    assert reported.out.splitlines()[1].startswith("line 4: c-1: POST ") and "ann@" not in reported.out
    as_json = cli("many", str(tmp_path / "calls.csv"), "--dry-run", "--json")
    first = lines(as_json.out)[0]
    assert first.pop("url").endswith("/calls/c-0")
    body = {"state": "transferring", "transferTo": "+*********78"}
    assert first == {"dry_run": True, "line": 2, "call_id": "c-0", "method": "POST", "body": body}
    assert not results.exists()
    assert cli.sandbox.requests() == []


def test_dry_run_leaves_out_transfers_of_an_earlier_run(tmp_path: pathlib.Path, cli: Cli) -> None:
    results = tmp_path / "results.jsonl"
    results.write_text('{"call_id": "c-0", "outcome": "applied"}\n{"state": "begun", "call_id": "c-2"}')
    before = results.read_bytes()
    reported = cli("many", jsonl(tmp_path, 4), "--dry-run", "--results", str(results))
    assert [line.split(": ")[1] for line in reported.out.splitlines()] == ["c-1", "c-3"]
    assert reported.err == (
        "2 of 4 ended in an earlier run and wouldn't be sent again\n2 transfers are ready; nothing was sent\n"
    )
    assert results.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="NO PIPES WITH NAMES ON THIS SYSTEM")
def test_dry_run_waits_for_no_pipe(tmp_path: pathlib.Path, cli: Cli) -> None:
    os.mkfifo(tmp_path / "results.jsonl")
    reported = cli("many", jsonl(tmp_path, 1), "--dry-run", "--results", str(tmp_path / "results.jsonl"))
    assert reported.code == 2 and "is not a regular file" in reported.err


def test_dry_run_of_v2_shows_redacted_bxml(tmp_path: pathlib.Path, cli: Cli) -> None:
    reported = run("many", jsonl(tmp_path, 1), "--dry-run", environment=cli.sandbox.environment("v2"))
    assert reported.code == 0 and reported.out.startswith("line 1: c-0: PUT <?xml")
    assert "8382947878" not in reported.out and "<PhoneNumber>" in reported.out


def test_progress_is_shown_where_it_is_wanted(tmp_path: pathlib.Path, cli: Cli) -> None:
    for number in range(3):
        cli.sandbox.place_incoming_call(call_id=f"c-{number}")
    reported = cli("many", jsonl(tmp_path, 3), "--progress", "--concurrency", "2", "--rate", "1000")
    assert "] 3/3  applied 3" in reported.err


def test_ctrl_c_begins_no_more_and_reports_each_that_was_begun(tmp_path: pathlib.Path, cli: Cli) -> None:
    for number in range(400):
        cli.sandbox.place_incoming_call(call_id=f"c-{number}")
    command = [COMMAND, "many", jsonl(tmp_path, 400), "--json", "--rate", "50", "--concurrency", "4"]
    environment = {**os.environ, **cli.sandbox.environment()}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=30)
    reported = lines(first + rest)
    assert process.returncode == 3 and "Traceback" not in err
    assert len(reported) < 400 and f"{400 - len(reported)} not begun" in err
    assert {line["call_id"] for line in reported} == {r["call_id"] for r in cli.sandbox.requests()}
