"""How a run looks in a notebook; see `_display`."""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from calltransfer import _display
from calltransfer._redaction import redact_text

if TYPE_CHECKING:
    from calltransfer._async_run import AsyncRun
    from calltransfer._run import Run
    from calltransfer._run_records import RunRow, RunSummary

_COLOURS = {**_display.COLOURS, "sending": "#0969da", "planned": "rgba(128,128,128,.35)"}
_LISTED = 20
_ADVICE = {
    "unknown": "may have been transferred: run.check() reads their calls",
    "not_applied": 'the platform did nothing; run.retry("not_applied") plans them again',
    "not_sent": 'nothing was sent; run.retry("not_sent") plans them again',
}


def run(shown: Run | AsyncRun) -> dict[str, str]:
    """Counts, a bar, and the rows that a person has to check."""
    from calltransfer._run import Run

    plain = repr(shown)
    if not isinstance(shown, Run) or shown._open is None:
        return {"text/plain": plain, "text/html": _display._card(escape(plain))}
    try:
        now = shown.summary()
        rows = list(islice(shown.rows("unknown", "not_applied", "not_sent"), _LISTED))
    except Exception as error:  # a display that raises shows nothing at all
        return {"text/plain": plain, "text/html": _display._card(f"{escape(plain)}: {escape(str(error))}")}
    lines = "".join(
        f'<div style="opacity:.8">{_display._badge(name)} {count} {escape(_ADVICE[name])}</div>'
        for name in _ADVICE
        if (count := now.counts()[name])
    )
    html = f"<div><b>{escape(plain)}</b></div>{_counts(now)}{lines}{_table(rows, now)}"
    return {"text/plain": f"{plain}: {now}", "text/html": _display._card(html, "64em")}


def summary(now: RunSummary) -> dict[str, str]:
    """Counts and a bar."""
    return {"text/plain": str(now), "text/html": _display._card(_counts(now), "64em")}


def _counts(now: RunSummary) -> str:
    total = max(now.total, 1)
    counts = now.counts()
    bar = "".join(
        f'<span title="{name} {counts[name]}" style="display:inline-block;height:1em;background:{colour};'
        f'width:{100 * counts[name] / total:.2f}%"></span>'
        for name, colour in _COLOURS.items()
        if counts[name]
    )
    said = ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in _COLOURS if counts[name]) or "no rows"
    more = [f"{now.ended} of {now.total} rows have ended"]
    if now.workers:
        more.append(f"{now.workers} worker{'s' if now.workers > 1 else ''}")
    if now.rate is not None:
        more.append(f"{now.rate:g} a second")
    if now.time_left and not now.is_done:
        more.append(f"{now.time_left:.0f} s left")
    notes = "".join(f"<div>{escape(note)}</div>" for note in now.notes)
    return (
        '<div style="width:36em;max-width:100%;background:rgba(128,128,128,.18);border-radius:3px;overflow:hidden;'
        f'white-space:nowrap;font-size:0;margin:.5em 0"><span style="font-size:13px">{bar}</span></div>'
        f'<div>{escape(said)}</div><div style="opacity:.8">{escape("; ".join(more))}</div>{notes}'
    )


def _table(rows: list[RunRow], now: RunSummary) -> str:
    if not rows:
        return ""
    head = "".join(f'<th style="text-align:left;padding:.1em 1em .1em 0">{n}</th>' for n in ("call", "to", "", "what"))
    lines = [(row.call_id, row.to_dict(numbers=False)["to"], row.state, _what(row)) for row in rows]
    more = now.unknown + now.not_applied + now.not_sent - len(rows)
    end = f"<div>… and {more} more: run.rows()</div>" if more > 0 else ""
    return _display._batch_table(head, lines) + end


def _what(row: RunRow) -> str:
    if row.finding is None:
        return redact_text(row.message or "")
    return redact_text(f"found: {row.finding.reason}" + (f"; but: {row.finding.doubt}" if row.finding.doubt else ""))
