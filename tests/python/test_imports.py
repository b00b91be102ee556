"""Which file of the package imports which: at its start, within a function, or for its types alone."""

from __future__ import annotations

import ast
import graphlib
import pathlib

import calltransfer
import pytest

ROOT = pathlib.Path(calltransfer.__file__).parent
# Not the package itself: it imports all, and Python imports it before any of its files.
FILES = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in ROOT.rglob("*.py")}
del FILES["__init__"]


def imported(file: pathlib.Path) -> set[str]:
    """The files that one imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return {name.removeprefix("calltransfer.") for name in found} & set(FILES)


def test_no_file_imports_itself_through_others() -> None:
    files = {name: imported(file) for name, file in FILES.items()}
    many = files["_bulk.client"]
    assert "_account" in many and "_runs.run" in many and "_notebook.display" in files["_results"]
    try:
        graphlib.TopologicalSorter(files).prepare()
    except graphlib.CycleError as error:
        pytest.fail("a circle: " + " imports ".join(reversed(error.args[1])))
