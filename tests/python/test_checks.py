"""Checks of one transfer after an unknown outcome: the shared vectors and the real sandbox, through both clients."""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import pickle
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import vectors

ANSWERS, SLOW = "+12025550101", "+12025550100"
LOST = {"cut_after": 0, "reset": True}
# Each test has calls of its own: the library remembers which transfers of a call it sent.
CALLS = (f"c-check-{number}" for number in itertools.count())
KINDS = [calltransfer.Client, calltransfer.AsyncClient]


def settings(sandbox: Sandbox, api: str) -> dict[str, Any]:
    """An account whose requests need no access token before them."""
    if api == "v1":
        account = {"user_id": sandbox.user_id, "token": sandbox.token, "secret": sandbox.secret}
    else:
        account = {"account_id": "9900000", "username": "user-sandbox", "password": "password-sandbox"}
    return {**account, "base_url": sandbox.url, "max_retries": 0}


def transferred(client: Any, *arguments: Any, **options: Any) -> calltransfer.OutcomeUnknownError:
    """The error of a transfer whose outcome is unknown."""

    async def in_a_loop() -> None:
        await client.transfer(*arguments, **options)

    with pytest.raises(calltransfer.OutcomeUnknownError) as caught:
        if isinstance(client, calltransfer.AsyncClient):
            asyncio.run(in_a_loop())
        else:
            client.transfer(*arguments, **options)
    return caught.value


def checked(client: Any, subject: Any) -> calltransfer.Finding:
    async def in_a_loop() -> calltransfer.Finding:
        return await client.check(subject)

    return asyncio.run(in_a_loop()) if isinstance(client, calltransfer.AsyncClient) else client.check(subject)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["name"]) for vector in vectors("checks")])
def test_finding_is_what_the_vector_says(
    vector: dict[str, Any], kind: type[Any], sandbox: Sandbox, no_account: None
) -> None:
    call_id = next(CALLS)
    sandbox.script(*json.loads(json.dumps(vector["replies"]).replace('\\"c-1\\"', f'\\"{call_id}\\"')))
    client = kind(**settings(sandbox, vector["api"]))
    options = {"caller_id": vector["caller_id"]} if "caller_id" in vector else {}
    error = transferred(client, call_id, vector["to"] if len(vector["to"]) > 1 else vector["to"][0], **options)
    finding = checked(client, error)
    expect = vector["expect"]
    assert (finding.outcome, finding.new_call_id) == (expect["outcome"], expect["new_call_id"])
    assert (finding.doubt is not None) == expect["has_doubt"]
    assert [request["method"] for request in sandbox.requests()][1:] == ["GET"] * expect["reads"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_only_the_transfer_in_question_is_found(api: str, kind: type[Any], sandbox: Sandbox, no_account: None) -> None:
    call_id = next(CALLS)
    sandbox.place_incoming_call("+19195550100", "+18385550199", call_id=call_id)
    client = kind(**settings(sandbox, api))
    sandbox.inject(LOST)
    earlier = transferred(client, call_id, SLOW)
    sandbox.inject({**LOST, "applied": False})
    later = transferred(client, call_id, ANSWERS)
    found = checked(client, earlier)
    assert (found.outcome, found.new_call_id) == ("applied", sandbox.calls()[-1]["id"])
    found = checked(client, later)
    assert (found.outcome, found.new_call_id) == ("unknown", None)
    assert checked(client, copy.copy(later)) == found
    # By its ID it is about any transfer of the call, and so it is with an error of another process.
    for subject in (call_id, pickle.loads(pickle.dumps(later))):
        assert checked(client, subject).outcome == "applied"


def test_error_shows_no_target(sandbox: Sandbox, no_account: None) -> None:
    call_id = next(CALLS)
    sandbox.place_incoming_call("+19195550100", "+18385550199", call_id=call_id)
    client = calltransfer.Client(**settings(sandbox, "v1"))
    sandbox.inject(LOST)
    error = transferred(client, call_id, ANSWERS)
    shown = f"{error!r} {vars(error)} {error.to_dict()} {pickle.dumps(error, protocol=0)!r}"
    assert ANSWERS[1:] not in shown
