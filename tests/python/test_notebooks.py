"""The notebooks of the examples: stored without output, and run in a real kernel."""

from __future__ import annotations

import pathlib
from typing import Any

import nbclient
import nbformat
import pytest
from sandbox_process import ROOT

NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))


def read(path: pathlib.Path) -> Any:
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_output(path: pathlib.Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None
    assert set(notebook.metadata) == {"kernelspec", "language_info"}, "the metadata contains a version of this machine"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_from_top_to_bottom(path: pathlib.Path) -> None:
    notebook = read(path)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    rich = [output.data for output in outputs if "text/html" in output.get("data", {})]
    assert rich, "nothing is shown as a notebook shows it"
    drawings = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(drawings) == (1 if path.stem.startswith("02") else 0)
    for output in outputs:
        for text in output.get("data", {}).values():
            assert "8382947878" not in str(text), "a display holds a whole number"
