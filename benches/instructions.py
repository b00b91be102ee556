"""Counts the instructions of a payload and of a transfer, and holds them to a budget.

Instructions don't depend on the clock, on the machine's load or on its speed: a change that costs
something is seen on the first run. Counted by valgrind's callgrind, as the difference between a
short and a long run, without what the kernel does. `--record` writes the budget again.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import setup

BUDGET = Path(__file__).with_name("instructions.json")
#: A budget leaves this much room: a compiler's new version changes a little everywhere.
ROOM = 1.05

#: The figure, the program, and how often it works in the short and in the long run.
COSTS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "payload, Rust": (("{bin}/bench-rust", "payload", "{count}"), 1000, 11_000),
    "payload, C": (("{c}/ours", "payload", "{count}"), 1000, 11_000),
    "blocking transfer, Rust": (("{bin}/bench-rust", "transfers", "{url}", "{count}"), 100, 1100),
    "blocking transfer, C": (("{c}/ours", "transfers", "{url}", "{count}"), 100, 1100),
}


def count(command: list[str]) -> int:
    callgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    done = subprocess.run(callgrind, capture_output=True, text=True, timeout=300)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not collected:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return int(collected[1])


def each(command: tuple[str, ...], few: int, many: int, values: dict[str, str]) -> int:
    def total(number: int) -> int:
        return count([word.format(count=number, **values) for word in command])

    return (total(many) - total(few)) // (many - few)


def measure() -> dict[str, int]:
    with ExitStack() as stack:
        url = f"http://127.0.0.1:{setup.serve(stack)}"
        values = {"url": url, "bin": str(setup.RELEASE), "c": str(setup.PROGRAMS), "python": str(setup.PYTHON)}
        return {name: each(*cost, values) for name, cost in COSTS.items()}


def main() -> None:
    if shutil.which("valgrind") is None:
        print("SKIPPED: no valgrind, so no one counts the instructions of a transfer", file=sys.stderr)
        return
    setup.build_ours()
    found = measure()
    if "--record" in sys.argv:
        BUDGET.write_text(json.dumps({name: int(cost * ROOM) for name, cost in found.items()}, indent=1) + "\n")
    budget = json.loads(BUDGET.read_text())
    over = 0
    for name, cost in found.items():
        fits = cost <= budget[name]
        over += not fits
        print(f"{'ok' if fits else 'TOO MANY':8} {name}: {cost:,} instructions, allowed are {budget[name]:,}")
    if over:
        raise SystemExit(
            f"{over} of {len(found)} cost more than before; if that is meant: python3 benches/instructions.py --record"
        )


if __name__ == "__main__":
    main()
