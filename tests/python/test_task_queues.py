"""The worker of docs/task-queues.md, run by Celery with a broker of files."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import ROOT

PAGE = (ROOT / "docs" / "task-queues.md").read_text(encoding="utf-8")
WORKER, PROGRAM = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
# A busy machine may take long to start Celery.
TIMEOUT = 120
CONFIGURATION = """
import pathlib
here = pathlib.Path(__file__).parent
broker_url = "filesystem://"
broker_transport_options = {
    "data_folder_in": str(here / "queue"), "data_folder_out": str(here / "queue"),
    "control_folder": str(here / "control"), "store_processed": False,
}
result_backend = (here / "results").as_uri()
broker_connection_retry_on_startup = True
task_always_eager = False
"""
NO_CELERY = "celery is not installed: pip install -r tests/requirements.txt; NOTHING of docs/task-queues.md was run"


class Queue:
    """A directory with the page's files, and a worker that takes what is put into its queue."""

    def __init__(self, directory: pathlib.Path, sandbox: Sandbox, worker: str = WORKER) -> None:
        self.directory = directory
        for name in ("queue", "control", "results"):
            (directory / name).mkdir()
        (directory / "celeryconfig.py").write_text(CONFIGURATION, encoding="utf-8")
        (directory / "transfers.py").write_text(worker, encoding="utf-8")
        self._environment = {**os.environ, **sandbox.environment(), "PYTHONPATH": str(directory)}
        self._log = (directory / "worker.log").open("w")
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "transfers",
            "worker",
            "--pool",
            "solo",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
        self._worker = subprocess.Popen(
            command, cwd=directory, env=self._environment, stdout=self._log, stderr=subprocess.STDOUT
        )

    def run(self, program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=self.directory,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        log = (self.directory / "worker.log").read_text()
        assert (done.returncode, done.stderr) == (0, ""), f"{done.stderr}\nthe worker's log:\n{log}"
        return done.stdout.strip()

    def reported(self, call_id: str, options: str = "None") -> Any:
        """The result of a task, as the program reads it."""
        import json

        return json.loads(
            self.run(f"""
import json
from transfers import transfer
print(json.dumps(transfer.delay({call_id!r}, "+18382947878", {options}).get(timeout={TIMEOUT})))
""")
        )

    def close(self) -> None:
        self._worker.terminate()
        try:
            self._worker.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()
        self._log.close()


@pytest.fixture
def queue(tmp_path: pathlib.Path, sandbox: Sandbox) -> Iterator[Queue]:
    pytest.importorskip("celery", reason=NO_CELERY)
    queue = Queue(tmp_path, sandbox)
    yield queue
    queue.close()


def posted(sandbox: Sandbox, call_id: str) -> int:
    return sum(request["call_id"] == call_id and request["method"] == "POST" for request in sandbox.requests())


def test_worker_of_the_page_sends_each_transfer_once(queue: Queue, sandbox: Sandbox) -> None:
    for call_id in ("c-1", "c-2"):
        sandbox.place_incoming_call(call_id=call_id)
    assert re.fullmatch(r"the new call is c-\w+", queue.run(PROGRAM.replace("timeout=60", f"timeout={TIMEOUT}")))
    assert posted(sandbox, "c-1") == 1
    # Carried out, and then no response: nothing says that it was made.
    sandbox.inject({"no_response": True})
    reported = queue.reported("c-2", '{"timeout": 3}')
    assert (reported["type"], reported["kind"], reported["outcome"], reported["call_id"]) == (
        "error",
        "outcome_unknown",
        "unknown",
        "c-2",
    )
    assert posted(sandbox, "c-2") == 1
    reported = queue.reported("c-none")
    assert (reported["kind"], reported["outcome"], reported["call_id"]) == ("call_not_found", "not_applied", "c-none")
    assert posted(sandbox, "c-none") == 1


def test_worker_of_the_page_retries_where_nothing_was_made(queue: Queue, sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    # More than the client itself tries.
    sandbox.script(*[{"status": 429, "headers": {"Retry-After": "0"}, "body": ""}] * 4)
    assert queue.reported("c-1")["type"] == "transferred"
    assert posted(sandbox, "c-1") == 5


def test_worker_that_returns_the_object_sends_it_as_a_dict(tmp_path: pathlib.Path, sandbox: Sandbox) -> None:
    pytest.importorskip("celery", reason=NO_CELERY)
    sandbox.place_incoming_call(call_id="c-1")
    queue = Queue(tmp_path, sandbox, WORKER.replace(".to_dict()", ""))
    try:
        assert queue.reported("c-1")["outcome"] == "applied"
        assert queue.reported("c-none")["kind"] == "call_not_found"
    finally:
        queue.close()
    assert (posted(sandbox, "c-1"), posted(sandbox, "c-none")) == (1, 1)
