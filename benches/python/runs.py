"""Durable runs: `make bench-runs`.

Rows a second of a run against `transfer_many` in memory, from processes of their own, on the same sandbox; the same of
four workers in PostgreSQL, where one is installed; and how long a run of 100,000 rows takes to start and to go on, by
the command and by the C library, with the memory of that process. It begins when the first request arrives.

BENCH_ROWS (20,000) are sent, BENCH_LONG (100,000) are started; each figure is the best of BENCH_ROUNDS (3), because a
machine that others use makes figures only worse.
"""

from __future__ import annotations

import os
import pathlib
import platform
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from calltransfer.sandbox import Sandbox

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- runs: begin -->", "<!-- runs: end -->"
ROWS = int(os.environ.get("BENCH_ROWS", "20000"))
LONG = int(os.environ.get("BENCH_LONG", "100000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
TARGET = "+18382947878"
EXAMPLE = pathlib.Path(os.environ.get("BENCH_RUNS_C", ROOT / "target/c/lib-runs/run"))

# Each prints the seconds that it sent for, and the rows that were applied.
IN_MEMORY = """
import sys, time
import calltransfer
rows = [(f"c-{number}", sys.argv[2]) for number in range(int(sys.argv[1]))]
begin = time.perf_counter()
ended = sum(result.outcome == "applied" for result in calltransfer.transfer_many(rows, concurrency=64))
print(time.perf_counter() - begin, ended)
"""
DURABLE = """
import sys, time
import calltransfer
with calltransfer.Run(sys.argv[3]) as run:
    run.add((f"c-{number}", sys.argv[2]) for number in range(int(sys.argv[1])))
    begin = time.perf_counter()
    summary = run.execute(concurrency=64)
    print(time.perf_counter() - begin, summary.applied)
"""
WORKER = """
import sys, time
import calltransfer
with calltransfer.Run(sys.argv[3]) as run:
    sys.stdin.readline()
    begin = time.perf_counter()
    summary = run.execute(concurrency=16)
    print(time.perf_counter() - begin, summary.applied)
"""
ADD = """
import sys
import calltransfer
with calltransfer.Run(sys.argv[3]) as run:
    run.add((f"c-{number}", sys.argv[2]) for number in range(int(sys.argv[1])))
"""


def main() -> int:
    lines = [*rates(), *starts()]
    head = ["| what | | goal | |", "| --- | ---: | ---: | --- |"]
    table = [
        f"| {what} | {figure} | {goal} | {('met' if met else '**missed**') if goal else ''} |"
        for what, figure, goal, met in lines
    ]
    about = (
        f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}; {os.cpu_count()} cores, Linux {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}; load average {os.getloadavg()[0]:.2f} after; {ROWS:,} rows sent, "
        f"{LONG:,} started; best of {ROUNDS}."
    )
    text = "\n".join([about, "", *head, *table])
    print(text)
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text(encoding="utf-8")
        page = re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{text}\n{END}", page, flags=re.DOTALL)
        PAGE.write_text(page, encoding="utf-8")
    return 0 if all(met for *_, met in lines) else 1


def rates() -> list[tuple[str, str, str, bool]]:
    """Rows a second, each with a sandbox that has all calls."""

    def fresh(measure: Callable[[dict[str, str], str], float], place: Callable[[int], str]) -> float:
        found = []
        for number in range(ROUNDS):
            with Sandbox() as sandbox:
                for row in range(ROWS):
                    sandbox.place_incoming_call(call_id=f"c-{row}")
                found.append(measure(environment(sandbox.environment()), place(number)))
        return max(found)

    def alone(script: str) -> Callable[[dict[str, str], str], float]:
        return lambda account, place: rate_of([started(script, account, place)])

    with tempfile.TemporaryDirectory() as folder:
        memory = fresh(alone(IN_MEMORY), lambda _: "")
        durable = fresh(alone(DURABLE), lambda number: f"{folder}/rate-{number}.db")
    lines = [
        ("transfer_many in memory, rows a second", f"{memory:,.0f}", "", True),
        ("a run in a file, rows a second", f"{durable:,.0f}", "", True),
        ("a run in a file / transfer_many", f"{durable / memory:.2f}", "at least 0.5", durable / memory >= 0.5),
    ]
    sys.path.insert(0, str(ROOT / "tests"))
    import postgres_server

    if postgres_server.programs() is None:
        print("SKIPPED: without PostgreSQL (pg_ctl): runs in a database", file=sys.stderr)
        return lines
    with postgres_server.running() as server:
        shared = fresh(four_workers, lambda number: server.database(f"bench{number}"))
    return [*lines, ("a run in PostgreSQL, four workers, rows a second", f"{shared:,.0f}", "", True)]


def four_workers(account: dict[str, str], place: str) -> float:
    subprocess.run([sys.executable, "-c", ADD, str(ROWS), TARGET, place], env=account, check=True)
    workers = [started(WORKER, account, place) for _ in range(4)]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    return rate_of(workers)


def started(script: str, account: dict[str, str], place: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, str(ROWS), TARGET, place]
    return subprocess.Popen(command, env=account, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def rate_of(workers: list[subprocess.Popen[str]]) -> float:
    reports = [worker.communicate()[0].split() for worker in workers]
    if any(int(applied) != ROWS for _, applied in reports):
        raise SystemExit(f"not all rows were applied: {reports}")
    return ROWS / max(float(seconds) for seconds, _ in reports)


def starts() -> list[tuple[str, str, str, bool]]:
    """Seconds until the first request, and the peak memory until then."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        table = folder / "calls.csv"
        table.write_text("call_id,to\n" + "".join(f"c-{row},{TARGET}\n" for row in range(LONG)), encoding="utf-8")
        listed = folder / "calls.txt"
        listed.write_text("".join(f"c-{row}\n" for row in range(LONG)), encoding="utf-8")
        command = [sys.executable, "-m", "calltransfer"]
        ways = [("the command", [*command, "many", str(table), "--run"], [*command, "run", "resume"], None)]
        if EXAMPLE.exists():
            ways.append(("the C library", [str(EXAMPLE)], [str(EXAMPLE)], listed))
        else:
            print(f"SKIPPED: without {EXAMPLE}: starts through the C library", file=sys.stderr)
        lines = []
        for way, start, resume, given in ways:
            found = []
            for number in range(ROUNDS):
                place = str(folder / f"{way.split()[-1]}-{number}.db")
                more = [TARGET] if given else []
                # A run belongs to one address.
                with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
                    begun = until_first_request(server, [*start, place, *more], given)
                    again = until_first_request(server, [*resume, place, *more], None)
                found.append((begun, again))
            for what, figures in zip(("start", "resume"), zip(*found, strict=True), strict=True):
                seconds, size, processor = min(figures)
                measured = f"{seconds:.2f} ({processor:.2f})"
                what = f"{what} of {LONG:,} rows by {way}, seconds (of them processor)"
                lines.append((what, measured, "less than 2", seconds < 2))
                lines.append(("its peak memory, MB", f"{size / 1e6:.0f}", "", True))
        return lines


def until_first_request(
    server: socket.socket, command: list[str], given: pathlib.Path | None
) -> tuple[float, int, float]:
    """Ends the program with the first connection. Gives seconds, bytes, and seconds of the processor."""
    with open(given or os.devnull, "rb") as text:
        account = {
            "BANDWIDTH_USER_ID": "u-abc123",
            "BANDWIDTH_API_TOKEN": "t-token",
            "BANDWIDTH_API_SECRET": "s-secret",
            "CALLTRANSFER_BASE_URL": f"http://127.0.0.1:{server.getsockname()[1]}",
        }
        begin = time.perf_counter()
        # From a small process of its own, because a process counts the memory of the one that it was forked from.
        meter = [sys.executable, "-S", "-c", METER, *command]
        with subprocess.Popen(
            meter, env=environment(account), stdin=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            number = int(process.stdout.readline())
            # The meter reports where the program ends by itself.
            there, _, _ = select.select([server, process.stdout], [], [], 120)
            seconds = time.perf_counter() - begin
            if server in there:
                os.kill(number, 9)
            size, processor = process.stdout.readline().split()
    if server not in there:
        raise SystemExit(f"{command}: no request came")
    while select.select([server], [], [], 0)[0]:
        server.accept()[0].close()
    return seconds, int(size), float(processor)


METER = """
import os, sys
output = os.dup(1)
null = os.open(os.devnull, os.O_WRONLY)
os.dup2(null, 1)
process = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
report = os.fdopen(output, "w")
print(process, file=report, flush=True)
_, status, usage = os.wait4(process, 0)
print(usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime, file=report)
"""


def environment(account: dict[str, str]) -> dict[str, str]:
    own = ("BANDWIDTH_", "BW_", "CALLTRANSFER_")
    others = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return {**others, **account}


if __name__ == "__main__":
    sys.exit(main())
