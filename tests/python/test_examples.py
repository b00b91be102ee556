"""The examples, run against the sandbox as a user runs them."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import ROOT

EXAMPLES = ROOT / "examples" / "python"


def run(sandbox: Sandbox, name: str, *call_ids: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **sandbox.environment()}
    command = [sys.executable, str(EXAMPLES / name), *call_ids]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_minimal_example_transfers_a_call(sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    done = run(sandbox, "minimal.py", "c-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("the new call is c-")


def test_three_transfers_are_those_of_the_documentation(sandbox: Sandbox) -> None:
    ids = ["c-1", "c-2", "c-3"]
    for call_id in ids:
        sandbox.place_incoming_call(call_id=call_id)
    done = run(sandbox, "three_transfers.py", *ids)
    assert (done.returncode, done.stderr) == (0, "")
    sent = [line.split(maxsplit=1)[1] for line in done.stdout.splitlines() if line.startswith("sent")]
    assert sent == [request["body"] for request in sandbox.requests()]
    assert [json.loads(body) for body in sent] == [
        {"state": "transferring", "transferTo": "+19192223333"},
        {
            "state": "transferring",
            "transferTo": "+18382947878",
            "transferCallerId": "private",
            "whisperAudio": {"sentence": "Hello! You have an incoming call"},
        },
        {
            "state": "transferring",
            "transferTo": "+19195554444",
            "diversionTreatment": "stack",
            "diversionReason": "do-not-disturb",
        },
    ]
    assert done.stdout.count("answer   201, new call c-") == 3


def test_one_failure_is_reported_and_counts(sandbox: Sandbox) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    sandbox.place_incoming_call(call_id="c-3")
    done = run(sandbox, "three_transfers.py", "c-1", "c-2", "c-3")
    assert done.returncode == 1
    assert "not_applied: " in done.stdout
    assert done.stdout.count("answer   201") == 2


@pytest.fixture
def whisper_url(tmp_path: pathlib.Path) -> Iterator[str]:
    """The FastAPI example, served as its first line says."""
    log = tmp_path / "log"
    command = [sys.executable, "-m", "uvicorn", "whisper_server:app", "--port", "0"]
    with log.open("w") as file, subprocess.Popen(command, cwd=EXAMPLES, stdout=file, stderr=file) as server:
        try:
            deadline = time.monotonic() + 30
            while (running := re.search(r"running on (http://\S+)", log.read_text())) is None:
                assert server.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield f"{running[1]}/whisper"
        finally:
            server.terminate()


def test_whisper_server_is_short_and_serves_a_v2_whisper(whisper_url: str, sandbox: Sandbox) -> None:
    source = (EXAMPLES / "whisper_server.py").read_text(encoding="utf-8")
    assert len([line for line in source.splitlines() if line.strip()]) <= 10
    call_id = sandbox.place_incoming_call()
    sandbox.client(api="v2").transfer(call_id, "+18382947878", transfer_answer_url=whisper_url)
    deadline = time.monotonic() + 20
    while not (asked := [c for c in sandbox.callbacks() if c["url"] == whisper_url and c["state"] != "waiting"]):
        assert time.monotonic() < deadline, sandbox.callbacks()
        time.sleep(0.02)
    assert [(one["event"]["eventType"], one["state"]) for one in asked] == [("transferAnswer", "delivered")]
    (leg,) = [call for call in sandbox.calls() if call["transferred_from"] == call_id]
    assert leg["whisper_audio"]["sentence"] == "You have an incoming call"


def test_prometheus_example_counts_a_transfer(sandbox: Sandbox) -> None:
    pytest.importorskip("prometheus_client")
    call_id = sandbox.place_incoming_call()
    done = run(sandbox, "prometheus_requests.py", call_id)
    assert (done.returncode, done.stderr) == (0, "")
    counted = 'calltransfer_requests_total{action="transfer",api="v1",error="",outcome="applied"} 1.0'
    assert counted in done.stdout.splitlines()
    assert 'calltransfer_request_seconds_count{action="transfer",api="v1"} 1.0' in done.stdout.splitlines()


TRACED = """
import opentelemetry_requests as example
from calltransfer import EventReceiver
from calltransfer.sandbox import Sandbox
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from wsgiref.simple_server import WSGIRequestHandler, make_server
import calltransfer, threading

WSGIRequestHandler.log_message = lambda *_: None
exporter, provider, ended = InMemorySpanExporter(), TracerProvider(), threading.Event()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)

def handle(event):
    if event.kind == "transfer_complete":
        example.event_span(event)
        ended.set()

calltransfer.observe(example.span_of)
receiver = EventReceiver(handle, allow_anonymous=True)
with Sandbox() as sandbox, make_server("127.0.0.1", 0, receiver.wsgi) as server:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    with example.tracer.start_as_current_span("root"):
        sandbox.client(api="v2").transfer(
            sandbox.place_incoming_call(), "+12025550110", tag=example.tag(),
            callback_url=f"http://127.0.0.1:{server.server_port}/",
        )
    assert ended.wait(20)
    server.shutdown()
    thread.join()
spans = exporter.get_finished_spans()
print(len({span.context.trace_id for span in spans}), sorted({span.name for span in spans}))
print([dict(span.attributes)["calltransfer.outcome"] for span in spans if span.name == "calltransfer transfer"])
"""


def test_opentelemetry_example_makes_one_trace() -> None:
    pytest.importorskip("opentelemetry.sdk")
    command = [sys.executable, "-c", TRACED]
    done = subprocess.run(command, cwd=EXAMPLES, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    names, outcomes = done.stdout.splitlines()
    assert names.startswith("1 [") and "calltransfer transfer" in names and "event transfer_complete" in names
    assert outcomes == "['applied']"
