"""Writes the completion scripts of the command line with shtab: `make completion`.

They are shipped as files, so that the package needs nothing at run time.
"""

from __future__ import annotations

import argparse
import pathlib

import shtab
from calltransfer.cli import _parser

FOLDER = pathlib.Path(__file__).parents[1] / "python" / "calltransfer" / "cli" / "completion"
SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """The script of one shell."""
    parser = _parser.build()
    _mark(parser)
    return shtab.complete(parser, shell=shell).rstrip() + "\n"


def _mark(parser: argparse.ArgumentParser) -> None:
    """Says in shtab's words where a file is expected, and which values are offered: the library checks them, not the parser."""
    for action in parser._actions:
        offered = getattr(action, "completions", None)
        if offered == "file":
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif offered is not None:
            action.choices = offered
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _mark(below)


if __name__ == "__main__":
    for shell in SHELLS:
        (FOLDER / f"completion.{shell}").write_text(script(shell))
