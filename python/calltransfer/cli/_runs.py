"""Durable runs: `many --run`, and `run show|resume|work|check|retry|stop|export`."""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import json
import time
from typing import TYPE_CHECKING, Any

from calltransfer._redaction import redact_place
from calltransfer._runs.progress import summary_if_reachable
from calltransfer._runs.records import COLUMNS, RunSummary
from calltransfer._runs.run import Run
from calltransfer.cli import _exit_codes, _output
from calltransfer.cli._commands import client_of
from calltransfer.cli._errors import invalid
from calltransfer.cli._progress import Progress
from calltransfer.errors import RunError

if TYPE_CHECKING:
    from calltransfer import Client
    from calltransfer.cli._checked import CheckedLines
    from calltransfer.cli._output import Output
    from calltransfer.cli._signals import Signals

_NAMED = 20
_SECONDS = 0.25
FORMATS = ("csv", "jsonl")
WHICH = ("not_sent", "not_applied", "unknown")


def many(lines: CheckedLines, client: Client, parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    """Starts a run with the lines of a file, or continues it."""
    with Run(parsed.run_place, rate=parsed.rate, deadline=parsed.deadline, client=client) as run:
        try:
            added = run._add(lambda: ((row.call_id, row.to, row.options, row.timeout) for row in lines.rest()))
            return _send(run, added, len(lines), parsed, output, signals)
        except RunError as error:
            _name_lines(error, lines, output)
            raise


def send(run: Run, items: Any, count: int, parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    """Adds rows to a run, works on it, and checks unknown rows if `--check` is given."""
    return _send(run, run.add(items), count, parsed, output, signals)


def _send(run: Run, added: int, count: int, parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    run.resume()
    there = count - added
    output.note(f"{_rows(added)} added" + (f", {there} already in the run" if there else ""))
    code = _work(run, parsed, output, signals)
    if parsed.check and not signals.count and run.summary().unknown:
        _say_checked(run, output)
        code = _exit_codes.of_run(run.summary())
    return code


def show(parsed: argparse.Namespace, output: Output, _: Signals) -> int:
    with Run.view(parsed.place) as run:
        _show(run, output)
    return _exit_codes.DONE


def resume(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    """Continues a run, also after `run stop`; the exit code is about the whole run."""
    with _opened(parsed, output) as run:
        if parsed.dry_run:
            return _would(run, output, "{planned} rows would be sent")
        run.resume()
        return _work(run, parsed, output, signals)


def work(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    """One more worker; the exit code says whether work is left, so that a supervisor starts it again."""
    with _opened(parsed, output) as run:
        if parsed.dry_run:
            return _would(run, output, "{planned} rows would be sent")
        _work(run, parsed, output, signals)
        now = run.summary()
        return _exit_codes.DONE if now.is_done or _is_stopped(now) else _exit_codes.NOT_SENT


def check(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    with _opened(parsed, output) as run:
        if parsed.dry_run:
            return _would(run, output, "{unknown} calls would be read")
        signals.hold()
        signals.on_stop(lambda _: run.stop())
        _say_checked(run, output)
        return _exit_codes.UNKNOWN if run.summary().unknown else _exit_codes.DONE


def retry(parsed: argparse.Namespace, output: Output, _: Signals) -> int:
    with Run.view(parsed.place) as run:
        if parsed.dry_run:
            return _would(run, output, f"{{{parsed.which}}} rows would be planned again or refused")
        try:
            done = run.retry(parsed.which)
        except RunError as error:
            _name_rows(error.refused, output)
            raise
        _name_rows(done.refused, output)
        refused = [{"row": row, "call_id": call_id, "reason": reason} for row, call_id, reason in done.refused]
        again = f"calltransfer run resume {redact_place(parsed.place)}"
        output.result(
            {"planned": done.planned, "refused": refused},
            f"{_rows(done.planned)} planned again" + (f"; to send them: {again}" if done.planned else ""),
        )
    return _exit_codes.DONE


def stop(parsed: argparse.Namespace, output: Output, _: Signals) -> int:
    with Run.view(parsed.place) as run:
        if parsed.dry_run:
            return _would(run, output, "{workers} workers would end")
        run.stop(everywhere=True)
        output.result(
            {"stopped": True},
            f"workers start no more rows; to continue: calltransfer run resume {redact_place(parsed.place)}",
        )
    return _exit_codes.DONE


def export(parsed: argparse.Namespace, output: Output, _: Signals) -> int:
    as_csv = not output.as_json and parsed.format != "jsonl"
    output.as_json = not as_csv
    with Run.view(parsed.place) as run:
        if as_csv:
            output.result({}, _csv_line(COLUMNS))
        for row in run.rows(*parsed.state or ()):
            fields = row.to_dict(numbers=parsed.show_numbers)
            output.result(fields, _csv_line(fields.values()) if as_csv else "")
    return _exit_codes.DONE


def _opened(parsed: argparse.Namespace, output: Output) -> Run:
    """A run that exists: a wrong name must not make an empty one."""
    client = client_of(parsed)
    Run.view(parsed.place).close()
    return Run(parsed.place, client=client)


def _would(run: Run, output: Output, what: str) -> int:
    now = run.summary()
    output.result({"dry_run": True, **now.to_dict()}, what.format(**now.to_dict()))
    output.note("nothing was sent")
    return _exit_codes.DONE


def _work(run: Run, parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    worker = _Worker(run, parsed, output)
    signals.hold()
    signals.on_stop(lambda _: run.stop())
    try:
        now = run._execute(16 if parsed.concurrency is None else parsed.concurrency, parsed.name, worker.each)
    except RunError as error:
        worker.end()
        output.note(f"calltransfer: {error}")
        for call_id, state, new in error.unwritten:
            fields = {"call_id": call_id, "outcome": state, "new_call_id": new}
            output.outcome(
                fields, f"{call_id}: {state}, not stored in the run" + (f"; the new call is {new}" if new else "")
            )
        try:
            code = _exit_codes.of_run(run.summary())
        except RunError:
            return _exit_codes.UNKNOWN
        return _exit_codes.UNKNOWN if error.unwritten else code
    worker.end()
    if worker.failure is not None:
        output.note(f"calltransfer: {worker.failure}")
    output.note(str(now))
    _advise(run, now, parsed, output)
    code = _exit_codes.of_run(now)
    if signals.count and not worker.count and code == _exit_codes.NOT_SENT:
        return _exit_codes.INTERRUPTED
    return code


class _Worker:
    """Shows the rows that this worker has ended, and the progress of the whole run."""

    def __init__(self, run: Run, parsed: argparse.Namespace, output: Output) -> None:
        self.count = 0
        """How many rows have ended here."""
        self.failure: _output.OutputFailed | None = None
        self._run = run
        self._output = output
        self._progress = Progress(parsed.progress, 0)
        self._next = 0.0

    def each(self, ended: list[dict[str, Any]]) -> None:
        self.count += len(ended)
        if self._output.as_json and self.failure is None:
            self._progress.clear()
            for row in ended:
                fields = {"call_id": row["call_id"], "outcome": row["state"], "row": row["number"]}
                fields.update({name: row[name] for name in ("new_call_id", "error_kind", "message")})
                try:
                    self._output.result(fields, "")
                except _output.OutputFailed as failed:  # the ledger has the outcomes
                    self.failure = failed
                    self._run.stop()
                    break
        if self._progress.is_shown and time.monotonic() >= self._next:
            self._next = time.monotonic() + _SECONDS
            self._draw()

    def end(self) -> None:
        if self._progress.is_shown:
            try:
                self._draw()
            except RunError:
                pass  # the error that ended the work is reported
        self._progress.end()

    def _draw(self) -> None:
        now = summary_if_reachable(self._run.summary)
        if now is None:
            return
        left = f"; {now.time_left:.0f} s left" if now.time_left and not now.is_done else ""
        self._progress.draw(now.ended, now.total, f"{now}{left}")


def _say_checked(run: Run, output: Output) -> None:
    found = run.check()
    text = f"checked: {found.applied} applied, {found.not_applied} not_applied, {found.unknown} unknown"
    if found.failed:
        text += f"; {found.failed} calls could not be read, the first: {found.first_error}"
    if found.sending:
        text += f"; {found.sending} are being sent"
    names = ("applied", "not_applied", "unknown", "failed", "sending", "first_error")
    output.result({name: getattr(found, name) for name in names}, text)
    for row in itertools.islice(run.rows("unknown"), _NAMED):
        if row.finding is not None:
            doubt = f"; but: {row.finding.doubt}" if row.finding.doubt else ""
            output.note(f"{row.call_id}: unknown: {row.finding.reason}{doubt}")


def _show(run: Run, output: Output) -> None:
    now = run.summary()
    place = redact_place(run._place)
    created = run.created.isoformat(timespec="seconds")
    known = {"run": place, "api": run.api, "account": run.account, "created": created}
    lines = [f"run {place}: {run.api}, account {run.account}, created {created}"]
    lines += [f"  {name:<12} {number:>9}" for name, number in now.counts().items()]
    lines.append(f"  {'total':<12} {now.total:>9}")
    speed = [f"{now.workers} worker{'' if now.workers == 1 else 's'}"]
    if now.rate is not None:
        speed.append(f"{now.rate:g} per second")
    if now.held_for:
        speed.append(f"paused by a rate limit for {now.held_for:.1f} s")
    if now.time_left and not now.is_done:
        speed.append(f"{now.time_left:.0f} s left")
    if now.deadline is not None:
        speed.append(f"until {now.deadline.isoformat(timespec='seconds')}")
    lines.append("; ".join(speed))
    lines += now.notes
    rows = list(itertools.islice(run.rows("unknown", "not_applied", "not_sent"), _NAMED))
    lines += [f"{row.call_id}: {row.state}: {row.message or row.error_kind}" for row in rows]
    more = now.unknown + now.not_applied + now.not_sent - len(rows)
    if more > 0:
        lines.append(f"and {more} more; to list them: calltransfer run export {place}")
    output.result({**known, **now.to_dict()}, "\n".join(lines))


def _advise(run: Run, now: RunSummary, parsed: argparse.Namespace, output: Output) -> None:
    place = redact_place(run._place)
    if now.unknown:
        output.note(f"{now.unknown} may have been transferred; to look at them: calltransfer run check {place}")
    if now.not_applied or now.not_sent:
        output.note(
            f"{now.not_applied + now.not_sent} were not transferred; to list them: calltransfer run show {place}"
        )
    if not now.is_done:
        output.note(f"{now.planned + now.sending} rows have not ended; to continue: calltransfer run resume {place}")


def _is_stopped(now: RunSummary) -> bool:
    return any("stopped for all workers" in note for note in now.notes)


def _name_lines(error: RunError, lines: CheckedLines, output: Output) -> None:
    """Rows of a file that the run refuses, by their lines."""
    reasons = {place: reason for place, _, reason in error.refused}
    for place, row in enumerate(lines.rest()):
        if place in reasons:
            output.note(f"line {row.line}: {row.call_id}: {reasons[place]}")


def _name_rows(refused: tuple[tuple[int, str, str], ...], output: Output) -> None:
    for row, call_id, reason in refused[:_NAMED]:
        output.note(f"row {row}: {call_id}: {reason}")
    if len(refused) > _NAMED:
        output.note(f"and {len(refused) - _NAMED} more")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _csv_line(cells: Any) -> str:
    line = io.StringIO()
    written = (json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict) else cell for cell in cells)
    csv.writer(line, lineterminator="").writerow(["" if cell is None else cell for cell in written])
    return line.getvalue()


def refuse_together(parsed: argparse.Namespace) -> None:
    """What `--run` of `many` can't be given with."""
    if parsed.run_place is None:
        if parsed.deadline is not None:
            raise invalid("deadline", "can only be used with --run PLACE")
        if parsed.name is not None:
            raise invalid("name", "can only be used with --run PLACE")
    elif parsed.results is not None:
        raise invalid(
            "run", "can't be used with --results: the run stores all outcomes; calltransfer run export lists them"
        )
