"""docs/cli.md is what the command says of itself. `CALLTRANSFER_WRITE_CLI=1` writes it again."""

from __future__ import annotations

import os
import re

from calltransfer.cli import _exit_codes
from cli_command import run
from sandbox_process import ROOT

PAGE = ROOT / "docs" / "cli.md"
COMMANDS = (
    "",
    "transfer",
    "payload",
    "call",
    "call show",
    "call answer",
    "call hang-up",
    "call check",
    "calls",
    "many",
    "listen",
    "evacuate",
    "run",
    "run show",
    "run resume",
    "run work",
    "run check",
    "run retry",
    "run stop",
    "run export",
    "doctor",
    "completion",
)


def helps() -> str:
    blocks = [
        f"### calltransfer {command}".rstrip() + f"\n\n```text\n{run(*command.split(), '--help').out}```\n"
        for command in COMMANDS
    ]
    return "\n".join(blocks)


def exit_codes() -> str:
    rows = [f"| {code} | {meaning} |" for code, meaning in _exit_codes.MEANINGS.items()]
    return "\n".join(["| code | meaning |", "| --- | --- |", *rows])


def written(page: str) -> str:
    """The page with its two tables as they have to be."""
    page = re.sub(
        r"(## Exit codes\n\n).*?(\n\n`call check`)", lambda m: m[1] + exit_codes() + m[2], page, flags=re.DOTALL
    )
    return re.sub(r"(a test compares\.\n\n).*", lambda m: m[1] + helps(), page, flags=re.DOTALL)


def test_page_has_the_help_of_the_command() -> None:
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("CALLTRANSFER_WRITE_CLI"):
        PAGE.write_text(written(page), encoding="utf-8")
        page = PAGE.read_text(encoding="utf-8")
    # Pythons break the lines of a help in different places.
    assert page.split() == written(page).split(), (
        "write it again: CALLTRANSFER_WRITE_CLI=1 pytest python/test_cli_docs.py"
    )


def test_every_command_is_on_the_page() -> None:
    commands = re.findall(
        r"^    ([a-z-]+)", run("--help").out.partition("COMMAND\n")[2].partition("\n\n")[0], re.MULTILINE
    )
    assert set(commands) - {"sandbox"} <= set(COMMANDS)
    assert "sandbox" in commands  # its own words are on its own page
