"""Many transfers at once: what goes in, a row for each, and what an interrupt reports."""

from __future__ import annotations

import asyncio
import logging
import pickle
import socket
import threading
from collections.abc import Iterator
from typing import Any

import calltransfer
import pytest
from calltransfer import AsyncClient, Client, TransferResults, TransferRow
from calltransfer.sandbox import Sandbox
from cancelled import original
from sandbox_process import SECRET, TOKEN, USER_ID

TARGET = "+18382947878"


class Sync:
    """Both clients, waited for, are used by the same words."""

    def __init__(self, **settings: Any) -> None:
        self._client = Client(**settings)

    def many(self, items: Any, **limits: Any) -> TransferResults:
        return self._client.transfer_many(items, **limits)

    def completed(self, items: Any, most: int | None = None, **limits: Any) -> list[TransferRow]:
        arriving = self._client.transfer_as_completed(items, **limits)
        rows: list[TransferRow] = []
        while len(rows) != most and (row := next(arriving, None)) is not None:
            rows.append(row)
        arriving.close()  # type: ignore[attr-defined]
        return rows


class Async:
    def __init__(self, **settings: Any) -> None:
        self._client = AsyncClient(**settings)

    def many(self, items: Any, **limits: Any) -> TransferResults:
        return asyncio.run(self._client.transfer_many(items, **limits))

    def completed(self, items: Any, most: int | None = None, **limits: Any) -> list[TransferRow]:
        async def main() -> list[TransferRow]:
            rows: list[TransferRow] = []
            arriving = self._client.transfer_as_completed(items, **limits)
            while len(rows) != most:
                try:
                    rows.append(await arriving.__anext__())
                except StopAsyncIteration:
                    break
            await arriving.aclose()  # type: ignore[attr-defined]
            return rows

        return asyncio.run(main())


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def way(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def calls(sandbox: Sandbox) -> list[str]:
    return [sandbox.place_incoming_call() for _ in range(40)]


def outcomes(rows: Any) -> list[str]:
    return [row.outcome for row in rows]


def test_results_come_in_the_order_of_the_items(way: Any, sandbox: Sandbox, calls: list[str]) -> None:
    results = way().many([(call_id, TARGET) for call_id in calls], concurrency=8)
    assert [(row.index, row.call_id, row.outcome) for row in results] == [
        (n, c, "applied") for n, c in enumerate(calls)
    ]
    assert [row.result.call_id for row in results if row.result] == calls
    assert sorted(str(request["call_id"]) for request in sandbox.requests()) == sorted(calls)


def test_rows_come_as_they_end_and_none_is_lost(way: Any, calls: list[str]) -> None:
    rows = way().completed([(call_id, TARGET) for call_id in calls], concurrency=8)
    assert sorted(row.index for row in rows) == [*range(40)]
    assert {row.call_id: row.index for row in rows} == {call_id: n for n, call_id in enumerate(calls)}


def test_failure_and_a_fault_are_rows_and_not_the_end(way: Any, sandbox: Sandbox, calls: list[str]) -> None:
    items: list[Any] = [
        (calls[0], TARGET),
        ("c-none", TARGET),
        (calls[1], "nobody"),
        {"call_id": calls[2], "to": TARGET, "whisper_audio": calltransfer.WhisperAudio("Hello"), "timeout": 5},
        {"to": TARGET},
        (calls[3], TARGET, {"caller_id": "private"}),
        (calls[4], TARGET, {"callerid": "private"}),
        (calls[5], TARGET, {"timeout": 0}),
        (calls[6], TARGET, 5),
        calls[7],
        (),
        [calls[8], TARGET],
    ]
    results = way().many(iter(items), concurrency=2)
    assert outcomes(results) == [
        "applied",
        "not_applied",
        "not_sent",
        "applied",
        "not_sent",
        "applied",
        "not_sent",
        "not_sent",
        "not_sent",
        "not_sent",
        "not_sent",
        "applied",
    ]
    kinds = [row.error.kind if row.error else None for row in results]
    assert kinds[1] == "call_not_found" and {kind for kind in kinds if kind} == {"call_not_found", "invalid_argument"}
    fields = [row.error.field for row in results if row.error]
    assert fields == [None, "to", "call_id", "callerid", "timeout", "options", "item", "item"]
    bodies = {str(request["call_id"]): request["body"] for request in sandbox.requests()}
    assert '"whisperAudio":{"sentence":"Hello"}' in bodies[calls[2]]
    assert '"transferCallerId":"private"' in bodies[calls[3]]


def test_data_frame_is_its_lines(way: Any, sandbox: Sandbox, calls: list[str]) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "call_id": calls[:3],
            "to": TARGET,
            "caller_id": ["private", None, pandas.NA],
            "recording_enabled": [True, float("nan"), None],
        }
    )
    results = way().many(frame)
    assert outcomes(results) == ["applied"] * 3, results[0]
    bodies = {str(request["call_id"]): request["body"] for request in sandbox.requests()}
    assert "private" in bodies[calls[0]] and "recordingEnabled" in bodies[calls[0]]
    assert "CallerId" not in bodies[calls[1]] + bodies[calls[2]] and "recording" not in bodies[calls[1]]
    table = results.to_pandas()
    assert list(table["outcome"]) == ["applied"] * 3 and list(table["call_id"]) == calls[:3]


def test_items_are_not_taken_before_there_is_room_for_them(way: Any, calls: list[str]) -> None:
    taken: list[int] = []

    def endless() -> Iterator[tuple[str, str]]:
        while True:
            taken.append(1)
            yield (calls[len(taken) % 40], TARGET)

    # At a rate, so that few transfers end while a busy machine has not yet reported the first.
    assert len(way().completed(endless(), most=30, concurrency=4, rate=500)) == 30
    assert len(taken) < 30 + 600


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 10_001}, "concurrency"),
        ({"concurrency": True}, "concurrency"),
        ({"concurrency": "8"}, "concurrency"),
        ({"rate": 0}, "rate"),
        ({"rate": -1}, "rate"),
        ({"rate": float("nan")}, "rate"),
        ({"rate": "5"}, "rate"),
    ],
    ids=str,
)
def test_limits_that_make_no_sense_are_refused_by_name(limits: Any, field: str, way: Any, sandbox: Sandbox) -> None:
    for use in (way().many, way().completed):
        with pytest.raises(calltransfer.InvalidArgumentError) as caught:
            use([("c-1", TARGET)], **limits)
        assert caught.value.field == field
    assert sandbox.requests() == []


def test_platform_that_says_too_much_is_given_time(way: Any, sandbox: Sandbox, calls: list[str]) -> None:
    sandbox.script({"status": 429, "headers": {"Retry-After": "1"}, "body": ""})
    results = way(max_retries=0).many([(call_id, TARGET) for call_id in calls[:4]], concurrency=1)
    assert outcomes(results) == ["not_applied", "applied", "applied", "applied"]
    first, second = sorted(str(request["time"]) for request in sandbox.requests())[:2]
    import datetime

    moments = [datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")) for moment in (first, second)]
    assert (moments[1] - moments[0]).total_seconds() >= 0.9


def test_no_items_are_no_rows(way: Any, sandbox: Sandbox) -> None:
    results = way().many([])
    assert len(results) == 0 and way().completed([]) == []
    assert (results.summary()["total"], results.summary()["p50"], results.to_dicts()) == (0, None, [])


class Broken(Exception):
    pass


def test_failing_iterable_stops_batch_and_reports_begun_items(way: Any, calls: list[str]) -> None:
    def items() -> Iterator[Any]:
        yield (calls[0], "nobody")
        yield (calls[1], "nobody")
        raise Broken

    with pytest.raises(Broken) as caught:
        way().many(items())
    assert outcomes(caught.value.results) == ["not_sent", "not_sent"]  # type: ignore[attr-defined]


def test_cancelled_batch_reports_the_outcome_of_each() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
            url = "http://127.0.0.1:%d" % server.getsockname()[1]
            client = AsyncClient(user_id=USER_ID, token=TOKEN, secret=SECRET, base_url=url, timeout=30)
            items = [(f"c-{number}", TARGET) for number in range(20)]
            task = asyncio.ensure_future(client.transfer_many(items, concurrency=3))
            held = [await asyncio.get_running_loop().run_in_executor(None, read_request, server) for _ in range(3)]
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            results: TransferResults = original(caught.value).results  # type: ignore[attr-defined]
            assert sorted(outcomes(results)) == ["not_sent"] * 17 + ["unknown"] * 3
            assert [row.call_id for row in results] == [call_id for call_id, _ in items]
            assert {row.error.kind for row in results if row.error} == {"cancelled", "outcome_unknown"}
            if hasattr(caught.value, "__notes__"):
                assert "17 not_sent, 3 unknown" in caught.value.__notes__[0]
            for connection in held:
                connection.close()

    asyncio.run(main())


def read_request(server: socket.socket) -> socket.socket:
    connection = server.accept()[0]
    got = b""
    while not got.endswith(b"}"):
        got += connection.recv(65536)
    return connection


def test_leaving_the_loop_stops_the_rest(way: Any, sandbox: Sandbox, calls: list[str]) -> None:
    assert len(way().completed([(call_id, TARGET) for call_id in calls], most=1, concurrency=1, rate=20)) == 1
    assert len(sandbox.requests()) < 40


def test_progress_bar_counts_every_row(way: Any, calls: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    way().many([(call_id, TARGET) for call_id in [*calls, "c/none"]], progress=True)
    assert "41/41" in capsys.readouterr().err


def test_missing_package_is_named_with_its_extra(
    way: Any, sandbox: Sandbox, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    results = way().many([(calls[0], TARGET)])
    for module in ("tqdm", "tqdm.auto", "pandas", "matplotlib"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"to_pandas: needs pandas; pip install 'calltransfer\[bulk\]'"):
        results.to_pandas()
    with pytest.raises(ImportError, match=r"calltransfer\[notebook\]"):
        results.plot()
    with pytest.raises(ImportError, match=r"progress: needs tqdm"):
        way().many([(calls[1], TARGET)], progress=True)
    assert len(sandbox.requests()) == 1


def test_summary_counts_and_measures(way: Any, calls: list[str]) -> None:
    results = way().many([*((call_id, TARGET) for call_id in calls), ("c-none", TARGET), ("c-1", "nobody")])
    summary = results.summary()
    assert (summary["total"], summary["applied"], summary["not_applied"], summary["not_sent"], summary["unknown"]) == (
        42,
        40,
        1,
        1,
        0,
    )
    assert summary["kinds"] == {"call_not_found": 1, "invalid_argument": 1}
    took = sorted(row.result.elapsed if row.result else row.error.elapsed for row in results[:41])
    assert (summary["p50"], summary["p95"], summary["max"]) == (took[20], took[38], took[40])
    assert repr(results) == "TransferResults(40 applied, 1 not_applied, 1 not_sent)"


def test_plot_shows_outcomes_and_latencies(way: Any, calls: list[str]) -> None:
    pytest.importorskip("matplotlib")
    figure = way().many([(call_id, TARGET) for call_id in calls]).plot()
    bars, times = figure.axes
    assert [bar.get_width() for bar in bars.patches] == [40, 0, 0, 0]
    assert sum(bar.get_height() for bar in times.patches) == 40


def test_no_repr_shows_a_whole_number_and_a_notebook_shows_none(way: Any, calls: list[str]) -> None:
    results = way().many([(calls[0], TARGET), (calls[1], "838294787878"), ("c-none", TARGET)])
    shown = f"{results[0]!r} {results[1]!r} {results!r} {results._repr_mimebundle_()}"
    assert "38294787" not in shown
    assert results[0].to_dict()["to"] == TARGET


def test_rows_and_results_can_be_sliced_compared_and_pickled(way: Any, calls: list[str]) -> None:
    results = way().many([*((call_id, TARGET) for call_id in calls[:5]), ("c/none", TARGET)])
    assert isinstance(results[1:3], TransferResults) and results[1:3][0] is results[1]
    again = pickle.loads(pickle.dumps(results))
    assert again[:5] == results[:5] and str(again[5].error) == str(results[5].error)


def test_function_uses_the_account_of_the_environment(account: Sandbox, calls: list[str]) -> None:
    assert outcomes(calltransfer.transfer_many([(calls[0], TARGET)])) == ["applied"]


def test_other_threads_run_while_a_batch_goes_on(calls: list[str]) -> None:
    steps = 0
    client = Client()
    thread = threading.Thread(
        target=client.transfer_many, args=([(call_id, TARGET) for call_id in calls],), kwargs={"rate": 100}
    )
    thread.start()
    while thread.is_alive():
        steps += 1
    assert steps > 1000


def test_attempts_are_logged_as_the_batch_goes_on(calls: list[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="calltransfer")
    arriving = Client().transfer_as_completed([(call_id, TARGET) for call_id in calls], concurrency=1)
    row = next(arriving)
    assert f"transfer of {row.call_id}" in caplog.text
    assert len([*arriving]) == 39 and len(caplog.records) == 40
