"""The command with an account of the v2 API, and with credentials of both."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import shutil
import subprocess
import urllib.request
import xml.etree.ElementTree as ET

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from cli_command import TARGET, CommandResult, run

OTHER = "+18382947879"
V1 = {"BANDWIDTH_USER_ID": "u-1", "BANDWIDTH_API_TOKEN": "t", "BANDWIDTH_API_SECRET": "s"}
V2 = {"BW_ACCOUNT_ID": "5500099", "BW_CLIENT_ID": "client-1", "BW_CLIENT_SECRET": "s3cret-0815"}


def ask(sandbox: Sandbox, *arguments: str) -> CommandResult:
    return run(*arguments, environment=sandbox.environment("v2"))


def bodies(sandbox: Sandbox) -> list[str]:
    return [request["body"] for request in sandbox.requests() if request["path"].endswith("/bxml")]


def test_transfer_goes_to_several_targets_with_options_of_v2(sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    reported = ask(sandbox, "transfer", "c-1", TARGET, OTHER, "--call-timeout", "20", "--privacy")
    assert (reported.code, reported.out.partition(": ")[0]) == (0, "transferred c-1")
    assert bodies(sandbox) == [calltransfer.bxml("c-1", [TARGET, OTHER], call_timeout=20, privacy=True)]


def test_dry_run_shows_the_document_redacted(sandbox: Sandbox) -> None:
    reported = ask(sandbox, "transfer", "c-1", TARGET, "--tag", "x", "--dry-run")
    method, document = reported.out.split("\n", 1)
    assert method == f"PUT {sandbox.url}/api/v2/accounts/{sandbox.environment('v2')['BW_ACCOUNT_ID']}/calls/c-1/bxml"
    assert ET.fromstring(document.encode()).find("Transfer/PhoneNumber").text == "+*********78"
    assert sandbox.requests() == []


def test_whisper_audio_is_refused_with_the_alternative(sandbox: Sandbox) -> None:
    reported = ask(sandbox, "transfer", "c-1", TARGET, "--whisper-audio", "Hello")
    assert reported.code == 2
    assert "whisper_bxml" in reported.err and "transfer_answer_url" in reported.err


@pytest.mark.skipif(shutil.which("curl") is None, reason="NO CURL ON THIS MACHINE: the printed command was not run")
def test_printed_curl_command_sends_the_same_request(sandbox: Sandbox) -> None:
    account = sandbox.environment("v2")
    asked = urllib.request.Request(f"{sandbox.url}/api/v1/oauth2/token", b"grant_type=client_credentials")
    basic = f"{account['BW_CLIENT_ID']}:{account['BW_CLIENT_SECRET']}".encode()
    asked.add_header("Authorization", "Basic " + base64.b64encode(basic).decode())
    with urllib.request.urlopen(asked) as response:
        token = json.load(response)["access_token"]
    sandbox.place_incoming_call(call_id="c-1")
    curl = ask(sandbox, "payload", "c-1", TARGET, "--tag", "it's $HOME", "--json").json["curl"]
    environment = {**os.environ, **account, "BW_ACCESS_TOKEN": token}
    subprocess.run(["bash", "-c", curl], env=environment, check=True, capture_output=True, timeout=60)
    assert bodies(sandbox) == [calltransfer.bxml("c-1", TARGET, tag="it's $HOME")]
    assert sandbox.requests()[-1]["status"] == 204


def test_payload_without_account_names_variables_of_its_api() -> None:
    curl = run("payload", "c-1", TARGET, "--api", "v2").out
    assert '/accounts/$BW_ACCOUNT_ID/calls/c-1/bxml"' in curl and "Bearer $BW_ACCESS_TOKEN" in curl
    user = run("payload", "c-1", TARGET, environment={"BW_ACCOUNT_ID": "55", "BW_USERNAME": "u"}).out
    assert "/accounts/55/calls/c-1/bxml" in user and '-u "$BW_USERNAME:$BW_PASSWORD"' in user


@pytest.mark.parametrize("command", ["transfer", "payload"])
def test_with_credentials_of_both_nothing_is_guessed(command: str) -> None:
    reported = run(command, "c-1", TARGET, "--dry-run", environment={**V1, **V2})
    assert (reported.code, reported.out) == (2, "")
    assert "api: credentials of both v1 (user_id) and v2 (account_id) are set" in reported.err
    for flag, said in (("v1", "/v1/users/u-1/"), ("v2", "/api/v2/accounts/5500099/")):
        assert said in run(command, "c-1", TARGET, "--dry-run", "--api", flag, environment={**V1, **V2}).out
    assert (
        "/api/v2/accounts/66/"
        in run(command, "c-1", TARGET, "--dry-run", "--account-id", "66", environment={**V1, **V2}).out
    )


def test_doctor_says_the_api(sandbox: Sandbox) -> None:
    reported = ask(sandbox, "doctor", "--connect")
    assert reported.code == 0, reported.out
    assert "ok  set-up: api v2, account " in reported.out
    assert "ok  set-up: api v1, account u-1 " in run("doctor", environment=V1).out


def test_doctor_doesnt_guess_between_both() -> None:
    reported = run("doctor", environment={**V1, **V2})
    assert (reported.code, "NO  set-up: api: credentials of both v1" in reported.out) == (1, True)
    assert "s3cret" not in reported.out
    assert "ok  set-up: api v2, account 5500099 " in run("doctor", "--api", "v2", environment={**V1, **V2}).out


def test_csv_has_options_and_several_targets_of_v2(tmp_path: pathlib.Path, sandbox: Sandbox) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(f"call_id,to,call_timeout,privacy,timeout\nc-0,{TARGET} {OTHER},20,true,5\nc-1,{TARGET},,,\n")
    for call in ("c-0", "c-1"):
        sandbox.place_incoming_call(call_id=call)
    reported = ask(sandbox, "many", str(file))
    assert (reported.code, reported.err) == (0, "applied 2\n")
    assert sorted(bodies(sandbox)) == sorted(
        [calltransfer.bxml("c-0", [TARGET, OTHER], call_timeout=20, privacy=True), calltransfer.bxml("c-1", TARGET)]
    )


def test_row_with_v1_option_is_refused_before_sending(tmp_path: pathlib.Path, sandbox: Sandbox) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(f"call_id,to,whisper_audio\nc-0,{TARGET},\nc-1,{TARGET},Hello\n")
    reported = ask(sandbox, "many", str(file))
    assert (reported.code, "\n  line 3: whisper_audio: " in reported.err) == (2, True)
    assert sandbox.requests() == []
