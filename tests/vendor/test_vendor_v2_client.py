"""The vendor's present client against the sandbox's Voice v2."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox

OURS = "+18385550199"
CALLER = "+19195550100"
NEW = "+18382947878"


def refused(call: Any, *args: Any, **kwargs: Any) -> tuple[int, str]:
    with pytest.raises(Exception) as caught:
        call(*args, **kwargs)
    error: Any = caught.value
    assert str(error), "the error gives no reason"
    return error.status, error.code


def test_it_transfers_an_incoming_call(calltransfer_sandbox: Sandbox, vendor_v2: Any) -> None:
    call_id = calltransfer_sandbox.place_incoming_call()
    shown = vendor_v2.show(call_id)
    assert (shown["callId"], shown["state"], shown["direction"]) == (call_id, "answered", "inbound")
    document = vendor_v2.build(
        [{"number": NEW, "tag": "a<b"}],
        [{"uri": "sip:desk@example.com", "uui": "abc"}],
        transfer_caller_id="Private",
        diversion_treatment="stack",
        diversion_reason="do-not-disturb",
    )
    assert vendor_v2.bxml(call_id, document) is None
    legs = calltransfer_sandbox.calls()[1:]
    assert [leg["to"] for leg in legs] == [NEW, "sip:desk@example.com"]
    assert legs[0]["diversion"][0]["reason"] == "do-not-disturb"
    assert vendor_v2.show(legs[0]["id"])["parentCallId"] == call_id


def test_one_token_serves_all_its_requests(calltransfer_sandbox: Sandbox, vendor_v2: Any) -> None:
    call_id = calltransfer_sandbox.place_incoming_call()
    for _ in range(3):
        vendor_v2.show(call_id)
    paths = [request["path"] for request in calltransfer_sandbox.requests()]
    assert paths.count("/api/v1/oauth2/token") == 1
    assert len(paths) == 4


def test_it_places_lists_and_ends_a_call(calltransfer_sandbox: Sandbox, vendor_v2: Any) -> None:
    fields = {"to": NEW, "from": OURS, "applicationId": "app-1", "answerUrl": "http://127.0.0.1:9/answer"}
    made = vendor_v2.create(**fields)
    assert {name: made[name] for name in fields} == fields
    assert [call["callId"] for call in vendor_v2.list(to=NEW)] == [made["callId"]]
    assert vendor_v2.show(made["callId"])["state"] == "initiated"
    other = calltransfer_sandbox.place_incoming_call()
    vendor_v2.update(other, state="completed")
    ended = vendor_v2.show(other)
    assert (ended["state"], ended["disconnectCause"]) == ("disconnected", "hangup")


def test_its_errors_carry_status_and_type(calltransfer_sandbox: Sandbox, vendor_v2: Any, start_vendor: Any) -> None:
    ended = calltransfer_sandbox.place_incoming_call(state="completed")
    active = calltransfer_sandbox.place_incoming_call()
    document = vendor_v2.build([{"number": NEW}], [])
    assert refused(vendor_v2.bxml, ended, document) == (409, "conflict")
    assert refused(vendor_v2.show, "c-none") == (404, "not-found")
    assert refused(vendor_v2.bxml, active, "<Bxml><Gather/></Bxml>") == (400, "validation")
    stranger = start_vendor("vendor-v2", account_id="9900001")
    assert refused(stranger.show, active) == (403, "forbidden")


# What the vendor's builder is given, and what we are, for the same transfer.
TRANSFERS: dict[str, tuple[dict[str, Any], Any, dict[str, Any]]] = {
    "a number": ({"numbers": [{"number": NEW}]}, NEW, {}),
    "a caller id": ({"numbers": [{"number": NEW}], "transfer_caller_id": "Private"}, NEW, {"caller_id": "private"}),
    "everything": (
        {
            "numbers": [
                {
                    "number": NEW,
                    "transfer_answer_url": "https://e.com/w?a=1&b=2",
                    "transfer_disconnect_url": "https://e.com/c?a=1&b=2",
                    "username": "u",
                    "password": "p<&>\"'",
                }
            ],
            "start_recording": {"file_format": "mp3"},
            "transfer_caller_id": OURS,
            "transfer_caller_display_name": 'Büro & Söhne "1"',
            "privacy": False,
            "call_timeout": 20,
            "tag": "a\tb\nc",
            "transfer_complete_url": "https://e.com/c?a=1&b=2",
            "username": "u",
            "password": "p<&>\"'",
            "diversion_treatment": "stack",
            "diversion_reason": "away",
        },
        NEW,
        {
            "caller_id": OURS,
            "caller_display_name": 'Büro & Söhne "1"',
            "privacy": False,
            "call_timeout": 20,
            "tag": "a\tb\nc",
            "callback_url": "https://u:p%3C%26%3E%22'@e.com/c?a=1&b=2",
            "transfer_answer_url": "https://u:p%3C%26%3E%22'@e.com/w?a=1&b=2",
            "recording_enabled": True,
            "recording_file_format": "mp3",
            "diversion_treatment": "stack",
            "diversion_reason": "away",
        },
    ),
    "several targets": (
        {
            "numbers": [{"number": NEW}, {"number": CALLER}],
            "sip_uris": [{"uri": "sip:desk@example.com", "uui": "x;encoding=base64"}],
        },
        [NEW, CALLER, "desk@example.com"],
        {"uui": "x;encoding=base64"},
    ),
    "the recording stopped": (
        {"numbers": [{"number": NEW}], "stop_recording": True, "privacy": False},
        NEW,
        {"recording_enabled": False, "privacy": False},
    ),
}


@pytest.mark.parametrize("name", TRANSFERS)
def test_its_builder_writes_the_transfer_that_we_write(name: str, vendor_v2: Any) -> None:
    theirs, to, options = TRANSFERS[name]
    document = vendor_v2.build(theirs.pop("numbers"), theirs.pop("sip_uris", []), **theirs)
    assert ET.canonicalize(calltransfer.bxml("c-1", to, **options)) == ET.canonicalize(document)


@pytest.mark.parametrize(
    "audio",
    [
        {"sentence": "Grüße & Küsse"},
        {"sentence": "Hi", "voice": "julie", "gender": "female", "locale": "en_US"},
        {"file_url": "https://e.com/a.mp3?x=1&y=2"},
    ],
    ids=str,
)
def test_its_builder_writes_the_whisper_that_we_write(audio: dict[str, Any], vendor_v2: Any) -> None:
    assert ET.canonicalize(calltransfer.whisper_bxml(audio)) == ET.canonicalize(vendor_v2.build_whisper(**audio))
