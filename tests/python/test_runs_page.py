"""docs/runs.md: its program and the commands of its runbook run, and its tables name what there is."""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import subprocess
import sys

from calltransfer._runs import records as _run_records
from calltransfer.sandbox import Sandbox
from cli_command import COMMAND, Cli
from sandbox_process import ROOT

PAGE = (ROOT / "docs" / "runs.md").read_text(encoding="utf-8")


def test_program_of_the_page_runs(sandbox: Sandbox, tmp_path: pathlib.Path) -> None:
    program = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]
    for call in ("c-1", "c-2"):
        sandbox.place_incoming_call(call_id=call)
    environment = {**os.environ, **sandbox.environment()}
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "applied 2\n")


def test_runbook_runs_from_top_to_bottom(cli: Cli, tmp_path: pathlib.Path) -> None:
    book = PAGE.partition("## Runbook")[2].partition("\n## ")[0]
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", book, re.MULTILINE | re.DOTALL)
    fenced = [line for block in blocks for line in block.splitlines()]
    named = re.findall(r"`(calltransfer [^`…]+)`", book)
    (tmp_path / "calls.csv").write_text("call_id,to\nc-1,+18382947878\nc-2,+18382947878\n")
    for call in ("c-1", "c-2"):
        cli.sandbox.place_incoming_call(call_id=call)
    environment = {**os.environ, **cli.sandbox.environment()}
    # The run is made first: some of the commands stand in the text before it.
    ran = [*fenced[:1], *named, *fenced[1:]]
    assert len(ran) > 8
    for line in ran:
        words = shlex.split(line, comments=True)
        assert words[0] == "calltransfer"
        words = words[: words.index(">")] if ">" in words else words
        done = subprocess.run(
            [COMMAND, *words[1:]],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (line, done.stderr)


def test_every_state_is_explained() -> None:
    table = re.findall(
        r"^\| `(\w+)` \|", PAGE.partition("## What each state means")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert tuple(table) == _run_records.STATES
