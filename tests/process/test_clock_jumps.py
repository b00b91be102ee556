"""A wall clock that jumps, as after a suspend or a correction: no wait and no deadline follows it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import textwrap

import pytest
from sandbox_process import SandboxProcess, SilentListener

# Every look at the wall clock finds it a day from where it was; the monotonic clock goes on.
JUMPS = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <time.h>

    int clock_gettime(clockid_t which, struct timespec *now)
    {
        static int (*real)(clockid_t, struct timespec *);
        static int day;
        if (!real)
            *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
        int status = real(which, now);
        if (which == CLOCK_REALTIME)
            now->tv_sec += day++ % 2 ? 86400 : -86400;
        return status;
    }
"""
PROGRAM = """
    import json, time, calltransfer
    jumped = abs(time.time() - time.time())
    try:
        done = calltransfer.Client(timeout=5).transfer("c-1", "+18382947878")
        reported = {"outcome": "applied", "attempts": done.attempts, "elapsed": done.elapsed}
    except calltransfer.CallTransferError as error:
        reported = {"outcome": error.outcome, "attempts": error.attempts, "elapsed": error.elapsed}
    print(json.dumps({"jumped": jumped, **reported}))
"""


@pytest.fixture(scope="module")
def jumping(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What makes the clock of a program jump."""
    folder = tmp_path_factory.mktemp("clock")
    source, library = folder / "jumps.c", folder / "jumps.so"
    source.write_text(textwrap.dedent(JUMPS), encoding="utf-8")
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run([*compiler, "-shared", "-fPIC", str(source), "-o", str(library), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}


def reported(environment: dict[str, str]) -> dict[str, float | str]:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, float | str] = json.loads(done.stdout)
    assert float(report["jumped"]) > 3600, "the clock didn't jump: this tests nothing"
    return report


def test_limit_clears_by_the_platforms_clock(jumping: dict[str, str], sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    # In a second of the platform's own time, which the program's clock isn't near to.
    limited = {"Date": "Sat, 01 Jan 2022 00:00:00 GMT", "X-RateLimit-Reset": "1640995201"}
    sandbox.script({"status": 429, "headers": limited})
    report = reported({**sandbox.environment(), **jumping})
    assert (report["outcome"], report["attempts"]) == ("applied", 2)
    assert 0.9 < float(report["elapsed"]) < 5


def test_deadline_holds(jumping: dict[str, str], sandbox: SandboxProcess) -> None:
    silent = SilentListener()
    environment = {**sandbox.environment(), "CALLTRANSFER_BASE_URL": f"http://{silent.host}"}
    report = reported({**environment, **jumping})
    assert (report["outcome"], report["attempts"]) == ("unknown", 1)
    assert 4.9 < float(report["elapsed"]) < 30
    silent.was_connected()
