"""gunicorn with four workers that share what was made before they forked, under load."""

from __future__ import annotations

import http.client
import os
import pathlib
import subprocess
import sys
import threading

import pytest
from calltransfer.sandbox import Sandbox

pytest.importorskip("gunicorn", reason="gunicorn isn't installed")

HERE = pathlib.Path(__file__).resolve().parent
# `make test-long` makes it 10,000.
TRANSFERS = 1_000 * int(os.environ.get("CALLTRANSFER_TEST_FACTOR", "1"))
THREADS = 16


def load(port: int, call_ids: list[str], faults: list[str], workers: set[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number, call_id in enumerate(call_ids):
        connection.request("GET", f"/{call_id}" + ("?many" if number % 4 == 0 else ""))
        response = connection.getresponse()
        body = response.read().decode()
        if response.status != 200:
            faults.append(f"{call_id}: {response.status} {body}")
        workers.add(response.headers.get("X-Worker", ""))
        if response.headers.get("Connection") == "close":
            connection.close()


@pytest.mark.parametrize("used", [False, True], ids=["made-before-the-fork", "used-before-the-fork"])
def test_preforked_workers_transfer_every_call_once(used: bool, tmp_path: pathlib.Path) -> None:
    with Sandbox() as sandbox:
        ids = [sandbox.place_incoming_call() for _ in range(TRANSFERS + 1)]
        environment = {**os.environ, **sandbox.environment()}
        if used:
            environment["USED_BEFORE_FORK"] = ids[-1]
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "--preload",
            "--workers",
            "4",
            "--bind",
            "127.0.0.1:0",
            "--worker-tmp-dir",
            str(tmp_path),
            "--no-control-socket",
            "gunicorn_app:app",
        ]
        with subprocess.Popen(command, cwd=HERE, env=environment, stderr=subprocess.PIPE, text=True) as server:
            try:
                assert server.stderr is not None
                port = 0
                for line in server.stderr:
                    if "Listening at" in line:
                        port = int(line.rsplit(":", 1)[1].split()[0])
                        break
                assert port, "gunicorn didn't start"
                threading.Thread(target=server.stderr.read, daemon=True).start()
                faults: list[str] = []
                workers: set[str] = set()
                shares = [ids[start:-1:THREADS] for start in range(THREADS)]
                threads = [threading.Thread(target=load, args=(port, share, faults, workers)) for share in shares]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(300)
            finally:
                server.terminate()
                server.wait(30)
        assert faults == []
        assert len(workers - {""}) > 1, workers
        # Each transfer made a leg; the sandbox's log of requests would be too short for so many.
        made = sorted(str(leg["transferred_from"]) for leg in sandbox.calls() if leg["transferred_from"])
        assert made == sorted(ids if used else ids[:-1])
