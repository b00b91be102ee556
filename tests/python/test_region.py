"""National phone numbers, by the rules of a region: the command line and many transfers."""

from __future__ import annotations

import asyncio
import json
import pathlib
from typing import Any

import calltransfer
import pytest
from calltransfer import AsyncClient, InvalidArgumentError
from calltransfer.sandbox import Sandbox
from cli_command import Cli, run

pytest.importorskip("phonenumbers", reason="phonenumbers is not installed: national numbers were NOT tried")

TARGET = "+18382947878"
NATIONAL = ["(838) 294-7878", "838-294-7878", "838.294.7878", "8382947878", "1 838 294 7878", "+1 (838) 294-7878"]


def sent(sandbox: Sandbox) -> list[Any]:
    return [json.loads(request["body"]) for request in sandbox.requests() if request["body"]]


def placed(sandbox: Sandbox, count: int) -> list[str]:
    return [sandbox.place_incoming_call(call_id=f"c-{number}") for number in range(count)]


def test_national_numbers_of_a_file_are_sent_as_international(tmp_path: pathlib.Path, cli: Cli) -> None:
    rows = [f"{call},{to}" for call, to in zip(placed(cli.sandbox, len(NATIONAL)), NATIONAL)]
    (tmp_path / "calls.csv").write_text("call_id,to\n" + "\n".join(rows) + "\n")
    without = cli("many", str(tmp_path / "calls.csv"))
    assert without.code == 2 and without.err.count("; or add its country, as --region US\n") == len(NATIONAL) - 1
    reported = cli("many", str(tmp_path / "calls.csv"), "--region", "us")
    assert reported.code == 0, reported.err
    assert [body["transferTo"] for body in sent(cli.sandbox)] == [TARGET] * len(NATIONAL)


def test_national_numbers_of_items_are_sent_as_international(sandbox: Sandbox) -> None:
    items = [(call, to) for call, to in zip(placed(sandbox, len(NATIONAL)), NATIONAL)]
    results = sandbox.client().transfer_many(items, region="US")
    assert [row.outcome for row in results] == ["applied"] * len(NATIONAL)
    assert [row.to for row in results] == NATIONAL, "a row says what was given"
    assert [body["transferTo"] for body in sent(sandbox)] == [TARGET] * len(NATIONAL)


def test_region_holds_in_every_entry_point(sandbox: Sandbox, account: Sandbox) -> None:
    calls = placed(sandbox, 4)

    async def both() -> None:
        async with AsyncClient(**settings) as client:
            await client.transfer_many([(calls[0], NATIONAL[0])], region="US")
            async for _ in client.transfer_as_completed([(calls[1], NATIONAL[0])], region="US"):
                pass

    settings: dict[str, Any] = {}
    asyncio.run(both())
    assert len(list(sandbox.client().transfer_as_completed([(calls[2], NATIONAL[0])], region="US"))) == 1
    calltransfer.transfer_many([(calls[3], NATIONAL[0])], region="US")
    assert [body["transferTo"] for body in sent(sandbox)] == [TARGET] * 4


@pytest.mark.parametrize(
    ("region", "given", "to"),
    [
        ("GB", "020 7946 0958", "+442079460958"),
        ("DE", "030/90120", "+493090120"),
        ("DE", "0018382947878", TARGET),
        ("FR", "01 42 68 53 00", "+33142685300"),
    ],
)
def test_rules_of_a_region_are_followed(region: str, given: str, to: str, cli: Cli) -> None:
    reported = cli("payload", "c-1", given, "--region", region, "--caller-id", given, "--json")
    assert reported.code == 0, reported.err
    body = reported.json["body"]
    assert (body["transferTo"], body["transferCallerId"]) == (to, to)


def test_targets_other_than_national_numbers_stay(cli: Cli) -> None:
    for to in ("sip:838@example.com", "+442079460958"):
        reported = cli("payload", "c-1", to, "--region", "US", "--caller-id", "private", "--json")
        assert reported.json["body"]["transferTo"] == to
        assert reported.json["body"]["transferCallerId"] == "private"


def test_each_of_several_targets_is_made_international(tmp_path: pathlib.Path, sandbox: Sandbox) -> None:
    arguments = ("payload", "c-1", NATIONAL[0], "sip:a@example.com", NATIONAL[1], "--region", "US")
    reported = run(*arguments, environment=sandbox.environment("v2"))
    assert reported.out.count(f"<PhoneNumber>{TARGET}</PhoneNumber>") >= 2, reported.err


REFUSED = {
    "no area code": ("294-7878", "is not a valid phone number of US"),
    "one digit too few": ("(838) 294-787", "is not a valid phone number of US"),
    "emergency number": ("911", "is not a valid phone number of US"),
    "prefix of another region": ("0018382947878", "is not a valid phone number of US"),
    "extension": ("(838) 294-7878 x123", "it has an extension"),
    "letters": ("1-800-FLOWERS", "to: "),
    "other digits": ("\u0668\u0663\u0668\u0662\u0669\u0664\u0667\u0668\u0667\u0668", "digits of another script"),
    "text around": ("call 838 294 7878", "to: "),
}


@pytest.mark.parametrize(("to", "said"), REFUSED.values(), ids=REFUSED)
def test_number_that_is_not_valid_there_is_refused_by_line(
    to: str, said: str, tmp_path: pathlib.Path, cli: Cli
) -> None:
    (tmp_path / "calls.csv").write_text(f"call_id,to\nc-0,{TARGET}\nc-1,{to}\n", encoding="utf-8")
    reported = cli("many", str(tmp_path / "calls.csv"), "--region", "US")
    assert reported.code == 2 and cli.sandbox.requests() == []
    assert "\n  line 3: to: " in reported.err and said in reported.err
    assert "294" not in reported.err and "911" not in reported.err
    row = cli.sandbox.client().transfer_many([("c-1", to)], region="US")[0]
    assert row.outcome == "not_sent" and said in str(row.error)


def test_invalid_caller_id_is_refused_by_name(sandbox: Sandbox) -> None:
    results = sandbox.client().transfer_many([("c-1", TARGET, {"caller_id": "294-7878"})], region="US")
    assert results[0].error is not None and results[0].error.field == "caller_id"


@pytest.mark.parametrize("region", ["", "USA", "ZZ", "+1", 1, b"US"])
def test_unknown_region_is_refused_before_anything_is_sent(region: Any, sandbox: Sandbox) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        sandbox.client().transfer_many([("c-1", TARGET)], region=region)
    assert caught.value.field == "region" and "expected the two letters of a country, as US" in str(caught.value)
    assert sandbox.requests() == []


def test_missing_library_is_named_with_its_extra(tmp_path: pathlib.Path, cli: Cli) -> None:
    (tmp_path / "calls.csv").write_text(f"call_id,to\nc-1,{TARGET}\n")
    (tmp_path / "phonenumbers.py").write_text("raise ImportError('not here')\n")
    environment = {**cli.sandbox.environment(), "PYTHONPATH": str(tmp_path)}
    for arguments in (("many", str(tmp_path / "calls.csv")), ("transfer", "c-1", TARGET)):
        reported = run(*arguments, "--region", "US", environment=environment)
        assert reported.code == 2
        assert reported.err == ("calltransfer: region: needs phonenumbers; pip install 'calltransfer[phone]'\n")
    assert cli.sandbox.requests() == []
