"""Calls of a sandbox for a run, and the sandbox's record of what came."""

from __future__ import annotations

import collections

from calltransfer.sandbox import Sandbox

TARGET = "+18382947878"


def place(sandbox: Sandbox, count: int) -> list[tuple[str, str]]:
    for number in range(count):
        sandbox.place_incoming_call(call_id=f"c-{number}")
    return [(f"c-{number}", TARGET) for number in range(count)]


def posts(sandbox: Sandbox) -> collections.Counter[str]:
    return collections.Counter(str(r["call_id"]) for r in sandbox.requests() if r["method"] == "POST")
