"""What came out: a table to read, JSON to keep, a page and a plot for docs/."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import setup
from measures import MEASURES, OURS, Measure

PAGE = setup.ROOT / "docs/performance.md"
BEGIN, END = "<!-- newest run: begin -->", "<!-- newest run: end -->"

Results = dict[str, Any]

PYTHON, C, RUST = f"{OURS} (Python)", f"{OURS} (C)", f"{OURS} (Rust)"
ASYNC, MANY = f"{OURS} (Python, AsyncClient)", f"{OURS} (Python, transfer_many)"
BEHIND = f"{OURS} (Rust, background)"


def goals(results: Results) -> list[tuple[str, float, float, bool]]:
    """What was aimed at: the figure, what it is, its limit, and whether less of it is better.

    A figure whose peers are missing is left out.
    """

    def of(measure: str, peer: str, value: str | None = None) -> float:
        kind = next(known for known in MEASURES if known.key == measure)
        return results["measures"][measure][peer][value or kind.value]

    def each_in_flight(peer: str) -> float:
        alone = of("latency", RUST, "peak_kib")
        return (of("slow_5000", peer, "peak_kib") - alone) / 5000

    aims: list[tuple[str, Callable[[], float], float, bool]] = [
        ("Python blocking / raw C socket", lambda: of("latency", PYTHON) / of("latency", "raw C socket"), 1.3, True),
        ("Python blocking / pycurl", lambda: of("latency", PYTHON) / of("latency", "pycurl"), 1.0, True),
        (
            "vendor's SDK / Python blocking",
            lambda: of("latency", "bandwidth-sdk 3.1.0") / of("latency", PYTHON),
            8,
            False,
        ),
        ("requests / Python blocking", lambda: of("latency", "requests, session") / of("latency", PYTHON), 6, False),
        ("C blocking / libcurl", lambda: of("latency", C) / of("latency", "libcurl (C)"), 1.0, True),
        (
            "AsyncClient / aiohttp, 64 in flight",
            lambda: of("throughput_64", ASYNC) / of("throughput_64", "aiohttp"),
            4,
            False,
        ),
        (
            "AsyncClient / httpx, 64 in flight",
            lambda: of("throughput_64", ASYNC) / of("throughput_64", "httpx, async"),
            50,
            False,
        ),
        (
            "transfer_many / wrk, 64 in flight",
            lambda: of("throughput_64", MANY) / of("throughput_64", "wrk"),
            0.5,
            False,
        ),
        ("5,000 in flight after 100 ms / the ideal", lambda: of("slow_5000", BEHIND) / 50_000, 0.7, False),
        ("KiB for each of 5,000 in flight", lambda: each_in_flight(BEHIND), 20, True),
        ("import / import of requests", lambda: of("import", PYTHON) / of("import", "requests"), 0.1, True),
        ("first client, ms (Rust)", lambda: of("first_client", RUST) / 1000, 1, True),
        ("payload in Rust, µs", lambda: of("payload", RUST), 0.3, True),
        (
            "json.dumps / payload with keywords (Python)",
            lambda: of("payload", "json.dumps of the ready dict") / of("payload", f"{OURS} (Python, keywords)"),
            3,
            False,
        ),
        ("stripped library, MB", lambda: results["sizes"]["libcalltransfer.so"] / 1e6, 3, True),
    ]
    reported = []
    for name, figure, limit, less in aims:
        try:
            reported.append((name, figure(), limit, less))
        except KeyError:
            continue
    return reported


def number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(measure: Measure, figures: dict[str, dict[str, float]]) -> list[list[str]]:
    """A head and a line for each peer, the best first."""
    figures = {peer: figure for peer, figure in figures.items() if measure.value in figure}
    base = figures.get(measure.base or "", {}).get(measure.value)
    more = [
        (column, name)
        for column, name in (
            ("p99, µs", "p99_us"),
            ("CPU s / 10,000", "processor_per_10000"),
            ("peak MiB", "peak_kib"),
        )
        if any(name in figure for figure in figures.values())
    ]
    ratio = [f"× {measure.base}"] if base else []
    lines = [["", measure.unit, *ratio, *(column for column, _ in more)]]
    order = sorted(figures, key=lambda peer: figures[peer][measure.value], reverse=measure.more_is_better)
    for peer in order:
        figure = figures[peer]
        value = figure[measure.value]
        line = [peer, number(value)]
        if base:
            line.append(number(value / base))
        for _, name in more:
            reported = figure.get(name)
            line.append(number(reported / 1024 if reported and name == "peak_kib" else reported))
        lines.append(line)
    return lines


def measures(results: Results) -> list[tuple[Measure, list[list[str]]]]:
    reported = results["measures"]
    return [(measure, table(measure, reported[measure.key])) for measure in MEASURES if reported.get(measure.key)]


def show(results: Results, write: bool) -> None:
    for measure, lines in measures(results):
        print(f"\n{measure.title}")
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            first, *rest = (
                cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
            )
            print("  " + "  ".join([first, *rest]))
    print("\ngoals")
    for name, value, limit, less in goals(results):
        print(f"  {mark(value, limit, less):8} {name}: {number(value)} ({'at most' if less else 'at least'} {limit})")
    print("  sizes: " + ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in results["sizes"].items()))
    if write:
        (setup.ROOT / "docs/performance.json").write_text(compact(results))
        setup.call(str(setup.PYTHON), "benches/python/plot.py", "docs/performance.json", "docs/performance.svg")
        head, _, rest = PAGE.read_text().partition(BEGIN)
        _, _, tail = rest.partition(END)
        PAGE.write_text(f"{head}{BEGIN}\n{page(results)}{END}{tail}")
        print("\nwritten: docs/performance.md, docs/performance.json, docs/performance.svg")


def compact(results: Results) -> str:
    """JSON with one line for each peer of a measure, and figures of at most 5 digits behind the point."""

    def rounded(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: rounded(each) for key, each in value.items()}
        return round(value, 5) if isinstance(value, float) else value

    text = json.dumps(rounded(results), indent=1)
    # Only the innermost objects, which hold figures and no further object, are joined.
    return re.sub(r"\{[^{}]*\}", lambda inner: re.sub(r"\n *", " ", inner[0]), text) + "\n"


def mark(value: float, limit: float, less: bool) -> str:
    return "met" if (value <= limit if less else value >= limit) else "NOT MET"


def page(results: Results) -> str:
    """The part of docs/performance.md that a run writes."""
    lines = [
        f"{results['when']}; {results['machine']}. Medians of {results['rounds']} rounds of "
        f"{number(results['seconds'])} s for each program, interleaved.",
        "",
        "![latency and throughput](performance.svg)",
        "",
        "| goal | | limit | |",
        "| --- | ---: | ---: | --- |",
    ]
    for name, value, limit, less in goals(results):
        lines.append(f"| {name} | {number(value)} | {'≤' if less else '≥'} {limit} | {mark(value, limit, less)} |")
    for measure, cells in measures(results):
        head, *rest = cells
        lines += ["", f"### {measure.title[0].upper()}{measure.title[1:]}", ""]
        lines += ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
        lines += [
            "| " + " | ".join([f"**{line[0]}**" if line[0].startswith(OURS) else line[0], *line[1:]]) + " |"
            for line in rest
        ]
    sizes = ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in results["sizes"].items())
    lines += ["", f"Sizes: {sizes}.", ""]
    if results["missing"]:
        lines += [f"Not there in this run: {', '.join(results['missing'])}.", ""]
    return "\n".join(lines)
