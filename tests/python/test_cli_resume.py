"""`calltransfer many --results`: however a run ends, repeated runs send no call twice.

The judge is the sandbox's record of requests.
"""

from __future__ import annotations

import collections
import json
import os
import pathlib
import resource
import signal
import stat
import subprocess
import threading
import time
from typing import Any

import pytest
from calltransfer.sandbox import Sandbox
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT, Cli
from forwarder import Forwarder

COUNT = 60


def jsonl(folder: pathlib.Path, count: int = COUNT) -> str:
    path = folder / "calls.jsonl"
    path.write_text("".join(json.dumps({"call_id": f"c-{n}", "to": TARGET}) + "\n" for n in range(count)))
    return str(path)


def place(sandbox: Sandbox, count: int = COUNT) -> None:
    for number in range(count):
        sandbox.place_incoming_call(call_id=f"c-{number}")


def posted_twice(sandbox: Sandbox) -> list[str]:
    counts = collections.Counter(r["call_id"] for r in sandbox.requests() if r["method"] == "POST")
    return [call_id for call_id, count in counts.items() if count > 1]


def start(sandbox: Sandbox, url: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    environment = {**WITHOUT_ACCOUNT, **sandbox.environment(), "CALLTRANSFER_BASE_URL": url}
    return subprocess.Popen(
        [COMMAND, "many", *arguments],
        env={**environment, **options.pop("environment", {})},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options},
    )


def run_and_signal(
    sandbox: Sandbox, number: signal.Signals, moment: str, at: int, *arguments: str
) -> tuple[int, str, str]:
    """One run, which gets a signal at this request, before or after the sandbox has it."""
    started = threading.Event()

    def send(request: int) -> None:
        if request == at:
            started.wait(30)
            process.send_signal(number)

    with Forwarder(sandbox.url, **{moment: send}) as forwarder:
        process = start(sandbox, forwarder.url, *arguments)
        started.set()
        out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize(
    ("moment", "at"), [("before", 1), ("after", 1), ("before", 25), ("after", 25), ("after", COUNT)]
)
def test_run_stopped_by_signal_resumes_without_repeats(
    number: signal.Signals, moment: str, at: int, tmp_path: pathlib.Path, cli: Cli
) -> None:
    place(cli.sandbox)
    results = tmp_path / "done.jsonl"
    arguments = [jsonl(tmp_path), "--results", str(results)]
    code, _, err = run_and_signal(cli.sandbox, number, moment, at, *arguments)
    if number == signal.SIGKILL:
        assert code == -signal.SIGKILL
    else:
        assert code == (3 if "not begun" in err else 0), err
    reported = cli("many", *arguments)
    assert posted_twice(cli.sandbox) == []
    posted = {request["call_id"] for request in cli.sandbox.requests()}
    unknown = COUNT - len(posted)
    if number == signal.SIGKILL:
        assert reported.code in (0, 5)
        assert unknown <= 16
    else:
        assert (reported.code, unknown) == (0, 0), reported.err
    cli("many", *arguments)
    assert posted_twice(cli.sandbox) == []


def test_killed_run_names_each_unknown_call(tmp_path: pathlib.Path, cli: Cli) -> None:
    place(cli.sandbox, 3)
    arguments = [jsonl(tmp_path, 3), "--results", str(tmp_path / "done.jsonl"), "--concurrency", "1"]
    run_and_signal(cli.sandbox, signal.SIGKILL, "after", 2, *arguments)
    reported = cli("many", *arguments)
    assert reported.code == 5
    assert "1 of them may have been transferred: c-1; look at each (calltransfer call check CALL_ID)" in reported.err
    assert [request["call_id"] for request in cli.sandbox.requests()] == ["c-0", "c-1", "c-2"]
    checked = cli("many", *arguments, "--check")
    assert checked.code == 0 and "c-1: applied" in checked.err
    assert cli("many", *arguments).code == 0
    assert posted_twice(cli.sandbox) == []


def test_second_signal_ends_transfers_with_their_outcomes(tmp_path: pathlib.Path, cli: Cli) -> None:
    place(cli.sandbox, 4)
    released, started = threading.Event(), threading.Event()

    def hold(request: int) -> None:
        if request == 2:
            started.wait(30)
            process.send_signal(signal.SIGTERM)
            threading.Timer(0.3, lambda: process.send_signal(signal.SIGTERM)).start()
        released.wait(60)

    with Forwarder(cli.sandbox.url, after=hold) as forwarder:
        process = start(
            cli.sandbox,
            forwarder.url,
            jsonl(tmp_path, 4),
            "--results",
            str(tmp_path / "done.jsonl"),
            "--concurrency",
            "2",
            "--timeout",
            "100",
        )
        started.set()
        _, err = process.communicate(timeout=60)
        released.set()
    assert process.returncode == 5 and "unknown 2; 2 not begun" in err
    lines = [json.loads(line) for line in (tmp_path / "done.jsonl").read_text().splitlines()]
    assert collections.Counter(line.get("outcome", "begun") for line in lines) == {"begun": 2, "unknown": 2}


def test_full_results_file_stops_before_the_next_transfer(tmp_path: pathlib.Path, cli: Cli) -> None:
    place(cli.sandbox)
    results = tmp_path / "done.jsonl"
    arguments = [jsonl(tmp_path), "--results", str(results)]
    limit = 2500
    process = start(
        cli.sandbox,
        cli.sandbox.url,
        *arguments,
        "--concurrency",
        "4",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    _, err = process.communicate(timeout=60)
    sent = {request["call_id"] for request in cli.sandbox.requests()}
    assert process.returncode in (3, 5) and "Traceback" not in err
    assert "can't be written: File too large" in err
    begun = {json.loads(line)["call_id"] for line in results.read_text().splitlines()}
    assert sent <= begun and len(sent) < COUNT
    shown = {json.loads(line)["call_id"] for line in err.splitlines() if line.startswith("{")}
    recorded = {line["call_id"] for line in map(json.loads, results.read_text().splitlines()) if "outcome" in line}
    assert recorded | shown == sent
    cli("many", *arguments)
    assert posted_twice(cli.sandbox) == []
    assert {request["call_id"] for request in cli.sandbox.requests()} == {f"c-{number}" for number in range(COUNT)}


def test_second_process_on_the_same_results_is_refused(tmp_path: pathlib.Path, cli: Cli) -> None:
    place(cli.sandbox, 2)
    results = str(tmp_path / "done.jsonl")
    link = tmp_path / "link.jsonl"
    arguments = [jsonl(tmp_path, 2), "--results"]
    refused = []

    def run_again(request: int) -> None:
        if request == 1:
            link.symlink_to(results)
            refused.extend([cli("many", *arguments, results), cli("many", *arguments, str(link))])

    with Forwarder(cli.sandbox.url, before=run_again) as forwarder:
        process = start(cli.sandbox, forwarder.url, *arguments, results)
        process.communicate(timeout=120)
    assert process.returncode == 0
    assert [reported.code for reported in refused] == [2, 2]
    assert all("results: " in reported.err and "is in use by another process" in reported.err for reported in refused)
    assert len(cli.sandbox.requests()) == 2
    assert cli("many", *arguments, results).code == 0


TORN = [
    ('{"call_id": "c-0", "outc', {"c-1", "c-2"}, 5),
    ('{"new_call_id": "c-77fe", "call_id": "c-1", "http', {"c-0", "c-2"}, 5),
    ('{"state": "begun", "call_id": "c-', {"c-0", "c-1", "c-2"}, 0),
    ('{"state": "begun", "call_id": "c-2"', {"c-0", "c-1"}, 5),
    ('{"state": "begun", "call_id": "c-0"}\n{"call_i', {"c-1", "c-2"}, 5),
    ('{"call_id": "c-1", "outcome": "applied"}', {"c-0", "c-2"}, 0),
    ('{"call_id": "c-1", "outcome": "some word"}\n', {"c-0", "c-2"}, 5),
]


@pytest.mark.parametrize(("text", "sent", "code"), TORN)
def test_torn_line_is_never_sent_again(text: str, sent: set[str], code: int, tmp_path: pathlib.Path, cli: Cli) -> None:
    place(cli.sandbox, 3)
    results = tmp_path / "done.jsonl"
    results.write_text(text)
    reported = cli("many", jsonl(tmp_path, 3), "--results", str(results))
    assert {request["call_id"] for request in cli.sandbox.requests()} == sent
    assert reported.code == code, reported.err
    again = cli("many", jsonl(tmp_path, 3), "--results", str(results))
    assert (again.code, len(cli.sandbox.requests())) == (code, len(sent))


@pytest.mark.parametrize(
    "text",
    ['{"call_id": "c-77fe', '{"call_id": "c-', "{", "hello\n", '{"call_id": "c-1", "to": "x"}\n', "[]\n", "\0\0\0"],
)
def test_file_that_is_not_of_results_is_refused(text: str, tmp_path: pathlib.Path, cli: Cli) -> None:
    results = tmp_path / "done.jsonl"
    results.write_text(text)
    reported = cli("many", jsonl(tmp_path, 3), "--results", str(results))
    assert reported.code == 2 and "results: " in reported.err and "line 1 " in reported.err
    assert cli.sandbox.requests() == [] and results.read_text() == text


def test_results_folder_or_input_file_is_refused_by_name(tmp_path: pathlib.Path, cli: Cli) -> None:
    file = jsonl(tmp_path, 2)
    before = pathlib.Path(file).read_text()
    link = tmp_path / "same.jsonl"
    link.symlink_to(file)
    for path, said in [
        (str(tmp_path), "is a folder"),
        (file, "is the file of transfers itself"),
        (str(link), "is the file of transfers itself"),
        ("/dev/null", "is not a regular file"),
        (str(tmp_path / "none" / "x.jsonl"), "can't be written"),
    ]:
        reported = cli("many", file, "--results", path)
        assert (reported.code, reported.out) == (2, "") and f"results: {path!r} {said}" in reported.err
    assert pathlib.Path(file).read_text() == before and cli.sandbox.requests() == []


def test_new_results_file_is_readable_for_its_owner_only(tmp_path: pathlib.Path, cli: Cli) -> None:
    place(cli.sandbox, 1)
    cli("many", jsonl(tmp_path, 1), "--results", str(tmp_path / "done.jsonl"))
    assert stat.S_IMODE((tmp_path / "done.jsonl").stat().st_mode) == 0o600


def broken_output(kind: str) -> dict[str, Any]:
    if kind == "full disk":
        return {"stdout": open("/dev/full", "w")}
    if kind == "closed":
        return {"stdout": None, "preexec_fn": lambda: os.close(1)}
    return {"stdout": subprocess.PIPE}


@pytest.mark.parametrize("kind", ["full disk", "closed", "head"])
@pytest.mark.parametrize("with_results", [True, False], ids=["results", "no results"])
def test_broken_output_begins_no_more_and_loses_no_outcome(
    kind: str, with_results: bool, tmp_path: pathlib.Path, cli: Cli
) -> None:
    place(cli.sandbox, 200)
    results = tmp_path / "done.jsonl"
    arguments = [jsonl(tmp_path, 200), "--json", *(["--results", str(results)] if with_results else [])]
    process = start(cli.sandbox, cli.sandbox.url, *arguments, "--rate", "200", **broken_output(kind))
    first = ""
    if kind == "head":
        assert process.stdout is not None
        first = process.stdout.readline()
        process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    assert process.wait(60) == 3 and "Traceback" not in err
    assert "standard output can't be written" in err
    sent = {request["call_id"] for request in cli.sandbox.requests()}
    assert len(sent) < 200
    if with_results:
        recorded = [json.loads(line) for line in results.read_text().splitlines()]
        assert {line["call_id"] for line in recorded if line.get("outcome") == "applied"} == sent
        assert cli("many", *arguments).code == 0
        assert posted_twice(cli.sandbox) == []
        assert len(cli.sandbox.requests()) == 200
    else:
        shown = [json.loads(line)["call_id"] for line in [first, *err.splitlines()] if line.startswith("{")]
        assert set(shown) == sent


def test_third_signal_ends_a_run_whose_output_is_not_read(tmp_path: pathlib.Path, cli: Cli) -> None:
    place(cli.sandbox, 600)
    arguments = [jsonl(tmp_path, 600), "--json", "--results", str(tmp_path / "done.jsonl")]
    process = start(cli.sandbox, cli.sandbox.url, *arguments)
    counts = [-1, 0]
    while counts[-1] != counts[-2] or counts[-1] == 0:  # the pipe is full when nothing more is sent
        time.sleep(1)
        counts.append(len(cli.sandbox.requests()))
    assert counts[-1] < 600
    while process.poll() is None:
        process.send_signal(signal.SIGTERM)
        time.sleep(1)
    process.communicate(timeout=60)
    assert process.returncode == 5
    cli("many", *arguments)
    assert posted_twice(cli.sandbox) == []


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_words_that_the_output_lacks_stop_no_batch(encoding: str, cli: Cli, tmp_path: pathlib.Path) -> None:
    words = "na\u00efve \u4e2d\u6587 \U0001f600"
    reply = {"status": 403, "headers": {"Content-Type": "application/json"}, "body": json.dumps({"message": words})}
    cli.sandbox.script(*[reply] * 3)
    process = start(
        cli.sandbox,
        cli.sandbox.url,
        jsonl(tmp_path, 3),
        "--json",
        environment={"PYTHONIOENCODING": encoding},
        text=False,
    )
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 4
    assert [json.loads(line.decode(encoding))["error"]["platform_message"] for line in out.splitlines()] == [words] * 3


def test_progress_is_shown_below_the_results_on_a_terminal(tmp_path: pathlib.Path, cli: Cli) -> None:
    import pty

    place(cli.sandbox, 5)
    screen, terminal = pty.openpty()
    process = start(cli.sandbox, cli.sandbox.url, jsonl(tmp_path, 5), stdout=terminal, stderr=terminal)
    os.close(terminal)
    data = b""
    while True:
        try:
            more = os.read(screen, 65536)
        except OSError:
            break
        if not more:
            break
        data += more
    os.close(screen)
    assert process.wait(60) == 0
    lines = [line.rpartition("\r")[2] for line in data.decode().replace("\r\n", "\n").splitlines()]
    assert sum(line.startswith("transferred c-") for line in lines) == 5, lines
    assert lines[-2].startswith("[###") and lines[-2].rstrip().endswith("5/5  applied 5")
    assert lines[-1] == "applied 5"
