"""Many transfers from a file, with results that a later run goes on from."""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING, Any

from calltransfer._results import Transferred
from calltransfer.cli import _exit_codes, _output
from calltransfer.cli._faults import invalid
from calltransfer.cli._options import options_of
from calltransfer.cli._progress import Progress
from calltransfer.cli._requests import Requests
from calltransfer.cli._results_file import ResultsFile
from calltransfer.cli._rows import read
from calltransfer.cli._source import Source
from calltransfer.errors import CallTransferError

if TYPE_CHECKING:
    from calltransfer import Client
    from calltransfer.cli._output import Output
    from calltransfer.cli._rows import Row
    from calltransfer.cli._signals import Signals

_CONCURRENCY = 16
_NAMED = 20


def whole_number(text: str) -> int:
    """A count on the command line."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer")
    return int(text)


def rate(text: str) -> float:
    """A rate on the command line."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be greater than 0, got {text!r}")
    return number


def run(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    from calltransfer.cli._commands import client_of

    client = client_of(parsed)  # the account is looked for before a file of results is made
    _check_results_path(parsed)
    rows = read(Source(parsed.file, parsed.format, parsed.encoding), options_of(parsed), client)
    if parsed.dry_run:
        output.result({"dry_run": True, "transfers": len(rows)}, f"{len(rows)} transfers are ready; nothing was sent")
        return _exit_codes.DONE
    results = ResultsFile(parsed.results) if parsed.results is not None else None
    try:
        return _Run(rows, client, results, output, signals, parsed).run()
    finally:
        if results is not None:
            results.close()


def _check_results_path(parsed: argparse.Namespace) -> None:
    path = parsed.results
    if path is None:
        if parsed.check:
            raise invalid("check", "looks at the calls of a file of results; add --results FILE")
        return
    if os.path.isdir(path):
        raise invalid("results", f"{path!r} is a folder; name a .jsonl file")
    if os.path.exists(path) and os.path.exists(parsed.file) and os.path.samefile(path, parsed.file):
        raise invalid("results", f"{path!r} is the file of transfers itself; name another file")


class _Run:
    """One run of `many`: begins transfers while nothing speaks against it, and keeps every outcome."""

    def __init__(
        self,
        rows: list[Row],
        client: Client,
        results: ResultsFile | None,
        output: Output,
        signals: Signals,
        parsed: argparse.Namespace,
    ) -> None:
        self._client = client
        self._results = results
        self._output = output
        self._signals = signals
        self._parsed = parsed
        self._rows = rows
        earlier = {} if results is None else results.outcomes
        self._todo = [row for row in rows if row.call_id not in earlier]
        self._progress = Progress(parsed.progress, len(self._todo))
        self._is_stopped = False
        self._begun = 0
        self._unrecorded = 0
        self._output_failure: _output.OutputFailed | None = None

    def run(self) -> int:
        earlier = self._earlier()
        self._send()
        self._progress.end()
        left = len(self._todo) - self._begun
        if self._output_failure is not None:
            self._output.note(f"calltransfer: {self._output_failure}")
        if self._results is not None and self._results.failure is not None:
            reason = f"results: {self._parsed.results!r} can't be written: {self._results.failure.strerror}"
            self._output.note(f"calltransfer: {reason}")
        if self._unrecorded:
            self._output.note(f"{self._unrecorded} outcomes are not in {self._parsed.results!r}; they stand above")
        ending = f"; {left} not begun" if left else ""
        self._output.note((self._progress.summary() or "nothing to do") + ending)
        return self._code(earlier, left)

    def _code(self, earlier: set[str], left: int) -> int:
        """The exit code speaks of the whole file, and so of what earlier runs left undone too."""
        outcomes = {*self._progress.counts, *earlier}
        if left:
            outcomes.add("not_sent")
        if self._unrecorded:
            outcomes.add("unknown")  # the file of results says so
        code = _exit_codes.of_many(outcomes)
        if self._signals.count and self._begun == 0 and code == _exit_codes.NOT_SENT:
            return _exit_codes.INTERRUPTED
        return code

    def _earlier(self) -> set[str]:
        """The outcomes of the calls that earlier runs began."""
        if self._results is None:
            return set()
        known = {
            row.call_id: self._results.outcomes[row.call_id]
            for row in self._rows
            if row.call_id in self._results.outcomes
        }
        if known:
            self._output.note(f"{len(known)} of {len(self._rows)} ended in an earlier run and aren't sent again")
        unknown = [call_id for call_id, outcome in known.items() if outcome == "unknown"]
        if unknown and self._parsed.check:
            for call_id in unknown:
                known[call_id] = self._check(call_id)
        elif unknown:
            more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
            self._output.note(
                f"{len(unknown)} of them may have been transferred: {', '.join(unknown[:_NAMED])}{more}; look at "
                "each (calltransfer call check CALL_ID), or run this again with --check"
            )
        return set(known.values())

    def _check(self, call_id: str) -> str:
        """Looks at a call whose outcome is unknown, and records what is found."""
        assert self._results is not None
        if self._signals.count:
            return "unknown"
        try:
            finding = Requests(self._client, self._signals).check(call_id)
        except CallTransferError as error:
            self._output.note(f"{call_id}: unknown: {error}")
            return "unknown"
        self._output.note(f"{call_id}: {_output.finding_text(finding)}")
        if finding.outcome == "unknown":
            return "unknown"
        fields = {"call_id": call_id, "outcome": finding.outcome, "checked": finding.reason}
        self._results.end({**fields, "doubt": finding.doubt})
        return finding.outcome

    def _send(self) -> None:
        concurrency = _CONCURRENCY if self._parsed.concurrency is None else self._parsed.concurrency
        batch = self._client._asking().batch(concurrency, self._parsed.rate)
        self._signals.hold()

        def stop(count: int) -> None:
            self._is_stopped = True
            if count > 1:
                batch.stop()  # those under way end at once, with what is known of them

        self._signals.on_stop(stop)
        under_way: dict[int, Row] = {}
        try:
            while True:
                ended: list[tuple[int, Any, Any]] = []
                batch.take(ended)
                self._take(ended, under_way)
                # Not what the batch has room for, which is a little more: a process that is killed
                # leaves no more than these without an outcome.
                while self._begins_more() and len(under_way) < concurrency:
                    self._begin(batch, under_way)
                if not under_way and not self._begins_more():
                    return
                if not ended:
                    batch.wait()
        except BaseException:  # nothing is known to raise here; if it does, no outcome is lost
            batch.stop()
            while under_way and not batch.is_idle():
                batch.wait()
            ended = []
            batch.take(ended)
            self._take(ended, under_way)
            raise

    def _begins_more(self) -> bool:
        is_broken = self._output_failure is not None or (
            self._results is not None and self._results.failure is not None
        )
        return not (self._is_stopped or is_broken) and self._begun < len(self._todo)

    def _begin(self, batch: Any, under_way: dict[int, Row]) -> None:
        row = self._todo[self._begun]
        if self._results is not None and not self._results.begin(row.call_id):
            return
        number = self._begun
        self._begun += 1
        under_way[number] = row
        try:
            batch.add(number, row.call_id, row.to, row.options, row.timeout)
        except CallTransferError as error:
            del under_way[number]
            self._keep(row, None, error)

    def _take(self, ended: list[tuple[int, Any, Any]], under_way: dict[int, Row]) -> None:
        for number, done, error in ended:
            self._keep(under_way.pop(number), None if done is None else Transferred(*done), error)

    def _keep(self, row: Row, done: Transferred | None, error: CallTransferError | None) -> None:
        """Records an outcome, shows it, and counts it. Nothing that fails here loses another."""
        if done is not None:
            fields, text = _output.transferred_fields(done), _output.transferred_text(done)
        else:
            assert error is not None
            fields = {
                "call_id": row.call_id,
                "outcome": error.outcome,
                "error": _output.error_fields(error),
            }
            text = f"{row.call_id}: {error.outcome}: {error}"
        self._progress.clear()
        is_recorded = self._results is not None and self._results.end(fields)
        if self._results is not None and not is_recorded:
            self._unrecorded += 1
        is_shown = False
        if self._results is None or self._output.as_json:
            try:
                self._output.result(fields, text)
                is_shown = True
            except _output.OutputFailed as failed:
                self._output_failure = failed
        if not (is_recorded or is_shown):
            self._output.note(json.dumps(fields) if self._output.as_json or self._results is not None else text)
        self._progress.step(str(fields["outcome"]))
