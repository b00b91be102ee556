"""The valid lines of a file, and the errors of the other lines, in a temporary database.

A file may have a million lines, and standard input can't be read twice. SQLite keeps a small database in memory, and a
large one in a file that is deleted when the process ends, however it ends.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from calltransfer.cli._errors import invalid

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from calltransfer.errors import CallTransferError

_BLOCK = 500
"""How many lines are stored at once."""
SHOWN = 100
"""How many invalid lines an error lists."""

# The cache is the memory that a large file needs. Nothing is ever rolled back.
_SET_UP = """
PRAGMA cache_size = -8192;
PRAGMA journal_mode = OFF;
BEGIN;
CREATE TABLE rows (line INTEGER PRIMARY KEY, call_id TEXT NOT NULL, rest TEXT NOT NULL);
CREATE TABLE invalid_lines (line INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE TABLE earlier (call_id TEXT PRIMARY KEY, outcome TEXT NOT NULL, boot TEXT, at REAL, new_call TEXT) WITHOUT ROWID;
"""
_REPEATED_CALLS = """
INSERT INTO invalid_lines
SELECT line, 'call_id: is the same call as in line '
    || (SELECT min(line) FROM rows AS first WHERE first.call_id = rows.call_id)
    || '; a call can be transferred only once'
FROM rows WHERE call_id IN (SELECT call_id FROM rows GROUP BY call_id HAVING count(*) > 1) AND EXISTS (
    SELECT 1 FROM rows AS first WHERE first.call_id = rows.call_id AND first.line < rows.line
)
"""
_KNOW = """
INSERT INTO earlier VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET outcome = excluded.outcome,
    boot = coalesce(excluded.boot, boot), at = coalesce(excluded.at, at), new_call = excluded.new_call
"""
_UNKNOWN = """
SELECT line, call_id, rest, boot, at FROM rows JOIN earlier USING (call_id) WHERE outcome = 'unknown' ORDER BY line
"""
_NOT_EARLIER = "NOT EXISTS (SELECT 1 FROM earlier WHERE earlier.call_id = rows.call_id)"


class Row(NamedTuple):
    """One transfer, as `transfer_many` takes it."""

    line: int
    call_id: str
    to: Any
    options: dict[str, Any]
    timeout: float | None


def _row(line: int, call_id: str, rest: str) -> Row:
    if rest[:1] == "[":
        return Row(line, call_id, *json.loads(rest))
    return Row(line, call_id, rest, {}, None)


class CheckedLines:
    """The lines of one file. For one thread."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            import sqlite3
        except ImportError:
            raise invalid("file", "many needs the module sqlite3, which this Python was built without") from None
        self._failure = sqlite3.Error
        self._new: list[tuple[int, str, str]] = []
        self._database = sqlite3.connect("", isolation_level=None)
        try:
            self._database.executescript(_SET_UP)
        except sqlite3.Error as cause:
            raise self._full(cause) from cause

    def close(self) -> None:
        self._database.close()

    def add(self, row: Row) -> None:
        """Stores a line that can be sent."""
        # Most lines have a target only; what begins with a bracket is JSON.
        is_plain = type(row.to) is str and row.to[:1] != "[" and not row.options and row.timeout is None
        rest = row.to if is_plain else json.dumps([row.to, row.options, row.timeout])
        self._new.append((row.line, row.call_id, rest))
        if len(self._new) >= _BLOCK:
            self._store()

    def refuse(self, line: int, reason: str) -> None:
        """Stores the reason why a line can't be sent."""
        self._run("INSERT INTO invalid_lines VALUES (?, ?)", line, reason)

    def end(self) -> None:
        """Called after the last line: finds calls that are in several lines."""
        self._store()
        self._run("CREATE INDEX calls ON rows (call_id, line)")
        self._run(_REPEATED_CALLS)

    def invalid_lines(self) -> Iterator[tuple[int, str]]:
        """All invalid lines, in order."""
        return self._each("SELECT line, reason FROM invalid_lines ORDER BY line")

    def error(self, is_listed: bool) -> CallTransferError | None:
        """The error with the first invalid lines, or only their number; `None` if there are none."""
        (number,) = next(self._each("SELECT count(*) FROM invalid_lines"))
        if number == 0:
            return None
        count = "1 line" if number == 1 else f"{number} lines"
        said = f"{self._path!r}: {count} can't be sent, so nothing was sent"
        if is_listed:
            first = self._each("SELECT line, reason FROM invalid_lines ORDER BY line LIMIT ?", SHOWN)
            said += ":" + "".join(f"\n  line {line}: {reason}" for line, reason in first)
            if number > SHOWN:
                said += f"\n  and {number - SHOWN} more; --all-errors lists them"
        return invalid("file", said)

    def __len__(self) -> int:
        (number,) = next(self._each("SELECT count(*) FROM rows"))
        return int(number)

    def know(self, call_id: str, outcome: str, begun: tuple[str, float] | None, new_call: str | None) -> None:
        """Stores the outcome of a call in an earlier run, and when that began and its new call, if the line says it.

        A call that was not sent is sent again.
        """
        if outcome == "not_sent":
            self._run("DELETE FROM earlier WHERE call_id = ?", call_id)
        else:
            self._run(_KNOW, call_id, outcome, *(begun or (None, None)), new_call)

    def earlier(self) -> dict[str, int]:
        """How many lines ended in earlier runs, by outcome."""
        found = "SELECT outcome, count(*) FROM rows JOIN earlier USING (call_id) GROUP BY outcome"
        return dict(self._each(found))

    def unknown(self) -> Iterator[tuple[Row, tuple[str, float] | None]]:
        """The lines whose outcome in an earlier run is unknown, and when that began."""
        for line, call_id, rest, boot, at in self._each(_UNKNOWN):
            yield _row(line, call_id, rest), None if boot is None else (boot, at)

    def new_calls(self) -> Iterator[str]:
        """The new calls of earlier runs, as far as they are known."""
        return (call for (call,) in self._each("SELECT new_call FROM earlier WHERE new_call IS NOT NULL"))

    def rest(self) -> Iterator[Row]:
        """The lines that no earlier run has ended."""
        found = f"SELECT line, call_id, rest FROM rows WHERE {_NOT_EARLIER} ORDER BY line"
        for line, call_id, rest in self._each(found):
            yield _row(line, call_id, rest)

    def _store(self) -> None:
        new, self._new = self._new, []
        insert = "INSERT INTO rows VALUES (?, ?, ?)"
        try:
            self._database.executemany(insert, new)
        except UnicodeEncodeError:  # see `_run`; none of the others is lost
            for values in new:
                self._run(insert.replace("INSERT", "INSERT OR REPLACE"), *values)
        except self._failure as cause:
            raise self._full(cause) from cause

    def _each(self, statement: str, *values: Any) -> Iterator[Any]:
        found = self._run(statement, *values)
        while True:
            try:
                row = found.fetchone()
            except self._failure as cause:
                raise self._full(cause) from cause
            if row is None:
                return
            yield row

    def _run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except UnicodeEncodeError:  # a JSON text can hold half a character, which SQLite does not take
            plain = [v.encode("utf-8", "backslashreplace").decode() if isinstance(v, str) else v for v in values]
            return self._run(statement, *plain)
        except self._failure as cause:
            raise self._full(cause) from cause

    def _full(self, cause: Exception) -> CallTransferError:
        where = "its lines don't fit into the temporary folder, which SQLITE_TMPDIR or TMPDIR may name"
        return invalid("file", f"{self._path!r}: {where}: {cause}")
