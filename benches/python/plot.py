"""plot.py RESULTS.json PICTURE.svg: latency and throughput as bars."""

import json
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

OURS = "calltransfer"
PANELS = (
    ("latency", "p50_us", "one transfer at a time, µs (less is better)"),
    ("throughput_64", "per_second", "transfers a second, 64 in flight (more is better)"),
    ("slow_5000", "per_second", "transfers a second, 5,000 in flight, 100 ms each (ideal: 50,000)"),
)


def main(source: str, picture: str) -> None:
    with open(source) as file:
        results = json.load(file)
    panels = [panel for panel in PANELS if results["measures"].get(panel[0])]
    heights = [len(results["measures"][key]) + 1 for key, _, _ in panels]
    plt.rcParams.update({"svg.hashsalt": OURS, "svg.fonttype": "none", "font.size": 9})
    figure, places = plt.subplots(
        len(panels), 1, figsize=(8, 0.3 * sum(heights) + 0.6), height_ratios=heights, squeeze=False
    )
    for place, (key, value, title) in zip(places[:, 0], panels, strict=True):
        figures = results["measures"][key]
        peers = sorted(figures, key=lambda peer: figures[peer][value], reverse=key == "latency")
        values = [figures[peer][value] for peer in peers]
        bars = place.barh(peers, values, color=["#0b6e4f" if peer.startswith(OURS) else "#b8c0c8" for peer in peers])
        place.bar_label(bars, labels=[f"{value:,.0f}" for value in values], padding=3, fontsize=8)
        place.set_title(title, loc="left", fontsize=9)
        place.margins(x=0.12)
        for side in ("top", "right"):
            place.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
