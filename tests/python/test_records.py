"""Results and errors as dicts through JSON, and back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import calltransfer
import pytest
from calltransfer import Call, CallTransferError, Finding, Transferred, TransferRow, _native, errors
from calltransfer.sandbox import Sandbox
from sandbox_process import SECRET, TOKEN

TARGET = "+18382947878"
DONE = Transferred(None, "c-1", 201, 2, 0.25, "the response named no call")
CALL = Call("c-1", "active", "in", "+19195550100", "sip:a@example.com", None, None, None, {"id": "c-1", "x": [1, None]})
FULL = {
    "outcome": "not_applied",
    "safe_to_repeat": True,
    "field": "to",
    "call_id": "c-1",
    "stage": "status",
    "http_status": 429,
    "category": "forbidden",
    "code": "call-rate-limit",
    "platform_message": "too much",
    "details": (("to", "**78"), ("b", "c")),
    "retry_after": 3.5,
    "attempts": 3,
    "elapsed": 1.25,
}


def through_json(document: dict[str, Any]) -> dict[str, Any]:
    again: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
    return again


@pytest.mark.parametrize(
    "value",
    [
        DONE,
        Transferred("c-2", "c-1", 201, 1, 0.5),
        CALL,
        Call("c-1", "queued", None, None, None, None, None, None, {}),
        Finding("applied", "the call is transferring", "another transfer may have done it", CALL),
        Finding("not_applied", "there is no such call", None, None),
        TransferRow(0, "c-1", TARGET, DONE, None),
        TransferRow(0, None, ["+18382947878", "+18382947879"], None, None),  # type: ignore[arg-type]
    ],
    ids=lambda value: type(value).__name__,
)
def test_result_through_json_is_equal(value: Any) -> None:
    again = type(value).from_dict(through_json(value.to_dict()))
    assert type(again) is type(value) and again == value
    if isinstance(value, Call):
        assert again.fields == value.fields


@pytest.mark.parametrize("kind", _native.ERROR_KINDS)
def test_error_of_each_kind_through_json_keeps_everything(kind: str) -> None:
    error = errors.make(kind, "to: is refused", FULL)
    again = CallTransferError.from_dict(through_json(error.to_dict()))
    assert type(again) is type(error) and str(again) == str(error)
    assert {name: getattr(again, name) for name in FULL} == FULL
    row = TransferRow.from_dict(through_json(TransferRow(7, "c-1", TARGET, None, error).to_dict()))
    assert (row.index, row.call_id, row.to, row.outcome, row.result) == (7, "c-1", TARGET, "not_applied", None)
    assert type(row.error) is type(error) and row.error.__dict__ == error.__dict__


def test_error_made_by_hand_keeps_class_through_json() -> None:
    for kind in errors.KINDS.values():
        error = kind("by hand")
        again = CallTransferError.from_dict(through_json(error.to_dict()))
        assert (type(again), again.outcome, again.attempts, str(again)) == (kind, error.outcome, 0, "by hand")


def test_error_as_json_has_no_secret_and_no_number(sandbox: Sandbox) -> None:
    with pytest.raises(CallTransferError) as caught:
        sandbox.client().transfer("c-none", TARGET)
    document = through_json(caught.value.to_dict())
    assert TOKEN not in str(document) and SECRET not in str(document) and "8382947" not in str(document)
    again = CallTransferError.from_dict(document)
    assert isinstance(again, calltransfer.CallNotFoundError)
    assert again.__dict__ == caught.value.__dict__
    finding = sandbox.client().check(again)
    assert Finding.from_dict(through_json(finding.to_dict())) == finding


def test_unknown_error_from_dict_keeps_its_advice() -> None:
    error = errors.make("outcome_unknown", "reset", {"outcome": "unknown", "call_id": "c-1"})
    assert CallTransferError.from_dict(error.to_dict()).__notes__ == error.__notes__  # type: ignore[attr-defined]


def test_error_of_a_later_version_keeps_its_kind_and_outcome() -> None:
    document = {**errors.make("conflict", "busy", FULL).to_dict(), "kind": "on_hold", "new_key": 1}
    error = CallTransferError.from_dict(document)
    assert (type(error), error.kind, error.outcome) == (CallTransferError, "on_hold", "not_applied")


def test_batch_through_json_keeps_every_row(sandbox: Sandbox) -> None:
    items = [
        (sandbox.place_incoming_call(), TARGET),
        ("c-none", TARGET),
        (object(), float("nan")),
        "neither",
        ("c-1", [TARGET]),
    ]
    results = sandbox.client().transfer_many(items)
    rows = [TransferRow.from_dict(through_json(row.to_dict())) for row in results]
    assert [row.outcome for row in rows] == [row.outcome for row in results]
    assert rows[0] == results[0]
    assert [str(row.error) for row in rows] == [str(row.error) for row in results]
    json.dumps(results.to_dicts(), allow_nan=False)
    assert {"type", "version", "result", "error"}.isdisjoint(results.to_dicts()[0])


def without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


@pytest.mark.parametrize(
    ("kind", "document", "said"),
    [
        (Transferred, [], "must be a dict, got list"),
        (Transferred, {}, "type: must be 'transferred'"),
        (Transferred, CALL.to_dict(), "type: must be 'transferred', as to_dict writes it, got 'call'"),
        (Transferred, {**DONE.to_dict(), "version": 2}, "version: must be 1, got 2"),
        (Transferred, without(DONE.to_dict(), "attempts"), "attempts: is missing"),
        (Transferred, {**DONE.to_dict(), "attempts": True}, "attempts: must be int, got bool"),
        (Call, {**CALL.to_dict(), "id": None}, "id: must be str, got NoneType"),
        (
            CallTransferError,
            {**errors.make("tls", "no", {}).to_dict(), "outcome": "done"},
            "outcome: must be one of applied",
        ),
        (
            CallTransferError,
            {**errors.make("tls", "no", {}).to_dict(), "details": [["a"]]},
            "details: must be a list of pairs",
        ),
        (
            CallTransferError,
            {**errors.make("tls", "no", {}).to_dict(), "details": [3]},
            "details: must be a list of pairs",
        ),
    ],
)
def test_dict_that_is_none_of_ours_is_refused_by_name(kind: Any, document: Any, said: str) -> None:
    with pytest.raises(ValueError, match="from_dict: ") as caught:
        kind.from_dict(document)
    assert said in str(caught.value)


def test_dict_holds_every_field_of_its_result() -> None:
    for value in (DONE, CALL, Finding("unknown", "r", None, CALL), TransferRow(0, "c-1", TARGET, DONE, None)):
        assert {field.name for field in dataclasses.fields(value)} <= set(value.to_dict())
    assert set(CallTransferError.__annotations__) <= set(CallTransferError("x").to_dict())


def test_error_from_message_has_the_outcome_of_its_class() -> None:
    made = {
        kind: (error("the message").outcome, error("the message").safe_to_repeat)
        for kind, error in errors.KINDS.items()
    }
    refused = {
        "bad_request",
        "authorization",
        "insufficient_credit",
        "forbidden",
        "call_not_found",
        "call_not_active",
        "conflict",
    }
    for kind, (outcome, safe) in made.items():
        if kind in ("invalid_argument", "configuration"):
            assert (outcome, safe) == ("not_sent", True)
        else:
            assert (outcome, safe) == ("not_applied" if kind in refused else "unknown", False), kind
