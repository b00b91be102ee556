"""The package as people meet it: import, help, version."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib.metadata import version

import calltransfer
import pytest

EXAMPLE = re.compile(r"^ *(>>> |print\(|import |with |client\.)", re.MULTILINE)
PUBLIC = [name for name in calltransfer.__all__ if not name.startswith("_")]


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def test_importing_is_cheap() -> None:
    heavy = "asyncio dataclasses inspect json logging re typing"
    assert run(f"import sys, calltransfer; print([m for m in {heavy.split()} if m in sys.modules])") == "[]"


def test_importing_takes_no_ten_milliseconds() -> None:
    timed = "import time, os; begin = time.perf_counter(); import calltransfer; print(time.perf_counter() - begin)"
    best = min(float(run(timed)) for _ in range(5))
    print(f"import calltransfer: {best * 1000:.1f} ms")
    assert best < 0.010


def test_importing_needs_no_account() -> None:
    run("import os; os.environ.clear(); import calltransfer")


def test_the_version_is_the_packages() -> None:
    assert calltransfer.__version__ == version("calltransfer")


def test_what_is_public_can_be_had_and_is_listed() -> None:
    assert set(calltransfer.__all__) <= set(dir(calltransfer))
    for name in calltransfer.__all__:
        assert getattr(calltransfer, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        calltransfer.nonsense  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PUBLIC)
def test_everything_public_explains_itself(name: str) -> None:
    thing = getattr(calltransfer, name)
    assert inspect.getdoc(thing)
    if inspect.isclass(thing) and issubclass(thing, calltransfer.CallTransferError):
        return
    methods = [thing]
    if inspect.isclass(thing):
        methods += [method for attribute, method in vars(thing).items() if inspect.isfunction(method) and not attribute.startswith("_")]
    for method in methods:
        assert EXAMPLE.search(method.__doc__ or ""), f"{method.__qualname__} has no example"


def test_help_shows_the_options() -> None:
    shown = run("import calltransfer; help(calltransfer.transfer)")
    assert "caller_id" in shown and "whisper_audio" in shown
