"""Every vector, through the C interface, over the real sandbox."""

from __future__ import annotations

import json
import pathlib
import subprocess
from typing import Any

import pytest
from c.compiler import drive
from sandbox_process import SECRET, TOKEN, SandboxProcess, SilentListener, replies_of, vectors

# A whisper without content is said in C by a part that is none of its contents.
NOTHING_TO_SAY = {"tag": "t"}

RESPONSES = vectors("responses")
SENT = [vector for vector in vectors("requests") if "request" in vector]
REFUSED = [vector for vector in vectors("requests") if "refused" in vector]


@pytest.fixture(params=["client", "queue"])
def way(request: pytest.FixtureRequest) -> str:
    """Waiting for the response, or taking it from a queue."""
    return request.param


def send(driver: pathlib.Path, sandbox: SandboxProcess, given: dict[str, Any], way: str = "client") -> dict[str, Any]:
    """Makes the transfer of a vector, and returns what the driver says of it."""
    options = dict(given["options"])
    if options.get("whisper_audio") == {}:
        options["whisper_audio"] = NOTHING_TO_SAY
    account = {"token": TOKEN, "secret": SECRET, "base_url": sandbox.url}
    return drive(driver, {**given, **account, "options": options, "way": way})


def ids(chosen: list[dict[str, Any]]) -> list[str]:
    return [vector["name"] for vector in chosen]


@pytest.mark.parametrize("vector", SENT, ids=ids(SENT))
def test_request_arrives_as_given(
    vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess, way: str
) -> None:
    sandbox.place_incoming_call(vector["given"]["call_id"])
    reported = send(driver, sandbox, vector["given"], way)
    [arrived] = sandbox.requests()
    expected = vector["request"]
    assert (arrived["method"], arrived["path"]) == (expected["method"], expected["path"])
    assert json.loads(arrived["body"]) == expected["body"]
    assert arrived["body"] == reported["body"], "to_json shows other bytes than are sent"
    assert arrived["body"] == compact(expected["body"])


def compact(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("vector", REFUSED, ids=ids(REFUSED))
def test_invalid_transfer_is_refused_by_its_field(
    vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess, way: str
) -> None:
    reported = send(driver, sandbox, vector["given"], way)
    assert (reported["kind"], reported["outcome"]) == ("invalid_argument", "not_sent")
    assert reported["field"] == vector["refused"]["field"]
    assert reported["message"].startswith(vector["refused"]["field"] + ": ")
    assert reported["status"] == reported["kind_number"] == 1
    assert reported["body"] is None
    assert reported["attempts"] == 0
    assert sandbox.requests() == []


@pytest.mark.parametrize("vector", RESPONSES, ids=ids(RESPONSES))
def test_response_is_reported_as_the_vector_says(
    vector: dict[str, Any], driver: pathlib.Path, sandbox: SandboxProcess, other: SilentListener, way: str
) -> None:
    replies = replies_of(vector, other.host)
    sandbox.script(*replies)
    given = {"user_id": "u-abc123", "call_id": "c-call123", "to": "+18382947878", "options": {}}
    reported = send(driver, sandbox, given, way)
    expected = vector["expect"]
    assert (reported["outcome"], reported["kind"]) == (expected["outcome"], expected["kind"])
    assert (reported["status"] == 0) == (expected["kind"] is None)
    assert reported["http_status"] == replies[-1]["status"]
    assert reported["attempts"] == expected.get("attempts", 1) == len(sandbox.requests())
    if "new_call_id" in expected:
        assert reported["new_call_id"] == expected["new_call_id"]
        assert (reported["note"] is None) == (expected["new_call_id"] is not None)
    if "code" in expected:
        assert reported["code"] == expected["code"]
    if reported["outcome"] != "applied":
        assert reported["is_safe_to_repeat"] == (reported["outcome"] in ("not_sent", "not_applied"))
        assert reported["stage"] == "status"
        assert [detail["name"] for detail in reported["details"]] == details_of(replies[-1])


def details_of(reply: dict[str, Any]) -> list[str]:
    try:
        return [detail["name"] for detail in json.loads(reply["body"])["details"]]
    except (ValueError, KeyError):
        return []


def test_every_option_at_once_arrives(driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    options = {
        "caller_id": "private",
        "callback_url": "https://example.com/cb",
        "recording_enabled": True,
        "recording_file_format": "wav",
        "whisper_audio": {
            "sentence": "Hello",
            "gender": "female",
            "locale": "en_US",
            "voice": "Julie",
            "loop_enabled": True,
            "tag": 'a "tag"',
            "volume": -4,
        },
        "diversion_treatment": "stack",
        "diversion_reason": "away",
        "extra": {"sipHeaders": {"X-One": "1"}},
    }
    reported = send(
        driver, sandbox, {"user_id": "u-abc123", "call_id": "c-1", "to": "+18382947878", "options": options}
    )
    [arrived] = sandbox.requests()
    assert json.loads(arrived["body"]) == {
        "state": "transferring",
        "transferTo": "+18382947878",
        "transferCallerId": "private",
        "callbackUrl": "https://example.com/cb",
        "recordingEnabled": True,
        "recordingFileFormat": "wav",
        "whisperAudio": {
            "sentence": "Hello",
            "gender": "female",
            "locale": "en_US",
            "voice": "Julie",
            "loopEnabled": True,
            "tag": 'a "tag"',
            "volume": -4,
        },
        "diversionTreatment": "stack",
        "diversionReason": "away",
        "sipHeaders": {"X-One": "1"},
    }
    assert reported["body"] == arrived["body"]
    assert reported["outcome"] == "applied"
    new_call = [call["id"] for call in sandbox.calls() if call["id"] != "c-1"]
    assert new_call == [reported["new_call_id"]]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("oops", {"oops": "x"}),
        ("oops", {"options": {"oops": "x"}}),
        ("volume", {"options": {"whisper_audio": {"sentence": "Hello", "volume": "loud"}}}),
        ("tag", {"options": {"tag": "a\0b"}}),
        ("max_retries", {"max_retries": "2"}),
        ("to", {"to": 12}),
    ],
)
def test_wrong_input_of_a_driver_is_named(name: str, given: dict[str, Any], driver: pathlib.Path) -> None:
    text = json.dumps({"call_id": "c-1", "to": "+18382947878", **given})
    done = subprocess.run([driver], input=text, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{name}: " in done.stderr
