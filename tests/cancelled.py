"""What asyncio makes of a cancellation, by the version of Python."""

from __future__ import annotations

import asyncio
import sys


def original(caught: asyncio.CancelledError) -> BaseException:
    """The exception that the library raised: anyone who awaits a task in Python 3.10 gets a copy of it."""
    if sys.version_info >= (3, 11):
        return caught
    assert isinstance(caught.__context__, asyncio.CancelledError)
    return caught.__context__
