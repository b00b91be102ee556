"""How a run looks in a notebook; see `display`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from calltransfer._notebook import display as _display
from calltransfer._redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLOURS = {**_display.COLOURS, "sending": "#0969da", "planned": "rgba(128,128,128,.35)"}
LISTED = 20
"""How many rows are shown."""
NEEDS_A_PERSON = ("unknown", "not_applied", "not_sent")
"""The states of the rows that are shown."""
_ADVICE = {
    "unknown": "may have been transferred: run.check() reads their calls",
    "not_applied": 'the platform did nothing; run.retry("not_applied") plans them again',
    "not_sent": 'nothing was sent; run.retry("not_sent") plans them again',
}


def not_open(plain: str) -> dict[str, str]:
    """A run that is closed, or was not used yet."""
    return {"text/plain": plain, "text/html": _display._card(escape(plain))}


def failed(plain: str, error: Exception) -> dict[str, str]:
    """A run whose ledger can't be read."""
    return {"text/plain": plain, "text/html": _display._card(f"{escape(plain)}: {escape(str(error))}")}


def run(plain: str, said: str, now: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, str]:
    """Counts, a bar, and the first rows that need a person: summary and rows as their `to_dict` gives them."""
    lines = "".join(
        f'<div style="opacity:.8">{_display._badge(name)} {now[name]} {escape(_ADVICE[name])}</div>'
        for name in NEEDS_A_PERSON
        if now[name]
    )
    more = sum(now[name] for name in NEEDS_A_PERSON) - len(rows)
    html = f"<div><b>{escape(plain)}</b></div>{_counts(now)}{lines}{_table(rows, more)}"
    return {"text/plain": f"{plain}: {said}", "text/html": _display._card(html, "64em")}


def summary(plain: str, now: Mapping[str, Any]) -> dict[str, str]:
    """Counts and a bar, of a summary as its `to_dict` gives it."""
    return {"text/plain": plain, "text/html": _display._card(_counts(now), "64em")}


def _counts(now: Mapping[str, Any]) -> str:
    total = max(now["total"], 1)
    left = now["planned"] + now["sending"]
    bar = "".join(
        f'<span title="{name} {now[name]}" style="display:inline-block;height:1em;background:{colour};'
        f'width:{100 * now[name] / total:.2f}%"></span>'
        for name, colour in _COLOURS.items()
        if now[name]
    )
    said = ", ".join(f"{now[name]} {name.replace('_', ' ')}" for name in _COLOURS if now[name]) or "no rows"
    more = [f"{now['total'] - left} of {now['total']} rows have ended"]
    if now["workers"]:
        more.append(f"{now['workers']} worker{'s' if now['workers'] > 1 else ''}")
    if now["rate"] is not None:
        more.append(f"{now['rate']:g} per second")
    if now["time_left"] and left:
        more.append(f"{now['time_left']:.0f} s left")
    notes = "".join(f"<div>{escape(note)}</div>" for note in now["notes"])
    return (
        '<div style="width:36em;max-width:100%;background:rgba(128,128,128,.18);border-radius:3px;overflow:hidden;'
        f'white-space:nowrap;font-size:0;margin:.5em 0"><span style="font-size:13px">{bar}</span></div>'
        f'<div>{escape(said)}</div><div style="opacity:.8">{escape("; ".join(more))}</div>{notes}'
    )


def _table(rows: list[dict[str, Any]], more: int) -> str:
    if not rows:
        return ""
    head = "".join(f'<th style="text-align:left;padding:.1em 1em .1em 0">{n}</th>' for n in ("call", "to", "", "what"))
    lines = [(row["call_id"], row["to"], row["state"], _what(row)) for row in rows]
    end = f"<div>… and {more} more: run.rows()</div>" if more > 0 else ""
    return _display._batch_table(head, lines) + end


def _what(row: Mapping[str, Any]) -> str:
    if row["found"] is None:
        return redact_text(row["message"] or "")
    return redact_text(f"found: {row['reason']}" + (f"; but: {row['doubt']}" if row["doubt"] else ""))
