"""The client as an object: its repr, its copies, and what a traceback keeps of its credentials."""

from __future__ import annotations

import copy
import gc
import pathlib
import pickle
import sys
import traceback
from collections.abc import Callable
from typing import Any

import calltransfer
import pytest
from calltransfer import AsyncClient, Client
from calltransfer.sandbox import Sandbox

TARGET = "+18382947878"
PACKAGE = str(pathlib.Path(calltransfer.__file__).parent)
HIDDEN = "hidden-credential-17"
BOTH = pytest.mark.parametrize("kind", [Client, AsyncClient])
V1 = {"user_id": "u-abc123", "token": "t-" + HIDDEN, "secret": "s-" + HIDDEN}
V2 = {"account_id": "5500099", "client_id": "i-" + HIDDEN, "client_secret": "c-" + HIDDEN}
PASSWORD = {"account_id": "5500099", "username": "n-" + HIDDEN, "password": "p-" + HIDDEN}


class Listed(Client):
    def __init__(self, **settings: Any) -> None:
        self.regions = ["eu"]
        super().__init__(**settings)


def our_frames(error: BaseException | None) -> list[dict[str, Any]]:
    """The variables of the package's frames in a traceback, and of those of its causes."""
    frames: list[dict[str, Any]] = []
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename.startswith(PACKAGE):
                frames.append(dict(frame.f_locals))
        error = error.__cause__ or error.__context__
    return frames


def assert_no_frame_holds(hidden: str, error: BaseException) -> None:
    frames = our_frames(error)
    for variables in frames:
        variables.pop("self", None)
        assert hidden not in repr(variables)
        assert not any(hidden in str(held) for held in reachable(variables)), variables
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in shown.stack if frame.filename.startswith(PACKAGE)]
    assert len(ours) >= 1, "the exception passed through no frame of the package"
    assert not [frame for frame in ours if hidden in str(frame.locals)]
    assert hidden not in f"{error!r} {error} {error.__dict__}"


def reachable(variables: dict[str, Any]) -> list[str]:
    """The texts in containers that these variables hold, as a debugger would unfold them."""
    texts: list[str] = []
    pending: list[Any] = list(variables.values())
    seen: set[int] = set()
    while pending:
        held = pending.pop()
        if id(held) in seen:
            continue
        seen.add(id(held))
        if isinstance(held, str):
            texts.append(held)
        elif isinstance(held, (dict, list, tuple, set)):
            pending.extend(gc.get_referents(held))
    return texts


def with_settings(**settings: Any) -> Callable[[type], Any]:
    return lambda kind: kind(**settings)


REFUSED = {
    "unknown name": with_settings(**V1, tokn="t-" + HIDDEN),
    "misspelled": with_settings(user_id="u-abc123", token="t-" + HIDDEN, secrt="s-" + HIDDEN),
    "out of range": with_settings(**V1, timeout=0),
    "wrong type": with_settings(**V1, timeout="soon"),
    "incomplete": with_settings(user_id="u-abc123", token="t-" + HIDDEN),
    "bytes": with_settings(user_id="u-abc123", token=b"t-" + HIDDEN.encode(), secret="s-" + HIDDEN),
    "v2": with_settings(**V2, timeout=0),
    "password": with_settings(**PASSWORD, max_retries=-1),
    "proxy": with_settings(**V1, proxy=f"ftp://user:{HIDDEN}@proxy:3128"),
    "base url": with_settings(**V1, base_url=f"http://user:{HIDDEN}@example.com"),
    "unpickled": lambda kind: pickle.loads(unusable_pickle(kind)),
}


def unusable_pickle(kind: type[Client]) -> bytes:
    """A pickle with credentials that another version can't take."""
    client = kind(**V1, pickle_secrets=True)
    kept = client._pickled()
    client._pickled = lambda: {**kept, "timeout": -1}
    return pickle.dumps(client)


@pytest.mark.usefixtures("no_account")
@BOTH
@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_client_that_is_refused_leaves_no_credential_in_frames(
    refused: Callable[[type], Any], kind: type[Client]
) -> None:
    with pytest.raises((calltransfer.CallTransferError, TypeError)) as caught:
        refused(kind)
    assert_no_frame_holds(HIDDEN, caught.value)


def test_function_refused_leaves_no_credential_in_frames(no_account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"USER_ID": "u-abc123", "API_TOKEN": HIDDEN, "API_SECRET": HIDDEN}.items():
        monkeypatch.setenv(f"BANDWIDTH_{name}", value)
    calltransfer._functions._default_client()  # the client of the time before holds them too
    monkeypatch.setenv("CALLTRANSFER_BASE_URL", "nonsense")
    for function in (lambda: calltransfer.transfer("c-1", TARGET), lambda: calltransfer.transfer_many([])):
        with pytest.raises(calltransfer.ConfigurationError) as caught:
            function()
        assert_no_frame_holds(HIDDEN, caught.value)


@BOTH
def test_transfer_that_fails_leaves_no_credential_in_frames(kind: type[Client]) -> None:
    import asyncio

    client = kind(**V1, base_url="http://127.0.0.1:9", max_retries=0)

    async def awaited(started: Any) -> None:
        await started

    for start in (
        lambda: client.transfer("c-1", TARGET),
        lambda: client.get_call("c-1"),
        lambda: client.transfer("c-1", "1"),
    ):
        with pytest.raises(calltransfer.CallTransferError) as caught:
            started = start()
            asyncio.run(awaited(started))
        assert_no_frame_holds(HIDDEN, caught.value)


def test_sandbox_that_is_refused_leaves_no_credential_in_frames() -> None:
    for make in (lambda: Sandbox(secret=HIDDEN, port=99999), lambda: Sandbox(token=HIDDEN, https="none")):  # type: ignore[arg-type]
        with pytest.raises((ValueError, OverflowError)) as caught:
            make()
        assert_no_frame_holds(HIDDEN, caught.value)


def test_sandbox_client_refused_leaves_no_credential_in_frames(sandbox: Sandbox) -> None:
    for make in (sandbox.client, sandbox.async_client):
        with pytest.raises(calltransfer.ConfigurationError) as caught:
            make(secret=HIDDEN, timeout=0)
        assert_no_frame_holds(HIDDEN, caught.value)


@BOTH
def test_client_that_is_not_set_up_has_a_repr(kind: type[Client]) -> None:
    assert repr(object.__new__(kind)) == f"{kind.__name__}(not set up)"
    client = object.__new__(kind)
    with pytest.raises(calltransfer.ConfigurationError):
        client.__init__(**V1, timeout=0)  # type: ignore[misc]
    assert repr(client) == f"{kind.__name__}(not set up)"
    assert repr(object.__new__(Sandbox)) == "Sandbox(not set up)"


@BOTH
def test_client_that_is_not_set_up_refuses_by_name(kind: type[Client]) -> None:
    with pytest.raises(calltransfer.ConfigurationError, match="client") as caught:
        object.__new__(kind)._native()
    assert (caught.value.outcome, caught.value.field) == ("not_sent", "client")


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
@BOTH
def test_copied_client_is_of_the_same_account(
    kind: type[Client], duplicate: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER_ID", "API_TOKEN", "API_SECRET"):
        monkeypatch.setenv(f"BANDWIDTH_{name}", "other")
    client = kind(**V1, base_url="http://127.0.0.1:9")
    assert repr(duplicate(client)) == repr(client)
    assert type(duplicate(client)) is kind


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copied_client_transfers_after_its_original_is_closed(
    duplicate: Callable[[Any], Any], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANDWIDTH_API_SECRET", "other")
    monkeypatch.setenv("BANDWIDTH_API_TOKEN", "other")
    client = sandbox.client()
    other = duplicate(client)
    client.close()
    assert other.transfer(sandbox.place_incoming_call(), TARGET).outcome == "applied"
    other.close()
    with pytest.raises(calltransfer.ConfigurationError, match="closed"):
        duplicate(other)


def test_copied_subclass_keeps_its_own_attributes() -> None:
    client = Listed(**V1)
    assert copy.copy(client).regions is client.regions
    deep = copy.deepcopy([client, client])
    assert deep[0] is deep[1]
    assert deep[0].regions == ["eu"] and deep[0].regions is not client.regions


@BOTH
def test_copied_client_pickles_without_credentials(kind: type[Client]) -> None:
    assert HIDDEN.encode() not in pickle.dumps(copy.copy(kind(**V1)))


def test_package_file_is_where_frames_are_looked_for() -> None:
    assert sys.modules["calltransfer._account"].__file__.startswith(PACKAGE)  # type: ignore[union-attr]
