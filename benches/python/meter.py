"""The clock of a run: a time to warm up, a time that counts, and what it came to."""

import json
import time


class Meter:
    def __init__(self, warm: float, seconds: float) -> None:
        self.counts_from = time.perf_counter() + warm
        self.ends = self.counts_from + seconds
        self.seconds = seconds
        self.took: list[float] = []
        self.processor: float | None = None
        self.processor_used: float | None = None

    def ended(self, begin: float, now: float) -> None:
        if now < self.counts_from:
            return
        if self.processor is None:
            self.processor = time.process_time()
        if now < self.ends:
            self.took.append(now - begin)
        elif self.processor_used is None:
            self.processor_used = time.process_time() - self.processor

    def report(self, made: int | None = None) -> None:
        if self.processor_used is None:
            self.processor_used = time.process_time() - (self.processor or 0.0)
        took = sorted(self.took)

        def at(share: float) -> float | None:
            return took[int(len(took) * share)] * 1e6 if took else None

        print(
            json.dumps(
                {
                    "transfers": len(took) if made is None else made,
                    "seconds": self.seconds,
                    "p50_us": at(0.5),
                    "p99_us": at(0.99),
                    "processor_seconds": self.processor_used,
                    "peak_kib": peak_kib(),
                }
            )
        )


def peak_kib() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
