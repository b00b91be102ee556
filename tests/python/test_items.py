"""The items of many transfers: tables, and rows of them, in the forms that people have."""

from __future__ import annotations

import collections
import csv as csv_module
import io
import json
from typing import Any

import pytest
from calltransfer import Client, InvalidArgumentError, TransferResults, WhisperAudio
from calltransfer.sandbox import Sandbox

pandas = pytest.importorskip("pandas")
numpy = pytest.importorskip("numpy")

TARGET = "+18382947878"


@pytest.fixture(params=["pandas", "polars"])
def library(request: pytest.FixtureRequest) -> Any:
    return pytest.importorskip(request.param, reason=f"{request.param} is not installed: its tables were NOT tried")


def outcomes(results: TransferResults) -> list[str]:
    return [row.outcome for row in results]


def reported(results: TransferResults) -> list[str]:
    return [str(row.error) for row in results]


def bodies(sandbox: Sandbox) -> list[Any]:
    """The transfers' bodies, in the order of their calls' ids."""
    requests = sorted(sandbox.requests(), key=lambda request: str(request["call_id"]))
    return [json.loads(str(request["body"])) for request in requests]


def refused(client: Client, items: Any) -> InvalidArgumentError:
    with pytest.raises(InvalidArgumentError) as caught:
        client.transfer_many(items)
    with pytest.raises(InvalidArgumentError):
        client.transfer_as_completed(items)
    return caught.value


@pytest.fixture
def calls(sandbox: Sandbox) -> list[str]:
    return [sandbox.place_incoming_call(call_id=f"c-{number}") for number in range(4)]


def csv(text: str, **settings: Any) -> Any:
    return pandas.read_csv(io.StringIO(text), **settings)


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        (
            "call_id,to\nc-1,+18382947878\n",
            "to",
            "pandas read the numbers as integers and lost the plus sign; read with dtype=str",
        ),
        (
            "call_id,to\nc-1,+18382947878\nc-2,\n",
            "to",
            "pandas read the numbers as floats and lost the plus sign; read with dtype=str",
        ),
        (
            "call_id,to,caller_id\nc-1,sip:a@example.com,+18385550199\n",
            "caller_id",
            "caller_id: pandas read the numbers as integers",
        ),
        (
            "call_id,to\n1,sip:a@example.com\n",
            "call_id",
            "call_id: pandas read the column as integers; read with dtype=str",
        ),
        (
            "call_id,to,tag\nc-1,sip:a@example.com,17\n",
            "tag",
            "tag: pandas read the column as integers; read with dtype=str",
        ),
    ],
)
def test_table_with_numbers_for_texts_is_refused_once(text: str, field: str, said: str, sandbox: Sandbox) -> None:
    error = refused(sandbox.client(), csv(text))
    assert said in str(error) and error.field == field and error.outcome == "not_sent"
    nullable = refused(sandbox.client(), csv(text, dtype_backend="numpy_nullable"))
    assert nullable.field == field
    assert sandbox.requests() == []


def test_polars_table_with_numbers_for_texts_is_refused_once(sandbox: Sandbox) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed: its tables were NOT tried")
    table = polars.DataFrame({"call_id": ["c-1"], "to": [18382947878]})
    assert str(refused(sandbox.client(), table)) == (
        "to: polars read the numbers as integers and lost the plus sign; read it as a column of strings"
    )
    assert "give what collect() returns" in str(refused(sandbox.client(), table.lazy()))


def test_table_read_as_texts_is_sent_as_from_a_file(sandbox: Sandbox, calls: list[str]) -> None:
    text = (
        "call_id,to,recording_enabled,whisper_audio.sentence,whisper_audio.volume,whisper_audio.loop_enabled,timeout,extra\n"
        'c-0,+18382947878,TRUE,Hello,-2,false,5,"{""note"": 1}"\n'
        "c-1,+18382947878,,,,,,\n"
    )
    assert outcomes(sandbox.client().transfer_many(csv(text, dtype=str))) == ["applied", "applied"]
    whole, empty = bodies(sandbox)
    assert whole["recordingEnabled"] is True and whole["note"] == 1
    assert whole["whisperAudio"] == {"sentence": "Hello", "volume": -2, "loopEnabled": False}
    assert empty == {"state": "transferring", "transferTo": TARGET}


def test_table_with_whisper_columns_is_sent(library: Any, sandbox: Sandbox, calls: list[str]) -> None:
    table = library.DataFrame(
        {
            "call_id": calls[:2],
            "to": [TARGET] * 2,
            "whisper_audio.sentence": ["Hello", None],
            "whisper_audio.volume": [3, None],
            "recording_enabled": [None, True],
        }
    )
    assert outcomes(sandbox.client().transfer_many(table)) == ["applied", "applied"]
    first, second = bodies(sandbox)
    assert first["whisperAudio"] == {"sentence": "Hello", "volume": 3} and "recordingEnabled" not in first
    assert "whisperAudio" not in second and second["recordingEnabled"] is True


def test_dict_with_whisper_columns_is_sent(sandbox: Sandbox, calls: list[str]) -> None:
    items = [
        {"call_id": "c-0", "to": TARGET, "whisper_audio.sentence": "Hello", "whisper_audio.voice": None},
        {"call_id": "c-1", "to": TARGET, "whisper_audio": "Hello", "whisper_audio.volume": numpy.int64(1)},
        ("c-2", TARGET, {"whisper_audio": WhisperAudio("Hello"), "whisper_audio.volume": 2.0}),
    ]
    assert outcomes(sandbox.client().transfer_many(items)) == ["applied"] * 3
    assert [body["whisperAudio"] for body in bodies(sandbox)] == [
        {"sentence": "Hello"},
        {"sentence": "Hello", "volume": 1},
        {"sentence": "Hello", "volume": 2},
    ]


def test_table_of_nullable_types_is_sent(sandbox: Sandbox, calls: list[str]) -> None:
    table = pandas.DataFrame(
        {
            "call_id": pandas.array(calls[:2], dtype="string"),
            "to": pandas.array([TARGET] * 2, dtype="string"),
            "recording_enabled": pandas.array([True, None], dtype="boolean"),
            "whisper_audio.sentence": pandas.array(["Hello", "Hello"], dtype="string"),
            "whisper_audio.volume": pandas.array([None, 4], dtype="Int64"),
            "timeout": pandas.array([5, None], dtype="Float64"),
            "caller_id": pandas.array(["private", None], dtype="string"),
        }
    )
    results = sandbox.client().transfer_many(table)
    assert outcomes(results) == ["applied", "applied"], reported(results)
    first, second = bodies(sandbox)
    assert (
        first["recordingEnabled"] is True
        and first["transferCallerId"] == "private"
        and "volume" not in first["whisperAudio"]
    )
    assert (
        "recordingEnabled" not in second and "transferCallerId" not in second and second["whisperAudio"]["volume"] == 4
    )


@pytest.mark.parametrize(
    "flags",
    ["1,0,", "1,0,0", "True,False,", "yes,no,", "1.0,0.0,"],
    ids=["floats", "ints", "bools", "texts", "decimals"],
)
def test_flags_as_a_reader_of_files_makes_them_are_sent(flags: str, sandbox: Sandbox, calls: list[str]) -> None:
    rows = [f"{call},sip:a@example.com,{flag}" for call, flag in zip(calls, flags.split(","))]
    table = csv("call_id,to,recording_enabled\n" + "\n".join(rows) + "\n")
    results = sandbox.client().transfer_many(table)
    assert outcomes(results) == ["applied"] * 3, reported(results)
    first, second, third = (body.get("recordingEnabled") for body in bodies(sandbox))
    assert (first, second) == (True, False) and not third


def test_flag_that_is_another_number_is_refused(sandbox: Sandbox) -> None:
    table = pandas.DataFrame({"call_id": ["c-1"], "to": [TARGET], "recording_enabled": [2]})
    assert reported(sandbox.client().transfer_many(table)) == ["recording_enabled: expected a boolean, got a number"]


def test_numbers_among_texts_are_refused_by_row(library: Any, sandbox: Sandbox, calls: list[str]) -> None:
    is_pandas = library.__name__ == "pandas"
    kind = {"dtype": object} if is_pandas else {"schema": {"call_id": library.Object, "to": library.Object}}
    table = library.DataFrame({"call_id": [*calls[:3], 17], "to": [18382947878, 18382947878.0, TARGET, TARGET]}, **kind)
    results = sandbox.client().transfer_many(table)
    assert outcomes(results) == ["not_sent", "not_sent", "applied", "not_sent"]
    assert reported(results)[:2] == [
        f"to: is a number ({kind}), as a spreadsheet reads it; expected a str with the plus sign"
        for kind in ("int", "float")
    ]
    assert reported(results)[3].startswith("call_id: is a number (int)")


def test_categories_are_sent_as_texts(library: Any, sandbox: Sandbox, calls: list[str]) -> None:
    table = library.DataFrame({"call_id": calls[:2], "to": [TARGET] * 2})
    kind = "category" if library.__name__ == "pandas" else library.Categorical
    table = table.astype(kind) if library.__name__ == "pandas" else table.cast(kind)
    assert outcomes(sandbox.client().transfer_many(table)) == ["applied"] * 2


@pytest.mark.parametrize("missing", [None, float("nan"), pandas.NA, pandas.NaT], ids=str)
def test_missing_value_of_any_kind_is_not_given(missing: Any, sandbox: Sandbox, calls: list[str]) -> None:
    names = ["caller_id", "recording_enabled", "whisper_audio", "whisper_audio.voice", "tag", "extra", "timeout"]
    table = pandas.DataFrame({"call_id": calls[:1], "to": [TARGET], **{name: [missing] for name in names}})
    results = sandbox.client().transfer_many(table)
    assert outcomes(results) == ["applied"], reported(results)
    assert bodies(sandbox) == [{"state": "transferring", "transferTo": TARGET}]


def test_structs_and_lists_in_cells_are_sent(library: Any, sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-0")
    table = library.DataFrame({"call_id": ["c-0"], "to": [[TARGET, "sip:a@example.com"]]})
    results = sandbox.client(api="v2").transfer_many(table)
    assert outcomes(results) == ["applied"], reported(results)
    sandbox.place_incoming_call(call_id="c-1")
    whispers = [{"sentence": "Hi", "voice": None}]
    table = library.DataFrame({"call_id": ["c-1"], "to": [TARGET], "whisper_audio": whispers})
    results = sandbox.client().transfer_many(table)
    assert outcomes(results) == ["applied"], reported(results)
    assert '"whisperAudio":{"sentence":"Hi"}' in str(sandbox.requests()[-1]["body"])


def test_array_of_targets_is_sent(sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-0")
    table = pandas.DataFrame({"call_id": ["c-0"], "to": [numpy.array([TARGET, "+19192223333"])]})
    results = sandbox.client(api="v2").transfer_many(table)
    assert outcomes(results) == ["applied"], reported(results)


def test_scalars_of_numpy_are_sent(sandbox: Sandbox, calls: list[str]) -> None:
    options = {
        "recording_enabled": numpy.bool_(True),
        "whisper_audio": {"sentence": numpy.str_("Hello"), "volume": numpy.int8(2)},
    }
    client = sandbox.client()
    results = client.transfer_many([(numpy.str_("c-0"), numpy.str_(TARGET), {**options, "timeout": numpy.int64(5)})])
    assert outcomes(results) == ["applied"], reported(results)
    assert client.transfer("c-1", TARGET, **options).outcome == "applied"
    assert [body["whisperAudio"]["volume"] for body in bodies(sandbox)] == [2, 2]


def test_array_as_an_option_is_refused_by_name(sandbox: Sandbox) -> None:
    results = sandbox.client().transfer_many([("c-1", TARGET, {"caller_id": numpy.array(["private", "b"])})])
    assert outcomes(results) == ["not_sent"]
    assert results[0].error is not None and results[0].error.field == "caller_id"
    assert sandbox.requests() == []


@pytest.mark.parametrize("dtype", ["float64", "Int64", "Float64"])
def test_call_timeout_beside_an_empty_cell_is_sent(dtype: str, sandbox: Sandbox) -> None:
    for number in range(2):
        sandbox.place_incoming_call(call_id=f"c-{number}")
    table = pandas.DataFrame(
        {"call_id": ["c-0", "c-1"], "to": TARGET, "call_timeout": pandas.array([20, None], dtype=dtype)}
    )
    results = sandbox.client(api="v2").transfer_many(table)
    assert outcomes(results) == ["applied", "applied"], reported(results)
    sent = sorted(
        (request["call_id"], 'callTimeout="20"' in str(request["body"]))
        for request in sandbox.requests()
        if request["call_id"]
    )
    assert sent == [("c-0", True), ("c-1", False)]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            ("Call ID", "To"),
            "rename 'Call ID' to 'call_id', 'To' to 'to'; columns found: 'Call ID', 'To'; expected: call_id, to",
        ),
        (("callId", "to"), "rename 'callId' to 'call_id'"),
        (("id", "number"), "the table has no column 'call_id' and no column 'to'; columns found: 'id', 'number'"),
        (("call_id", "to", "Name"), "unknown columns: 'Name'; remove them"),
        (("call_id", "to", "whisper_audio.pitch"), "unknown columns: 'whisper_audio.pitch'; remove them"),
    ],
)
def test_table_with_other_columns_is_refused_once(columns: Any, said: str, library: Any, sandbox: Sandbox) -> None:
    error = refused(sandbox.client(), library.DataFrame({name: ["c-1", "c-2"] for name in columns}))
    assert said in str(error) and error.field == "items"
    assert sandbox.requests() == []


def test_table_with_a_column_twice_is_refused_once(sandbox: Sandbox) -> None:
    table = pandas.DataFrame([["c-1", TARGET, "+18385550199"]], columns=["call_id", "to", "to"])
    assert str(refused(sandbox.client(), table)) == "items: the table has more than one column 'to'"


def test_table_with_its_calls_as_the_index_is_refused_once(sandbox: Sandbox, calls: list[str]) -> None:
    table = pandas.DataFrame({"call_id": calls[:2], "to": TARGET}).set_index("call_id")
    error = refused(sandbox.client(), table)
    assert "call_id is its index: give items.reset_index()" in str(error)
    assert outcomes(sandbox.client().transfer_many(table.reset_index())) == ["applied"] * 2


def test_rows_of_itertuples_are_read_by_their_names(sandbox: Sandbox, calls: list[str]) -> None:
    table = pandas.DataFrame({"to": TARGET, "recording_enabled": [True, None], "call_id": calls[:2]})
    assert outcomes(sandbox.client().transfer_many(table.itertuples())) == ["applied"] * 2
    assert [body.get("recordingEnabled") for body in bodies(sandbox)] == [True, None]
    item = collections.namedtuple("item", "to call_id")
    pair = collections.namedtuple("pair", "first second")
    items = [item(TARGET, "c-2"), pair("c-3", TARGET)]
    assert outcomes(sandbox.client().transfer_many(items)) == ["applied"] * 2


def test_rows_in_other_forms_are_refused_with_the_forms_wanted(sandbox: Sandbox) -> None:
    table = pandas.DataFrame({"call_id": ["c-1"], "to": TARGET})
    results = sandbox.client().transfer_many([*table.iterrows(), *table.itertuples(name=None)])
    assert outcomes(results) == ["not_sent"] * 2
    pair, line = reported(results)
    assert pair.startswith("item: is a pair of an index and a row, as iterrows() gives; expected (call_id, to)")
    assert line.startswith("options: expected a dict, got str") and "a DataFrame as the items" in line
    assert sandbox.requests() == []


def test_row_without_call_or_target_names_what_is_missing(library: Any, sandbox: Sandbox) -> None:
    table = library.DataFrame({"call_id": ["c-1", None], "to": [None, TARGET]})
    assert reported(sandbox.client().transfer_many(table)) == ["to: is missing", "call_id: is missing"]


def test_table_read_without_its_header_shows_no_number(sandbox: Sandbox) -> None:
    error = refused(sandbox.client(), csv("c-1,+18382947878\nc-2,+18382947879\n"))
    assert "columns found: 'c-1', '+*********78'" in str(error) and "8382947" not in str(error)


def test_table_with_blank_texts_is_sent_as_from_a_file(sandbox: Sandbox, calls: list[str]) -> None:
    text = (
        "call_id,to,caller_id,recording_enabled,timeout\n c-0 , +18382947878 , private ,Yes, 5 \nc-1,+18382947878,,0,\n"
    )
    results = sandbox.client().transfer_many(csv(text, dtype=str, keep_default_na=False))
    assert outcomes(results) == ["applied", "applied"], reported(results)
    assert [(body.get("transferCallerId"), body["recordingEnabled"]) for body in bodies(sandbox)] == [
        ("private", True),
        (None, False),
    ]


def test_table_with_several_targets_in_a_cell_is_sent(sandbox: Sandbox, calls: list[str]) -> None:
    table = pandas.DataFrame({"call_id": ["c-0"], "to": ["+18382947878 sip:a@example.com"]})
    results = sandbox.client(api="v2").transfer_many(table)
    assert outcomes(results) == ["applied"], reported(results)


def reader(text: str) -> Any:
    return csv_module.DictReader(io.StringIO(text))


def test_lines_of_a_csv_reader_are_sent_as_from_a_file(sandbox: Sandbox, calls: list[str]) -> None:
    text = (
        "call_id,to,caller_id,recording_enabled,whisper_audio.sentence,whisper_audio.volume,extra\n"
        'c-0, +18382947878,,yes,Hello,2,"{""note"": 1}"\n'
        "c-1,+18382947878\n"
    )
    results = sandbox.client().transfer_many(reader(text))
    assert outcomes(results) == ["applied"] * 2, reported(results)
    whole, short = bodies(sandbox)
    assert whole["recordingEnabled"] is True and whole["note"] == 1 and "transferCallerId" not in whole
    assert whole["whisperAudio"] == {"sentence": "Hello", "volume": 2}
    assert short == {"state": "transferring", "transferTo": TARGET}


def test_csv_reader_with_other_columns_is_refused_once(sandbox: Sandbox) -> None:
    error = refused(sandbox.client(), reader("callId,to\nc-1,+18382947878\n"))
    assert "rename 'callId' to 'call_id'" in str(error)
    assert "no column 'call_id' and no column 'to'" in str(refused(sandbox.client(), reader("")))
    assert sandbox.requests() == []


def test_line_of_a_csv_reader_with_more_cells_is_refused(sandbox: Sandbox) -> None:
    results = sandbox.client().transfer_many(reader("call_id,to\nc-1,+18382947878,,x\nc-2,+18382947878,,\n"))
    more, blank = reported(results)
    assert more == "item: has more cells than the table has columns"
    assert results[1].outcome == "not_applied", f"{blank}: empty cells are no more than a line's end"


def test_item_with_a_sentence_twice_is_refused(sandbox: Sandbox) -> None:
    results = sandbox.client().transfer_many(
        [{"call_id": "c-1", "to": TARGET, "whisper_audio": "A", "whisper_audio.sentence": "B"}]
    )
    assert reported(results) == ["whisper_audio.sentence: is given twice, here and as whisper_audio's sentence"]
    assert sandbox.requests() == []
