"""`transfer_to_first`: the first target that answers, and never two of them; the sandbox's record is the judge."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from python.test_follow import (
    ANSWERS,
    BUSY,
    FAILS,
    HANGS_UP,
    NO_ANSWER,
    REJECTS,
    RESULTS,
    STORM,
    UNALLOCATED,
    WAITS,
    quick,
    served,
)

__all__ = ["quick"]

REFUSED = "+12025550120"
UNKNOWN = "+12025550127"


def judge(sandbox: Sandbox, call_id: str, first: calltransfer.FirstTransferred) -> None:
    """Never two legs of one caller that are answered or ring at the same time; the result is the record's."""
    legs = [call for call in sandbox.calls() if call["transferred_from"] == call_id]
    for one, other in itertools.pairwise(legs):
        assert one["end_time"] is not None and one["end_time"] <= other["start_time"], (one, other)
    answered = [leg["to"] for leg in legs if leg["active_time"] is not None]
    assert len(answered) <= 1
    said = [first.targets[first.answered].to] if first.answered is not None else []
    assert said == answered or first.stopped == "unknown", (first, answered)


def run(sandbox: Sandbox, how: str, targets: list[str], ring: float | None = None, faults: Any = ()) -> Any:
    call_id = sandbox.place_incoming_call()
    if how == "reads":
        first = sandbox.client().transfer_to_first(call_id, targets, ring=ring)
    else:
        sandbox.inject_callbacks(*faults)
        with served() as (receiver, url):
            options: Any = {"ring": ring, "receiver": receiver, "callback_url": url}
            if how == "events":
                first = sandbox.client().transfer_to_first(call_id, targets, **options)
            else:

                async def main() -> calltransfer.FirstTransferred:
                    async with sandbox.async_client() as client:
                        return await client.transfer_to_first(call_id, targets, **options)

                first = asyncio.run(main())
    judge(sandbox, call_id, first)
    return first


HOWS = ["reads", "events", "async events"]


@pytest.mark.parametrize("how", HOWS)
def test_first_to_answer_gets_the_call(quick: Sandbox, how: str) -> None:
    targets = [BUSY, NO_ANSWER, REJECTS, UNALLOCATED, FAILS, ANSWERS, WAITS]
    first = run(quick, how, targets)
    assert (first.answered, first.stopped) == (5, "answered")
    assert [target.result for target in first.targets] == [
        *(RESULTS[number] for number in targets[:5]),
        "answered",
        None,
    ]
    assert [target.outcome for target in first.targets] == ["applied"] * 6 + [None]
    assert "82025550" not in repr(first) and BUSY not in repr(first)


@pytest.mark.parametrize("how", HOWS)
def test_caller_stays_where_none_answers(quick: Sandbox, how: str) -> None:
    first = run(quick, how, [BUSY, REFUSED, REJECTS])
    assert (first.answered, first.stopped) == (None, "all_tried")
    assert [target.outcome for target in first.targets] == ["applied", "not_applied", "applied"]
    assert isinstance(first.targets[1].error, calltransfer.ForbiddenError)
    assert quick.call(first.call_id)["state"] == "active"


@pytest.mark.parametrize("how", HOWS)
def test_unknown_outcome_stops_the_sequence(quick: Sandbox, how: str) -> None:
    first = run(quick, how, [BUSY, UNKNOWN, ANSWERS])
    assert first.stopped == "unknown"
    assert first.targets[2].outcome is None


@pytest.mark.parametrize("how", HOWS)
def test_lost_response_stops_the_sequence(quick: Sandbox, how: str) -> None:
    quick.inject({"cut_after": 0})
    first = run(quick, how, [ANSWERS, BUSY])
    assert (first.stopped, first.targets[0].outcome) == ("unknown", "unknown")
    assert isinstance(first.targets[0].error, calltransfer.OutcomeUnknownError)
    assert len([it for it in quick.requests() if it["method"] == "POST"]) == 1


@pytest.mark.parametrize("how", HOWS)
def test_ringing_ends_in_time(sandbox: Sandbox, how: str) -> None:
    first = run(sandbox, how, [WAITS, ANSWERS], ring=1)
    assert (first.answered, first.targets[0].result) == (1, "cancelled")


@pytest.mark.parametrize("how", HOWS)
def test_caller_that_has_gone_ends_it(sandbox: Sandbox, how: str) -> None:
    call_id = sandbox.place_incoming_call(state="completed")
    with pytest.raises(calltransfer.CallNotActiveError), served() as (receiver, url):
        options: Any = {} if how == "reads" else {"receiver": receiver, "callback_url": url}
        sandbox.client().transfer_to_first(call_id, [BUSY, ANSWERS], **options)


@pytest.mark.parametrize("how", HOWS[1:])
@pytest.mark.parametrize("last", [ANSWERS, HANGS_UP])
def test_storm_of_events_never_connects_two(quick: Sandbox, how: str, last: str) -> None:
    first = run(quick, how, [BUSY, REJECTS, NO_ANSWER, FAILS, last], faults=STORM)
    assert (first.answered, first.stopped) == (4, "answered"), first


def test_v2_rings_all_at_once(quick: Sandbox) -> None:
    call_id = quick.place_incoming_call()
    first = quick.client(api="v2").transfer_to_first(call_id, [BUSY, ANSWERS, WAITS], ring=20)
    assert (first.answered, first.stopped) == (1, "answered")
    answered = [call["to"] for call in quick.calls() if call["transferred_from"] and call["active_time"]]
    assert answered == [ANSWERS]
