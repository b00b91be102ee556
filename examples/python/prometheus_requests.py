"""Counts requests and their durations for Prometheus, beside a transfer of the call on the command line.

Needs prometheus-client. The account comes from the environment.
"""

from __future__ import annotations

import sys

import calltransfer
from prometheus_client import Counter, Histogram, generate_latest

LABELS = ["action", "api", "outcome", "error"]
REQUESTS = Counter("calltransfer_requests", "Requests that have ended.", LABELS)
ATTEMPTS = Counter("calltransfer_attempts", "Attempts of requests that have ended.", ["action", "api"])
SECONDS = Histogram("calltransfer_request_seconds", "Durations of requests, retries included.", ["action", "api"])


def count(request: calltransfer.RequestRecord) -> None:
    REQUESTS.labels(request.action, request.api, request.outcome, request.error_kind or "").inc()
    ATTEMPTS.labels(request.action, request.api).inc(request.attempts)
    SECONDS.labels(request.action, request.api).observe(request.elapsed)


if __name__ == "__main__":
    calltransfer.observe(count)
    calltransfer.transfer(sys.argv[1], "+18382947878")
    print(generate_latest().decode())  # a program serves it: prometheus_client.start_http_server(9000)
