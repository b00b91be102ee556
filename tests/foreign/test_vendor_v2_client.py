"""The vendor's present client against the sandbox's Voice v2."""

from __future__ import annotations

from typing import Any

import pytest
from calltransfer.sandbox import Sandbox

OURS = "+18385550199"
CALLER = "+19195550100"
NEW = "+18382947878"


def refused(call: Any, *args: Any, **kwargs: Any) -> tuple[int, str]:
    with pytest.raises(Exception) as caught:
        call(*args, **kwargs)
    error: Any = caught.value
    assert str(error), "the client was told why"
    return error.status, error.code


def test_it_transfers_an_incoming_call(calltransfer_sandbox: Sandbox, vendor_v2: Any) -> None:
    call_id = calltransfer_sandbox.place_incoming_call()
    shown = vendor_v2.show(call_id)
    assert (shown["callId"], shown["state"], shown["direction"]) == (call_id, "answered", "inbound")
    document = vendor_v2.build(
        [{"number": NEW, "tag": "a<b"}], [{"uri": "sip:desk@example.com", "uui": "abc"}],
        transfer_caller_id="Private", diversion_treatment="stack", diversion_reason="do-not-disturb",
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
