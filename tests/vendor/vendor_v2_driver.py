"""Calls methods of the vendor's present client, one for each line of JSON, and reports what came back.

These settings are the ones in docs/sandbox/v2.md.
"""

import json
import sys
from typing import Any

import bandwidth
from bandwidth.models import CreateCall, UpdateCall
from bandwidth.models.bxml import (
    Bxml,
    PhoneNumber,
    PlayAudio,
    SipUri,
    SpeakSentence,
    StartRecording,
    StopRecording,
    Transfer,
)

account = json.loads(sys.stdin.readline())


configuration = bandwidth.Configuration(
    client_id=account["client_id"],
    client_secret=account["client_secret"],
    host=account["url"] + "/api/v2",
    ignore_operation_servers=True,
    access_token_url=account["url"] + "/api/v1/oauth2/token",
)
calls = bandwidth.CallsApi(bandwidth.ApiClient(configuration))


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


def create(**fields: Any) -> Any:
    return calls.create_call(account["account_id"], CreateCall.from_dict(fields))


def show(call_id: str) -> Any:
    return calls.get_call_state(account["account_id"], call_id)


def update(call_id: str, **fields: Any) -> Any:
    return calls.update_call(account["account_id"], call_id, UpdateCall.from_dict(fields))


def bxml(call_id: str, document: str) -> Any:
    return calls.update_call_bxml(account["account_id"], call_id, document)


def list_calls(**filters: Any) -> Any:
    return calls.list_calls(account["account_id"], **filters)


def build(
    numbers: list[dict[str, Any]],
    sip_uris: list[dict[str, Any]],
    start_recording: dict[str, Any] | None = None,
    stop_recording: bool = False,
    **transfer: Any,
) -> str:
    """The document of a transfer as the vendor's builder writes it."""
    before = [] if start_recording is None else [StartRecording(**start_recording)]
    before += [StopRecording()] if stop_recording else []
    targets = [PhoneNumber(**one) for one in numbers] + [SipUri(**one) for one in sip_uris]
    return Bxml([*before, Transfer(targets, **transfer)]).to_bxml()


def build_whisper(sentence: str | None = None, file_url: str | None = None, **voice: Any) -> str:
    """The document of a whisper, likewise."""
    verb = PlayAudio(file_url) if sentence is None else SpeakSentence(sentence, **voice)
    return Bxml([verb]).to_bxml()


METHODS = {
    "create": create,
    "show": show,
    "update": update,
    "bxml": bxml,
    "list": list_calls,
    "build": build,
    "build_whisper": build_whisper,
}

for line in sys.stdin:
    job = json.loads(line)
    try:
        reported = {"result": plain(METHODS[job["method"]](*job["args"], **job["kwargs"]))}
    except bandwidth.ApiException as error:
        body = json.loads(error.body)
        reported = {"error": {"status": error.status, "code": body["type"], "message": body["description"]}}
    print(json.dumps(reported, default=str), flush=True)
