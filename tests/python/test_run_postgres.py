"""Runs in a PostgreSQL database, shared by workers; restarted in the middle."""

from __future__ import annotations

import threading
import time

import calltransfer
import postgres_server
import pytest
from calltransfer import RunSummary
from calltransfer.sandbox import Sandbox
from run_support import TARGET, posts


def test_workers_share_a_database_that_is_restarted(postgres: postgres_server.Postgres, account: Sandbox) -> None:
    for number in range(120):
        account.place_incoming_call(call_id=f"c-{number}")
    runs = [calltransfer.Run(postgres.url, rate=60, lease=2) for _ in range(3)]
    assert runs[0].add((f"c-{number}", TARGET) for number in range(120)) == 120
    ended: list[RunSummary] = []

    def work(run: calltransfer.Run, name: str) -> None:
        # Progress reads the database too; the restart ends neither it nor the work.
        ended.append(run.execute(name=name, progress=lambda _: None))

    workers = [threading.Thread(target=work, args=(run, f"w{at}")) for at, run in enumerate(runs)]
    for worker in workers:
        worker.start()
    while len(posts(account)) < 30:
        time.sleep(0.01)
    postgres.restart_at_once()
    for worker in workers:
        worker.join(120)
    assert not any(worker.is_alive() for worker in workers) and len(ended) == 3
    runs[0].execute()
    runs[0].check()
    assert runs[1].summary().applied == 120
    assert set(posts(account).values()) == {1} and len(posts(account)) == 120
    assert [row.call_id for row in runs[2]] == [f"c-{number}" for number in range(120)]
    for run in runs:
        run.close()


def test_stop_everywhere_reaches_workers_through_the_database(
    postgres: postgres_server.Postgres, account: Sandbox
) -> None:
    for number in range(60):
        account.place_incoming_call(call_id=f"c-{number}")
    with calltransfer.Run(postgres.url, rate=20) as run, calltransfer.Run.view(postgres.url) as viewer:
        run.add((f"c-{number}", TARGET) for number in range(60))
        worker = threading.Thread(target=run.execute)
        worker.start()
        while not viewer.summary().applied:
            time.sleep(0.01)
        viewer.stop(everywhere=True)
        worker.join(60)
        assert not worker.is_alive() and run.summary().planned > 0
        viewer.resume()
        assert run.execute().applied == 60
    assert set(posts(account).values()) == {1}


def test_database_holds_one_run(postgres: postgres_server.Postgres, sandbox: Sandbox) -> None:
    calltransfer.Run(postgres.url, client=sandbox.client()).close()
    with pytest.raises(calltransfer.RunError, match="api is v1 in the run and v2 here") as caught:
        calltransfer.Run(postgres.url, client=sandbox.client(api="v2"))
    assert caught.value.kind == "other_run"


def test_password_may_come_from_the_environment(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres_server.running(password="p-made-up") as server:
        monkeypatch.delenv("PGPASSWORD", raising=False)
        with pytest.raises(calltransfer.RunError) as caught:
            calltransfer.Run(server.url)
        assert caught.value.kind == "unreachable"
        monkeypatch.setenv("PGPASSWORD", "p-wrong")
        with pytest.raises(calltransfer.CallTransferError, match="password authentication failed") as refused:
            calltransfer.Run(server.url)
        assert "p-wrong" not in str(refused.value)
        monkeypatch.setenv("PGPASSWORD", "p-made-up")
        with calltransfer.Run(server.url) as run:
            assert run.summary().total == 0 and "p-made-up" not in repr(run)
