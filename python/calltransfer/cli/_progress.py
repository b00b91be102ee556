"""Shows progress on standard error: one line below the results, which is overwritten."""

from __future__ import annotations

import sys


class Progress:
    """Counts outcomes, and shows them on a terminal."""

    def __init__(self, wanted: bool | None, total: int) -> None:
        is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self.is_shown = sys.stderr is not None and (is_terminal if wanted is None else wanted)
        self._total = total
        self._width = 0
        self.counts: dict[str, int] = {}

    def step(self, outcome: str) -> None:
        """Counts an outcome and shows the bar."""
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        done = sum(self.counts.values())
        self.draw(done, self._total, self.summary())

    def draw(self, done: int, total: int, text: str) -> None:
        """Shows the bar with a text behind it."""
        bar = "#" * (30 * done // max(1, total))
        line = f"[{bar:<30}] {done}/{total}  {text}"
        self._print("\r" + line.ljust(self._width))
        self._width = len(line)

    def clear(self) -> None:
        """Removes the bar, so that a line can be written in its place."""
        if self._width:
            self._print("\r" + " " * self._width + "\r")
            self._width = 0

    def end(self) -> None:
        """Leaves the bar as it is; what follows begins a new line."""
        if self._width:
            self._print("\n")
            self._width = 0

    def summary(self) -> str:
        order = ("applied", "not_applied", "not_sent", "unknown")
        return ", ".join(f"{name} {self.counts[name]}" for name in order if name in self.counts)

    def _print(self, text: str) -> None:
        if not self.is_shown:
            return
        try:
            print(text, end="", file=sys.stderr, flush=True)
        except (OSError, ValueError):
            self.is_shown = False
