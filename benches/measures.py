"""What is measured, of whom: tables. A new peer or a new figure is one entry here."""

from __future__ import annotations

from dataclasses import dataclass, field

OURS = "calltransfer"
WARM = 0.3


@dataclass(frozen=True)
class Peer:
    """A program that makes transfers; `command` is filled in with the names of `Setting`."""

    name: str
    command: tuple[str, ...]
    needs: str | None = None  # what may be missing, see `setup.ADVICE`

    @property
    def is_ours(self) -> bool:
        return self.name.startswith(OURS)


@dataclass(frozen=True)
class Measure:
    """One figure of several peers. Runs of all peers are interleaved."""

    key: str
    title: str
    peers: tuple[Peer, ...]
    unit: str = "µs"
    value: str = "p50_us"
    server: str | None = "plain"
    in_flight: int = 1
    base: str | None = None  # the peer that ratios refer to
    more_is_better: bool = False
    warm: float = WARM
    fixed: dict[str, str] = field(default_factory=dict)


def python(name: str) -> Peer:
    label = {"calltransfer": f"{OURS} (Python)", "requests": "requests, session"}
    label |= {
        "calltransfer-async": f"{OURS} (Python, AsyncClient)",
        "calltransfer-many": f"{OURS} (Python, transfer_many)",
    }
    label |= {"httpx-async": "httpx, async", "vendor": "bandwidth-sdk 3.1.0", "aiohttp": "aiohttp"}
    command = ("{python}", "benches/python/clients.py", name, "{url}", "{in_flight}", "{warm}", "{seconds}", "{ca?}")
    return Peer(label.get(name, name), command)


def rust(way: str, label: str) -> Peer:
    return Peer(label, ("{bin}/bench-rust", way, "{url}", "{in_flight}", "{warm}", "{seconds}", "{ca?}"))


def small(what: str, name: str, label: str, *more: str) -> Peer:
    return Peer(label, ("{python}", "benches/python/small.py", what, name, *more))


RAW = Peer("raw C socket", ("{c}/raw_socket", "{port}", "{warm}", "{seconds}"))
LIBCURL = Peer("libcurl (C)", ("{c}/libcurl", "{url}", "{warm}", "{seconds}", "{ca?}"), "libcurl")
OURS_C = Peer(f"{OURS} (C)", ("{c}/ours", "{url}", "{warm}", "{seconds}", "{ca?}"))
OURS_CPP = Peer(f"{OURS} (C++)", ("{c}/ours_cpp", "{url}", "{warm}", "{seconds}", "{ca?}"))
OURS_RUST = rust("blocking", f"{OURS} (Rust)")
OURS_QUEUE = Peer(f"{OURS} (C, queue)", ("{c}/ours_queue", "{url}", "{in_flight}", "{warm}", "{seconds}", "{ca?}"))
REQWEST = rust("reqwest", "reqwest (Rust)")
WRK = Peer(
    "wrk",
    ("wrk", "-t1", "-c{in_flight}", "-d{whole_seconds}s", "--latency", "-s", "benches/transfer.lua", "{url}"),
    "wrk",
)

ONE_AT_A_TIME = (
    OURS_RUST,
    OURS_C,
    OURS_CPP,
    python("calltransfer"),
    python("calltransfer-async"),
    LIBCURL,
    REQWEST,
    python("pycurl"),
    python("http.client"),
    python("aiohttp"),
    python("requests"),
    python("httpx"),
    python("httpx-async"),
    python("vendor"),
)
MANY = (
    WRK,
    rust("background", f"{OURS} (Rust, background)"),
    rust("async", f"{OURS} (Rust, async)"),
    OURS_QUEUE,
    python("calltransfer-many"),
    python("calltransfer-async"),
    python("aiohttp"),
)


def throughput(in_flight: int, peers: tuple[Peer, ...]) -> Measure:
    return Measure(
        key=f"throughput_{in_flight}",
        title=f"transfers a second, {in_flight} in flight",
        unit="/s",
        value="per_second",
        in_flight=in_flight,
        base="wrk",
        more_is_better=True,
        peers=peers,
    )


MEASURES = (
    Measure("latency", "one transfer at a time (median)", (RAW, *ONE_AT_A_TIME), base="raw C socket"),
    Measure("latency_tls", "one at a time over TLS (median)", ONE_AT_A_TIME, server="tls", base="libcurl (C)"),
    throughput(8, MANY),
    throughput(64, (*MANY, python("httpx-async"))),
    throughput(512, MANY),
    Measure(
        "slow_5000",
        "transfers a second, 5,000 in flight, answers after 100 ms (ideal: 50,000)",
        MANY,
        unit="/s",
        value="per_second",
        server="slow",
        in_flight=5000,
        base="wrk",
        more_is_better=True,
        warm=2.0,
    ),
    Measure(
        "payload",
        "the whisper example's body, built, checked and written",
        (
            Peer(f"{OURS} (Rust)", ("{bin}/bench-rust", "payload", "500000")),
            Peer(f"{OURS} (C)", ("{c}/ours", "payload", "500000")),
            small("payload", "calltransfer", f"{OURS} (Python, keywords)"),
            small("payload", "json", "json.dumps of the ready dict"),
            small("payload", "orjson", "orjson of the ready dict"),
            small("payload", "pydantic", "pydantic, model to JSON"),
        ),
        value="us",
        server=None,
        base="json.dumps of the ready dict",
    ),
    Measure(
        "import",
        "import",
        (
            small("import", "calltransfer", f"{OURS} (Python)"),
            small("import", "pycurl", "pycurl"),
            small("import", "requests", "requests"),
            small("import", "httpx", "httpx"),
            small("import", "aiohttp", "aiohttp"),
            small("import", "bandwidth.voice", "bandwidth-sdk 3.1.0"),
        ),
        value="us",
        server=None,
        base="requests",
    ),
    Measure(
        "first_client",
        "first client, up to its first https request (connection refused)",
        (
            Peer(f"{OURS} (Rust)", ("{bin}/bench-rust", "first", "{closed}")),
            Peer(f"{OURS} (C)", ("{c}/ours", "first", "{closed}")),
            small("first", "calltransfer", f"{OURS} (Python)", "{closed}"),
            small("first", "pycurl", "pycurl", "{closed}"),
            small("first", "requests", "requests, session", "{closed}"),
            small("first", "httpx", "httpx", "{closed}"),
        ),
        value="us",
        server=None,
        base="pycurl",
    ),
    Measure(
        "start_up",
        "a program that makes one transfer, from start to end",
        (
            Peer(f"{OURS} (C)", ("{c}/ours", "{url}", "0", "0")),
            Peer("libcurl (C)", ("{c}/libcurl", "{url}", "0", "0"), "libcurl"),
            small("once", "calltransfer", f"{OURS} (Python)", "{url}"),
            small("once", "requests", "requests, session", "{url}"),
            small("once", "vendor", "bandwidth-sdk 3.1.0", "{url}"),
        ),
        value="wall_us",
        base="libcurl (C)",
    ),
)
