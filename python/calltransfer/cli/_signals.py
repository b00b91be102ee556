"""Handles Ctrl-C, SIGTERM and SIGHUP: they raise before the first request, and never while one is in progress.

An exception of a signal handler can be raised between the arrival of a response and the line that stores it; the outcome
would then be lost. So from the first request on, a signal only requests an orderly stop.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

from calltransfer.cli._exit_codes import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

# A third signal, this many seconds after the first, ends a program that can't end in good order: one
# whose output nothing reads.
_LAST = 3
_SECONDS = 2.0

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Signals:
    """The signals that end a program, while one command runs."""

    def __init__(self) -> None:
        self.count = 0
        """How many signals were received."""
        self.begun = False
        """Whether a request may have been begun."""
        self._first = 0.0
        self._stop: Callable[[int], None] = lambda _: None
        self._before: dict[signal.Signals, Any] = {}

    def install(self) -> None:
        """Handles the signals that are not ignored: `nohup` and `&` ignore some on purpose."""
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is None or signal.getsignal(number) in (signal.SIG_IGN, None):
                continue
            try:
                self._before[number] = signal.signal(number, self._handle)
            except ValueError:  # not the main thread, which alone gets signals
                return

    def restore(self) -> None:
        """Restores the handlers of the program that runs this command as a function."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def ignore(self) -> None:
        """Ignores the signals: the exit code is decided, and must not become "killed by a signal"."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    def hold(self) -> None:
        """From here on a request may be in progress, and nothing is raised any more."""
        self.begun = True

    def on_stop(self, stop: Callable[[int], None]) -> None:
        """Calls `stop` with the number of signals at each signal, and now if there was one."""
        self._stop = stop
        if self.count:
            stop(self.count)

    def _handle(self, *_: object) -> None:
        self.count += 1
        if not self.begun:
            raise KeyboardInterrupt
        now = time.monotonic()
        self._first = self._first or now
        if self.count >= _LAST and now - self._first >= _SECONDS:
            os._exit(UNKNOWN)  # outcomes that were not written can only count as unknown
        self._stop(self.count)
