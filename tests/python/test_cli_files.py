"""The files that `calltransfer many` reads: tables as spreadsheets and people write them, and JSON lines."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from typing import Any

import pytest
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT, Cli, CommandResult

ROW = f"c-1,{TARGET}"
CSV = f"call_id,to\n{ROW}\n"


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
    # Of a number in another script too, no more than the last two digits are shown.
    assert sum(sign.isdigit() and not sign.isascii() for sign in said.err) <= 2
    assert "838294" not in said.err and "2947878" not in said.err
    return said.err


READ = {
    "semicolons": f"call_id;to\r\nc-1;{TARGET}\r\n".encode(),
    "tabs": f"call_id\tto\nc-1\t{TARGET}\n".encode(),
    "bars": f"call_id|to\nc-1|{TARGET}\n".encode(),
    "line of the delimiter": f"sep=;\r\ncall_id;to\r\nc-1;{TARGET}\r\n".encode(),
    "line of the delimiter, a tab": f'"sep=\t"\ncall_id\tto\nc-1\t{TARGET}\n'.encode(),
    "line of another delimiter": f"SEP=^\ncall_id^to\nc-1^{TARGET}\n".encode(),
    "names in any case, with spaces": f"Call_ID, To\nc-1, {TARGET}\n".encode(),
    "blank lines": f"\r\ncall_id,to\r\n\r\n{ROW}\r\n\r\n,\r\n,,\r\n".encode(),
    "empty last column": f"call_id,to,\n{ROW},\n".encode(),
    "quoted names": f'"call_id","to"\n"c-1","{TARGET}"\n'.encode(),
    "old line ends": f"call_id,to\r{ROW}\r".encode(),
    "no last line end": f"call_id,to\n{ROW}".encode(),
    "UTF-8 with mark": f"call_id,to\n{ROW}\n".encode("utf-8-sig"),
    "UTF-16": f"call_id,to\n{ROW}\n".encode("utf-16"),
    "UTF-16 big endian": b"\xfe\xff" + f"call_id;to\n{ROW.replace(',', ';')}\n".encode("utf-16-be"),
    "UTF-16 little endian": b"\xff\xfe" + f"call_id\tto\r\nc-1\t{TARGET}\r\n".encode("utf-16-le"),
    "cells as formulas of a text": f'call_id,to\nc-1,"=""{TARGET}"""\n'.encode(),
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


@pytest.mark.parametrize("call_id", ["47116071925310538e46116071925312", "1E10", "12.0", "0017"])
def test_id_that_resembles_a_number_is_sent_as_it_is(call_id: str, tmp_path: pathlib.Path, cli: Cli) -> None:
    cli.sandbox.place_incoming_call(call_id=call_id)
    assert list(bodies(cli, tmp_path, f"call_id,to\n{call_id},{TARGET}\n".encode())) == [call_id]


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
        "line 1: 'callId' is not the name of a column; did you mean call_id?",
    ),
    "name of the API": (
        "call_id,transferTo\nc-1,+18382947878\n",
        "line 1: 'transferTo' is not the name of a column; did you mean to?",
    ),
    "names of the API with semicolons": (
        "callId;transferTo\nc-1;+18382947878\n",
        "'callId' is not the name of a column; did you mean call_id?; 'transferTo' is not the name of a column; did "
        "you mean to?\n",
    ),
    "names that nothing resembles": (
        "call_id,to,Name,Place\nc-1,+18382947878,x,y\n",
        "line 1: 'Name' is not the name of a column; 'Place' is not the name of a column; the names are call_id, to, ",
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
    "shortened call": (
        "call_id,to\n1.5E+10,+18382947878\n",
        "line 2: call_id: looks like a number that a spreadsheet shortened",
    ),
    "decimals": (
        "call_id,to\nc-1,18382947878.0\n",
        "line 2: to: looks like a number that a program read as a decimal; read the column as text",
    ),
    "a spreadsheet's error": (
        "call_id,to\nc-1,#NAME?\n",
        "line 2: to: holds a spreadsheet's error, #NAME?; format the column as text",
    ),
    "column too narrow": ("call_id,to\nc-1,########\n", "line 2: to: holds a spreadsheet's error, ########"),
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
        'line 2: extra: the name "a" appears twice in one object',
    ),
    "two sentences": (
        "call_id,to,whisper_audio,whisper_audio.sentence\nc-1,+18382947878,a,b\n",
        "line 2: whisper_audio: is in two columns",
    ),
    "too many cells": ("call_id,to\nc-1,+18382947878,x\n", "line 2: the number of cells is 3"),
    "open quote": ('call_id,to\nc-1,"+18382947878\n', "line 2: is not CSV"),
    "text after a quote": ('call_id,to\nc-1,"+1"8382947878\n', "line 2: is not CSV"),
    "other digits": (
        "call_id,to\nc-1,+\u0661\u0668\u0663\u0668\u0662\u0669\u0664\u0667\u0668\u0667\u0668\n",
        "line 2: to: ",
    ),
    "wide digits": (
        "call_id,to\nc-1,\uff0b\uff11\uff18\uff13\uff18\uff12\uff19\uff14\uff17\uff18\uff17\uff18\n",
        "line 2: to: ",
    ),
    "line of no delimiter": (
        "sep=\r\ncall_id,to\r\nc-1,+18382947878\r\n",
        "line 1: 'sep=' is not the name of a column",
    ),
    "delimiter that is a character of a name": ("sep=x\ncall_idxto\n", "line 1: 'sep=x' is not the name of a column"),
    "empty": ("", "is empty"),
    "blank": ("\n\n", "is empty"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_invalid_table_is_refused_by_line_and_column(text: str, said: str, tmp_path: pathlib.Path, cli: Cli) -> None:
    assert said in refused(cli, tmp_path, text.encode())


OTHER_FILES = {
    "workbook": (b"PK\x03\x04\x14\x00", "is a workbook or another zip file; save the sheet as CSV UTF-8"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1", "is an old workbook (.xls); save the sheet as CSV UTF-8"),
    "gzip": (b"\x1f\x8b\x08\x00", "is compressed (gzip); give what gunzip makes of it"),
    "PDF": (b"%PDF-1.7\n", "is a PDF; give a table as CSV"),
    "UTF-16 without a mark": (CSV.encode("utf-16-le"), "add --encoding utf-16-le"),
    "UTF-16 big endian without a mark": (CSV.encode("utf-16-be"), "add --encoding utf-16-be"),
    "a line without end": (b"call_id,to\n" + b"x" * 2_000_000, "line 2 has more than 1048576 characters"),
}


@pytest.mark.parametrize(("data", "said"), OTHER_FILES.values(), ids=OTHER_FILES)
def test_file_that_is_not_a_table_is_refused_by_its_kind(
    data: bytes, said: str, tmp_path: pathlib.Path, cli: Cli
) -> None:
    assert said in refused(cli, tmp_path, data)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "cp1252"])
def test_encoding_option_reads_a_file_without_mark(encoding: str, tmp_path: pathlib.Path, cli: Cli) -> None:
    assert list(bodies(cli, tmp_path, CSV.encode(encoding), "--encoding", encoding)) == ["c-1"]


def test_latin_1_is_refused_with_lines_and_option(tmp_path: pathlib.Path, cli: Cli) -> None:
    text = f"call_id,to,whisper_audio\n{ROW},Hi\nc-2,+1,Gr\u00fc\u00dfe\nc-3,x,Hi\nc-4,{TARGET},\u00fc\n"
    said = refused(cli, tmp_path, text.encode("latin-1"))
    assert "3 lines can't be sent" in said and "\n  line 4: to: " in said
    for line in (3, 5):
        assert f"\n  line {line}: is not UTF-8; save the file as UTF-8, or name its encoding, as --encoding" in said
    assert "line 1 is not UTF-8" in refused(cli, tmp_path, "call_id,to,\u00fc\n".encode("latin-1"))
    assert "'klingon' is not an encoding" in refused(cli, tmp_path, b"", "--encoding", "klingon")
    assert "'hex' is not an encoding" in refused(cli, tmp_path, b"", "--encoding", "hex")
    assert "line 2: is not ascii" in refused(cli, tmp_path, "call_id,to\n\u00fc,+1\n".encode(), "--encoding", "ascii")


def test_json_lines_of_other_encodings_are_refused_by_line(tmp_path: pathlib.Path, cli: Cli) -> None:
    line = json.dumps({"call_id": "c-2", "to": TARGET, "tag": "\u00fc"}, ensure_ascii=False).encode("latin-1")
    said = refused(cli, tmp_path, LINE.encode() + line + b"\n[]\n", name="calls.jsonl")
    assert "\n  line 2: is not UTF-8" in said and "\n  line 3: is not a JSON object" in said


def test_utf_16_that_is_cut_off_is_refused_by_line(tmp_path: pathlib.Path, cli: Cli) -> None:
    said = refused(cli, tmp_path, f"call_id,to\n{ROW}\nc-2,{TARGET}\n".encode("utf-16")[:-1])
    assert "\n  line 4: is not utf-16" in said or "\n  line 3: is not utf-16" in said


def test_every_invalid_line_is_listed_with_its_number(tmp_path: pathlib.Path, cli: Cli) -> None:
    said = refused(cli, tmp_path, b"call_id,to\nc-1,abc\nc-2,+18382947878\nc 3,+18382947878\nc-2,+18382947879\nc-5,\n")
    assert "4 lines can't be sent, so nothing was sent:" in said
    for text in [
        "\n  line 2: to: ",
        "\n  line 4: call_id: ",
        "\n  line 5: call_id: is the same call as in line 3",
        "\n  line 6: to: is missing",
    ]:
        assert text in said


def test_line_numbers_are_those_of_an_editor(tmp_path: pathlib.Path, cli: Cli) -> None:
    text = '\nsep=;\n\ncall_id;to;whisper_audio\n\nc-1;+18382947878;"two\nlines"\n\nc-2;x;\n'
    assert "\n  line 9: to: " in refused(cli, tmp_path, text.encode())


def test_lines_after_an_unclosed_quote_are_checked_too(tmp_path: pathlib.Path, cli: Cli) -> None:
    text = f'call_id,to\nc-1,"+1"8382947878\nc-2,{TARGET}\nc-3,x\n'
    said = refused(cli, tmp_path, text.encode())
    assert "2 lines can't be sent" in said
    assert "\n  line 2: is not CSV" in said and "\n  line 4: to: " in said


def test_first_100_of_many_invalid_lines_are_listed(tmp_path: pathlib.Path, cli: Cli) -> None:
    said = refused(cli, tmp_path, b"call_id,to\n" + b"c-1,x\n" * 133)
    assert "133 lines can't be sent, so nothing was sent:" in said
    assert said.count("\n  line ") == 100 and said.endswith("\n  and 33 more; --all-errors lists them\n")


def test_all_errors_lists_every_invalid_line(tmp_path: pathlib.Path, cli: Cli) -> None:
    text = f"call_id,to\n{'c-1,x' + chr(10)}" + f"c-2,{TARGET}\n" * 2 + "c-1,x\n" * 130
    said = refused(cli, tmp_path, text.encode(), "--all-errors")
    lines = said.splitlines()
    assert len(lines) == 133 and lines[-1].endswith("132 lines can't be sent, so nothing was sent")
    assert lines[1] == "line 4: call_id: is the same call as in line 3; a call can be transferred only once"
    assert [line.split(":")[0] for line in lines[:-1]] == [f"line {n}" for n in range(2, 135) if n != 3]
    as_json = cli("many", str(tmp_path / "calls.csv"), "--all-errors", "--json")
    *invalid, error = [json.loads(line) for line in as_json.out.splitlines()]
    assert (
        len(invalid) == 132 and invalid[1]["line"] == 4 and invalid[1]["error"].startswith("call_id: is the same call")
    )
    assert error["error"]["field"] == "file" and "\n" not in error["error"]["message"]


JSONL = {
    "name twice": (
        '{"call_id": "c-1", "to": "+18382947878", "to": "+18382947879"}',
        'line 1: the name "to" appears twice in one object',
    ),
    "constant": ('{"call_id": "c-1", "to": "+18382947878", "timeout": NaN}', "line 1: is not a JSON object"),
    "timeout": ('\n{"call_id": "c-1", "to": "+18382947878", "timeout": "5"}', "line 2: timeout: "),
    "name of the API": ('{"call_id": "c-1", "to": "+18382947878", "callbackUrl": "x"}', 'did you mean "callback_url"?'),
    "number": ('{"call_id": "c-1", "to": 18382947878}', "line 1: to: "),
}


@pytest.mark.parametrize(("text", "said"), JSONL.values(), ids=JSONL)
def test_invalid_json_line_is_refused_by_line(text: str, said: str, tmp_path: pathlib.Path, cli: Cli) -> None:
    assert said in refused(cli, tmp_path, text.encode(), name="calls.jsonl")


def test_json_line_with_dotted_names_is_read(tmp_path: pathlib.Path, cli: Cli) -> None:
    line = json.dumps({"call_id": "c-1", "to": TARGET, "whisper_audio.sentence": "Hi", "whisper_audio.voice": None})
    sent = bodies(cli, tmp_path, line.encode(), name="calls.jsonl")
    assert sent["c-1"]["whisperAudio"] == {"sentence": "Hi"}


def test_json_array_is_refused_with_what_to_do(tmp_path: pathlib.Path, cli: Cli) -> None:
    said = refused(cli, tmp_path, f"[\n{LINE}]\n".encode(), name="calls.json")
    assert "is a JSON array; give an object in each line, as jq -c '.[]' does" in said


def test_null_in_a_json_line_is_not_given(tmp_path: pathlib.Path, cli: Cli) -> None:
    line = json.dumps({"call_id": "c-1", "to": TARGET, "caller_id": None, "timeout": None})
    assert bodies(cli, tmp_path, line.encode(), name="calls.ndjson") == {
        "c-1": {"state": "transferring", "transferTo": TARGET}
    }


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


def by_shell(cli: Cli, script: str, given: str) -> CommandResult:
    environment = {**WITHOUT_ACCOUNT, **cli.sandbox.environment(), "COMMAND": COMMAND}
    return CommandResult(
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
