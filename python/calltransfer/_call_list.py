"""The pages of a list of calls."""

from __future__ import annotations

from calltransfer._translation import call_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from calltransfer import _native
    from calltransfer._results import Call


class CallPages:
    """The position in a list; `position` is `None` after the last page."""

    def __init__(self, first: _native.CallPosition) -> None:
        self.position: _native.CallPosition | None = first

    def read(self, parts: tuple[list[Any], _native.CallPosition | None]) -> list[Call]:
        """Reads the calls of a page that was received."""
        calls, self.position = parts
        return [call_of(call) for call in calls]
