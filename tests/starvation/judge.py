"""Programs that run out of what a system can give, and the invariants that their outcomes must satisfy."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import shlex
import signal
import subprocess
from typing import Any

from sandbox_process import SandboxProcess

HERE = pathlib.Path(__file__).resolve().parent
CALLS = ["c-1", "c-2", "c-3"]
# The call that is made after there is enough again.
LATER = "c-later"

DESCRIPTORS = [("descriptors", free) for free in range(9)]
THREADS = [("threads", started) for started in range(4)]
MEMORY = [("memory", mebibytes) for mebibytes in (0, 1, 4, 16, 64)]
RESOURCES = DESCRIPTORS + THREADS + MEMORY

# A program that hangs is ended after this time; far more than any needs.
TIMEOUT = 60


def compile_no_threads(folder: pathlib.Path) -> pathlib.Path:
    """The library that lets no thread start."""
    library = folder / "no_threads.so"
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run([*compiler, "-shared", "-fPIC", "-o", library, HERE / "no_threads.c", "-ldl"], check=True)
    return library


def starve(
    command: list[Any],
    resource: str,
    amount: int,
    no_threads: pathlib.Path,
    sandbox: SandboxProcess,
    may_abort: bool = False,
) -> str:
    """Runs a program that prints a line for each outcome, judges it, and says in short what came.

    The program gets the resource and its amount as arguments. It prints objects with `call_id` and
    `outcome`, one for each transfer that was accepted or refused.
    """
    for call_id in [*CALLS, LATER]:
        sandbox.place_incoming_call(call_id)
    environment = os.environ | sandbox.environment()
    if resource == "threads":
        environment |= {"LD_PRELOAD": str(no_threads), "NO_THREADS_AFTER": str(amount)}
    done = subprocess.run(
        [*command, resource, str(amount)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        env=environment,
    )
    reported = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    sent = collections.Counter(request["call_id"] for request in sandbox.requests() if request["method"] == "POST")
    context = (
        f"{shlex.join(map(str, command))} {resource} {amount}: {done.returncode}\n{reported}\n{sent}\n{done.stderr}"
    )
    for row in reported:
        expected = {"applied": [1], "not_sent": [0], "not_applied": [0, 1]}[row["outcome"]]
        assert sent[row["call_id"]] in expected, context
        assert row.get("kind") != "internal", context
        assert "please report" not in row.get("message", ""), context
    seen = collections.Counter(row["call_id"] for row in reported)
    assert max(seen.values(), default=1) == 1, f"more than one outcome for a call\n{context}"
    if may_abort and (done.returncode == -signal.SIGABRT or "MemoryError" in done.stderr or "bad_alloc" in done.stderr):
        # An allocation that fails ends the process: nothing may have been sent twice.
        assert max(sent.values(), default=0) <= 1, context
        return f"ended with {done.returncode}"
    assert done.returncode == 0, context
    assert sorted(seen) == sorted([*CALLS, LATER]), f"not one outcome for each call\n{context}"
    if resource == "descriptors":
        assert reported[-1] == {"call_id": LATER, "outcome": "applied"}, context
    return " ".join(
        f"{count} {outcome}"
        for outcome, count in sorted(
            collections.Counter(row["outcome"] for row in reported if row["call_id"] != LATER).items()
        )
    )
