"""Peak memory and time of `calltransfer many` for a long file, of 1,000,000 lines unless another number is given.

Memory is that of the command's process alone. Temporary files are not counted.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable

from calltransfer.sandbox import Sandbox

TARGET = "+18382947878"
CLOSED = {
    "BANDWIDTH_USER_ID": "u-abc123",
    "BANDWIDTH_API_TOKEN": "t-token",
    "BANDWIDTH_API_SECRET": "s-secret",
    "CALLTRANSFER_BASE_URL": "http://127.0.0.1:9",
}
LIMIT = 150
CASES = ("table", "options", "faulty", "repeated", "ended", "sent")


def main() -> int:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    wanted = sys.argv[2:] or CASES
    worst = 0.0
    print(f"{'file':<40}{'lines':>10}{'seconds':>10}{'peak MB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted:
            what, count, seconds, megabytes = globals()[f"{name}_case"](pathlib.Path(folder), lines)
            worst = max(worst, megabytes)
            print(f"{what:<40}{count:>10,}{seconds:>10.1f}{megabytes:>10.1f}", flush=True)
    print(f"the limit is {LIMIT} MB: {'held' if worst < LIMIT else 'NOT held'}")
    return 0 if worst < LIMIT else 1


def calls(count: int) -> Iterable[str]:
    return (f"c-{uuid.uuid4().hex}" for _ in range(count))


def written(path: pathlib.Path, lines: Iterable[str]) -> pathlib.Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return path


def table(path: pathlib.Path, rows: Iterable[str]) -> pathlib.Path:
    written(path, rows)
    text = path.with_suffix(".csv")
    with text.open("wb") as file:
        file.write(b"call_id,to\n")
        file.write(path.read_bytes())
    return text


def table_case(folder: pathlib.Path, lines: int) -> tuple[str, int, float, float]:
    path = table(folder / "table", (f"{call},{TARGET}" for call in calls(lines)))
    return ("a table, checked", lines, *measured(path, "--dry-run"))


def options_case(folder: pathlib.Path, lines: int) -> tuple[str, int, float, float]:
    whisper = {"sentence": "You have an incoming call from the failing centre", "voice": "Kate"}
    objects = ({"call_id": call, "to": TARGET, "whisper_audio": whisper} for call in calls(lines))
    path = written(folder / "options.jsonl", map(json.dumps, objects))
    return ("JSON lines with a whisper, checked", lines, *measured(path, "--dry-run"))


def faulty_case(folder: pathlib.Path, lines: int) -> tuple[str, int, float, float]:
    path = table(folder / "faulty", (f"{call},8382947878" for call in calls(lines)))
    return ("every line faulty, all listed", lines, *measured(path, "--all-errors", code=2))


def repeated_case(folder: pathlib.Path, lines: int) -> tuple[str, int, float, float]:
    path = table(folder / "repeated", (f"c-{number % (lines // 2)},{TARGET}" for number in range(lines)))
    return ("every call twice", lines, *measured(path, code=2))


def ended_case(folder: pathlib.Path, lines: int) -> tuple[str, int, float, float]:
    ids = list(calls(lines))
    path = table(folder / "ended", (f"{call},{TARGET}" for call in ids))
    ends = (json.dumps({"call_id": call, "outcome": "applied"}) for call in ids)
    results = written(folder / "ended.jsonl", ends)
    return ("all ended in an earlier run", lines, *measured(path, "--results", str(results)))


def sent_case(folder: pathlib.Path, lines: int) -> tuple[str, int, float, float]:
    """Each is sent, to a sandbox that has none of the calls: a tenth, since its time is that of the network."""
    count = max(1, lines // 10)
    path = table(folder / "sent", (f"{call},{TARGET}" for call in calls(count)))
    arguments = ("--results", str(folder / "sent.jsonl"), "--no-progress")
    with Sandbox() as sandbox:
        return ("sent, with results", count, *measured(path, *arguments, code=4, account=sandbox.environment()))


# Between this program and the command, because a process counts the memory of the one that it was forked from.
METER = """
import os, sys
process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *sys.argv[1:]])
_, status, usage = os.wait4(process, 0)
size = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(os.waitstatus_to_exitcode(status), size, file=os.fdopen(3, "w"))
"""


def measured(
    path: pathlib.Path, *arguments: str, code: int = 0, account: dict[str, str] | None = None
) -> tuple[float, float]:
    """Seconds and megabytes of one command, which has to end with `code`."""
    command = ["-m", "calltransfer", "many", str(path), *arguments]
    report, write = os.pipe()
    before = time.monotonic()
    with subprocess.Popen(
        ["sh", "-c", f'exec "$@" 3>&{write}', "sh", sys.executable, "-S", "-c", METER, *command],
        env={**os.environ, **(CLOSED if account is None else account)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[write],
    ):
        os.close(write)
        with os.fdopen(report) as lines:
            ended, size = lines.read().split()
    seconds = time.monotonic() - before
    if int(ended) != code:
        raise SystemExit(f"{path.name}: ended with {ended}, expected {code}")
    return seconds, int(size) / 1e6


if __name__ == "__main__":
    sys.exit(main())
