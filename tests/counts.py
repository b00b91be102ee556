"""Counts what the shared tables are played through: vectors and outcome matrix, per language."""

from __future__ import annotations

import collections
import re
import subprocess
import sys

from sandbox_process import ROOT


def listed(command: list[str], directory: str = ".") -> list[str]:
    done = subprocess.run(command, cwd=ROOT / directory, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def rust(package: str, test: str) -> list[str]:
    return listed(["cargo", "test", "--quiet", "--locked", "-p", package, "--test", test, "--", "--list"])


def python(file: str) -> int:
    lines = listed([sys.executable, "-m", "pytest", "--collect-only", "-qq", file], "tests")
    return sum("request" in line or "response" in line or "vector" in line for line in lines if "::" in line)


def report(what: str, count: dict[str, int]) -> None:
    each = ", ".join(f"{name} {number}" for name, number in count.items())
    print(f"{what}: {sum(count.values())} cases ({each})")


vectors = collections.Counter(
    f"Rust {found[1]}"
    for line in rust("calltransfer", "vectors")
    if (found := re.match(r"(async|blocking|background) (?:request|response): .*: test$", line))
)
others = {"Python": "python", "C": "c", "C++": "cpp"}
report("vectors", {**vectors, **{name: python(f"{place}/test_vectors.py") for name, place in others.items()}})

matrix = collections.Counter(
    found[1] for line in rust("calltransfer-outcomes", "matrix") if (found := re.match(r"([^:]+): .*: test$", line))
)
report("outcome matrix", matrix)
