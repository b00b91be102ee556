"""Checks of one transfer through the C interface: the shared vectors, and the real sandbox."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from c.compiler import drive
from c.header import constants
from c.test_vectors import ids
from sandbox_process import SandboxProcess, vectors

CHECKS = vectors("checks")
OUTCOMES = {name: number for name, number in constants().items() if name.startswith("CALLTRANSFER_OUTCOME_")}


def account(sandbox: SandboxProcess, api: str) -> dict[str, str]:
    """An account whose requests need no access token before them."""
    if api == "v1":
        return sandbox.environment()
    return {
        "BW_ACCOUNT_ID": "9900000",
        "BW_USERNAME": "user-sandbox",
        "BW_PASSWORD": "password-sandbox",
        "CALLTRANSFER_BASE_URL": sandbox.url,
    }


def found(
    driver: pathlib.Path, sandbox: SandboxProcess, api: str, how: str, to: list[str], caller_id: str | None = None
) -> dict[str, Any]:
    """The finding after a transfer of c-1 whose outcome is unknown."""
    given = {"call_id": "c-1", "to": to, "caller_id": caller_id}
    return drive(driver, given, how, env=account(sandbox, api))


@pytest.mark.parametrize("how", ["client", "timed", "queue"])
@pytest.mark.parametrize("vector", CHECKS, ids=ids(CHECKS))
def test_finding_is_what_the_vector_says(
    vector: dict[str, Any], how: str, check_driver: pathlib.Path, sandbox: SandboxProcess
) -> None:
    sandbox.script(*vector["replies"])
    finding = found(check_driver, sandbox, vector["api"], how, vector["to"], vector.get("caller_id"))
    expect = vector["expect"]
    assert finding["outcome_number"] == OUTCOMES[f"CALLTRANSFER_OUTCOME_{expect['outcome'].upper()}"]
    assert finding["new_call_id"] == expect["new_call_id"]
    assert (finding["doubt"] is not None) == expect["has_doubt"]
    assert [request["method"] for request in sandbox.requests()][1:] == ["GET"] * expect["reads"]


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_only_the_transfer_in_question_is_found(api: str, check_driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    driven = (check_driver, sandbox, api)
    lost = {"cut_after": 0, "reset": True, "call_id": "c-1"}
    # An earlier transfer: it is applied, its response is lost, and the check finds it.
    sandbox.inject(lost)
    earlier = found(*driven, "client", ["+12025550100"])
    assert earlier["new_call_id"] == sandbox.calls()[-1]["id"]
    # A later one to another target, which the platform never got.
    sandbox.inject({**lost, "applied": False})
    later = found(*driven, "client", ["+12025550101"])
    assert (later["outcome_number"], later["new_call_id"]) == (OUTCOMES["CALLTRANSFER_OUTCOME_UNKNOWN"], None)
