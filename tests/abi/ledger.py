"""What programs are linked and compiled against: each function and number, since which version.

`python tests/abi/ledger.py` adds what the header has and the ledger lacks. Nothing is ever removed or
changed: programs that were built with it would break.
"""

from __future__ import annotations

import pathlib
import re
import sys

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from c.compiler import ROOT
from c.header import constants, functions

LEDGER = pathlib.Path(__file__).with_name("ledger.txt")
HEAD = "# since, and what: a function with its types, or a constant with its number. See ledger.py.\n"


def declarations() -> list[str]:
    """The functions and numbers of the header, in its order."""
    numbers = [f"{name} {number}" for name, number in constants().items()]
    return [*numbers, *(function.prototype() for function in functions().values())]


def kept(text: str) -> dict[str, str]:
    """The declarations of a ledger, each with the version that brought it."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {declaration: since for since, declaration in (line.split(" ", 1) for line in lines)}


def version() -> str:
    found = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return found[1]


def add() -> None:
    text = LEDGER.read_text(encoding="utf-8") if LEDGER.exists() else HEAD
    known = kept(text)
    text += "".join(f"{version()} {declaration}\n" for declaration in declarations() if declaration not in known)
    LEDGER.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    add()
