"""The ABI is what the ledger says: nothing that a program was built with is removed or changed."""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest
from abi.ledger import LEDGER, LEDGERS, declarations, exported, kept, symbol_versions, version
from c.compiler import LIBRARIES, ROOT, RUNS_LIBRARIES
from c.header import HEADER, RUNS_HEADER, functions

KEPT = kept(LEDGER.read_text(encoding="utf-8"))
KEPT_OF = {header: kept(ledger.read_text(encoding="utf-8")) for header, ledger in LEDGERS.items()}
ALL = {declaration: since for kept_of in KEPT_OF.values() for declaration, since in kept_of.items()}
BREAKS = "programs that were built with it would break; bring it back, and give the new thing a new name"


@pytest.mark.parametrize("header", LEDGERS, ids=lambda header: header.name)
def test_header_keeps_every_declaration(header: pathlib.Path) -> None:
    gone = set(KEPT_OF[header]) - set(declarations(header))
    assert not gone, f"removed or changed: {BREAKS}"


@pytest.mark.parametrize("header", LEDGERS, ids=lambda header: header.name)
def test_ledger_has_every_declaration(header: pathlib.Path) -> None:
    new = set(declarations(header)) - set(KEPT_OF[header])
    assert not new, "add them with: python tests/abi/ledger.py"


def test_no_number_is_used_twice() -> None:
    """Not by another enumeration either: a status in place of an outcome matches nothing."""
    numbers = [declaration.split()[1] for declaration in ALL if re.fullmatch(r"CALLTRANSFER_\w+ -?\d+", declaration)]
    assert len(numbers) == len(set(numbers)) > 0


def test_nothing_is_older_or_newer_than_the_library() -> None:
    def parts(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in text.split("."))

    assert all((0, 1, 0) <= parts(since) <= parts(version()) for since in ALL.values())


@pytest.mark.parametrize(
    ("libraries", "headers"), [(LIBRARIES, [HEADER]), (RUNS_LIBRARIES, [HEADER, RUNS_HEADER])], ids=["plain", "runs"]
)
def test_shared_library_exports_only_functions_of_the_ledger(
    libraries: pathlib.Path, headers: list[pathlib.Path]
) -> None:
    """Each with the version that brought it, so that a program says which version of the library it needs."""
    symbols = exported(libraries / "libcalltransfer.so")
    assert symbols == symbol_versions(*headers)
    assert set(symbols) == {name for header in headers for name in functions(header)}


def test_static_library_has_them_too_and_takes_no_plain_name() -> None:
    """An archive hides nothing: what else is in it bears a name of Rust's or ring's, or is the compiler's own."""
    command = ["nm", "--defined-only", "--extern-only", str(LIBRARIES / "libcalltransfer.a")]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    names = {line.split()[-1] for line in listed.splitlines() if len(line.split()) == 3}
    assert set(functions()) <= names
    others = re.compile(r"_ZN|_R|_?rust_|ring_core_|anon\.|DW\.ref\.|__")
    assert {name for name in names - set(functions()) if not others.match(name)} == set()


def test_ledger_of_the_last_release_is_kept() -> None:
    git = ["git", "-C", str(ROOT)]
    tag = subprocess.run([*git, "describe", "--tags", "--abbrev=0"], capture_output=True, text=True, check=False)
    if tag.returncode != 0:
        pytest.skip("NO TAG YET: the ledger was not compared with the last release's")
    command = [*git, "show", f"{tag.stdout.strip()}:tests/abi/ledger.txt"]
    last = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    gone = kept(last).items() - KEPT.items()
    assert not gone, f"struck from the ledger since {tag.stdout.strip()}: {BREAKS}"
