"""What a notebook displays. Imported when a notebook first displays an object of this package.

All text is escaped and phone numbers are redacted. Text has the colour of the theme; badges and bars have colours that
are readable in light and dark themes.
"""

from __future__ import annotations

import json
from functools import partial
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

from calltransfer._redaction import redact_body, redact_number, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# White on these is readable, and they are on white and on black.
COLOURS = {"applied": "#1a7f37", "not_applied": "#9a6700", "not_sent": "#656d76", "unknown": "#cf222e"}
MEANINGS = {
    "applied": "the transfer was made",
    "not_applied": "the platform received the request and did nothing",
    "not_sent": "nothing was sent",
    "unknown": "it may or may not have been made",
}
ADVICE = {
    "not_applied": "Once the reason is gone, it may be sent again.",
    "not_sent": "It may be sent again.",
    "unknown": "Look at the call before you send it again: client.check(error)",
}
_LINE = "rgba(128,128,128,.4)"
_CARD = (
    f"display:inline-block;box-sizing:border-box;padding:.7em 1em;border:1px solid {_LINE};"
    "border-radius:8px;font-size:13px;line-height:1.5;text-align:left"
)
_CODE = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px"
_LONGEST = 200
_AT_ONCE = 10


def body(text: str) -> dict[str, str]:
    """A request before it is sent, with the phone numbers of all fields redacted."""
    try:
        value = redact_body(text)
        shown = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    except ValueError:  # a str method made something else of it
        shown = redact_text(text)
    head = f"<div>{_badge('not_sent')} the body of a transfer</div>"
    code = f'<pre style="{_CODE};margin:.5em 0 0;white-space:pre-wrap;background:none">{escape(shown)}</pre>'
    return {"text/plain": shown, "text/html": _card(head + code)}


def show_body(text: str) -> None:
    """The same for IPython: redacted in a notebook, unchanged in a terminal."""
    from importlib import import_module

    ipython: Any = import_module("IPython")  # it called this, so it is installed
    if ipython.get_ipython().display_formatter.active_types == ["text/plain"]:
        print(repr(str(text)))
    else:
        ipython.display.display(body(text), raw=True)


def transferred(plain: str, done: Mapping[str, Any]) -> dict[str, str]:
    """A result, as its `to_dict` gives it: what happened on the line, as a ladder."""
    drawn = _ladder(done)
    rows = [
        ("call", done["call_id"]),
        ("new call", done["new_call_id"] or "not named"),
        ("http status", done["http_status"]),
        ("attempts", done["attempts"]),
        ("took", _seconds(done["elapsed"])),
    ]
    if done["note"]:
        rows.append(("note", done["note"]))
    html = _card(f"<div>{_badge('applied')} {MEANINGS['applied']}</div>{drawn}{_table(rows)}")
    return {"text/plain": plain, "text/html": html, "image/svg+xml": drawn}


def error(name: str, failed: Mapping[str, Any]) -> dict[str, str]:
    """An error of this class, as its `to_dict` gives it: the outcome, why, and what to do."""
    rows = [
        (key.replace("_", " "), failed[key])
        for key in ("field", "call_id", "stage", "http_status", "code", "category", "attempts", "retry_after")
        if failed[key] not in (None, 0)
    ]
    if failed["attempts"]:
        rows.append(("took", _seconds(failed["elapsed"])))
    outcome, message = failed["outcome"], redact_text(failed["message"])
    is_ours = failed["kind"] in ("invalid_argument", "configuration")
    advice = "Correct it first." if is_ours else ADVICE[outcome]
    html = _card(
        f"<div>{_badge(outcome)} <b>{escape(name)}</b></div>"
        f'<div style="margin:.4em 0">{escape(message)}</div>'
        f'<div style="opacity:.8">{escape(MEANINGS[outcome].capitalize())}. {escape(advice)}</div>'
        f"{_table(rows)}"
    )
    return {"text/plain": f"{name}({message!r})", "text/html": html}


def call(plain: str, found: Mapping[str, Any]) -> dict[str, str]:
    """A call, as its `to_dict` gives it, with its phone numbers redacted."""
    return {"text/plain": plain, "text/html": _card(_call_rows(found))}


def finding(plain: str, found: Mapping[str, Any]) -> dict[str, str]:
    """What a check of the call found, as its `to_dict` gives it."""
    doubt = f'<div style="opacity:.8">But: {escape(found["doubt"])}</div>' if found["doubt"] else ""
    of_call = "" if found["call"] is None else _call_rows(found["call"])
    html = _card(f"<div>{_badge(found['outcome'])} {escape(found['reason'])}</div>{doubt}{of_call}")
    return {"text/plain": plain, "text/html": html}


def batch(
    counts: Mapping[str, int],
    rows: Iterable[Sequence[object]],
    total: int,
    plain: str,
) -> dict[str, str]:
    """Many transfers: a bar for each outcome, and a table of those that need attention.

    Args:
        counts: The number of transfers with each outcome.
        rows: Call, target, outcome and a text for each that is to be listed.
        total: How many there were.
        plain: The text for displays without HTML.
    """
    bars = "".join(_bar(name, counts.get(name, 0), total) for name in COLOURS if counts.get(name))
    html = f"<div><b>{total} transfers</b></div><div style='margin:.5em 0'>{bars}</div>"
    listed = list(rows)
    if listed:
        head = "".join(
            f'<th style="text-align:left;padding:.1em 1em .1em 0">{n}</th>' for n in ("call", "to", "", "what")
        )
        more = f"<div>… and {len(listed) - _LONGEST} more</div>" if len(listed) > _LONGEST else ""
        # Whole rows: a box that scrolls would cut one in the middle.
        first, rest = listed[:_AT_ONCE], listed[_AT_ONCE:_LONGEST]
        html += _batch_table(head, first)
        if rest:
            html += (
                f"<details><summary>{len(listed) - len(first)} more</summary>{_batch_table(head, rest)}{more}</details>"
            )
    return {"text/plain": plain, "text/html": _card(html, "64em")}


def drawn(figure: Any) -> Any:
    """A matplotlib figure that a notebook draws by itself, also without `%matplotlib inline`."""
    figure._repr_png_ = partial(_png, figure)
    return figure


def _png(figure: Any) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _ladder(done: Mapping[str, Any]) -> str:
    """The transfer as a ladder diagram in SVG: who talks to whom, from top to bottom."""
    lanes = (("the caller", 60), ("our number", 270), ("the new party", 500))
    new = _id(done["new_call_id"] or "not named")
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 580 190" width="580" height="190" role="img" '
        f'style="max-width:100%;height:auto;display:block;margin:.6em 0" aria-label="{escape(_spoken(done))}">'
        # A drawing outside a page has no theme: it follows the reader's preference.
        "<style>.calltransfer-t{fill:#24292f;stroke:none;font:12px system-ui,sans-serif}.calltransfer-l{stroke:#24292f;fill:none}"
        ".calltransfer-a{stroke:#1a7f37;fill:none}@media(prefers-color-scheme:dark){.calltransfer-t{fill:#e6edf3}.calltransfer-l{stroke:#e6edf3}"
        ".calltransfer-a{stroke:#3fb950}}div>svg .calltransfer-t{fill:currentColor}div>svg .calltransfer-l{stroke:currentColor}</style>"
    ]
    for name, x in lanes:
        parts.append(_text(x, 16, name, bold=True))
        parts.append(f'<path class="calltransfer-l" d="M{x} 26V184" stroke-opacity=".35"/>')
    a, b, c = (x for _, x in lanes)
    parts += [
        _arrow(a, b, 54),
        _text((a + b) // 2, 47, f"call {_id(done['call_id'])}"),
        _arrow(b, c, 96),
        _text((b + c) // 2, 89, f"transfer: call {new}"),
        _text((b + c) // 2, 113, _response(done), faint=True),
        f'<path class="calltransfer-a" stroke-width="2" d="M{a + 8} 150H{c - 8}M{a + 8} 155H{c - 8}"/>',
        f'<path class="calltransfer-a" stroke-width="2" d="M{a + 14} 145L{a + 2} 152.5L{a + 14} 160M{c - 14} 145L{c - 2} 152.5L{c - 14} 160"/>',
        _text((a + c) // 2, 143, "connected, once the new party answers"),
    ]
    return "".join([*parts, "</svg>"])


def _spoken(done: Mapping[str, Any]) -> str:
    new = _id(done["new_call_id"] or "not named")
    return f"call {_id(done['call_id'])} is transferred; the new call is {new}"


def _response(done: Mapping[str, Any]) -> str:
    tries = "" if done["attempts"] == 1 else f", {done['attempts']} attempts"
    return f"HTTP {done['http_status']} after {_seconds(done['elapsed'])}{tries}"


def _arrow(start: int, end: int, y: int) -> str:
    return (
        f'<path class="calltransfer-l" d="M{start} {y}H{end - 2}M{end - 10} {y - 5}L{end - 2} {y}L{end - 10} {y + 5}"/>'
    )


def _text(x: int, y: int, text: str, bold: bool = False, faint: bool = False) -> str:
    style = (' font-weight="600"' if bold else "") + (' fill-opacity=".65"' if faint else "")
    return f'<text class="calltransfer-t" x="{x}" y="{y}" text-anchor="middle"{style}>{escape(text)}</text>'


def _id(call_id: str) -> str:
    """An ID, shortened to fit between two columns; the table below shows it completely."""
    return call_id if len(call_id) <= 14 else f"{call_id[:7]}…{call_id[-5:]}"


def _call_rows(found: Mapping[str, Any]) -> str:
    rows = [
        ("call", found["id"]),
        ("state", found["state"]),
        ("direction", found["direction"] and redact_text(found["direction"])),
        ("from", redact_number(found["from_"])),
        ("to", redact_number(found["to"])),
        ("started", found["start_time"]),
        ("answered", found["active_time"]),
        ("ended", found["end_time"]),
    ]
    return _table([(name, value) for name, value in rows if value is not None])


def _card(inside: str, width: str = "46em") -> str:
    return f'<div style="{_CARD};max-width:{width}">{inside}</div>'


def _badge(outcome: str) -> str:
    colour = COLOURS.get(outcome, COLOURS["unknown"])
    style = f"background:{colour};color:#fff;border-radius:1em;padding:.1em .7em;font-size:12px;white-space:nowrap"
    return f'<span style="{style}">{escape(outcome.replace("_", " "))}</span>'


def _table(rows: Iterable[tuple[str, object]]) -> str:
    cell = "padding:.1em 1.2em .1em 0;text-align:left;vertical-align:top;background:none"
    lines = "".join(
        f'<tr style="background:none"><td style="{cell};opacity:.7">{escape(name)}</td>'
        f'<td style="{cell};{_CODE}">{escape(str(value))}</td></tr>'
        for name, value in rows
    )
    return f'<table style="border-collapse:collapse;border:0;margin:.5em 0 0">{lines}</table>'


def _bar(outcome: str, count: int, total: int) -> str:
    share = 100 * count / max(total, 1)
    return (
        '<div style="display:flex;align-items:center;gap:.7em;margin:.15em 0">'
        f'<span style="width:8em;text-align:right">{escape(outcome.replace("_", " "))}</span>'
        '<span style="width:18em;background:rgba(128,128,128,.18);border-radius:3px">'
        f'<span style="display:block;height:.9em;min-width:3px;width:{share:.1f}%;background:{COLOURS[outcome]};border-radius:3px"></span></span>'
        f"<span>{count}</span></div>"
    )


def _batch_table(head: str, rows: Iterable[Sequence[object]]) -> str:
    lines = "".join(map(_batch_row, rows))
    return f'<table style="border-collapse:collapse;border:0;margin:0"><tr style="background:none">{head}</tr>{lines}</table>'


def _batch_row(row: Sequence[object]) -> str:
    call_id, to, outcome, text = row
    cell = "padding:.1em 1em .1em 0;text-align:left;vertical-align:top"
    return (
        f'<tr style="background:none"><td style="{cell};{_CODE};white-space:nowrap">{escape(str(call_id))}</td>'
        f'<td style="{cell};{_CODE};white-space:nowrap">{escape(redact_number(str(to)) or "")}</td>'
        f'<td style="{cell}">{_badge(str(outcome))}</td>'
        f'<td style="{cell}">{escape(redact_text(str(text)))}</td></tr>'
    )


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
