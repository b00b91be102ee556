"""Phone numbers as people and spreadsheets write them: sent without separators, or refused with the reason."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from cli_command import Cli, run

TARGET = "+18382947878"
WRITTEN = ["+1 (838) 294-7878", "+1.838.294.7878", "+1-838-294-7878", "+1 838 294 7878", " +18382947878"]


def sent(sandbox: Sandbox) -> list[Any]:
    return [json.loads(request["body"])["transferTo"] for request in sandbox.requests() if request["body"]]


def test_numbers_of_a_file_are_sent_without_separators(tmp_path: pathlib.Path, cli: Cli) -> None:
    lines = [f"c-{number},{to}" for number, to in enumerate(WRITTEN)]
    (tmp_path / "calls.csv").write_text("call_id,to\n" + "\n".join(lines) + "\n", encoding="utf-8")
    for number in range(len(WRITTEN)):
        cli.sandbox.place_incoming_call(call_id=f"c-{number}")
    reported = cli("many", str(tmp_path / "calls.csv"))
    assert reported.code == 0, reported.err
    assert sent(cli.sandbox) == [TARGET] * len(WRITTEN)


def test_numbers_of_items_are_sent_without_separators(sandbox: Sandbox) -> None:
    written = WRITTEN[:-1]
    for number in range(len(written)):
        sandbox.place_incoming_call(call_id=f"c-{number}")
    results = sandbox.client().transfer_many([(f"c-{number}", to) for number, to in enumerate(written)])
    assert [row.outcome for row in results] == ["applied"] * len(written)
    assert sent(sandbox) == [TARGET] * len(written)


def test_targets_of_a_cell_in_v2_may_have_separators(tmp_path: pathlib.Path, sandbox: Sandbox) -> None:
    (tmp_path / "calls.csv").write_text("call_id,to\nc-1,+1 (838) 294-7878 +1 919 222 3333\n")
    sandbox.place_incoming_call(call_id="c-1")
    reported = run("many", str(tmp_path / "calls.csv"), environment=sandbox.environment("v2"))
    assert reported.code == 0, reported.err
    (body,) = [request["body"] for request in sandbox.requests() if request["method"] == "PUT"]
    assert body == calltransfer.bxml("c-1", [TARGET, "+19192223333"])


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("(838) 294-7878", "it has no country code"),
        ("0018382947878", "it begins with 00"),
        ("+18382947878 x123", "it has an extension"),
        ("+18382947878;ext=123", "it has an extension"),
        ("1.83829E+10", "a spreadsheet shortened"),
        ("'+18382947878", "an apostrophe"),
        ("+\u0661\u0668\u0663\u0668\u0662\u0669\u0664\u0667", "digits of another script"),
        ("\uff0b\uff11\uff18\uff13\uff18\uff12", "digits of another script"),
        ("+44 (0)20 7946 0958", "a 0 in parentheses"),
        ("+1838\u00a02947878", "U+00A0"),
        ("tel:+18382947878", '"tel:"'),
        (" +18382947878", "starts or ends with a space"),
    ],
)
def test_refused_number_says_why_and_is_not_shown(to: str, reason: str) -> None:
    for options in ({"to": to}, {"to": TARGET, "caller_id": to}):
        with pytest.raises(calltransfer.InvalidArgumentError) as caught:
            calltransfer.payload("c-1", **options)  # type: ignore[arg-type]
        message = str(caught.value)
        assert reason in message and caught.value.field == list(options)[-1]
        assert "838" not in message.replace("U+", "") and "7946" not in message and "\u0661\u0668\u0663" not in message
