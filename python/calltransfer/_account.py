"""The common base of `Client` and `AsyncClient`: account, settings, pickling and copying."""

from __future__ import annotations

import os

from calltransfer import _native
from calltransfer._log import log, wanted
from calltransfer.errors import make

# What a notebook shows is imported where it is used: every program imports this file.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, NoReturn

    from typing_extensions import Self

    from calltransfer._results import Transferred


class Account:
    """The account and the settings of a client."""

    # Of the class, so that an object whose `__init__` failed, or never ran, has them too.
    _open: _native.Client | None = None
    _background: _native.Background | None = None

    _called: str | None = None
    """The class that users call, where it is not this one."""

    def __init__(
        self,
        *,
        user_id: str | None = None,
        token: str | None = None,
        secret: str | None = None,
        account_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        username: str | None = None,
        password: str | None = None,
        api: Literal["v1", "v2"] | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        max_connections: int | None = None,
        rate: float | None = None,
        keep_alive: bool | None = None,
        keep_ready: bool | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        pickle_secrets: bool = False,
        **unknown: NoReturn,
    ) -> None:
        if unknown:
            name = next(iter(unknown))
            # A traceback keeps the frames that it passes, and programs that report errors show
            # their variables: none of ours holds a credential then, here and below.
            del user_id, token, secret, account_id, client_id, client_secret, username, password
            del base_url, proxy, unknown
            raise _no_setting(self._called or type(self).__name__, name)
        settings: dict[str, Any] = {
            "user_id": user_id,
            "token": token,
            "secret": secret,
            "account_id": account_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "username": username,
            "password": password,
            "api": api,
            "base_url": base_url,
            "timeout": timeout,
            "max_retries": max_retries,
            "max_connections": max_connections,
            "rate": rate,
            "keep_alive": keep_alive,
            "keep_ready": keep_ready,
            "ca_file": ca_file,
            "proxy": proxy,
        }
        del user_id, token, secret, account_id, client_id, client_secret, username, password
        del base_url, proxy
        try:
            self._open = _native.Client(settings)
            # Imported now and not when a response has arrived: an ImportError then would hide the outcome.
            from calltransfer._results import Transferred

            self._transferred = Transferred
            self._pickled = _pickled(settings, self._open, bool(pickle_secrets))
            if keep_ready:
                self._start()
        finally:
            del settings

    def __reduce__(self) -> tuple[Any, ...]:
        self._native()  # a closed client is refused here, not where it is unpickled
        return (_unpickled, (type(self), self._pickled()))

    def __copy__(self) -> Self:
        """Another client of the same account and settings; closing one leaves the other open."""
        self._native()
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        from copy import deepcopy

        other = self.__copy__()
        memo[id(self)] = other
        for name, value in self.__dict__.items():
            if name not in _OWN:  # what a subclass or a program has added
                other.__dict__[name] = deepcopy(value, memo)
        return other

    def __repr__(self) -> str:
        name = type(self).__name__
        if self._open is None:
            return f"{name}(closed)" if "_open" in self.__dict__ else f"{name}(not set up)"
        api, account, base_url = self._open.api, self._open.account, self._open.base_url
        account_name = "user_id" if api == "v1" else "account_id"
        return f"{name}(api={api!r}, {account_name}={account!r}, base_url={base_url!r})"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import bulk as _display_bulk

        native = self._open
        known = None if native is None else (native.api, native.account, native.base_url)
        return _display_bulk.client(repr(self), type(self).__name__, known)

    def _close(self) -> None:
        self._open = None
        self._background = None

    def _start(self) -> None:
        """Starts to keep a connection ready."""
        self._native().start()

    def _background_client(self) -> _native.Background:
        background = self._background
        if background is None:
            # Two threads may both make one; either will do.
            background = self._background = self._native().background()
        return background

    def _transferred_of(self, fields: dict[str, Any]) -> Transferred:
        return self._transferred(**fields)

    def _log(self) -> None:
        if self._background is not None and wanted():
            log(self._background.take_log())

    def _native(self) -> _native.Client:
        if self._open is None:
            known = {"field": "client", "outcome": "not_sent", "safe_to_repeat": True}
            raise make("configuration", "client: is closed; create a new one", known)
        return self._open


def _no_setting(client: str, name: str) -> TypeError:
    """Python's own message, and the setting that may be meant: `userId`, `api_token`."""
    import inspect
    import re

    settings = [setting for setting in inspect.signature(Account).parameters if setting != "unknown"]
    short = re.sub(r"^api_?(?=.)", "", name)
    meant = _native.suggestion(short, settings) or _native.suggestion(f"max_{short}", settings)
    hint = f"; did you mean {meant}?" if meant else f"; there are {', '.join(settings)}"
    return TypeError(f"{client}() got an unexpected keyword argument {name!r}{hint}")


_OWN = frozenset({"_open", "_background", "_transferred", "_pickled"})
"""The attributes that a copy shares with its original."""

_SECRETS = {"v1": ("token", "secret"), "v2": ("client_id", "client_secret", "username", "password")}


def _pickled(settings: dict[str, Any], made: _native.Client, secrets: bool) -> Callable[[], dict[str, Any]]:
    """Returns a function that returns the content of a pickle. A function, so that no attribute contains a secret."""
    kept = {name: value for name, value in settings.items() if value is not None}
    kept.update(api=made.api, base_url=made.base_url)
    kept["user_id" if made.api == "v1" else "account_id"] = made.account
    mine = _SECRETS[made.api]
    given = any(settings[name] for name in mine)
    for name, variable in _native.VARIABLES:
        if name in mine and not secrets:
            kept.pop(name, None)
        elif name in mine and not given and os.environ.get(variable):
            kept[name] = os.environ[variable]  # where it is unpickled there may be none
    if secrets:
        kept["pickle_secrets"] = True
    elif "@" in kept.get("proxy", ""):
        del kept["proxy"]  # it holds a password
    return lambda: kept


def _unpickled(kind: type[Account], settings: dict[str, Any]) -> Account:
    try:
        return kind(**settings)
    finally:
        del settings  # see `Account.__init__`
