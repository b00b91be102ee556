"""Measures transfers through this library and its peers, all interleaved in one run: `make bench`.

BENCH_SECONDS (2) is how long each program runs, BENCH_ROUNDS (5) how often, in rotating order, and
BENCH_ONLY a part of a measure's name. The server has the first core for itself, each client the
last. With BENCH_ONLY nothing is written into docs/.
"""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import Any

import report
import setup
from measures import MEASURES, Measure, Peer

SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
ONLY = os.environ.get("BENCH_ONLY", "")
CORES = sorted(os.sched_getaffinity(0))
#: How often a program that only starts and ends is run each round.
REPEATS = 10

#: No proxy and no other certificate authority gets between the programs and the server.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.lower().endswith(("_proxy", "_ca_bundle")) and not name.startswith(("BANDWIDTH_", "CALLTRANSFER_"))
}

Run = dict[str, Any]


def settings(measure: Measure, servers: dict[str, str]) -> dict[str, str]:
    port = servers.get(measure.server or "", "")
    scheme = "https" if measure.server == "tls" else "http"
    return {
        "url": f"{scheme}://127.0.0.1:{port}",
        "port": port,
        "closed": "https://127.0.0.1:1",
        "ca?": f"{setup.HOME}/ca.pem" if measure.server == "tls" else "",
        "in_flight": str(measure.in_flight),
        "warm": str(measure.warm),
        "seconds": str(SECONDS),
        "whole_seconds": str(max(1, round(SECONDS + measure.warm))),
        "python": str(setup.PYTHON),
        "bin": str(setup.RELEASE),
        "c": str(setup.PROGRAMS),
    }


def run(peer: Peer, measure: Measure, servers: dict[str, str]) -> Run:
    values = settings(measure, servers)
    filled = [re.sub(r"\{(.*?)\}", lambda name: values[name[1]], word) for word in peer.command]
    command = [word for word in filled if word]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT, preexec_fn=setup.pinned(CORES[-1])
    )
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{peer.name} failed at {measure.key}:\n{done.stdout}{done.stderr}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if peer.name == "wrk":
        reported = wrk(done.stdout, processor)
    elif done.stdout:
        reported = json.loads(done.stdout)
    else:
        reported = {}
    reported["wall_us"] = wall * 1e6
    if "transfers" in reported:
        reported["per_second"] = reported["transfers"] / reported["seconds"]
    if reported.get("transfers"):
        reported["processor_per_10000"] = reported["processor_seconds"] / reported["transfers"] * 10_000
    return reported


def wrk(output: str, processor: float) -> Run:
    """Reads what wrk prints for people."""
    units = {"us": 1.0, "ms": 1e3, "s": 1e6}

    def latency(share: str) -> float:
        found = re.search(rf"{share}%\s+([\d.]+)(us|ms|s)", output)
        assert found, output
        return float(found[1]) * units[found[2]]

    made = re.search(r"(\d+) requests in ([\d.]+)(m?s)", output)
    assert made and "Non-2xx" not in output, output
    return {
        "transfers": int(made[1]),
        "seconds": float(made[2]) * (1 if made[3] == "s" else 1e-3),
        "p50_us": latency("50"),
        "p99_us": latency("99"),
        "processor_seconds": processor,
    }


def middle(runs: list[Run]) -> Run:
    """The median of each figure."""
    names = {name for run in runs for name, value in run.items() if value is not None}
    figures = {name: [run[name] for run in runs if run.get(name) is not None] for name in sorted(names)}
    return {name: statistics.median(values) for name, values in figures.items()} | {"runs": len(runs)}


def main() -> None:
    there = setup.prepare()
    chosen = [measure for measure in MEASURES if ONLY in measure.key]
    runs: dict[str, dict[str, list[Run]]] = {measure.key: {} for measure in chosen}
    with ExitStack() as stack:
        servers = {
            "plain": setup.serve(stack, core=CORES[0]),
            "tls": setup.serve(stack, "--tls", str(setup.HOME), core=CORES[0]),
            "slow": setup.serve(stack, "--delay-ms", "100", core=CORES[0]),
        }
        for round_ in range(ROUNDS):
            for measure in chosen:
                peers = [peer for peer in measure.peers if peer.needs is None or there[peer.needs]]
                turn = round_ % len(peers)
                starts = measure.value in ("us", "wall_us") and measure.key != "payload"
                for _ in range(REPEATS if starts else 1):
                    for peer in peers[turn:] + peers[:turn]:
                        runs[measure.key].setdefault(peer.name, []).append(run(peer, measure, servers))
            print(f"round {round_ + 1} of {ROUNDS} is done", file=sys.stderr)
    results = {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": setup.machine(),
        "seconds": SECONDS,
        "rounds": ROUNDS,
        "missing": sorted(name for name, is_there in there.items() if not is_there),
        "sizes": setup.sizes(),
        "measures": {
            measure.key: {
                peer.name: middle(runs[measure.key][peer.name])
                for peer in measure.peers
                if peer.name in runs[measure.key]
            }
            for measure in chosen
        },
    }
    setup.HOME.joinpath("results.json").write_text(json.dumps(results, indent=1) + "\n")
    report.show(results, write=not ONLY)


if __name__ == "__main__":
    main()
