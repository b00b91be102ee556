"""What programs are linked and compiled against: each function and number, since which version.

`python tests/abi/ledger.py` adds what the headers have and the ledgers lack. Nothing is ever removed or
changed: programs that were built with it would break.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from c.compiler import ROOT
from c.header import HEADER, RUNS_HEADER, constants, functions

LEDGER = pathlib.Path(__file__).with_name("ledger.txt")
# Runs are in a library that is built with them only.
LEDGERS = {HEADER: LEDGER, RUNS_HEADER: LEDGER.with_name("ledger-runs.txt")}
HEAD = "# since, and what: a function with its types, or a constant with its number. See ledger.py.\n"


def declarations(header: pathlib.Path = HEADER) -> list[str]:
    """The functions and numbers of a header, in its order."""
    numbers = [f"{name} {number}" for name, number in constants(header).items()]
    return [*numbers, *(function.prototype() for function in functions(header).values())]


def kept(text: str) -> dict[str, str]:
    """The declarations of a ledger, each with the version that brought it."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {declaration: since for since, declaration in (line.split(" ", 1) for line in lines)}


def symbol_versions(*headers: pathlib.Path) -> dict[str, str]:
    """The functions of the headers' ledgers, each with its version in the shared library."""
    return {
        function[1]: f"CALLTRANSFER_{since.rpartition('.')[0]}"
        for header in headers
        for declaration, since in kept(LEDGERS[header].read_text(encoding="utf-8")).items()
        if (function := re.search(r"(calltransfer_\w+)\(", declaration))
    }


def exported(library: pathlib.Path) -> dict[str, str]:
    """The same as the library has it, of any machine's kind."""
    command = ["readelf", "--dyn-syms", "--wide", str(library)]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    symbols = [line.split() for line in listed.splitlines() if " GLOBAL " in line or " WEAK " in line]
    # Values, then the section's number or UND or ABS, then the name; a version is itself a symbol in some libraries.
    names = [symbol[7] for symbol in symbols if symbol[6].isdigit()]
    return {name: version for name, _, version in (name.partition("@@") for name in names)}


def version() -> str:
    found = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return found[1]


def add() -> None:
    for header, ledger in LEDGERS.items():
        text = ledger.read_text(encoding="utf-8") if ledger.exists() else HEAD
        known = kept(text)
        new = (declaration for declaration in declarations(header) if declaration not in known)
        text += "".join(f"{version()} {declaration}\n" for declaration in new)
        ledger.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    add()
