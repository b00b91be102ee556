"""Attempts, written to the logger `calltransfer`."""

from __future__ import annotations

import sys


class Log:
    """Collects the attempts of a request, and logs them to the logger `calltransfer` when the request has ended.

    Not before: a logging handler must not run in the middle of a transfer.
    """

    __slots__ = ("attempts",)

    def __enter__(self) -> Log:
        self.attempts: list[tuple[bool, str]] | None = [] if logs() else None
        return self

    def __exit__(self, *raised: object) -> None:
        if self.attempts:
            log(self.attempts)


def logs() -> bool:
    """Whether the logger `calltransfer` would log attempts."""
    # A program that logs has imported logging; other programs are spared the import.
    logging = sys.modules.get("logging")
    return logging is not None and logging.getLogger("calltransfer").isEnabledFor(20)


def log(attempts: list[tuple[bool, str]]) -> None:
    """Writes attempts to the logger."""
    logging = sys.modules["logging"]
    try:
        logger = logging.getLogger("calltransfer")
        for succeeded, line in attempts:
            logger.log(20 if succeeded else 30, "%s", line)  # INFO, WARNING
    except Exception:  # a filter or handler that fails must not hide the outcome
        pass
