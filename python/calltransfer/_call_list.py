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

    def __init__(self, client: _native.Client, **conditions: Any) -> None:
        self.position: _native.CallPosition | None = client.list_calls(conditions)

    def read(self, page: dict[str, Any]) -> list[Call]:
        """The calls of a page that has come; the next one is read from its end."""
        self.position = page["next"]
        return [call_of(call) for call in page["calls"]]
