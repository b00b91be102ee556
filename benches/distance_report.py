"""What `make bench-distance` found: tables to read, JSON to keep, and a page for docs/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import setup
from measures import OURS
from report import PAGE, compact, mark

BEGIN, END = "<!-- distance: begin -->", "<!-- distance: end -->"
#: Two figures of one run differ by so much where nothing differs.
NOISE = 1.02

Results = dict[str, Any]


def trips(results: Results, variant: str) -> dict[str, list[float]]:
    """What each transfer took, in round trips."""
    trip = results["round_trip_ms"]
    return {name: [took / trip for took in figures] for name, figures in results["ms"][variant].items()}


def goals(results: Results) -> list[tuple[str, float, float]]:
    """What was aimed at, what it is at worst, and its limit. What has no figures is left out."""
    # The first transfer is not one after a pause.
    short = 1 + sum(pause <= 45 for pause in results["pauses"])
    plain, prepared, ready = (trips(results, variant) for variant in ("plain", "prepare", "keep_ready"))
    ours = {name: figures for name, figures in plain.items() if name.startswith(OURS)}

    def against(part: str) -> float:
        peer = next(figures for name, figures in plain.items() if name.startswith(part))
        return max(our / their for figures in ours.values() for our, their in zip(figures[:short], peer, strict=False))

    def after_pauses() -> float:
        return max(max(figures[1:short]) for figures in ours.values())

    aims: list[tuple[str, Callable[[], float], float]] = [
        ("any of ours, after pauses up to 45 s", after_pauses, 1.1),
        ("any of ours, first after `prepare()`", lambda: max(map(max, prepared.values())), 1.1),
        ("any of ours with `keep_ready`, first and after any pause", lambda: max(map(max, ready.values())), 1.1),
        ("any of ours / libcurl, first and up to 45 s", lambda: against("libcurl"), NOISE),
        ("any of ours / requests, first and up to 45 s", lambda: against("requests"), NOISE),
    ]
    reported = []
    for name, figure, limit in aims:
        try:
            reported.append((name, figure(), limit))
        except (StopIteration, ValueError):
            continue
    return reported


def tables(results: Results) -> list[tuple[str, list[list[str]]]]:
    """A title, a head and a line for each client: round trips, and milliseconds in brackets."""

    def cell(took: float) -> str:
        return f"{took / results['round_trip_ms']:.2f} ({took:.0f})"

    pauses = [f"{pause:g} s" for pause in results["pauses"]]
    prepared = results["ms"]["prepare"]
    plain = [
        [name, cell(took[0]), cell(prepared[name][0]) if name in prepared else "", *map(cell, took[1:])]
        for name, took in results["ms"]["plain"].items()
    ]
    ready = [[name, *map(cell, took)] for name, took in results["ms"]["keep_ready"].items()]
    return [
        ("time of one transfer in round trips (ms)", [["", "first", "after `prepare()`", *pauses], *plain]),
        ("the same with `keep_ready`", [["", "first, after 1 s", *pauses], *ready]),
    ]


def idle(results: Results) -> list[list[str]]:
    lines = [["", "CPU seconds", "handshakes", "bytes sent", "bytes received", "packets"]]
    for name, cost in results["idle_per_hour"].items():
        counts = (cost[key] for key in ("connections", "sent", "received", "packets"))
        lines.append([name, f"{cost['processor_seconds']:.2f}", *(f"{count:,.0f}" for count in counts)])
    return lines


def show(results: Results, write: bool) -> None:
    costs = ("an hour of `keep_ready` without a transfer", idle(results))
    for title, lines in [*tables(results), costs]:
        if len(lines) == 1:
            continue
        print(f"\n{title}")
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for first, *rest in lines:
            cells = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
            print("  " + "  ".join([first.ljust(widths[0]), *cells]))
    print("\ngoals")
    for name, value, limit in goals(results):
        print(f"  {mark(value, limit, True):8} {name}: {value:.3f} (at most {limit})")
    print(f"  {condition(results)}")
    if write:
        data = "docs/performance-distance.json"
        (setup.ROOT / data).write_text(compact(results))
        head, _, rest = PAGE.read_text().partition(BEGIN)
        _, _, tail = rest.partition(END)
        PAGE.write_text(f"{head}{BEGIN}\n{page(results)}{END}{tail}")
        print(f"\nwritten: docs/performance.md, {data}")


def condition(results: Results) -> str:
    priority = ", raised priority" if results["raised_priority"] else ""
    return f"load average {results['load']:.2f} before{priority}"


def page(results: Results) -> str:
    """The part of docs/performance.md that a run writes."""
    (_, plain), (_, ready) = tables(results)
    lines = [
        f"{results['when']}; {results['machine']}; {condition(results)}. Round trips of "
        f"{results['round_trip_ms']} ms, in brackets milliseconds; medians of {results['samples']} processes.",
        "",
        *markdown(plain),
        "",
        "With `keep_ready`:",
        "",
        *markdown(ready),
        "",
        "| goal | | limit | |",
        "| --- | ---: | ---: | --- |",
        *(
            f"| {name} | {value:.2f} | ≤ {limit} | {mark(value, limit, True)} |"
            for name, value, limit in goals(results)
        ),
        "",
        "An hour of `keep_ready` without a transfer:",
        "",
        *markdown(idle(results)),
        "",
    ]
    if results["missing"]:
        lines += [f"Not there in this run: {', '.join(results['missing'])}.", ""]
    return "\n".join(lines)


def markdown(lines: list[list[str]]) -> list[str]:
    head, *rest = lines
    named = [[f"**{first}**" if first.startswith(OURS) else first, *cells] for first, *cells in rest]
    rule = "| --- |" + " ---: |" * (len(head) - 1)
    first, *others = (f"| {' | '.join(line)} |" for line in (head, *named))
    return [first, rule, *others]
