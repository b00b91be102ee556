"""The notes of a request: its attempts for the logger `calltransfer`, and a record for the observers."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Log:
    """Collects the notes of a request, and passes them on when the request has ended.

    Not before: neither a logging handler nor an observer must run in the middle of a transfer.
    """

    __slots__ = ("notes",)

    def __enter__(self) -> Log:
        self.notes: list[tuple[str, dict[str, Any]]] | None = [] if wanted() else None
        return self

    def __exit__(self, *raised: object) -> None:
        if self.notes:
            log(self.notes)


def wanted() -> bool:
    """Whether anything would take the notes."""
    observers = sys.modules.get("calltransfer._observe")  # without it there are none
    return _logs() or (observers is not None and bool(observers.OBSERVERS))


def _logs() -> bool:
    # A program that logs has imported logging; other programs are spared the import.
    logging = sys.modules.get("logging")
    return logging is not None and logging.getLogger("calltransfer").isEnabledFor(20)


def log(notes: list[tuple[str, dict[str, Any]]]) -> None:
    """Writes attempts to the logger, and gives requests to the observers."""
    if _logs():
        logging = sys.modules["logging"]
        try:
            logger = logging.getLogger("calltransfer")
            for attempt in (fields for kind, fields in notes if kind == "attempt"):
                logger.log(20 if attempt["succeeded"] else 30, "%s", attempt["line"])  # INFO, WARNING
        except Exception:  # a filter or handler that fails must not hide the outcome
            pass
    observers = sys.modules.get("calltransfer._observe")
    if observers is not None:
        for kind, fields in notes:
            if kind == "request":
                observers.notify(fields)
