"""What a run and its rows show of themselves."""

from __future__ import annotations

from collections.abc import Iterator

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from run_support import TARGET, place


@pytest.fixture
def run(ledger: str, account: Sandbox) -> Iterator[calltransfer.Run]:
    with calltransfer.Run(ledger) as run:
        yield run


def test_row_shows_no_number(run: calltransfer.Run) -> None:
    run.add([("c-1", TARGET, {"caller_id": "+19195551212", "extra": {"x": ["+19195551213"]}})])
    (row,) = run
    assert row.to == TARGET and row.to_dict()["to"] == TARGET
    shown = repr(row) + repr(run) + str(row.to_dict(numbers=False)) + run._repr_html_()
    for number in ("8382947878", "9195551212", "9195551213"):
        assert number not in shown


def test_notebook_shows_counts_bar_and_open_rows(run: calltransfer.Run, sandbox: Sandbox) -> None:
    place(sandbox, 2)
    run.add([("c-0", TARGET), ("c-1", TARGET), ("c-none", TARGET)])
    run.execute()
    html = run._repr_html_()
    assert "2 applied, 1 not applied" in html and "c-none" in html and "c-0" not in html
    assert "width:66.67%" in html and "3 of 3 rows have ended" in html
    assert run._repr_mimebundle_()["text/plain"].endswith("applied 2, not_applied 1")
    run.close()
    assert "closed" in run._repr_html_()
