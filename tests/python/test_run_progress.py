"""Progress of a run, read while the ledger fails."""

from __future__ import annotations

import pytest
from calltransfer import RunError, RunSummary
from calltransfer._runs.errors import make
from calltransfer._runs.progress import Reporter

SUMMARY = RunSummary(
    planned=0,
    sending=0,
    applied=1,
    not_applied=0,
    not_sent=0,
    unknown=0,
    rate=None,
    held_for=None,
    time_left=None,
    deadline=None,
    workers=0,
    notes=(),
)


def reports_of(*reads: RunSummary | str) -> list[RunSummary]:
    """What is reported if the counts are read with these results, or these kinds of errors; the last at the end."""
    left = list(reads)
    reported: list[RunSummary] = []

    def read() -> RunSummary:
        found = left.pop(0)
        if isinstance(found, str):
            raise make(found, "run: failed", [], [])
        return found

    with Reporter(read, reported.append) as reporter:
        assert reporter.each is not None
        while len(left) > 1:
            reporter._next = 0.0
            reporter.each([])
    return reported


@pytest.mark.parametrize("kind", ["unreachable", "full"])
def test_ledger_that_is_waited_for_does_not_end_the_work(kind: str) -> None:
    assert reports_of(kind, SUMMARY, SUMMARY) == [SUMMARY, SUMMARY]
    assert reports_of(SUMMARY, kind) == [SUMMARY]


def test_damaged_ledger_ends_the_work() -> None:
    with pytest.raises(RunError):
        reports_of("damaged", SUMMARY)
