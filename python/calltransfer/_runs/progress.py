"""Progress of a run while it is executed: a bar, or a function that is called with the counts."""

from __future__ import annotations

import time

from calltransfer._optional_import import optional_import
from calltransfer.errors import RunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from calltransfer._runs.records import RunSummary

_SECONDS = 0.25
"""How often progress is reported."""


def summary_if_reachable(read: Callable[[], RunSummary]) -> RunSummary | None:
    """The counts, or `None` while the ledger fails in a way that the worker waits for."""
    try:
        return read()
    except RunError as error:
        if error.kind in ("unreachable", "full"):
            return None
        raise


class Reporter:
    """Reports progress while a run is executed."""

    def __init__(self, summary: Callable[[], RunSummary], wanted: bool | Callable[[RunSummary], object]) -> None:
        self._summary = summary
        self._report = wanted if callable(wanted) else None
        self._bar: Any = None
        self._next = 0.0
        if wanted is True:
            auto = optional_import("tqdm.auto", "progress", "bulk")
            self._bar = auto.tqdm(total=summary().total, unit="call", desc="transfers")
        self.each = self._each if self._bar is not None or self._report is not None else None

    def _each(self, _: object) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _SECONDS
        self._update()

    def _update(self) -> None:
        summary = summary_if_reachable(self._summary)
        if summary is None:
            return
        if self._report is not None:
            self._report(summary)
        if self._bar is not None:
            self._bar.total = summary.total
            self._bar.update(summary.ended - self._bar.n)

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None and self.each is not None:
                self._update()
        finally:
            if self._bar is not None:
                self._bar.close()
