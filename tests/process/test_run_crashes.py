"""Processes of `calltransfer many --run` that are killed at random moments, and started again until done.

The judge is the sandbox's record of POSTs: none twice, and each row's outcome is what the record says.
`CALLTRANSFER_TEST_LONG=1` kills many more.
"""

from __future__ import annotations

import collections
import json
import os
import pathlib
import random
import signal
import subprocess
import time
from typing import Any

import postgres_server
import pytest
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT
from sandbox_process import SandboxProcess

ROUNDS = 30 if os.environ.get("CALLTRANSFER_TEST_LONG") else 1
ROWS = 900
# The shortest: what a killed worker was sending is given up so soon.
LEASE = "1"


class Story:
    """Kills, and their results."""

    def __init__(
        self,
        sandbox: SandboxProcess,
        place: str,
        folder: pathlib.Path,
        rows: int,
        seed: int,
        faults: tuple[dict[str, Any], ...],
    ) -> None:
        self.sandbox, self.place, self.rows = sandbox, place, rows
        self.random = random.Random(seed)
        self.kills = 0
        self.environment = {**WITHOUT_ACCOUNT, **sandbox.environment()}
        # Each response is late: a process that is killed has requests in progress that were carried out.
        late = {"delay_ms": 40, "rate": 1, "seed": 1}
        sandbox.inject(*faults, late)
        for number in range(rows):
            sandbox.place_incoming_call(f"c-{number}")
        self.file = folder / "calls.jsonl"
        lines = (json.dumps({"call_id": f"c-{number}", "to": TARGET}) + "\n" for number in range(rows))
        self.file.write_text("".join(lines))
        # The same settings for all: `Run` of Python is where a lease can be given.
        import calltransfer

        names = {"user_id": "BANDWIDTH_USER_ID", "token": "BANDWIDTH_API_TOKEN", "secret": "BANDWIDTH_API_SECRET"}
        account: dict[str, Any] = {name: self.environment[variable] for name, variable in names.items()}
        calltransfer.Run(place, lease=float(LEASE), rate=150, base_url=sandbox.url, **account).close()

    def start(self) -> subprocess.Popen[bytes]:
        command = [COMMAND, "many", str(self.file), "--run", self.place, "--concurrency", "8"]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, processes: list[subprocess.Popen[bytes]], kills: int) -> None:
        """Kills one of them at a time, and starts another in its place."""
        while self.kills < kills and any(process.poll() is None for process in processes):
            before = len(self.sandbox.requests())
            # Some die while they start or read the file, most while they send.
            goal = before + self.random.randrange(0, 40)
            until = time.monotonic() + self.random.uniform(0.05, 1.5)
            while time.monotonic() < until and len(self.sandbox.requests()) < goal:
                time.sleep(0.005)
            place = self.random.randrange(len(processes))
            if processes[place].poll() is None:
                processes[place].send_signal(signal.SIGKILL)
                processes[place].wait()
                self.kills += 1
            processes[place] = self.start()

    def finish(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            process.wait(timeout=120)
        last = self.start()
        last.wait(timeout=120)
        assert last.returncode in (0, 4, 5), last.returncode  # what a call's second POST makes of it is judged

    def command(self, *arguments: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [COMMAND, *arguments, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def judge(self) -> str:
        """What was counted; raises where a call was sent twice or an outcome is wrong."""
        posts = collections.Counter(r["call_id"] for r in self.sandbox.requests() if r["method"] == "POST")
        self.sandbox.forget_faults()
        twice = [call_id for call_id, count in posts.items() if count > 1]
        assert not twice, f"{len(twice)} calls were sent twice: {twice[:5]}"
        unknown = sum(row["state"] == "unknown" for row in self.command("run", "export", self.place))
        self.command("run", "check", self.place)
        rows = self.command("run", "export", self.place)
        assert len(rows) == self.rows
        states = {call["id"]: call["state"] for call in self.sandbox.calls()}
        wrong = []
        for row in rows:
            was_posted = row["call_id"] in posts
            is_transferred = states[row["call_id"]] != "active"
            expected = "applied" if is_transferred else "not_applied" if was_posted else None
            # Where several calls to the target began at once, and broken connections hide whose they are, a row
            # stays unknown: that is no wrong outcome, and is counted below.
            if row["state"] in (expected, "unknown"):
                continue
            if row["state"] in ("not_applied", "not_sent") and not is_transferred:
                continue
            wrong.append((row, expected))
        left = sum(row["state"] == "unknown" for row in rows)
        assert not wrong, wrong[:3]
        assert left <= max(unknown * 2 // 3, 20), f"{left} of {unknown} rows stay unknown after the check"
        return (
            f"{self.kills} kills, {self.rows} rows, {len(posts)} POSTs, 0 twice, {len(wrong)} wrong outcomes, "
            f"{unknown} unknown before and {left} after check"
        )


@pytest.mark.parametrize(("workers", "kills"), [(1, 8), (3, 7)])
def test_run_in_a_file_that_is_killed_sends_nothing_twice(
    tmp_path: pathlib.Path, workers: int, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(ROUNDS):
        story(capsys, str(tmp_path / f"evac-{number}.db"), tmp_path, workers, kills)


def test_run_in_a_database_that_is_killed_sends_nothing_twice(
    tmp_path: pathlib.Path, postgres: postgres_server.Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(ROUNDS):
        story(capsys, postgres.database(f"evac{number}"), tmp_path, 4, 7)


def test_run_is_killed_while_the_network_and_the_platform_fail(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(ROUNDS):
        resets = {"cut_after": 0, "reset": True, "rate": 0.03, "seed": number}
        errors = {"status": 503, "rate": 0.03, "seed": number + 1000}
        story(capsys, str(tmp_path / f"evac-{number}.db"), tmp_path, 2, 5, resets, errors)


def story(
    capsys: pytest.CaptureFixture[str],
    place: str,
    folder: pathlib.Path,
    workers: int,
    kills: int,
    *faults: dict[str, Any],
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    sandbox = SandboxProcess()
    killed = Story(sandbox, place, folder, ROWS, seed, faults)
    processes = [killed.start() for _ in range(workers)]
    try:
        killed.kill(processes, kills)
        killed.finish(processes)
        counts = killed.judge()
        with capsys.disabled():  # the counts are shown also where all is well
            print(f"\n{counts}")
    finally:
        for process in processes:
            process.kill()
            process.wait()
        sandbox.close()
    assert killed.kills >= kills * 3 // 4, f"only {killed.kills} kills: the run was done too soon"
