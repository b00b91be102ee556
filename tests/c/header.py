"""Reads the header: functions with their types, and constants with their numbers."""

from __future__ import annotations

import dataclasses
import pathlib
import re

from c.compiler import INCLUDE

HEADER = INCLUDE / "calltransfer" / "calltransfer.h"
RUNS_HEADER = HEADER.with_name("runs.h")


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    returns: str
    parameters: tuple[tuple[str, str], ...]
    """Type and name of each."""

    def prototype(self) -> str:
        """What a caller is compiled against: types, and no names of parameters."""
        types = ", ".join(kind for kind, _ in self.parameters)
        return f"{self.returns} {self.name}".replace("* ", "*") + f"({types or 'void'})"


def without_comments(header: pathlib.Path) -> str:
    return re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.DOTALL)


# What the header's macros put before a function.
ATTRIBUTES = r'CALLTRANSFER_API(?:\s+CALLTRANSFER_MUST_USE)?(?:\s+CALLTRANSFER_DEPRECATED\("[^"]*"\))?\s'


def functions(header: pathlib.Path = HEADER) -> dict[str, Function]:
    return functions_of(without_comments(header))


def functions_of(text: str) -> dict[str, Function]:
    found = {}
    for declaration in re.findall(rf"^{ATTRIBUTES}([^;]+);", text, re.MULTILINE):
        returns, name, rest = re.fullmatch(r"(.*?)(calltransfer_\w+)\((.*)\)\s*", declaration, re.DOTALL).groups()
        found[name] = Function(name, tidy(returns), tuple(parameters(rest)))
    return found


def parameters(text: str) -> list[tuple[str, str]]:
    if text.strip() == "void":
        return []
    # A comma inside a function pointer's parentheses ends no parameter.
    parts = re.split(r",\s*(?![^()]*\))", text.strip())
    return [parameter(part) for part in parts]


def parameter(text: str) -> tuple[str, str]:
    pointer = re.fullmatch(r"(.*\(\*)(\w+)(\)\(.*\))", text, re.DOTALL)
    if pointer:
        before, name, after = pointer.groups()
        return re.sub(r"(\w+[ *]+)\w+([,)])", r"\1\2", tidy(before + after)).replace(" ,", ",").replace(" )", ")"), name
    kind, name = re.fullmatch(r"(.*?)(\w+)", text, re.DOTALL).groups()
    return tidy(kind), name


def constants(header: pathlib.Path = HEADER) -> dict[str, int]:
    found = re.findall(r"^ +(CALLTRANSFER_\w+) = (-?\d+),?$", without_comments(header), re.MULTILINE)
    return {name: int(number) for name, number in found}


def tidy(text: str) -> str:
    return re.sub(r"\s*(\*+)", r" \1", " ".join(text.split())).strip()
