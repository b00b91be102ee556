"""How rows, summaries, plots, clients and sandboxes look in a notebook; see `display`."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import Any

from calltransfer._notebook import display as _display
from calltransfer._redaction import redact_text

NEUTRAL = "#767676"
"""Readable on white and dark backgrounds: a drawing does not know the theme around it."""
_MOST_REASONS = 20
_MOST_CALLS = 10


class Summary(dict[str, Any]):
    """Counts and latencies, as `TransferResults.summary` gives them: a dict that a notebook shows.

    `reasons` are the redacted messages of the errors, with the calls that have each; the display groups by them.
    """

    def __init__(self, values: dict[str, Any], reasons: dict[tuple[str, str], list[str]] | None = None) -> None:
        super().__init__(values)
        self._reasons = reasons or {}

    def __reduce__(self) -> tuple[Any, ...]:
        return (Summary, (dict(self), self._reasons))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        return summary(self, self._reasons)


def summary(values: dict[str, Any], reasons: dict[tuple[str, str], list[str]]) -> dict[str, str]:
    """Counts, latencies with their units, and equal reasons in one line each."""
    total = values["total"]
    bars = "".join(_display._bar(name, values[name], total) for name in _display.COLOURS if values[name])
    took = [(name, _display._seconds(values[name])) for name in ("p50", "p95", "max") if values[name] is not None]
    plain = [
        f"{total} transfers: "
        + (", ".join(f"{values[name]} {name}" for name in _display.COLOURS if values[name]) or "none")
    ]
    if took:
        plain.append("latency: " + ", ".join(f"{name} {value}" for name, value in took))
    lines = ""
    for (outcome, reason), calls in list(reasons.items())[:_MOST_REASONS]:
        named = ", ".join(calls[:_MOST_CALLS]) + (
            f" and {len(calls) - _MOST_CALLS} more" if len(calls) > _MOST_CALLS else ""
        )
        plain.append(f"{len(calls)} {outcome}: {reason}")
        lines += (
            f'<tr style="background:none">{_cell(str(len(calls)))}{_cell(_display._badge(outcome))}{_cell(escape(reason))}'
            f"{_cell(escape(named), _display._CODE)}</tr>"
        )
    if len(reasons) > _MOST_REASONS:
        plain.append(f"and {len(reasons) - _MOST_REASONS} more reasons")
        lines += f'<tr style="background:none">{_cell("")}{_cell("")}{_cell(escape(plain[-1]))}{_cell("")}</tr>'
    table = f'<table style="border-collapse:collapse;border:0;margin:.5em 0 0">{lines}</table>' if lines else ""
    html = f"<div><b>{total} transfers</b></div><div style='margin:.5em 0'>{bars}</div>{_display._table(took) if took else ''}{table}"
    return {"text/plain": "\n".join(plain), "text/html": _display._card(html, "64em")}


def row(plain: str, index: int, call_id: Any, to: Any, outcome: str, ended: str | None) -> dict[str, str]:
    """One of many transfers: its place, then its result or its error, which is drawn already."""
    html = _display._badge(outcome) if ended is None else ended
    shown = (
        ", ".join(redact_text(str(one)) for one in to) if isinstance(to, (list, tuple)) else redact_text(str(to or ""))
    )
    head = f"<div>row {index}: call <b>{escape(str(call_id))}</b> to {escape(shown)}</div>"
    return {"text/plain": plain, "text/html": f"<div>{head}{html}</div>"}


def client(plain: str, name: str, known: tuple[str, str, str] | None) -> dict[str, str]:
    """A client: API, account and base URL; no secret. One that is closed has none of them."""
    if known is None:
        return {"text/plain": plain, "text/html": _display._card(escape(plain))}
    api, account, base_url = known
    rows = [("api", api), ("user id" if api == "v1" else "account id", account), ("base URL", redact_text(base_url))]
    return {"text/plain": plain, "text/html": _display._card(f"<b>{escape(name)}</b>{_display._table(rows)}")}


def not_running(plain: str) -> dict[str, str]:
    """A sandbox that does not respond."""
    return {"text/plain": plain, "text/html": _display._card(f"{escape(plain)}: not running")}


def sandbox(plain: str, url: str, user_id: str, states: list[str], requests: int) -> dict[str, str]:
    """A sandbox: its page, the states of its calls, and how many requests it has received."""
    counts = ", ".join(f"{number} {state}" for state, number in Counter(states).items()) or "none"
    link = f'<a href="{escape(url)}" target="_blank" rel="noopener" style="color:inherit">{escape(url)}</a>'
    rows = [("user id", user_id), ("calls", counts), ("requests", requests)]
    html = _display._card(f"<b>Sandbox</b> {link}{_display._table(rows)}")
    return {"text/plain": f"{plain}: calls: {counts}; requests: {requests}", "text/html": html}


def themed(figure: Any) -> Any:
    """Gives a figure a transparent background, and colours that are readable on any background."""
    figure.set_facecolor("none")
    for axes in figure.axes:
        axes.set_facecolor("none")
        axes.tick_params(colors=NEUTRAL)
        for spine in axes.spines.values():
            spine.set_edgecolor(NEUTRAL)
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts):
            text.set_color(NEUTRAL)
    return figure


def _cell(inside: str, style: str = "") -> str:
    return (
        f'<td style="padding:.1em 1em .1em 0;text-align:left;vertical-align:top;background:none;{style}">{inside}</td>'
    )
