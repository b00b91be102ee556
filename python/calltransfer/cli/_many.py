"""Many transfers from a file, with results that a later run goes on from."""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import calltransfer
from calltransfer._results import Transferred
from calltransfer.cli import _exit_codes, _output
from calltransfer.cli._options import options_of
from calltransfer.cli._rows import check, invalid, read
from calltransfer.errors import CallTransferError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calltransfer.cli._output import Output

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
    check(rows)
    client = client_of(parsed)  # the account is looked for before a file of results is made
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
    crew = _Crew(client, todo, parsed.concurrency or 16, parsed.rate)
    try:
        with _Interrupts(crew) as interrupts:
            for row, told in crew:
                fields, text = _told(row, told)
                results.add(fields, text)
                progress.step(fields["outcome"])
    finally:
        crew.stop()
        progress.end()
        results.close()
    left = len(todo) - sum(progress.counts.values())
    output.note((progress.summary() or "nothing to do") + (f"; {left} not begun" if left else ""))
    # What an earlier run left undone counts too: the code speaks of the whole file.
    code = _exit_codes.of_many({*progress.counts, *(ended[r["call_id"]] for r in rows if r["call_id"] in ended)})
    if interrupts.came:
        return code if code == _exit_codes.UNKNOWN else _exit_codes.INTERRUPTED
    return code


def _told(row: dict[str, Any], told: Transferred | CallTransferError) -> tuple[dict[str, Any], str]:
    if isinstance(told, CallTransferError):
        fields = {"transferred_call_id": row["call_id"], "outcome": told.outcome, "error": _output.error_fields(told)}
        return fields, f"{row['call_id']}: {told.outcome}: {told}"
    return _output.transferred_fields(told), _output.transferred_text(told)



class _Crew:
    """Threads that transfer rows, and tell each outcome as it comes."""

    def __init__(
        self, client: calltransfer.Client, rows: list[dict[str, Any]], concurrency: int, rate: float | None
    ) -> None:
        self._client = client
        self._waiting = iter(rows)
        self._turn = threading.Lock()
        self._pace = 1 / rate if rate else 0.0
        self._due = time.monotonic()
        self._stopped = threading.Event()
        self._told: queue.SimpleQueue[tuple[dict[str, Any], Transferred | CallTransferError] | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work) for _ in range(min(concurrency, len(rows)))]

    def __iter__(self) -> Iterator[tuple[dict[str, Any], Transferred | CallTransferError]]:
        for thread in self._threads:
            thread.start()
        working = len(self._threads)
        while working:
            told = self._told.get()
            if told is None:
                working -= 1
            else:
                yield told

    def stop(self) -> None:
        """Begins no more; those under way end by themselves, and are told."""
        self._stopped.set()

    def _work(self) -> None:
        try:
            while (row := self._next()) is not None:
                self._told.put((row, self._transferred(row)))
        finally:
            self._told.put(None)

    def _next(self) -> dict[str, Any] | None:
        with self._turn:
            if self._pace:
                self._stopped.wait(max(0.0, self._due - time.monotonic()))
                self._due = max(self._due, time.monotonic()) + self._pace
            return None if self._stopped.is_set() else next(self._waiting, None)

    def _transferred(self, row: dict[str, Any]) -> Transferred | CallTransferError:
        try:
            return self._client.transfer(**row)
        except CallTransferError as error:
            return error


class _Interrupts:
    """Ctrl-C stops the crew, so that every transfer under way is still told; once more is Python's."""

    def __init__(self, crew: _Crew) -> None:
        self._crew = crew
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
        self._crew.stop()
        self._restore()

    def _restore(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
