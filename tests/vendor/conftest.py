"""Clients of the API that know nothing of us."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import ROOT

# Each of the vendor's clients is installed by itself, with the program that drives it.
DRIVERS = {"vendor": "vendor_driver.py", "vendor-v2": "vendor_v2_driver.py"}


class VendorError(Exception):
    """What the vendor's client raised."""

    def __init__(self, reported: dict[str, Any]) -> None:
        super().__init__(reported["message"])
        self.status: int = reported["status"]
        self.code: str = reported["code"]


class VendorClient:
    """The vendor's client, in the Python that it is installed in: the same methods, the same arguments."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps({"method": method, "args": args, "kwargs": kwargs}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            assert line, f"the vendor's client died in {method}"
            reported = json.loads(line)
            if "error" in reported:
                raise VendorError(reported["error"])
            return reported["result"]

        return call


@pytest.fixture
def start_vendor(calltransfer_sandbox: Sandbox) -> Iterator[Callable[..., VendorClient]]:
    started: list[subprocess.Popen[str]] = []

    def start(client: str = "vendor", **account: str) -> VendorClient:
        python = ROOT / ".venv" / client / "bin/python"
        if not python.exists():
            pytest.skip(f"SKIPPED: the vendor's client isn't installed; `make .venv/{client}/tools` does it")
        known = {**calltransfer_sandbox._request("GET", "account"), "url": calltransfer_sandbox.url}
        process = subprocess.Popen(
            [str(python), str(pathlib.Path(__file__).parent / DRIVERS[client])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
            text=True,
        )
        started.append(process)
        assert process.stdin is not None
        process.stdin.write(json.dumps({**known, **account}) + "\n")
        return VendorClient(process)

    yield start
    for process in started:
        process.communicate(timeout=20)


@pytest.fixture
def vendor(start_vendor: Callable[..., VendorClient]) -> VendorClient:
    return start_vendor()


@pytest.fixture
def vendor_v2(start_vendor: Callable[..., VendorClient]) -> VendorClient:
    """The client of today, which speaks v2."""
    return start_vendor("vendor-v2")
