"""plot.py RESULTS.json PICTURE.svg: latency and throughput as bars."""

import json
import sys
from collections.abc import Iterator
from html import escape

OURS = "calltransfer"
PANELS = (
    ("latency", "p50_us", "one transfer at a time, µs (less is better)"),
    ("throughput_64", "per_second", "transfers a second, 64 in flight (more is better)"),
    ("slow_5000", "per_second", "transfers a second, 5,000 in flight, 100 ms each (ideal: 50,000)"),
)
WIDTH, NAMES, LINE = 800, 250, 20
#: The longest bar; behind it is room for its figure.
LONGEST = WIDTH - NAMES - 80


def panel(figures: dict[str, dict[str, float]], value: str, title: str, top: int) -> Iterator[str]:
    """A title, and below it a bar for each peer, the best first."""
    yield f'<text x="{NAMES}" y="{top + 14}">{escape(title)}</text>'
    most = max(each[value] for each in figures.values())
    peers = sorted(figures, key=lambda peer: figures[peer][value], reverse=value == "per_second")
    for number, peer in enumerate(peers, start=1):
        y, length = top + number * LINE, LONGEST * figures[peer][value] / most
        color = "#0b6e4f" if peer.startswith(OURS) else "#b8c0c8"
        yield (
            f'<rect x="{NAMES}" y="{y}" width="{length:.1f}" height="{LINE - 4}" fill="{color}"/>'
            f'<text x="{NAMES - 6}" y="{y + 13}" text-anchor="end">{escape(peer)}</text>'
            f'<text x="{NAMES + length + 4:.1f}" y="{y + 13}">{figures[peer][value]:,.0f}</text>'
        )


def main(source: str, picture: str) -> None:
    with open(source) as file:
        measures = json.load(file)["measures"]
    lines, top = [], 0
    for key, value, title in PANELS:
        if measures.get(key):
            lines += panel(measures[key], value, title, top)
            top += (len(measures[key]) + 2) * LINE
    style = f'viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" font-size="12"'
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" {style}>', f'<rect width="{WIDTH}" height="{top}" fill="#fff"/>']
    with open(picture, "w") as file:
        file.write("\n".join([*head, *lines, "</svg>", ""]))


if __name__ == "__main__":
    main(*sys.argv[1:])
