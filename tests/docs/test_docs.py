"""The README's programs are the examples, and run; the tables name what the code has."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest
from calltransfer import _native, errors
from sandbox_process import ROOT, SandboxProcess

BUILT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
EXAMPLES = {
    "python": (ROOT / "examples/python/minimal.py", [sys.executable, ROOT / "examples/python/minimal.py"]),
    "c": (ROOT / "examples/c/minimal.c", [BUILT / "examples-c/minimal"]),
    "cpp": (ROOT / "examples/cpp/minimal.cpp", [BUILT / "examples-cpp/minimal"]),
    "rust": (ROOT / "examples/rust/src/bin/minimal.rs", [BUILT / "minimal"]),
}


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", EXAMPLES)
def test_readmes_program_is_the_example(language: str) -> None:
    [block] = re.findall(rf"^```{language}\n(.*?)^```$", text("README.md"), re.MULTILINE | re.DOTALL)
    assert block == EXAMPLES[language][0].read_text(encoding="utf-8")


@pytest.mark.parametrize("language", EXAMPLES)
def test_readmes_program_transfers_a_call(language: str, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    command = [*EXAMPLES[language][1], "c-1"]
    environment = os.environ | sandbox.environment()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=True)
    leg = next(call for call in sandbox.calls() if call["transferred_from"] == "c-1")
    assert done.stdout == f"the new call is {leg['id']}\n"
    assert leg["whisper_audio"] == {"sentence": "You have an incoming call"}
    again = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert "not_applied: the call is not active (HTTP 403" in again.stdout + again.stderr


def test_table_of_options_is_whole() -> None:
    table = text("docs/options.md")
    for option in _native.OPTIONS:
        assert f"| `{option}`" in table, option
    for variable in _native.ENVIRONMENT:
        assert variable in table, variable


def test_table_of_errors_is_whole() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \|", text("docs/outcomes.md"), re.MULTILINE)
    expected = [(kind, error.__name__, f"CALLTRANSFER_E_{kind.upper()}") for kind, error in errors.KINDS.items()]
    assert rows == expected


def anchors(page: pathlib.Path) -> set[str]:
    """The names under which GitHub and the site link to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_between_pages_lead_somewhere() -> None:
    for page in [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
    ]:
        for target, anchor in re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]+))?\)", text(page)):
            linked = (ROOT / page).parent / target if target else ROOT / page
            assert linked.exists(), f"{page}: {target}"
            assert not anchor or anchor in anchors(linked), f"{page}: {target}#{anchor}"


def test_readme_links_to_every_guide_of_a_beginner() -> None:
    for page in ("getting-started", "production", "troubleshooting", "rust"):
        assert f"(docs/{page}.md)" in text("README.md"), page
    for page in ("getting-started", "production", "troubleshooting"):
        assert f"(../{page}.md)" in text("docs/site/index.md"), page
