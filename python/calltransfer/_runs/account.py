"""The account of a run: that of a client, or one of the settings of a client."""

from __future__ import annotations

from calltransfer._account import Account

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _RunAccount(Account):
    """The account of a run that was given the settings of a client."""

    _called = "Client"


def account_of(kind: str, client: Account | None, settings: dict[str, Any]) -> Account:
    """The client of a run, or an account of the settings; `kind` is the class of the run."""
    try:
        if client is None:
            return _RunAccount(**settings)
        if settings:
            name = next(iter(settings))
            raise TypeError(f"{kind}: got both a client and its setting {name!r}; expected one of them")
        return client
    finally:
        del settings  # see `Account.__init__`
