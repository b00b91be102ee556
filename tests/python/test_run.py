"""Runs from Python, over the sandbox. Its record of POSTs says what was sent."""

from __future__ import annotations

import os
import pathlib
import pickle
import signal
import stat
import threading
import time
from collections.abc import Iterator
from typing import Any

import calltransfer
import pytest
from calltransfer._runs.records import COLUMNS
from calltransfer.sandbox import Sandbox
from run_support import TARGET, place, posts


@pytest.fixture
def run(ledger: str, account: Sandbox) -> Iterator[calltransfer.Run]:
    with calltransfer.Run(ledger) as run:
        yield run


def test_rows_are_sent_once_and_stay_in_the_ledger(run: calltransfer.Run, ledger: str, sandbox: Sandbox) -> None:
    items = place(sandbox, 30)
    assert run.add(items) == 30
    summary = run.execute(concurrency=4)
    assert summary.counts() == {
        "planned": 0,
        "sending": 0,
        "applied": 30,
        "not_applied": 0,
        "not_sent": 0,
        "unknown": 0,
    }
    assert (summary.total, summary.ended, summary.is_done) == (30, 30, True)
    with calltransfer.Run(ledger) as again:
        assert again.add(items) == 0
        assert again.execute().applied == 30
    assert posts(sandbox) == dict.fromkeys((call_id for call_id, _ in items), 1)


def test_items_are_taken_in_every_form(run: calltransfer.Run, sandbox: Sandbox) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"call_id": ["c-3", "c-4"], "to": [TARGET, TARGET], "recording_enabled": [True, None]})
    place(sandbox, 5)
    run.add([("c-0", TARGET), ("c-1", TARGET, {"caller_id": "private", "timeout": 2.5})])
    run.add(iter([{"call_id": "c-2", "to": TARGET, "whisper_audio": "Hello"}]))
    assert run.add(table) == 2
    assert run.execute().applied == 5
    rows = {row.call_id: row for row in run}
    assert (rows["c-1"].options, rows["c-1"].timeout) == ({"caller_id": "private"}, 2.5)
    assert rows["c-2"].options == {"whisper_audio": "Hello"}
    assert (rows["c-3"].options, rows["c-4"].options) == ({"recording_enabled": True}, {})
    assert [row.number for row in run] == [1, 2, 3, 4, 5]


def test_v2_rows_have_several_targets(ledger: str, sandbox: Sandbox) -> None:
    place(sandbox, 1)
    with calltransfer.Run(ledger, client=sandbox.client(api="v2")) as run:
        run.add([("c-0", [TARGET, "+18382947879"], {"tag": "x"})])
        (row,) = run
        assert (row.to, row.options, run.api) == ([TARGET, "+18382947879"], {"tag": "x"}, "v2")
        assert run.execute().applied == 1


def test_one_refused_item_adds_none_and_all_are_named(run: calltransfer.Run) -> None:
    items: list[Any] = [
        ("c-1", TARGET),
        ("c-2", "8382947878"),
        {"call_id": "c-3"},
        7,
        ("c-1", TARGET),
        ("c-4", TARGET, {"nonsense": 1}),
    ]
    with pytest.raises(calltransfer.RunError) as caught:
        run.add(items)
    error = caught.value
    assert (error.kind, error.outcome, error.safe_to_repeat) == ("rows_refused", "not_sent", True)
    assert [place for place, _, _ in error.refused] == [1, 2, 3, 4, 5]
    reasons = [reason for _, _, reason in error.refused]
    assert reasons[0].startswith("to: ") and reasons[1] == "to: is missing"
    assert reasons[2].startswith("item: expected (call_id, to)") and "appears twice" in reasons[3]
    assert "8382947878" not in str(error) + repr(error.refused)
    assert run.summary().total == 0
    assert pickle.loads(pickle.dumps(error)).refused == error.refused


def test_iterable_that_fails_adds_nothing(run: calltransfer.Run) -> None:
    def items() -> Iterator[tuple[str, str]]:
        for number in range(2000):
            yield f"c-{number}", TARGET
        raise LookupError("the source is gone")

    with pytest.raises(LookupError, match="the source is gone"):
        run.add(items())
    assert run.summary().total == 0


def test_iterable_may_use_the_run(run: calltransfer.Run) -> None:
    def items() -> Iterator[tuple[str, str]]:
        for number in range(600):
            assert run.summary().planned == 0, "a worker sees rows of an add that has not ended"
            yield f"c-{number}", TARGET

    assert run.add(items()) == 600


@pytest.mark.parametrize("items", ["c-1", ("c-1", TARGET), {"call_id": "c-1", "to": TARGET}, 5])
def test_one_item_instead_of_many_is_refused(run: calltransfer.Run, items: Any) -> None:
    with pytest.raises(TypeError, match="items: got"):
        run.add(items)


def test_rows_are_read_in_pages(run: calltransfer.Run) -> None:
    run.add((f"c-{number}", TARGET) for number in range(1234))
    rows = run.rows("planned")
    assert next(rows).call_id == "c-0"
    assert [row.number for row in rows] == list(range(2, 1235))
    assert list(run.rows("applied", "unknown")) == []
    with pytest.raises(calltransfer.InvalidArgumentError, match="states: expected some of: planned, sending"):
        run.rows("sent")


def test_rows_become_a_table(run: calltransfer.Run, sandbox: Sandbox) -> None:
    pytest.importorskip("pandas")
    assert list(run.to_pandas().columns) == list(COLUMNS)
    run.add(place(sandbox, 3))
    run.execute()
    table = run.to_pandas("applied")
    assert list(table.call_id) == ["c-0", "c-1", "c-2"] and table.new_call_id.notna().all()


def test_progress_is_reported_and_may_stop_the_work(run: calltransfer.Run, sandbox: Sandbox) -> None:
    run.add(place(sandbox, 40))
    seen: list[calltransfer.RunSummary] = []
    run.execute(progress=seen.append)
    assert seen[-1].applied == 40

    def fail(_: calltransfer.RunSummary) -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        run.execute(progress=fail)
    assert run.execute().applied == 40, "the run can't be used after it was stopped so"


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals are sent as POSIX has them")
def test_interrupt_waits_for_requests_in_progress(ledger: str, account: Sandbox) -> None:
    items = place(account, 60)
    with calltransfer.Run(ledger, rate=20) as run:
        run.add(items)

        def interrupt() -> None:
            while not any(r["method"] == "POST" for r in account.requests()):
                time.sleep(0.01)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            run.execute()
        now = run.summary()
        assert 0 < now.applied < 60 and now.sending == 0 and now.unknown == 0
        assert sum(posts(account).values()) == now.applied
        assert not run.is_stopped
        assert run.execute().applied == 60
    assert set(posts(account).values()) == {1}


def test_stop_is_for_good_and_another_run_goes_on(ledger: str, account: Sandbox) -> None:
    items = place(account, 40)
    with calltransfer.Run(ledger, rate=20) as run:
        run.add(items)
        worker = threading.Thread(target=run.execute)
        worker.start()
        while not run.summary().applied:
            time.sleep(0.01)
        run.stop()
        worker.join(30)
        assert run.is_stopped and run.summary().sending == 0
        before = run.summary().applied
        assert run.execute().applied == before < 40
    with calltransfer.Run(ledger) as run:
        assert run.execute().applied == 40
    assert set(posts(account).values()) == {1}


def test_stop_everywhere_ends_other_workers_until_resume(ledger: str, account: Sandbox) -> None:
    items = place(account, 60)
    with calltransfer.Run(ledger, rate=20) as run, calltransfer.Run(ledger) as other:
        run.add(items)
        worker = threading.Thread(target=other.execute)
        worker.start()
        while not run.summary().applied:
            time.sleep(0.01)
        run.stop(everywhere=True)
        worker.join(30)
        assert not worker.is_alive()
        assert not other.is_stopped and other.execute().applied < 60
        assert other.summary().notes == ("the run is stopped for all workers until it is resumed",)
        other.resume()
        assert other.execute().applied == 60
    assert set(posts(account).values()) == {1}


def test_adding_the_same_rows_at_once_adds_each_once(ledger: str, account: Sandbox) -> None:
    items = [(f"c-{number}", TARGET) for number in range(3000)]
    runs = [calltransfer.Run(ledger) for _ in range(3)]
    together = threading.Barrier(3)
    failures: list[BaseException] = []

    def add(run: calltransfer.Run) -> None:
        together.wait()
        try:
            run.add(items)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert runs[0].summary().planned == 3000 == len({row.call_id for row in runs[0]})
    for run in runs:
        run.close()


def test_two_threads_share_a_run(run: calltransfer.Run, sandbox: Sandbox) -> None:
    run.add(place(sandbox, 100))
    workers = [threading.Thread(target=run.execute, kwargs={"concurrency": 4}) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert run.summary().applied == 100
    assert set(posts(sandbox).values()) == {1}


def test_check_resolves_what_a_broken_connection_left_unknown(run: calltransfer.Run, sandbox: Sandbox) -> None:
    run.add(place(sandbox, 4))
    sandbox.inject({"cut_after": 0, "reset": True})
    assert run.execute().unknown == 1
    (row,) = run.rows("unknown")
    assert row.error_kind == "outcome_unknown" and row.finding is None
    with pytest.raises(calltransfer.RunError, match="not checked") as caught:
        run.retry("unknown")
    assert caught.value.kind == "retry_refused" and caught.value.refused[0][1] == row.call_id
    found = run.check()
    assert (found.applied, found.unknown, found.failed) == (1, 0, 0)
    (row,) = (row for row in run.rows("applied") if row.finding)
    assert row.finding is not None and row.finding.outcome == "applied" and row.finding.at.tzinfo
    with pytest.raises(calltransfer.RunError, match="found that the transfer was made"):
        run.retry("unknown")
    assert set(posts(sandbox).values()) == {1}


def test_retry_plans_what_the_platform_refused(run: calltransfer.Run, sandbox: Sandbox) -> None:
    run.add([("c-late", TARGET)])
    assert run.execute().not_applied == 1
    sandbox.place_incoming_call(call_id="c-late")
    assert run.retry("not_applied") == calltransfer.RunRetry(1, ())
    assert run.execute().applied == 1
    with pytest.raises(calltransfer.InvalidArgumentError, match="which: expected one of: not_sent"):
        run.retry("applied")  # type: ignore[arg-type]


def test_another_account_or_other_settings_are_refused_by_name(ledger: str, account: Sandbox) -> None:
    calltransfer.Run(ledger, rate=5, deadline=60).close()
    for settings, named in (
        ({"rate": 6.0}, "rate"),
        ({"user_id": "u-other"}, "account"),
        ({"deadline": 61}, "deadline"),
    ):
        with pytest.raises(calltransfer.RunError, match=f"{named} is .* in the run and .* here") as caught:
            calltransfer.Run(ledger, **settings)
        assert caught.value.kind == "other_run"
    with calltransfer.Run(ledger) as run:
        assert run.summary().rate == 5 and run.summary().deadline is not None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"rate": 0}, "rate: must be 0.001 to 1,000,000 per second, got 0"),
        ({"rate": "5"}, "rate: expected an int or a float, got str"),
        ({"deadline": -1}, "deadline: must be greater than 0 and at most 30 days"),
        ({"lease": 0.5}, "lease: must be 1 s to 5 minutes"),
        ({"max_attempts": 0}, "max_attempts: must be 1 to 1,000, got 0"),
    ],
)
def test_setting_out_of_range_is_refused(ledger: str, account: Sandbox, settings: Any, said: str) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.Run(ledger, **settings)
    assert str(caught.value).startswith(said) and caught.value.field == said.partition(":")[0]
    assert not os.path.exists(ledger)


def test_concurrency_out_of_range_is_refused(run: calltransfer.Run) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError, match="concurrency: must be 1 to 10,000, got 0"):
        run.execute(concurrency=0)


def test_client_and_its_settings_are_not_given_together(ledger: str, sandbox: Sandbox) -> None:
    with pytest.raises(TypeError, match="got both a client and its setting 'timeout'"):
        calltransfer.Run(ledger, client=sandbox.client(), timeout=5)


def test_run_is_looked_at_without_an_account(ledger: str, sandbox: Sandbox, no_account: None) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError, match="does not exist"):
        calltransfer.Run.view(ledger)
    with calltransfer.Run(ledger, client=sandbox.client()) as run:
        run.add([("c-1", TARGET)])
    with calltransfer.Run.view(ledger) as run:
        assert (run.account, run.summary().planned, [row.call_id for row in run]) == (sandbox.user_id, 1, ["c-1"])
        with pytest.raises(calltransfer.InvalidArgumentError, match="open it with credentials"):
            run.execute()


def test_ledger_is_its_owners_alone(run: calltransfer.Run, ledger: str) -> None:
    assert stat.S_IMODE(os.stat(ledger).st_mode) == 0o600


def test_what_is_not_a_run_is_refused(tmp_path: pathlib.Path, account: Sandbox) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("call the platform at noon\n" * 100)
    with pytest.raises(calltransfer.RunError) as caught:
        calltransfer.Run(other)
    assert caught.value.kind == "damaged" and other.read_text().startswith("call the platform")


def test_closed_run_says_so(run: calltransfer.Run) -> None:
    run.close()
    run.close()
    assert repr(run) == "Run(closed)"
    with pytest.raises(RuntimeError, match="run: is closed; open it again"):
        run.summary()


def test_url_is_shown_without_its_password(account: Sandbox) -> None:
    url = "postgresql://user:s-password@127.0.0.1:1/evac?sslmode=disable"
    with pytest.raises(calltransfer.RunError) as caught:
        calltransfer.Run(url)
    assert caught.value.kind == "unreachable" and "s-password" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forked_child_opens_its_own(run: calltransfer.Run, ledger: str, sandbox: Sandbox) -> None:
    run.add(place(sandbox, 5))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            try:
                run.summary()
            except calltransfer.RunError as error:
                code = 2 if error.kind == "forked" else 3
            run.close()
            with calltransfer.Run(ledger) as own:
                code = 0 if code == 2 and own.execute().applied == 5 else 4
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert run.execute().applied == 5
    assert set(posts(sandbox).values()) == {1}


def test_transfer_many_gives_a_run_that_is_carried_on(ledger: str, account: Sandbox) -> None:
    items = place(account, 10)
    client = account.client()
    results = client.transfer_many(items[:5], run=ledger)
    assert isinstance(results, calltransfer.Run) and results.summary().applied == 5
    assert calltransfer.transfer_many(items, run=ledger, concurrency=2).summary().applied == 10
    with calltransfer.Run(ledger) as run:
        assert client.transfer_many(items, run=run) is run
    with pytest.raises(calltransfer.InvalidArgumentError, match="allow_repeated_calls: "):
        client.transfer_many(items, run=ledger, allow_repeated_calls=True)
    assert set(posts(account).values()) == {1}
