"""examples/cpp/call_center.cpp: calls that come in at once go to the first target that answers, on one thread."""

from __future__ import annotations

import os
import pathlib
import subprocess

from c.compiler import ROOT, compile_program
from calltransfer.sandbox import Sandbox

BUSY, REJECTS, ANSWERS = "+12025550110", "+12025550112", "+12025550100"


def test_each_call_gets_one_target_that_answers(tmp_path: pathlib.Path, calltransfer_sandbox: Sandbox) -> None:
    sandbox = calltransfer_sandbox
    sandbox.set_clock("running", factor=60)
    sandbox.inject_callbacks({"copies": 1, "rate": 0.3, "seed": 1}, {"after_next": True, "rate": 0.3, "seed": 2})
    program = compile_program(ROOT / "examples/cpp/call_center.cpp", tmp_path / "call_center", "c++20")
    command = [str(program), BUSY, REJECTS, ANSWERS]
    environment = {**os.environ, **sandbox.environment()}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert started.stdout is not None
            url = started.stdout.readline().strip()
            ids = [sandbox.place_incoming_call(state="started", callback_url=url) for _ in range(8)]
            results: dict[str, list[str]] = {call_id: [] for call_id in ids}
            while any(len(said) < 3 for said in results.values()):
                call_id, said = started.stdout.readline().split(maxsplit=1)
                results[call_id].append(said.strip())
        finally:
            started.kill()
    assert set(map(tuple, results.values())) == {("busy", "rejected", "answered")}
    for call_id in ids:
        legs = [call for call in sandbox.calls() if call["transferred_from"] == call_id]
        assert [leg["to"] for leg in legs] == [BUSY, REJECTS, ANSWERS]
        assert legs[2]["whisper_audio"] == {"sentence": "You have an incoming call"}
