"""Completion for bash, zsh and fish: prints the scripts that `make completion` has written from the parsers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from calltransfer.cli import _exit_codes

if TYPE_CHECKING:
    import argparse

    from calltransfer.cli._output import Output

SHELLS = ("bash", "zsh", "fish")


def run(parsed: argparse.Namespace, output: Output, _: object) -> int:
    script = (Path(__file__).parent / "completion" / f"completion.{parsed.shell}").read_text()
    output.result({"shell": parsed.shell, "script": script}, script.rstrip("\n"))
    return _exit_codes.DONE
