"""One transfer over a network's distance, in round trips: `make bench-distance`, about 3 minutes.

All clients wait at the same time, each in a process of its own, and don't use the network at the same
moment. BENCH_SAMPLES (5) is how many processes each figure is the median of, BENCH_ROUND_TRIP (50) the
distance in milliseconds, BENCH_ONLY a part of a client's name, BENCH_PAUSES the seconds between two
transfers, with commas. With BENCH_ONLY or BENCH_PAUSES nothing is written into docs/.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import distance_report
import setup
from measures import OURS

SAMPLES = int(os.environ.get("BENCH_SAMPLES", "5"))
ROUND_TRIP = int(os.environ.get("BENCH_ROUND_TRIP", "50"))
ONLY = os.environ.get("BENCH_ONLY", "")
#: Up to the minute after which load balancers forget an idle connection.
PAUSES = os.environ.get("BENCH_PAUSES", "0,1,6,20,45,60")
#: How long an idle client is looked at: four renewals of a connection that is kept for 50 s.
IDLE = os.environ.get("BENCH_IDLE", "150")
#: Between the starts of two clients: less than two of their transfers overlap, on average.
STEP = 0.15

#: No proxy and no other trust gets between the programs and the server.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.lower().endswith(("_proxy", "_ca_bundle")) and not name.startswith(("BANDWIDTH_", "CALLTRANSFER_"))
}


@dataclass(frozen=True)
class Client:
    """A program that does as `benches/python/pauses.py` does."""

    name: str
    command: tuple[str, ...]
    needs: str | None = None

    @property
    def is_ours(self) -> bool:
        return self.name.startswith(OURS)


def python(name: str, label: str, interpreter: str = "{python}") -> Client:
    return Client(label, (interpreter, "benches/python/pauses.py", name))


def rust(way: str) -> Client:
    return Client(f"{OURS} (Rust, {way})", ("{bin}/bench-rust", "distance", way))


CLIENTS = (
    rust("async"),
    rust("blocking"),
    rust("background"),
    Client(f"{OURS} (C)", ("{c}/ours", "distance")),
    Client(f"{OURS} (C, queue)", ("{c}/ours_queue", "distance")),
    Client(f"{OURS} (C++)", ("{c}/ours_cpp", "distance")),
    python("calltransfer", f"{OURS} (Python)"),
    python("calltransfer-async", f"{OURS} (Python, AsyncClient)"),
    Client("libcurl, easy handle (C)", ("{c}/libcurl", "distance"), "libcurl"),
    python("pycurl", "pycurl"),
    python("requests", "requests, session"),
    python("httpx", "httpx"),
    python("aiohttp", "aiohttp"),
    python("vendor", "bandwidth-sdk 3.1.0 (v1)"),
    python("vendor-v2", "bandwidth-sdk 23.3.1 (v2)", "{python_v2}"),
)
IDLE_CLIENTS = (f"{OURS} (Python)", f"{OURS} (C, queue)")

Figures = dict[str, Any]


class Line:
    """A delay line, which ends with its input."""

    def __init__(self, stack: ExitStack, server: str) -> None:
        command = [f"{setup.RELEASE}/delay-line", server, str(ROUND_TRIP)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack.callback(self._process.wait)
        assert self._process.stdin and self._process.stdout
        stack.callback(self._process.stdin.close)
        self.url = f"https://127.0.0.1:{self._process.stdout.readline().strip()}"

    def counters(self) -> dict[str, int]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class Running:
    """A client that waits for its start."""

    def __init__(self, stack: ExitStack, client: Client, url: str, variant: str, pauses: str) -> None:
        self.client, self.variant = client, variant
        values = {
            "python": str(setup.PYTHON),
            "python_v2": str(setup.PYTHON_V2),
            "bin": str(setup.RELEASE),
            "c": str(setup.PROGRAMS),
        }
        command = [word.format(**values) for word in client.command]
        command += [url, f"{setup.HOME}/ca.pem", variant, pauses]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        stack.callback(self._process.kill)

    def expect(self, line: str) -> None:
        assert self._process.stdout
        if self._process.stdout.readline() != f"{line}\n":
            raise SystemExit(f"{self.client.name} failed ({self.variant})")

    def start(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def result(self) -> Any:
        """The process goes on until `end`."""
        assert self._process.stdout
        output = self._process.stdout.readline()
        if not output:
            raise SystemExit(f"{self.client.name} failed ({self.variant})")
        return json.loads(output)

    def end(self) -> None:
        self._process.communicate()
        if self._process.returncode != 0:
            raise SystemExit(f"{self.client.name} failed ({self.variant})")


def run(clients: list[Client], url: str, variants: tuple[str, ...]) -> dict[str, dict[str, list[float]]]:
    """The median of each transfer, by variant and client."""
    with ExitStack() as stack:
        pairs = [
            (client, variant) for client in clients for variant in variants if variant == "plain" or client.is_ours
        ]
        running: list[Running] = []
        for sample in range(SAMPLES):
            # In another order each time, so that none always follows the same other.
            shuffled = random.Random(sample).sample(pairs, len(pairs))
            running += [Running(stack, client, url, variant, PAUSES) for client, variant in shuffled]
        for one in running:
            one.expect("ready")
        for one in running:
            one.start()
            time.sleep(STEP)
        took: dict[str, dict[str, list[list[float]]]] = {variant: {} for variant in variants}
        for client, variant in pairs:
            took[variant][client.name] = []
        for one in running:
            took[one.variant][one.client.name].append(one.result()["ms"])
        for one in running:
            one.end()
    return {
        variant: {
            name: [statistics.median(each) for each in zip(*samples, strict=True)] for name, samples in figures.items()
        }
        for variant, figures in took.items()
    }


def idle(client: Client, server: str, results: dict[str, Figures]) -> None:
    """What `keep_ready` costs in an hour without any transfer."""
    with ExitStack() as stack:
        line = Line(stack, server)
        one = Running(stack, client, line.url, "idle", IDLE)
        one.expect("ready")
        one.start()
        one.expect("begin")
        before = line.counters()
        used = one.result()["processor_seconds"]
        after = line.counters()
        one.end()
        hours = float(IDLE) / 3600
        hourly = {name: (after[name] - before[name]) / hours for name in ("connections", "sent", "received", "packets")}
        results[client.name] = hourly | {"processor_seconds": used / hours}


def raise_priority() -> bool:
    """What else the machine does shall not count, where this user may say so; it needs little time itself."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -15)
    except OSError:
        return False
    return True


def main() -> None:
    there = setup.prepare()
    setup.prepare_vendor_v2()
    is_preferred = raise_priority()
    clients = [client for client in CLIENTS if ONLY in client.name and (client.needs is None or there[client.needs])]
    costs: dict[str, Figures] = {}
    load = os.getloadavg()[0]
    with ExitStack() as stack:
        server = setup.serve(stack, "--tls", str(setup.HOME))
        waiting = [
            threading.Thread(target=idle, args=(client, server, costs))
            for client in clients
            if client.name in IDLE_CLIENTS and float(IDLE) > 0
        ]
        for thread in waiting:
            thread.start()
        url = Line(stack, server).url
        times = run([client for client in clients if client.is_ours], url, ("prepare",))
        times |= run(clients, url, ("plain", "keep_ready"))
        for thread in waiting:
            thread.join()
    results = {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": setup.machine(),
        "load": load,
        "raised_priority": is_preferred,
        "samples": SAMPLES,
        "round_trip_ms": ROUND_TRIP,
        "pauses": [float(pause) for pause in PAUSES.split(",")],
        "missing": sorted(name for name, is_there in there.items() if not is_there),
        "ms": times,
        "idle_per_hour": {name: costs[name] for name in IDLE_CLIENTS if name in costs},
    }
    setup.HOME.joinpath("distance.json").write_text(json.dumps(results, indent=1) + "\n")
    distance_report.show(results, write=not ONLY and "BENCH_PAUSES" not in os.environ)


if __name__ == "__main__":
    main()
