"""Each example of docs/python.md, run as a program."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import ROOT

EXAMPLES = re.findall(
    r"^```python\n(.*?)^```$", (ROOT / "docs" / "python.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
PRINTED = [
    r"the new call is c-\w+",
    r".+|None",
    r"",
    r"(?s)c-9 20\S+\n.*c-0 20\S+",
    r"\{'total': 3, 'applied': 3, .*",
    r"(?s)(?=.*0 c-6 applied)(?=.*1 c-7 applied).*",
    r"TransferResults\(1 (applied|unknown|not_sent)\)",
    r"applied",
]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_of_the_page_runs(number: int, sandbox: Sandbox) -> None:
    for call in range(10):
        sandbox.place_incoming_call(call_id=f"c-{call}")
    command = [sys.executable, "-c", EXAMPLES[number]]
    environment = {**os.environ, **sandbox.environment()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(PRINTED[number], done.stdout.strip()), done.stdout
