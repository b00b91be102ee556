"""What a notebook shows of rows, summaries, plots, clients and sandboxes."""

from __future__ import annotations

import html.parser
import json
import pickle
from typing import Any

import calltransfer
import pytest
from calltransfer import AsyncClient, Client, TransferResults, TransferRow, errors
from calltransfer.sandbox import Sandbox
from sandbox_process import SECRET, TOKEN

TARGET = "+18382947878"
EVIL = "<script>alert('x')</script>&\"'"


class Text(html.parser.HTMLParser):
    """The text of HTML whose elements are closed in order, and the rows of its tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag != "script" and not any(name.startswith("on") for name, _ in attrs)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data + " "


def shown(thing: Any) -> tuple[dict[str, str], str]:
    bundle = thing._repr_mimebundle_(include=None, exclude=None)
    for text in bundle.values():
        assert "8382947878" not in text and TOKEN not in text and SECRET not in text
    return bundle, Text(bundle["text/html"]).text


def failed(index: int, kind: str = "call_not_found", message: str = "the platform has no such call") -> TransferRow:
    error = errors.make(kind, message, {"outcome": "not_applied", "attempts": 1, "elapsed": 0.25})
    return TransferRow(index, f"c-{index}", TARGET, None, error)


def test_summary_shows_units_and_groups_equal_reasons() -> None:
    done = calltransfer.Transferred("c-n", "c-m", 201, 1, 1.5)
    rows = [
        *map(failed, range(30)),
        failed(30, "conflict", f"busy {EVIL} {TARGET}"),
        TransferRow(31, "c-m", TARGET, done, None),
    ]
    summary = TransferResults(rows).summary()
    bundle, text = shown(summary)
    assert "p50 250.0 ms" in text.replace("  ", " ") and "max 1.50 s" in text.replace("  ", " ")
    assert text.count("the platform has no such call") == 1 and "c-0, c-1" in text and "and 20 more" in text
    assert EVIL in text and "30 not_applied: the platform has no such call" in bundle["text/plain"]
    assert isinstance(summary, dict) and summary["p50"] == 0.25
    assert json.loads(json.dumps(summary)) == summary == pickle.loads(pickle.dumps(summary))
    assert shown(pickle.loads(pickle.dumps(summary)))[0] == bundle


def test_summary_of_no_rows_is_shown() -> None:
    bundle, text = shown(TransferResults([]).summary())
    assert "0 transfers" in text and bundle["text/plain"] == "0 transfers: none"


def test_long_table_is_shown_in_whole_rows() -> None:
    bundle, text = shown(TransferResults(map(failed, range(230))))
    assert "max-height" not in bundle["text/html"] and "overflow" not in bundle["text/html"]
    first, rest = bundle["text/html"].split("<details>")
    assert first.count("<tr") == 11 and "220 more" in text and "… and 30 more" in text and rest.count("<tr") == 191
    assert "<details>" not in shown(TransferResults(map(failed, range(10))))[0]["text/html"]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, background: str) -> float:
    low, high = sorted([luminance(colour), luminance(background)])
    return (high + 0.05) / (low + 0.05)


def test_plot_reads_on_light_and_dark_backgrounds() -> None:
    colors = pytest.importorskip("matplotlib.colors")
    figure = TransferResults(map(failed, range(5))).plot()
    assert figure._repr_png_().startswith(b"\x89PNG")
    for part in (figure, *figure.axes):
        assert part.get_facecolor()[3] == 0, "a slab of its own colour"
    for axes in figure.axes:
        texts = [axes.title, axes.xaxis.label, *axes.get_xticklabels(), *axes.get_yticklabels(), *axes.texts]
        drawn = [text.get_color() for text in texts] + [spine.get_edgecolor() for spine in axes.spines.values()]
        for colour in {colors.to_hex(colour) for colour in drawn}:
            assert contrast(colour, "#ffffff") >= 4 and contrast(colour, "#111111") >= 4, colour


def test_row_is_shown_with_its_result_or_error() -> None:
    _, text = shown(failed(3, message=EVIL))
    assert "row 3" in text and EVIL in text and "not applied" in text
    done = calltransfer.Transferred("c-n", "c-m", 201, 1, 1.5)
    bundle, text = shown(TransferRow(4, EVIL, TARGET, done, None))
    assert "row 4" in text and "c-n" in text and bundle["text/plain"].startswith("TransferRow(")
    shown(TransferRow(5, None, None, None, None))
    shown(TransferRow(5, "c-1", [TARGET, TARGET], None, None))  # type: ignore[arg-type]
    shown(TransferRow(5, "c-1", 18382947878, None, None))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_client_is_shown_without_its_credentials(kind: type[Client], account: Sandbox) -> None:
    client = kind()
    _, text = shown(client)
    assert kind.__name__ in text and account.user_id in text and account.url in text
    client._close()
    assert "closed" in shown(client)[1] and "not set up" in shown(object.__new__(kind))[1]


def test_sandbox_is_shown_with_its_page_and_calls() -> None:
    with Sandbox() as sandbox:
        sandbox.client().transfer(sandbox.place_incoming_call(), TARGET)
        bundle, text = shown(sandbox)
        assert f'href="{sandbox.url}"' in bundle["text/html"]
        assert "1 transferring" in text and "s-sandbox" not in str(bundle) and "t-sandbox" not in str(bundle)
    assert "not running" in shown(sandbox)[1] and "not running" in shown(object.__new__(Sandbox))[1]
