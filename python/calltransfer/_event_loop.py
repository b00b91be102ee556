"""How the library's threads wake an event loop: each loop has a mailbox for what has ended."""

from __future__ import annotations

import asyncio
import threading
import weakref

from calltransfer import _native


def wake_future(future: asyncio.Future[None]) -> None:
    """Wakes what awaits the future, in its loop."""
    if not future.done():
        future.set_result(None)


def running_loop() -> asyncio.AbstractEventLoop:
    """The loop of the task that runs."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError("calltransfer: no asyncio loop is running here; use Client, or an asyncio loop") from None


class _Boxes(threading.local):
    """The mailboxes of this thread's loops."""

    def __init__(self) -> None:
        self.of: dict[asyncio.AbstractEventLoop, _native.Mailbox] = {}
        self.process = _native.process_id()


_boxes = _Boxes()


def mailbox_of(loop: asyncio.AbstractEventLoop) -> _native.Mailbox:
    """The mailbox of a loop, which only the loop's own thread uses."""
    mine = _boxes
    if mine.process != _native.process_id():
        mine.__init__()  # type: ignore[misc]  # after a fork: the pipes are the parent's
    box = mine.of.get(loop)
    if box is None:
        for other in [other for other in mine.of if other.is_closed()]:
            del mine.of[other]
        box = mine.of[loop] = _new_mailbox(loop)
    return box


def _new_mailbox(loop: asyncio.AbstractEventLoop) -> _native.Mailbox:
    try:
        box = _native.Mailbox()
        loop.add_reader(box.fileno(), box.deliver)
        return box
    except (NotImplementedError, OSError):
        pass  # a loop that watches no pipes, or no descriptor left for one
    mailbox: weakref.ref[_native.Mailbox]

    def wake() -> None:
        box = mailbox()
        if box is not None:
            loop.call_soon_threadsafe(box.deliver)

    box = _native.Mailbox(wake)
    mailbox = weakref.ref(box)
    return box
