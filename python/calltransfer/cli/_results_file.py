"""The file of `many --results`: with it, the same command continues without transferring a call twice.

Before a transfer may be sent, a line is written that it has begun; when it ends, another line with its outcome. A call
that was begun and has no outcome may have been transferred, so it is not sent again.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer.cli._errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable

_OUTCOMES = ("applied", "not_applied", "unknown", "not_sent")
_BEGUN = '{"state": "begun", "call_id": '
_NAME = re.compile(r'"call_id": *("(?:[^"\\]|\\.)*")')


class ResultsFile:
    """One file of results. Only this process may use it until it is closed."""

    def __init__(
        self, path: str, know: Callable[[str, str, tuple[str, float] | None, str | None], None], only_read: bool = False
    ) -> None:
        """`know` gets the outcome of each call that earlier runs began, and when; the last outcome of a call counts."""
        self._know = know
        self._only_read = only_read
        self.failure: OSError | None = None
        """Why the file can't be written; no transfer may be begun then."""
        self._path = path
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) if only_read else os.O_RDWR | os.O_CREAT | os.O_APPEND
        try:
            self._file = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as cause:
            what = "read" if only_read else "written"
            raise invalid("results", f"{path!r} can't be {what}: {cause.strerror}") from cause
        try:
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                raise invalid("results", f"{path!r} is not a regular file")
            if not only_read:
                self._lock()
            self._read()
        except BaseException:
            self.close()
            raise

    def begin(self, call_id: str) -> bool:
        """Writes that the transfer of this call begins. If that fails, the transfer must not begin."""
        boot, at = _native.machine_clock()
        when = "" if boot is None else f', "boot": {json.dumps(boot)}, "at": {at:.3f}'
        return self.failure is None and self._write(f"{_BEGUN}{json.dumps(call_id)}{when}}}\n")

    def end(self, fields: dict[str, Any]) -> bool:
        """Writes an outcome; returns whether it could be written."""
        return self._write(json.dumps(fields, ensure_ascii=False) + "\n")

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)  # the lock ends with it, also where the process is killed
            self._file = -1

    def _lock(self) -> None:
        try:
            if sys.platform == "win32":
                import msvcrt

                os.lseek(self._file, 1 << 40, os.SEEK_SET)  # a byte that is never read
                msvcrt.locking(self._file, msvcrt.LK_NBLCK, 1)
                os.lseek(self._file, 0, os.SEEK_SET)
            else:
                import fcntl

                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as cause:
            raise invalid("results", f"{self._path!r} is in use by another process") from cause
        except OSError as cause:
            raise invalid("results", f"{self._path!r} can't be locked: {cause.strerror}") from cause

    def _read(self) -> None:
        knows_begun = False
        number = 0
        last = b""
        try:
            with open(os.dup(self._file), "rb") as file:
                file.seek(0)
                for number, last in enumerate(file, 1):
                    knows_begun = self._line(last, number, knows_begun)
        except OSError as cause:
            raise invalid("results", f"{self._path!r} can't be read: {cause.strerror}") from cause
        if self._only_read:
            return
        if last and not last.endswith(b"\n") and not self._write("\n"):
            raise invalid("results", f"{self._path!r} can't be written: {self.failure}") from self.failure

    def _line(self, line: bytes, number: int, knows_begun: bool) -> bool:
        """Takes one line in; says whether the lines so far show which calls were begun."""
        text = line.decode("utf-8", "replace").strip()
        if not text:
            return knows_begun
        try:
            fields = json.loads(text)
        except ValueError:
            return self._torn(text, number, knows_begun)
        call_id = fields.get("call_id") if isinstance(fields, dict) else None
        if not isinstance(call_id, str) or not fields.keys() & {"state", "outcome"}:
            raise invalid("results", f"{self._path!r}: line {number} is not a result of calltransfer many")
        is_begun = fields.get("state") == "begun"
        outcome = "unknown" if is_begun else fields.get("outcome")
        boot, at = fields.get("boot"), fields.get("at")
        begun = (boot, float(at)) if isinstance(boot, str) and isinstance(at, (int, float)) else None
        new_call = fields.get("new_call_id")
        new_call = new_call if isinstance(new_call, str) else None
        self._know(call_id, outcome if outcome in _OUTCOMES else "unknown", begun, new_call)
        return knows_begun or is_begun

    def _torn(self, text: str, number: int, knows_begun: bool) -> bool:
        """A line that was cut off: a run was killed, or the disk was full."""
        name = _NAME.search(text)
        if name:
            try:
                self._know(json.loads(name[1]), "unknown", None, None)
                return knows_begun
            except ValueError:
                pass
        # A "begun" that was not written whole: its transfer was not sent. Any other line comes after
        # the "begun" of its call, which then counts, if this file's runs have written those.
        if "\0" not in text and (knows_begun or (_BEGUN.startswith(text[: len(_BEGUN)]) and len(text) > 2)):
            return knows_begun
        raise invalid(
            "results",
            f"{self._path!r}: line {number} is cut off and does not name its call, which may have been "
            "transferred; find it (calltransfer call check CALL_ID), then delete the line or complete it",
        )

    def _write(self, line: str) -> bool:
        """Writes a whole line to the system, or nothing of it."""
        data = line.encode("utf-8", "backslashreplace")
        before = os.fstat(self._file).st_size
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError as cause:
            self.failure = cause
            try:
                os.ftruncate(self._file, before)
            except OSError:
                pass  # a later run reads a line that is cut off
            return False
        return True
