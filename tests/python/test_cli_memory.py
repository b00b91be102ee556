"""The memory of `calltransfer many`: that of a long file is that of a short one, and a constant."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import uuid
from typing import NamedTuple

import pytest
from cli_command import COMMAND, TARGET, WITHOUT_ACCOUNT, Cli
from cli_command import run as run_command

SHORT, LONG = 1_000, 80_000
# What the database keeps in memory at most: its cache, and as much again where it sorts.
ROOM = 25e6

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4"), reason="NO wait4 ON THIS SYSTEM: memory was NOT measured")


# Between the tests and the command, because a process counts the memory of the one that it was forked from.
METER = """
import os, sys
process = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(process, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


class Measured(NamedTuple):
    code: int
    bytes: int
    err: str


def measured(cli: Cli, *arguments: str) -> Measured:
    """The command's end and its peak of memory."""
    folder = pathlib.Path(arguments[1]).parent
    done = subprocess.run(
        [sys.executable, "-S", "-c", METER, COMMAND, *arguments],
        env={**WITHOUT_ACCOUNT, **cli.sandbox.environment(), "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    code, size = done.stdout.splitlines()[-1].split()
    return Measured(int(code), int(size), done.stderr)


def ended(folder: pathlib.Path, count: int) -> list[str]:
    """A file whose calls all ended in an earlier run, so that nothing is sent."""
    calls = [uuid.uuid4().hex for _ in range(count)]
    (folder / "calls.csv").write_text("call_id,to\n" + "".join(f"{call},{TARGET}\n" for call in calls))
    ends = (json.dumps({"call_id": call, "outcome": "applied"}) + "\n" for call in calls)
    (folder / "results.jsonl").write_text("".join(ends))
    return ["many", str(folder / "calls.csv"), "--results", str(folder / "results.jsonl")]


def invalid(folder: pathlib.Path, count: int) -> list[str]:
    """A file whose lines are all invalid, half of them because they repeat a call."""
    rows = (f"c-{number // 4},{TARGET if number % 4 else 'x'}\n" for number in range(count))
    (folder / "calls.csv").write_text("call_id,to\n" + "".join(rows))
    return ["many", str(folder / "calls.csv"), "--all-errors"]


def test_ended_lines_need_no_memory_of_their_own(tmp_path: pathlib.Path, cli: Cli) -> None:
    short = measured(cli, *ended(tmp_path, SHORT))
    long = measured(cli, *ended(tmp_path, LONG))
    assert (short.code, long.code) == (0, 0), long.err
    assert f"{LONG} of {LONG} ended in an earlier run" in long.err and long.err.endswith("nothing to do\n")
    assert long.bytes - short.bytes < ROOM
    assert cli.sandbox.requests() == []


def test_invalid_lines_need_no_memory_of_their_own(tmp_path: pathlib.Path, cli: Cli) -> None:
    short = measured(cli, *invalid(tmp_path, SHORT))
    long = measured(cli, *invalid(tmp_path, LONG))
    assert (short.code, long.code) == (2, 2)
    assert long.err.count("\n") == LONG // 4 * 3 + 1, "all but one line of each call"
    assert long.bytes - short.bytes < ROOM


def test_nothing_is_left_in_the_temporary_folder(tmp_path: pathlib.Path, cli: Cli) -> None:
    done = measured(cli, *ended(tmp_path, LONG))
    assert done.code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"calls.csv", "results.jsonl"}


def test_nothing_is_left_after_sigkill(tmp_path: pathlib.Path, cli: Cli) -> None:
    rows = "".join(f"{uuid.uuid4().hex},{TARGET}\n" for _ in range(LONG))
    (tmp_path / "calls.csv").write_text("call_id,to\n" + rows)
    (tmp_path / "folder").mkdir()
    environment = {**WITHOUT_ACCOUNT, **cli.sandbox.environment(), "TMPDIR": str(tmp_path / "folder")}
    command = [COMMAND, "many", str(tmp_path / "calls.csv"), "--dry-run"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None and process.stdout.readline().startswith(b"line 2: ")
        process.kill()
    assert list((tmp_path / "folder").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="LIMITS OF A PROCESS ARE ONLY SET ON UNIX")
def test_full_temporary_folder_is_named_and_nothing_is_sent(tmp_path: pathlib.Path, cli: Cli) -> None:
    rows = "".join(f"{uuid.uuid4().hex},{TARGET}\n" for _ in range(LONG))
    (tmp_path / "calls.csv").write_text("call_id,to\n" + rows)
    script = 'ulimit -f 8; trap "" XFSZ; exec "$@"'  # in blocks: less than the lines need
    done = subprocess.run(
        ["bash", "-c", script, "bash", COMMAND, "many", str(tmp_path / "calls.csv")],
        env={**WITHOUT_ACCOUNT, **cli.sandbox.environment()},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    assert "its lines don't fit into the temporary folder, which SQLITE_TMPDIR or TMPDIR may name" in done.stderr
    assert cli.sandbox.requests() == []


def test_file_of_few_lines_needs_no_temporary_folder(tmp_path: pathlib.Path, cli: Cli) -> None:
    (tmp_path / "calls.csv").write_text(f"call_id,to\nc-1,{TARGET}\nc-2,{TARGET}\n")
    nowhere = str(tmp_path / "absent")
    environment = {**cli.sandbox.environment(), "TMPDIR": nowhere, "SQLITE_TMPDIR": nowhere}
    reported = run_command("many", str(tmp_path / "calls.csv"), "--dry-run", environment=environment)
    assert reported.code == 0, reported.err
