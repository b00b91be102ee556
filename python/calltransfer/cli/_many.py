"""Many transfers from a file, with results that a later run goes on from."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from calltransfer.cli import _exit_codes, _output
from calltransfer.cli._options import options_of
from calltransfer.cli._rows import check, invalid, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calltransfer import TransferRow
    from calltransfer.cli._output import Output

_CONCURRENCY = 16
_SENT = {"applied", "not_applied", "unknown"}  # these aren't sent again by a later run


def whole_number(text: str) -> int:
    """A count on the command line."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def rate(text: str) -> float:
    """A rate on the command line."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no rate; allowed is more than 0")
    return number


def _ended(path: str | None) -> dict[str, str]:
    """What an earlier run has written down: the outcome of each call that isn't to be sent again."""
    if path is None or not os.path.exists(path):
        return {}
    ended = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                told = json.loads(line)
                if told["outcome"] in _SENT:
                    ended[told["transferred_call_id"]] = told["outcome"]
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a run that was killed
    return ended


class _Results:
    """Writes a line for each outcome, as it comes: nothing is lost with the process."""

    def __init__(self, path: str | None, output: Output) -> None:
        self._output = output
        self._file = None
        if path is not None:
            try:
                self._file = open(path, "a+", encoding="utf-8")  # noqa: SIM115 closed by `close`
            except OSError as cause:
                raise invalid("results", f"{path!r} can't be written: {cause}") from cause
            self._end_broken_line(path)

    def _end_broken_line(self, path: str) -> None:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            if file.tell() and self._file is not None:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    self._file.write("\n")

    def add(self, fields: dict[str, Any], text: str) -> None:
        if self._file is not None:
            self._file.write(json.dumps(fields, ensure_ascii=False) + "\n")
            self._file.flush()
        if self._file is None or self._output.as_json:
            self._output.result(fields, text)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class _Progress:
    """A line on standard error that is written over; quiet where nobody looks."""

    def __init__(self, wanted: bool | None, total: int) -> None:
        self._shown = sys.stderr.isatty() if wanted is None else wanted
        self._total = total
        self.counts: dict[str, int] = {}

    def step(self, outcome: str) -> None:
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        if self._shown:
            done = sum(self.counts.values())
            bar = "#" * (30 * done // self._total)
            print(f"\r[{bar:<30}] {done}/{self._total}  {self.summary()}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._shown and self.counts:
            print(file=sys.stderr)

    def summary(self) -> str:
        order = ("applied", "not_applied", "not_sent", "unknown")
        return ", ".join(f"{name} {self.counts[name]}" for name in order if name in self.counts)


def run(parsed: argparse.Namespace, output: Output) -> int:
    from calltransfer.cli._commands import client_of

    options = options_of(parsed)
    rows = [{**options, **row} for row in read(parsed.file)]
    client = client_of(parsed)  # the account is looked for before a file of results is made
    check(rows, client)
    if parsed.dry_run:
        output.result(
            {"dry_run": True, "transfers": len(rows)}, f"{len(rows)} transfers are ready; nothing was sent"
        )
        return _exit_codes.DONE
    ended = _ended(parsed.results)
    todo = [row for row in rows if row["call_id"] not in ended]
    if len(todo) < len(rows):
        output.note(f"{len(rows) - len(todo)} of {len(rows)} ended in an earlier run and aren't sent again")
    results = _Results(parsed.results, output)
    progress = _Progress(parsed.progress, len(todo))
    supply = _Supply(todo)
    try:
        with _Interrupts(supply) as interrupts:
            arriving = client.transfer_as_completed(
                supply, concurrency=parsed.concurrency or _CONCURRENCY, rate=parsed.rate
            )
            try:
                for row in arriving:
                    _tell(row, results, progress)
            except KeyboardInterrupt as again:  # not even those under way are waited for, but told
                for row in getattr(again, "results", ()):
                    _tell(row, results, progress)
    finally:
        progress.end()
        results.close()
    left = len(todo) - sum(progress.counts.values())
    output.note((progress.summary() or "nothing to do") + (f"; {left} not begun" if left else ""))
    # What an earlier run left undone counts too: the code speaks of the whole file.
    code = _exit_codes.of_many({*progress.counts, *(ended[r["call_id"]] for r in rows if r["call_id"] in ended)})
    if interrupts.came:
        return code if code == _exit_codes.UNKNOWN else _exit_codes.INTERRUPTED
    return code


def _tell(row: TransferRow, results: _Results, progress: _Progress) -> None:
    fields, text = _told(row)
    results.add(fields, text)
    progress.step(fields["outcome"])


def _told(row: TransferRow) -> tuple[dict[str, Any], str]:
    if row.result is not None:
        return _output.transferred_fields(row.result), _output.transferred_text(row.result)
    error = row.error
    fields = {
        "transferred_call_id": row.call_id,
        "outcome": row.outcome,
        "error": None if error is None else _output.error_fields(error),
    }
    return fields, f"{row.call_id}: {row.outcome}: {error}"


class _Supply:
    """Hands out the rows, until it is stopped: no more are begun then."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows
        self._stopped = False

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows:
            if self._stopped:
                return
            yield row

    def stop(self) -> None:
        self._stopped = True


class _Interrupts:
    """Ctrl-C stops the supply, so that every transfer under way is still told; once more is Python's."""

    def __init__(self, supply: _Supply) -> None:
        self._supply = supply
        self.came = False

    def __enter__(self) -> _Interrupts:
        try:
            self._before: Any = signal.signal(signal.SIGINT, self._stop)
        except ValueError:  # not on the main thread: nobody's Ctrl-C arrives here
            self._before = None
        return self

    def __exit__(self, *raised: object) -> None:
        self._restore()

    def _stop(self, *_: object) -> None:
        self.came = True
        self._supply.stop()
        self._restore()

    def _restore(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
