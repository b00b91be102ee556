"""What is wrong with a command's arguments, or with the lines of its file."""

from __future__ import annotations

from calltransfer.errors import CallTransferError, make

_SHOWN = 20


def invalid(field: str, reason: str) -> CallTransferError:
    """The error of an argument that only the command line has."""
    known = {"field": field, "outcome": "not_sent", "safe_to_repeat": True}
    return make("invalid_argument", f"{field}: {reason}", known)


class Faults:
    """The faulty lines of a file: the first of them, and how many there are."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lines: list[str] = []
        self._count = 0

    def add(self, line: int, reason: str) -> None:
        self._count += 1
        if self._count <= _SHOWN:
            self._lines.append(f"\n  line {line}: {reason}")

    def check(self) -> None:
        """Raises where a line is faulty."""
        if self._count:
            more = f"\n  and {self._count - _SHOWN} more" if self._count > _SHOWN else ""
            count = "1 line" if self._count == 1 else f"{self._count} lines"
            raise invalid("file", f"{self._path!r}: {count} can't be sent, so nothing was:{''.join(self._lines)}{more}")
