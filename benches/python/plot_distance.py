"""plot_distance.py RESULTS.json PICTURE.svg: round trips of one transfer, a cell for each client and pause."""

import json
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.colors import LinearSegmentedColormap

OURS = "calltransfer"
#: One round trip is what a transfer can't do without; three are a connection that has to be opened.
SCALE = LinearSegmentedColormap.from_list("round trips", ["#0b6e4f", "#e9c46a", "#c1440e"])


def main(source: str, picture: str) -> None:
    with open(source) as file:
        results = json.load(file)
    trip = results["round_trip_ms"]
    rows = [(f"{name}, keep_ready", took) for name, took in results["ms"]["keep_ready"].items()]
    rows += list(results["ms"]["plain"].items())
    cells = [[one / trip for one in took] for _, took in rows]
    columns = ["first", *(f"{pause:g} s" for pause in results["pauses"])]
    plt.rcParams.update({"svg.hashsalt": OURS, "svg.fonttype": "none", "font.size": 9})
    figure, place = plt.subplots(figsize=(8, 0.27 * len(rows) + 0.8))
    place.imshow(cells, cmap=SCALE, vmin=1, vmax=3.2, aspect="auto")
    place.set_xticks(range(len(columns)), columns)
    place.set_yticks(range(len(rows)), [name for name, _ in rows])
    for label, (name, _) in zip(place.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if name.startswith(OURS) else "normal")
    for row, figures in enumerate(cells):
        for column, value in enumerate(figures):
            place.text(column, row, f"{value:.2f}", ha="center", va="center", color="white", fontsize=8)
    place.xaxis.tick_top()
    place.tick_params(length=0)
    for side in place.spines.values():
        side.set_visible(False)
    place.set_title("one transfer in round trips, by the pause before it", loc="left", fontsize=9)
    figure.tight_layout()
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
