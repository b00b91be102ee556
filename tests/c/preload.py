"""What is loaded before a program, to take from it what it needs."""

from __future__ import annotations

import pathlib

from c.compiler import HERE, command, run


def without_threads(directory: pathlib.Path) -> str:
    """A library for LD_PRELOAD: while REFUSE_THREADS is set, no thread can be started."""
    library = directory / "no_threads.so"
    run([*command("c11"), "-D_GNU_SOURCE", "-shared", "-fPIC", str(HERE / "no_threads.c"), "-o", str(library), "-ldl"])
    return str(library)
