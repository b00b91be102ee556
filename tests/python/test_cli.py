"""The command `calltransfer`, run as a program."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess

import pytest
from calltransfer import _native
from calltransfer.cli import _exit_codes
from calltransfer.cli._options import HELP, OFFERED, WHISPER_HELP
from calltransfer.cli._parser import build
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT, Cli, run
from sandbox_process import TOKEN


def test_transfer_names_the_new_call(cli: Cli) -> None:
    cli.sandbox.place_incoming_call(call_id="c-1")
    reported = cli(
        "transfer", "c-1", TARGET, "--caller-id", "private", "--whisper-audio", "Hello", "--whisper-audio-voice", "kate"
    )
    leg = next(call for call in cli.sandbox.calls() if call["transferred_from"] == "c-1")
    assert (reported.code, reported.out, reported.err) == (0, f"transferred c-1: the new call is {leg['id']}\n", "")
    assert leg["whisper_audio"]["sentence"] == "Hello" and leg["from"] == "Private"


def test_json_reports_a_result_as_one_object(cli: Cli) -> None:
    cli.sandbox.place_incoming_call(call_id="c-1")
    reported = cli("transfer", "c-1", TARGET, "--json")
    assert (reported.json["outcome"], reported.json["http_status"], reported.json["call_id"]) == ("applied", 201, "c-1")


def test_error_goes_to_standard_error_in_the_librarys_words(cli: Cli) -> None:
    reported = cli("transfer", "c-none", TARGET)
    assert (reported.code, reported.out) == (4, "")
    assert reported.err.startswith("calltransfer: the platform has no such call (HTTP 404: call-not-found")
    assert "outcome not_applied: " in reported.err


def test_json_reports_an_error_as_an_object_too(cli: Cli) -> None:
    reported = cli("transfer", "c-none", TARGET, "--json")
    assert (reported.json["error"]["kind"], reported.json["error"]["outcome"]) == ("call_not_found", "not_applied")
    assert reported.err.startswith("calltransfer: ")


REPLY = {"headers": {}, "body": ""}


@pytest.mark.parametrize(("status", "code"), [(201, 0), (403, 4), (500, 5)])
def test_exit_code_is_the_outcome(status: int, code: int, cli: Cli) -> None:
    cli.sandbox.script({"status": status, **REPLY})
    reported = cli("transfer", "c-1", TARGET)
    assert reported.code == code
    if code == 5:
        assert "calltransfer call check c-1" in reported.err


def test_closed_port_is_not_sent(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    reported = cli("transfer", "c-1", TARGET, "--base-url", f"http://127.0.0.1:{port}", "--max-retries", "0")
    assert reported.code == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["transfer", "c-1", "8382947878"], "to: "),
        (["transfer", "c/1", TARGET], "call_id: "),
        (["transfer", "c-1", TARGET, "--recording-file-format", "ogg"], "recording_file_format: "),
        (
            ["transfer", "c-1", TARGET, "--whisper-audio", "Hi", "--whisper-audio-volume", "loud"],
            "whisper_audio.volume: ",
        ),
        (["transfer", "c-1", TARGET, "--timeout", "soon"], "timeout: "),
        (["transfer", "c-1", TARGET, "--timeout", "0"], "timeout: "),
        (["transfer", "c-1", TARGET, "--callerid", "private"], "--callerid; did you mean --caller-id?"),
        (["transfer", "c-1", TARGET, "--callerid=8382947878"], "--callerid; did you mean --caller-id?"),
        (["transfer", "c-1", TARGET, "--token", TOKEN], "unrecognized arguments: --token; set BANDWIDTH_API_TOKEN"),
        (["call", "show", "c-1", "8382947878"], "unrecognized arguments: "),
        (["transfer", "c-1"], "required: TO"),
        (["many", "nowhere.csv"], "file: "),
        (["nonsense"], "invalid choice"),
        (["tranfer"], "did you mean transfer?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_command_line_is_reported_and_nothing_is_sent(arguments: list[str], said: str, cli: Cli) -> None:
    reported = cli(*arguments)
    assert (reported.code, reported.out) == (2, "")
    assert said in reported.err
    assert "8382947878" not in reported.err.replace(TARGET, "")
    assert cli.sandbox.requests() == []


def test_without_an_account_it_says_which_variables_are_missing() -> None:
    reported = run("transfer", "c-1", TARGET)
    assert reported.code == 2
    assert "BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN, BANDWIDTH_API_SECRET" in reported.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["transfer", "c-1", TARGET, "--whisper-audio", f"Call {TARGET}"],
        ["call", "answer", "c-1"],
        ["call", "hang-up", "c-1"],
        ["call", "show", "c-1"],
        ["call", "check", "c-1"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_dry_run_shows_the_request_and_sends_nothing(arguments: list[str], cli: Cli) -> None:
    reported = cli(*arguments, "--dry-run")
    assert reported.code == 0
    assert f"{cli.sandbox.url}/v1/users/u-abc123/calls/c-1" in reported.out
    assert "nothing was sent" in reported.err
    assert "8382947878" not in reported.out
    assert cli(*arguments, "--dry-run", "--json").json["dry_run"] is True
    assert cli.sandbox.requests() == []


def test_dry_run_refuses_an_invalid_transfer(cli: Cli) -> None:
    assert cli("transfer", "c-1", "12", "--dry-run").code == 2


HARD = """it's "$HOME" `id` \\ $(id) ! \n %s ü"""


@pytest.mark.skipif(shutil.which("curl") is None, reason="NO CURL ON THIS MACHINE: the printed command was not run")
def test_printed_curl_command_sends_the_same_request(cli: Cli) -> None:
    arguments = ["c-1", TARGET, "--whisper-audio", HARD, "--extra", "tag=a b", "--extra", 'more={"x": [1]}']
    cli.sandbox.place_incoming_call(call_id="c-1")
    curl = cli("payload", *arguments, "--json").json["curl"]
    environment = {**os.environ, **cli.sandbox.environment()}
    subprocess.run(["bash", "-c", curl], env=environment, check=True, capture_output=True, timeout=60)
    cli.sandbox.place_incoming_call(call_id="c-2")
    cli("transfer", "c-2", *arguments[1:])
    by_curl, by_us = cli.sandbox.requests()
    assert (by_curl["status"], by_curl["body"]) == (201, by_us["body"])
    wanted = {"authorization", "content-type"}
    headers = [
        {name.lower(): value for name, value in r["headers"] if name.lower() in wanted} for r in (by_curl, by_us)
    ]
    assert headers[0] == headers[1]


def test_payload_needs_no_account_and_names_its_variables() -> None:
    reported = run("payload", "c-1", TARGET)
    body, curl = reported.out.split("\n\n")
    assert json.loads(body) == {"state": "transferring", "transferTo": TARGET}
    assert '/v1/users/$BANDWIDTH_USER_ID/calls/c-1"' in curl
    assert '"$BANDWIDTH_API_TOKEN:$BANDWIDTH_API_SECRET"' in curl
    assert shlex.split(curl)[-1] == body


def test_call_is_answered_shown_checked_and_ended(cli: Cli) -> None:
    cli.sandbox.place_incoming_call(call_id="c-1", state="started")
    assert cli("call", "answer", "c-1").out == "answered c-1\n"
    shown = cli("call", "show", "c-1").out
    assert "state     active" in shown and "9195550100" not in shown
    assert cli("call", "show", "c-1", "--json").json["from"] == "+19195550100"
    assert cli("call", "check", "c-1").code == 4
    assert cli("call", "hang-up", "c-1", "--json").json == {"call_id": "c-1", "outcome": "applied"}
    assert cli("call", "check", "c-1").code == 5


def test_ctrl_c_reports_the_outcome_of_the_call() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        account = {"BANDWIDTH_USER_ID": "u-1", "BANDWIDTH_API_TOKEN": "t", "BANDWIDTH_API_SECRET": "s"}
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        process = subprocess.Popen(
            [COMMAND, "transfer", "c-1", TARGET, "--base-url", url, "--timeout", "30"],
            env={**WITHOUT_ACCOUNT, **account},
            stderr=subprocess.PIPE,
            text=True,
        )
        with server.accept()[0] as connection:
            connection.settimeout(20)
            got = b""
            while not got.endswith(b"}"):
                got += connection.recv(65536)
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=20)[1]
    assert process.returncode == 5
    assert "outcome unknown" in err and "Traceback" not in err


def test_doctor_finds_a_whole_set_up(cli: Cli) -> None:
    reported = cli("doctor", "--connect")
    assert reported.code == 0, reported.out
    assert "ok  platform: responds, and knows the account" in reported.out
    assert "set: u-abc123" in reported.out and "ok  certificates: loaded from " in reported.out


def test_doctor_says_what_is_missing(tmp_path: pathlib.Path, cli: Cli) -> None:
    reported = run("doctor", "--json")
    assert reported.code == 1
    wrong = {finding["what"] for finding in reported.json["findings"] if not finding["ok"]}
    assert wrong == {"BANDWIDTH_USER_ID", "BANDWIDTH_API_TOKEN", "BANDWIDTH_API_SECRET", "set-up"}
    reported = cli("doctor", "--ca-file", str(tmp_path / "none.pem"))
    assert (reported.code, "NO  certificates: " in reported.out) == (1, True)


def test_doctor_reports_account_unknown_to_platform(cli: Cli) -> None:
    environment = {**cli.sandbox.environment(), "BANDWIDTH_API_SECRET": "s-other"}
    reported = run("doctor", "--connect", environment=environment)
    assert (reported.code, "NO  platform: " in reported.out) == (1, True)
    assert cli("doctor", "--connect", "--dry-run").code == 0
    assert len(cli.sandbox.requests()) == 1


def test_doctor_shows_no_password_of_an_address() -> None:
    reported = run("doctor", environment={"CALLTRANSFER_BASE_URL": "https://hook:pa55word@example.com"})
    assert "pa55word" not in reported.out + reported.err


def test_every_option_of_the_core_is_a_flag_with_help(cli: Cli) -> None:
    from calltransfer import WhisperAudio

    assert set(HELP) == set(_native.OPTIONS), "say in cli/_options.py what the flag does"
    assert {"sentence", *WHISPER_HELP} == set(WhisperAudio.__dataclass_fields__)
    shown = run("transfer", "--help").out
    for option in [*_native.OPTIONS, *(f"whisper_audio_{field}" for field in WHISPER_HELP)]:
        assert f"--{option.replace('_', '-')} " in shown or f"--{option.replace('_', '-')}," in shown, option


@pytest.mark.parametrize(
    ("name", "value"),
    [(name.replace(".", "_"), value) for name, values in OFFERED.items() for value in values],
)
def test_every_value_that_is_offered_is_taken(name: str, value: str) -> None:
    more = ["--whisper-audio", "Hi"] if name.startswith("whisper") else []
    more += ["--diversion-treatment", "stack"] if name == "diversion_reason" else []
    parsed = build().parse_args(["payload", "c-1", TARGET, *more, f"--{name.replace('_', '-')}={value}"])
    from calltransfer import payload
    from calltransfer.cli._options import options_of

    assert value in payload("c-1", TARGET, **options_of(parsed))


def test_help_explains_every_exit_code() -> None:
    shown = run("--help").out
    for code, meaning in _exit_codes.MEANINGS.items():
        assert f"{code:<5}{meaning}" in shown


def test_version_is_reported() -> None:
    assert run("--version").out == f"calltransfer {_native.__version__}\n"


def test_python_can_run_it_as_a_module() -> None:
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "calltransfer", "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == run("--version").out


def test_closed_pipe_is_no_traceback(cli: Cli) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{shlex.quote(COMMAND)} payload c-1 {TARGET} | true"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr


def test_sandbox_command_serves_a_transfer() -> None:
    with subprocess.Popen([COMMAND, "sandbox"], stdout=subprocess.PIPE, text=True, env=WITHOUT_ACCOUNT) as process:
        assert process.stdout is not None
        reported = json.loads(process.stdout.readline())
        environment = {
            "BANDWIDTH_USER_ID": reported["user_id"],
            "BANDWIDTH_API_TOKEN": reported["token"],
            "BANDWIDTH_API_SECRET": reported["secret"],
            "CALLTRANSFER_BASE_URL": reported["url"],
        }
        assert run("call", "show", "c-none", environment=environment).code == 4
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert "--port" in run("sandbox", "--help").out


def test_check_of_one_transfer_leaves_out_an_earlier_one(cli: Cli) -> None:
    cli.sandbox.place_incoming_call(call_id="c-1")
    assert cli("transfer", "c-1", "+12025550101").code == 0
    known = cli("call", "check", "c-1", "--to", "+12025550101", "--within", "60", "--json")
    assert known.code == 0 and known.json["new_call_id"] == cli.sandbox.calls()[-1]["id"]
    other = cli("call", "check", "c-1", "--to", "+12025550102", "--within", "60")
    assert other.code == 5 and "no call to this transfer's target began" in other.out
    alone = cli("call", "check", "c-1", "--within", "60")
    assert alone.code == 2 and "--to and --within must be given together" in alone.err
