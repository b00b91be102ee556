"""valgrind over real transfers: no error, and not a byte lost. `make test-long` makes 10,000 of them."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

import pytest
from c.compiler import HERE, compile_driver, compile_program, drive
from sandbox_process import SECRET, TOKEN, USER_ID, SandboxProcess, vectors

# Every vector of an event, or one of so many.
EVENTS = 1 if os.environ.get("CALLTRANSFER_TEST_LONG") else 20
TRANSFERS = 10_000 if os.environ.get("CALLTRANSFER_TEST_LONG") else 200


def place(sandbox: SandboxProcess, transfers: int) -> None:
    """The calls of soak.c that the platform knows."""
    for number in range(transfers):
        if number % 4 < 2:
            sandbox.place_incoming_call(f"c-{number}")


@pytest.fixture
def valgrind() -> list[str]:
    program = shutil.which("valgrind")
    if program is None:
        pytest.skip("NO VALGRIND ON PATH: memory errors and leaks of transfers were not looked for")
    return [program, "--leak-check=full", "--errors-for-leak-kinds=definite,indirect", "--error-exitcode=99"]


def test_transfers_lose_not_a_byte(valgrind: list[str], tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    place(sandbox, TRANSFERS)
    program = compile_program(HERE / "soak.c", tmp_path / "soak")
    command = [*valgrind, str(program), str(TRANSFERS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False, env=sandbox.environment())
    assert (done.returncode, done.stdout) == (0, f"{TRANSFERS // 2} of {TRANSFERS}\n"), done.stderr
    assert "ERROR SUMMARY: 0 errors" in done.stderr
    for kind in ("definitely", "indirectly"):
        lost = re.search(rf"{kind} lost: (\S+) bytes", done.stderr)
        assert lost is None or lost[1] == "0", done.stderr


def test_lists_lose_not_a_byte(valgrind: list[str], list_driver: pathlib.Path, sandbox: SandboxProcess) -> None:
    place(sandbox, 40)
    end = {"status": 200, "headers": {"Link": "<?page=1>; rel=next"}, "body": '[{"id":"c-1","state":"active"}]'}
    account = {"user_id": USER_ID, "token": TOKEN, "secret": SECRET, "base_url": sandbox.url}
    for query, replies in (
        ({"to": "+18385550199", "page_size": 7}, []),
        ({"state": "active"}, [end, {"status": 403}]),
    ):
        if replies:
            sandbox.script(*replies)
        listed = drive([*valgrind, list_driver], {**account, "query": query})
        assert len(listed["calls"]) == (1 if replies else 20)


@pytest.mark.parametrize("kind", ["event", "refused"])
def test_events_lose_not_a_byte(valgrind: list[str], tmp_path: pathlib.Path, kind: str) -> None:
    program = compile_driver(HERE / "event_driver.c", tmp_path)
    for vector in [vector for vector in vectors("events") if kind in vector and "body" in vector][::EVENTS]:
        assert (drive([*valgrind, program], vector)["status"] == 0) == (kind == "event")


def test_valgrind_finds_a_leak_on_purpose(valgrind: list[str], tmp_path: pathlib.Path) -> None:
    program = compile_program(HERE / "sanitizer_selfcheck.c", tmp_path / "faults")
    done = subprocess.run(
        [*valgrind, str(program), "leak"], capture_output=True, text=True, timeout=60, check=False, env={}
    )
    assert done.returncode == 99
    assert "in calltransfer_config_new" in done.stderr or "definitely lost" in done.stderr
