"""The files that `calltransfer many` reads: tables as spreadsheets and people write them, and JSON lines."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from typing import Any

import pytest
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT, Cli, Told

ROW = f"c-1,{TARGET}"


def bodies(cli: Cli, folder: pathlib.Path, data: bytes, *arguments: str, name: str = "calls.csv") -> dict[str, Any]:
    """What is sent for a file, by call."""
    (folder / name).write_bytes(data)
    for number in range(1, 5):
        cli.sandbox.place_incoming_call(call_id=f"c-{number}")
    reported = cli("many", str(folder / name), *arguments)
    assert reported.code == 0, reported.err
    return {request["call_id"]: json.loads(request["body"]) for request in cli.sandbox.requests()}


def refused(cli: Cli, folder: pathlib.Path, data: bytes, *arguments: str, name: str = "calls.csv") -> str:
    """What is said of a file of which nothing may be sent, by a dry run too."""
    (folder / name).write_bytes(data)
    said = cli("many", str(folder / name), *arguments)
    assert said.code == 2 and cli.sandbox.requests() == []
    assert cli("many", str(folder / name), *arguments, "--dry-run").err == said.err
    assert not any(letter.isdigit() and not letter.isascii() for letter in said.err)
    assert "838294" not in said.err and "2947878" not in said.err
    return said.err


READ = {
    "semicolons": f"call_id;to\r\nc-1;{TARGET}\r\n".encode(),
    "tabs": f"call_id\tto\nc-1\t{TARGET}\n".encode(),
    "bars": f"call_id|to\nc-1|{TARGET}\n".encode(),
    "line of the delimiter": f"sep=;\r\ncall_id;to\r\nc-1;{TARGET}\r\n".encode(),
    "names in any case, with spaces": f"Call_ID, To\nc-1, {TARGET}\n".encode(),
    "blank lines": f"\r\ncall_id,to\r\n\r\n{ROW}\r\n\r\n,\r\n,,\r\n".encode(),
    "empty last column": f"call_id,to,\n{ROW},\n".encode(),
    "quoted names": f'"call_id","to"\n"c-1","{TARGET}"\n'.encode(),
    "old line ends": f"call_id,to\r{ROW}\r".encode(),
    "no last line end": f"call_id,to\n{ROW}".encode(),
    "UTF-8 with mark": f"call_id,to\n{ROW}\n".encode("utf-8-sig"),
    "UTF-16": f"call_id,to\n{ROW}\n".encode("utf-16"),
    "UTF-16 big endian": b"\xfe\xff" + f"call_id;to\n{ROW.replace(',', ';')}\n".encode("utf-16-be"),
    "UTF-32": f"call_id,to\n{ROW}\n".encode("utf-32"),
}


@pytest.mark.parametrize("data", READ.values(), ids=READ)
def test_table_as_people_have_it_is_read(data: bytes, tmp_path: pathlib.Path, cli: Cli) -> None:
    assert bodies(cli, tmp_path, data) == {"c-1": {"state": "transferring", "transferTo": TARGET}}


@pytest.mark.parametrize(
    ("cell", "value"), [("TRUE", True), ("yes", True), ("1", True), ("False", False), ("NO", False), ("0", False)]
)
def test_boolean_cell_in_any_form_is_read(cell: str, value: bool, tmp_path: pathlib.Path, cli: Cli) -> None:
    sent = bodies(cli, tmp_path, f"call_id,to,recording_enabled\n{ROW},{cell}\n".encode())
    assert sent["c-1"]["recordingEnabled"] is value


def test_columns_of_the_whisper_are_read(tmp_path: pathlib.Path, cli: Cli) -> None:
    sent = bodies(
        cli, tmp_path, f"call_id,to,Whisper_Audio.Sentence,whisper_audio.loop_enabled\n{ROW},Hi,no\n".encode()
    )
    assert sent["c-1"]["whisperAudio"] == {"sentence": "Hi", "loopEnabled": False}


def test_encoding_option_reads_latin_1(tmp_path: pathlib.Path, cli: Cli) -> None:
    data = f"call_id,to,whisper_audio\n{ROW},Gr\u00fc\u00dfe\n".encode("latin-1")
    assert bodies(cli, tmp_path, data, "--encoding", "latin-1")["c-1"]["whisperAudio"] == {
        "sentence": "Gr\u00fc\u00dfe"
    }


REFUSED = {
    "two columns to": ("call_id,to,to\nc-1,+18382947878,+18382947879\n", "line 1: two columns are named to"),
    "two columns in other case": ("call_id,to,To\nc-1,+18382947878,+18382947879\n", "line 1: two columns are named to"),
    "names of the API": (
        "callId,transferTo\nc-1,+18382947878\n",
        "line 1: 'callid' is not the name of a column; did you mean call_id?",
    ),
    "name of the API": (
        "call_id,transferTo\nc-1,+18382947878\n",
        "line 1: 'transferto' is not the name of a column; did you mean to?",
    ),
    "names with spaces": ("Call ID,to\nc-1,+18382947878\n", "did you mean call_id?"),
    "no names": ("c-1,+18382947878\n", "line 1: 'c-1' is not the name of a column"),
    "number for a name": ("call_id,+18382947878\n", "line 1: '+*********78' is not the name of a column"),
    "no column to": ("call_id\nc-1\n", "line 1 names no column to"),
    "unnamed column": ("call_id,,to\nc-1,x,+18382947878\n", "line 2: a cell: is in a column without a name"),
    "shortened number": (
        "call_id,to\nc-1,1.83829E+10\n",
        "line 2: to: looks like a number that a spreadsheet shortened; format the column as text",
    ),
    "shortened caller": ("call_id,to,caller_id\nc-1,+18382947878,1.9E+10\n", "line 2: caller_id: looks like a number"),
    "apostrophe": ("call_id,to\r\nc-1,'+18382947878\r\n", "line 2: to: begins with an apostrophe"),
    "boolean": (
        "call_id,to,privacy\nc-1,+18382947878,maybe\n",
        "line 2: privacy: is not one of true, false, yes, no, 1, 0",
    ),
    "timeout with comma": ('call_id,to,timeout\nc-1,+18382947878,"5,5"\n', "line 2: timeout: is not a number"),
    "timeout word": ("call_id,to,timeout\nc-1,+18382947878,abc\n", "line 2: timeout: is not a number"),
    "timeout nan": ("call_id,to,timeout\nc-1,+18382947878,nan\n", "line 2: timeout: is not a number"),
    "timeout below 0": ("call_id,to,timeout\nc-1,+18382947878,-1\n", "line 2: timeout: "),
    "timeout of 0": ("call_id,to,timeout\nc-1,+18382947878,0\n", "line 2: timeout: "),
    "timeout too long": ("call_id,to,timeout\nc-1,+18382947878,99999\n", "line 2: timeout: "),
    "volume": (
        "call_id,to,whisper_audio,whisper_audio.volume\nc-1,+18382947878,Hi,loud\n",
        "line 2: whisper_audio.volume: is not a number",
    ),
    "extra": ("call_id,to,extra\nc-1,+18382947878,x\n", "line 2: extra: is not a JSON object"),
    "extra twice": (
        'call_id,to,extra\nc-1,+18382947878,"{""a"": 1, ""a"": 2}"\n',
        'line 2: extra: names "a" twice in one object',
    ),
    "two sentences": (
        "call_id,to,whisper_audio,whisper_audio.sentence\nc-1,+18382947878,a,b\n",
        "line 2: whisper_audio: is in two columns",
    ),
    "too many cells": ("call_id,to\nc-1,+18382947878,x\n", "line 2: the number of cells is 3"),
    "open quote": ('call_id,to\nc-1,"+18382947878\n', "line 2 is not CSV"),
    "other digits": (
        "call_id,to\nc-1,+\u0661\u0668\u0663\u0668\u0662\u0669\u0664\u0667\u0668\u0667\u0668\n",
        "line 2: to: ",
    ),
    "empty": ("", "is empty"),
    "blank": ("\n\n", "is empty"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_faulty_table_is_refused_by_line_and_column(text: str, said: str, tmp_path: pathlib.Path, cli: Cli) -> None:
    (tmp_path / "calls.csv").write_bytes(text.encode())
    if text == REFUSED["other digits"][0]:
        assert cli("many", str(tmp_path / "calls.csv")).code == 2
    else:
        assert said in refused(cli, tmp_path, text.encode())


def test_latin_1_is_refused_with_line_and_option(tmp_path: pathlib.Path, cli: Cli) -> None:
    said = refused(cli, tmp_path, f"call_id,to,whisper_audio\n{ROW},Hi\nc-2,+1,Gr\u00fc\u00dfe\n".encode("latin-1"))
    assert "line 3 is not UTF-8" in said and "--encoding latin-1" in said
    assert "'klingon' is not an encoding" in refused(cli, tmp_path, b"", "--encoding", "klingon")
    assert "'hex' is not an encoding" in refused(cli, tmp_path, b"", "--encoding", "hex")
    assert "line 2 is not ascii" in refused(cli, tmp_path, "call_id,to\n\u00fc,+1\n".encode(), "--encoding", "ascii")


def test_every_faulty_line_is_listed_with_its_number(tmp_path: pathlib.Path, cli: Cli) -> None:
    said = refused(cli, tmp_path, b"call_id,to\nc-1,abc\nc-2,+18382947878\nc 3,+18382947878\nc-2,+18382947879\nc-5,\n")
    assert "4 lines can't be sent, so nothing was:" in said
    for text in [
        "\n  line 2: to: ",
        "\n  line 4: call_id: ",
        "\n  line 5: call_id: is the call of line 3 again",
        "\n  line 6: to: is missing",
    ]:
        assert text in said


def test_line_numbers_are_those_of_an_editor(tmp_path: pathlib.Path, cli: Cli) -> None:
    text = '\nsep=;\n\ncall_id;to;whisper_audio\n\nc-1;+18382947878;"two\nlines"\n\nc-2;x;\n'
    assert "\n  line 9: to: " in refused(cli, tmp_path, text.encode())


def test_first_20_of_many_faulty_lines_are_listed(tmp_path: pathlib.Path, cli: Cli) -> None:
    said = refused(cli, tmp_path, b"call_id,to\n" + b"c-1,x\n" * 33)
    assert said.count("\n  line ") == 20 and "\n  and 13 more\n" in said


JSONL = {
    "name twice": (
        '{"call_id": "c-1", "to": "+18382947878", "to": "+18382947879"}',
        'line 1: names "to" twice in one object',
    ),
    "constant": ('{"call_id": "c-1", "to": "+18382947878", "timeout": NaN}', "line 1: is not a JSON object"),
    "timeout": ('\n{"call_id": "c-1", "to": "+18382947878", "timeout": "5"}', "line 2: timeout: "),
    "name of the API": ('{"call_id": "c-1", "to": "+18382947878", "callbackUrl": "x"}', 'did you mean "callback_url"?'),
    "number": ('{"call_id": "c-1", "to": 18382947878}', "line 1: to: "),
}


@pytest.mark.parametrize(("text", "said"), JSONL.values(), ids=JSONL)
def test_faulty_json_line_is_refused_by_line(text: str, said: str, tmp_path: pathlib.Path, cli: Cli) -> None:
    assert said in refused(cli, tmp_path, text.encode(), name="calls.jsonl")


def test_null_in_a_json_line_is_not_given(tmp_path: pathlib.Path, cli: Cli) -> None:
    line = json.dumps({"call_id": "c-1", "to": TARGET, "caller_id": None, "timeout": None})
    assert bodies(cli, tmp_path, line.encode(), name="calls.ndjson") == {
        "c-1": {"state": "transferring", "transferTo": TARGET}
    }


CSV = f"call_id,to\n{ROW}\n"
LINE = json.dumps({"call_id": "c-1", "to": TARGET}) + "\n"


@pytest.mark.parametrize(
    ("name", "text", "arguments"),
    [
        ("calls.CSV", CSV, []),
        ("calls.tsv", CSV.replace(",", "\t"), []),
        ("calls.txt", CSV, []),
        ("calls", LINE, []),
        ("calls.JSONL", LINE, []),
        ("calls.txt", LINE, ["--format", "jsonl"]),
        ("calls.jsonl", CSV, ["--format", "csv"]),
    ],
)
def test_format_is_found_by_name_line_or_option(
    name: str, text: str, arguments: list[str], tmp_path: pathlib.Path, cli: Cli
) -> None:
    assert list(bodies(cli, tmp_path, text.encode(), *arguments, name=name)) == ["c-1"]


def by_shell(cli: Cli, script: str, given: str) -> Told:
    environment = {**WITHOUT_ACCOUNT, **cli.sandbox.environment(), "COMMAND": COMMAND}
    return Told(
        subprocess.run(
            ["bash", "-c", script],
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    )


@pytest.mark.skipif(not os.path.exists("/dev/stdin"), reason="NO /dev/stdin ON THIS MACHINE")
@pytest.mark.parametrize("text", [CSV, LINE], ids=["csv", "jsonl"])
@pytest.mark.parametrize(
    "script",
    ['"$COMMAND" many -', '"$COMMAND" many /dev/stdin', '"$COMMAND" many <(cat)', 'cat | "$COMMAND" many - --progress'],
)
def test_standard_input_and_pipes_are_read(script: str, text: str, cli: Cli) -> None:
    cli.sandbox.place_incoming_call(call_id="c-1")
    reported = by_shell(cli, script, text)
    assert reported.code == 0, reported.err
    assert [request["call_id"] for request in cli.sandbox.requests()] == ["c-1"]


def test_folder_in_place_of_a_file_is_refused(tmp_path: pathlib.Path, cli: Cli) -> None:
    reported = cli("many", str(tmp_path))
    assert reported.code == 2 and "can't be read: Is a directory" in reported.err


def test_targets_of_v2_are_split_and_numbers_in_groups_are_not() -> None:
    from calltransfer.cli._csv import _value

    assert _value("to", "+1 (838) 294-7878") == "+1 (838) 294-7878"
    assert _value("to", f"{TARGET} sip:a@example.com +1 838 294 7879") == [
        TARGET,
        "sip:a@example.com",
        "+1 838 294 7879",
    ]
