"""Transfers the calls of a file, and records results from which a later run continues."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
from typing import TYPE_CHECKING, Any

from calltransfer import _native
from calltransfer._results import Transferred
from calltransfer.cli import _exit_codes, _output, _runs
from calltransfer.cli._errors import invalid
from calltransfer.cli._options import options_of, region_of, target_of
from calltransfer.cli._progress import Progress
from calltransfer.cli._requests import Requests
from calltransfer.cli._results_file import ResultsFile
from calltransfer.cli._rows import read
from calltransfer.cli._source import Source
from calltransfer.errors import CallTransferError

if TYPE_CHECKING:
    from calltransfer import Client
    from calltransfer.cli._checked import CheckedLines, Row
    from calltransfer.cli._output import Output
    from calltransfer.cli._signals import Signals

_CONCURRENCY = 16
_NAMED = 20
_LONGEST = 120.0
"""A call that began later than so many seconds after a transfer is not taken for its new call."""


def run(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    from calltransfer.cli._commands import client_of

    _runs.refuse_together(parsed)
    client = client_of(parsed)  # the account is checked before a file of results is created
    _check_results_path(parsed)
    region = region_of(parsed)
    source = Source(parsed.file, parsed.format, parsed.encoding)
    with contextlib.closing(read(source, _common(parsed), region, client)) as lines:
        _refuse_invalid(lines, parsed.all_errors, output)
        if parsed.dry_run:
            return _show(lines, client, parsed.results, output)
        if parsed.run_place is not None:
            return _runs.many(lines, client, parsed, output, signals)
        results = ResultsFile(parsed.results, lines.know) if parsed.results is not None else None
        try:
            return _Run(lines, client, results, output, signals, parsed).run()
        finally:
            if results is not None:
                results.close()


def _refuse_invalid(lines: CheckedLines, wants_all: bool, output: Output) -> None:
    error = lines.error(is_listed=not wants_all)
    if error is None:
        return
    if wants_all:
        for line, reason in lines.invalid_lines():
            if output.as_json:
                output.result({"line": line, "error": reason}, "")
            else:
                output.note(f"line {line}: {reason}")
    raise error


def _show(lines: CheckedLines, client: Client, results: str | None, output: Output) -> int:
    """Shows each request that would be sent, redacted."""
    from calltransfer._redaction import redact_body

    if results is not None and os.path.exists(results):
        ResultsFile(results, lines.know, only_read=True).close()
    for row in lines.rest():
        request = client._native().transfer(row.call_id, row.to, row.options, row.timeout)
        method, url = request.method, request.url
        shown = redact_body(request.body or "null")
        text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
        fields = {"dry_run": True, "line": row.line, "call_id": row.call_id}
        output.result(
            {**fields, "method": method, "url": url, "body": shown}, f"line {row.line}: {row.call_id}: {method} {text}"
        )
    earlier = sum(lines.earlier().values())
    if earlier:
        output.note(f"{earlier} of {len(lines)} ended in an earlier run and wouldn't be sent again")
    ready = len(lines) - earlier
    output.note(f"{ready} {'transfer is' if ready == 1 else 'transfers are'} ready; nothing was sent")
    return _exit_codes.DONE


def _common(parsed: argparse.Namespace) -> dict[str, Any]:
    """What the command line says of every line of the file."""
    return {**options_of(parsed), **({"to": target_of(parsed)} if parsed.to else {})}


def _check_results_path(parsed: argparse.Namespace) -> None:
    path = parsed.results
    if path is None:
        if parsed.check and parsed.run_place is None:
            raise invalid("check", "can only be used with --run PLACE or --results FILE")
        return
    if os.path.isdir(path):
        raise invalid("results", f"{path!r} is a folder; name a .jsonl file")
    if os.path.exists(path) and os.path.exists(parsed.file) and os.path.samefile(path, parsed.file):
        raise invalid("results", f"{path!r} is the file of transfers itself; name another file")


def _sent(row: Row, begun: tuple[str, float] | None, others: list[str]) -> _native.SentTransfer:
    """What a check of a line's transfer has to know. Its time means something until the machine is started again."""
    boot, now = _native.machine_clock()
    ago = None
    if begun is not None and begun[0] == boot and now >= begun[1]:
        ago = (now - begun[1], max(now - begun[1] - _LONGEST, 0.0))
    return _native.sent_transfer(row.call_id, row.to, row.options, ago, others)


class _Run:
    """One run of `many`: begins transfers until it is stopped, and records every outcome."""

    def __init__(
        self,
        lines: CheckedLines,
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
        self._lines = lines
        self._earlier_count = sum(lines.earlier().values())
        self._count = len(lines) - self._earlier_count
        self._todo = lines.rest()
        self._progress = Progress(parsed.progress, self._count)
        self._is_stopped = False
        self._begun = 0
        self._unrecorded = 0
        self._output_failure: _output.OutputFailed | None = None
        self._source_failure: CallTransferError | None = None

    def run(self) -> int:
        earlier = self._earlier()
        self._send()
        self._progress.end()
        left = self._count - self._begun
        if self._source_failure is not None:
            self._output.note(f"calltransfer: {self._source_failure}")
        if self._output_failure is not None:
            self._output.note(f"calltransfer: {self._output_failure}")
        if self._results is not None and self._results.failure is not None:
            reason = f"results: {self._parsed.results!r} can't be written: {self._results.failure.strerror}"
            self._output.note(f"calltransfer: {reason}")
        if self._unrecorded:
            self._output.note(
                f"{self._unrecorded} outcomes are not in {self._parsed.results!r}; they are printed above"
            )
        ending = f"; {left} not begun" if left else ""
        self._output.note((self._progress.summary() or "nothing to do") + ending)
        return self._code(earlier, left)

    def _code(self, earlier: set[str], left: int) -> int:
        """The exit code is about the whole file, so it includes the outcomes of earlier runs."""
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
        counts = self._lines.earlier()
        if not counts:
            return set()
        self._output.note(f"{self._earlier_count} of {len(self._lines)} ended in an earlier run and aren't sent again")
        unknown = counts.pop("unknown", 0)
        if unknown and self._parsed.check:
            others = list(self._lines.new_calls())
            return {*counts, *(self._check(row, begun, others) for row, begun in self._lines.unknown())}
        if unknown:
            counts["unknown"] = unknown
            named = ", ".join(row.call_id for row, _ in itertools.islice(self._lines.unknown(), _NAMED))
            more = f" and {unknown - _NAMED} more" if unknown > _NAMED else ""
            self._output.note(
                f"{unknown} of them may have been transferred: {named}{more}; look at "
                "each (calltransfer call check CALL_ID), or run this again with --check"
            )
        return set(counts)

    def _check(self, row: Row, begun: tuple[str, float] | None, others: list[str]) -> str:
        """Looks at a call whose outcome is unknown, and records what is found."""
        assert self._results is not None
        call_id = row.call_id
        if self._signals.count:
            return "unknown"
        try:
            finding = Requests(self._client, self._signals).check(_sent(row, begun, others))
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
        batch = self._client._background_client().batch(concurrency, self._parsed.rate)
        self._signals.hold()

        def stop(count: int) -> None:
            self._is_stopped = True
            if count > 1:
                batch.stop()  # those in progress end at once, with what is known of them

        self._signals.on_stop(stop)
        under_way: dict[int, Row] = {}
        try:
            while True:
                ended: list[dict[str, Any]] = []
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
        is_broken = (self._output_failure or self._source_failure) is not None or (
            self._results is not None and self._results.failure is not None
        )
        return not (self._is_stopped or is_broken) and self._begun < self._count

    def _begin(self, batch: Any, under_way: dict[int, Row]) -> None:
        try:
            row = next(self._todo)
        except CallTransferError as error:
            self._source_failure = error
            return
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

    def _take(self, ended: list[dict[str, Any]], under_way: dict[int, Row]) -> None:
        for row in ended:
            done = row["result"]
            self._keep(under_way.pop(row["number"]), None if done is None else Transferred(**done), row["error"])

    def _keep(self, row: Row, done: Transferred | None, error: CallTransferError | None) -> None:
        """Records an outcome, shows it, and counts it. A failure here loses no other outcome."""
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
