"""Every vector of an event, through the C interface."""

from __future__ import annotations

import json
import pathlib
from datetime import datetime, timezone
from typing import Any

import pytest
from c.compiler import HERE, compile_driver, drive
from c.header import constants
from sandbox_process import vectors

NUMBERS = constants()
DETAILS = [
    "application_id",
    "diversion",
    "status",
    "recording_id",
    "recording_uri",
    "start_time",
    "end_time",
    "transfer_caller_id",
    "transfer_to",
    "error_message",
    "error_id",
]
SAME = [
    "api",
    "kind",
    "event_type",
    "call_id",
    "parent_call_id",
    "from",
    "to",
    "time_text",
    "cause",
    "cause_text",
    "tag",
    "call_state",
]


@pytest.fixture(scope="module")
def event_driver(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return compile_driver(HERE / "event_driver.c", tmp_path_factory.mktemp("c"))


@pytest.mark.parametrize("vector", vectors("events"), ids=lambda vector: vector["name"])
def test_event_is_read_as_the_vector_says(vector: dict[str, Any], event_driver: pathlib.Path) -> None:
    reported = drive(event_driver, vector)
    if "refused" in vector:
        assert reported["status"] == NUMBERS["CALLTRANSFER_E_INVALID_ARGUMENT"]
        assert (reported["field"], reported["outcome"]) == (vector["refused"]["field"], "not_sent")
        return
    # A NUL, which C would take for the end, is shown.
    expected = json.loads(json.dumps(vector["event"]).replace("\\u0000", "\\\\0"))
    assert reported["status"] == 0
    assert {name: reported[name] for name in SAME} == {name: expected.get(name) for name in SAME}
    assert reported["time_ms"] == milliseconds(expected.get("time"))
    assert reported["kind_number"] == NUMBERS[f"CALLTRANSFER_EVENT_{expected['kind'].upper()}"]
    cause = expected.get("cause")
    assert reported["cause_number"] == (NUMBERS[f"CALLTRANSFER_CAUSE_{cause.upper()}"] if cause else 0)
    details = {name: reported["event_status" if name == "status" else name] for name in DETAILS}
    details["diversion"] = json.loads(details["diversion"] or "null")
    assert {name: text for name, text in details.items() if text is not None} == expected["details"]
    fields = json.loads(reported["json"])
    assert fields["eventType"] == expected["event_type"]
    assert reported["callId"] == raw(fields.get("callId"))
    assert "+19195550100" not in reported["line"] and "+18385550199" not in reported["line"]


def milliseconds(time: str | None) -> int:
    if time is None:
        return -1
    since_1970 = datetime.fromisoformat(time.replace("Z", "+00:00")) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return round(since_1970.total_seconds() * 1000)


def raw(value: Any) -> str | None:
    """As a field is reported: a text as it is, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value if value is None else value.replace("\0", "\\0")
    return json.dumps(value, separators=(",", ":"))
