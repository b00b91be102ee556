"""The vendor's own client, unchanged, against the sandbox by its base-URL setting alone."""

from __future__ import annotations

from typing import Any

import pytest
from calltransfer.sandbox import Sandbox

OURS = "+18385550199"
CALLER = "+19195550100"
NEW = "+18382947878"


def states(sandbox: Sandbox) -> list[str]:
    return [call["state"] for call in sandbox.calls()]


def refused(call: Any, *args: Any, **kwargs: Any) -> tuple[int, str]:
    with pytest.raises(Exception) as caught:
        call(*args, **kwargs)
    error: Any = caught.value
    assert str(error), "the error gives no reason"
    return error.status, error.code


def test_it_creates_reads_and_hangs_up_a_call(calltransfer_sandbox: Sandbox, vendor: Any) -> None:
    call_id = vendor.create_call(OURS, NEW, tag="a-tag", recording_enabled=True)
    read = vendor.get_call(call_id)
    assert (read["id"], read["direction"], read["from"], read["to"]) == (call_id, "out", OURS, NEW)
    assert (read["tag"], read["recording_enabled"]) == ("a-tag", True)
    vendor.hangup_call(call_id)
    assert vendor.get_call(call_id)["state"] == "completed"
    assert calltransfer_sandbox.call(call_id)["state"] == "completed"


def test_it_answers_and_transfers_an_incoming_call(calltransfer_sandbox: Sandbox, vendor: Any) -> None:
    call_id = calltransfer_sandbox.place_incoming_call(state="started")
    vendor.answer_call(call_id)
    assert vendor.get_call(call_id)["state"] == "active"
    whisper = {"sentence": "You have an incoming call", "gender": "female", "voice": "julie", "locale": "en"}
    leg = vendor.transfer_call(call_id, NEW, caller_id="private", whisper_audio=whisper)
    assert vendor.get_call(call_id)["state"] == "transferring"
    made = calltransfer_sandbox.call(leg)
    assert (made["to"], made["transferred_from"], made["whisper_audio"]) == (NEW, call_id, whisper)


def test_it_rejects_an_incoming_call(calltransfer_sandbox: Sandbox, vendor: Any) -> None:
    call_id = calltransfer_sandbox.place_incoming_call(state="started")
    vendor.reject_call(call_id)
    assert states(calltransfer_sandbox) == ["rejected"]


def test_it_switches_the_recording(calltransfer_sandbox: Sandbox, vendor: Any) -> None:
    call_id = calltransfer_sandbox.place_incoming_call()
    for switch, expected in [
        (vendor.enable_call_recording, True),
        (vendor.disable_call_recording, False),
        (vendor.toggle_call_recording, True),
    ]:
        switch(call_id)
        assert calltransfer_sandbox.call(call_id)["recording_enabled"] is expected


def test_it_lists_calls_with_its_filters(calltransfer_sandbox: Sandbox, vendor: Any) -> None:
    first = calltransfer_sandbox.place_incoming_call(CALLER)
    second = calltransfer_sandbox.place_incoming_call("+12")
    assert {call["id"] for call in vendor.list_calls()} == {first, second}
    assert [call["id"] for call in vendor.list_calls(from_="+12")] == [second]
    assert vendor.list_calls(to=NEW) == []


def test_it_lists_more_calls_than_stand_on_a_page(calltransfer_sandbox: Sandbox, vendor: Any) -> None:
    placed = {calltransfer_sandbox.place_incoming_call() for _ in range(7)}
    listed = [call["id"] for call in vendor.list_calls(size=3)]
    assert (len(listed), set(listed)) == (7, placed)


def test_it_reads_the_events_of_a_call(calltransfer_sandbox: Sandbox, vendor: Any) -> None:
    call_id = calltransfer_sandbox.place_incoming_call(state="started")
    vendor.answer_call(call_id)
    vendor.hangup_call(call_id)
    events = vendor.list_call_events(call_id)
    assert [event["name"] for event in events] == ["incomingcall", "answer", "hangup"]
    for event in events:
        assert vendor.get_call_event(call_id, event["id"])["name"] == event["name"]


def test_call_without_recordings_lists_none(calltransfer_sandbox: Sandbox, vendor: Any) -> None:
    call_id = calltransfer_sandbox.place_incoming_call()
    assert vendor.list_call_recordings(call_id) == []
    assert vendor.list_call_transcriptions(call_id) == []


def test_its_errors_carry_status_and_code(calltransfer_sandbox: Sandbox, vendor: Any, start_vendor: Any) -> None:
    ended = calltransfer_sandbox.place_incoming_call(state="completed")
    active = calltransfer_sandbox.place_incoming_call()
    assert refused(vendor.transfer_call, ended, NEW) == (403, "call-invalid-state")
    assert refused(vendor.get_call, "c-none") == (404, "call-not-found")
    assert refused(vendor.transfer_call, active, "nobody")[0] == 400
    assert refused(vendor.create_call, CALLER, NEW) == (401, "number-access-denied")
    stranger = start_vendor(secret="wrong")
    assert refused(stranger.get_call, active)[0] == 401


def test_page_of_html_is_an_error_to_it_too(calltransfer_sandbox: Sandbox, vendor: Any) -> None:
    calltransfer_sandbox.script({"status": 502, "headers": {"Content-Type": "text/html"}, "body": "<h1>Bad</h1>"})
    assert refused(vendor.get_call, "c-1") == (502, "502")
