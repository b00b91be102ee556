"""Where the account comes from."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import calltransfer
import pytest
from calltransfer import _functions, _native
from calltransfer.sandbox import Sandbox
from sandbox_process import SECRET, TOKEN, USER_ID

TARGET = "+18382947878"


@pytest.mark.usefixtures("no_account")
def test_missing_setting_is_named_with_its_variable() -> None:
    with pytest.raises(calltransfer.ConfigurationError) as caught:
        calltransfer.Client(token=TOKEN)
    assert (
        str(caught.value)
        == "user_id, secret: missing; pass to the client or set BANDWIDTH_USER_ID, BANDWIDTH_API_SECRET"
    )
    assert (caught.value.field, caught.value.outcome, caught.value.attempts) == ("user_id", "not_sent", 0)


@pytest.mark.usefixtures("no_account")
def test_function_without_an_account_says_what_is_missing() -> None:
    with pytest.raises(calltransfer.ConfigurationError, match="BANDWIDTH_API_TOKEN"):
        calltransfer.transfer("c-1", TARGET)


def test_account_comes_from_the_environment(account: Sandbox) -> None:
    account.place_incoming_call(call_id="c-1")
    assert calltransfer.transfer("c-1", TARGET).outcome == "applied"
    assert calltransfer.Client().transfer  # the same for a client


def test_arguments_take_precedence_over_the_environment(account: Sandbox) -> None:
    assert f"user_id='u-given', base_url='{account.url}/'" in repr(calltransfer.Client(user_id="u-given"))


def test_shared_client_is_kept_while_nothing_changes(account: Sandbox) -> None:
    assert _functions._default_client() is _functions._default_client()


@pytest.mark.parametrize(
    "name", [n for n in _native.ENVIRONMENT if not n.startswith("BW_") and n != "CALLTRANSFER_API"]
)
def test_shared_client_is_made_again_when_a_variable_changes(
    name: str, account: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _functions._default_client()
    monkeypatch.setenv(name, "http://127.0.0.1:9" if name.endswith("URL") else "other")
    assert _functions._default_client() is not before


def test_shared_client_is_made_again_in_another_process(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _functions._default_client()
    monkeypatch.setattr(_functions._native, "process_id", lambda: (os.getpid(), -1))
    assert _functions._default_client() is not before


def test_wrong_credentials_are_the_platforms_to_refuse(sandbox: Sandbox, make_client: Any) -> None:
    with pytest.raises(calltransfer.AuthenticationError) as caught:
        make_client(secret="s-other").transfer("c-1", TARGET)
    assert caught.value.outcome == "not_applied"
    assert "s-other" not in f"{caught.value!r} {caught.value.__dict__}"


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"base_url": "http://example.com"}, "base_url"),
        ({"base_url": "nonsense"}, "base_url"),
        ({"token": "a:b"}, "token"),
        ({"secret": ""}, "secret"),
        ({"user_id": "u/other"}, "user_id"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": "5"}, "timeout"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": True}, "max_retries"),
        ({"keep_alive": 1}, "keep_alive"),
        ({"ca_file": 5}, "ca_file"),
        ({"user_id": "\ud800"}, "user_id"),
        ({"proxy": "http://proxy:3128"}, "proxy"),
    ],
    ids=str,
)
def test_wrong_setting_is_named(settings: dict[str, Any], field: str, make_client: Any) -> None:
    with pytest.raises(ValueError) as caught:
        make_client(**settings)
    assert isinstance(caught.value, calltransfer.CallTransferError)
    assert (caught.value.field, caught.value.outcome) == (field, "not_sent")


def test_secret_of_the_wrong_type_is_not_shown(make_client: Any) -> None:
    with pytest.raises(calltransfer.CallTransferError) as caught:
        make_client(secret=SECRET.encode())
    assert SECRET not in str(caught.value)
    assert caught.value.field == "secret"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("userid", "user_id"),
        ("userId", "user_id"),
        ("api_secret", "secret"),
        ("clientSecret", "client_secret"),
        ("retries", "max_retries"),
    ],
)
def test_unknown_setting_suggests_the_right_name(name: str, meant: str) -> None:
    with pytest.raises(TypeError) as caught:
        calltransfer.AsyncClient(**{name: USER_ID})
    assert str(caught.value) == f"AsyncClient() got an unexpected keyword argument '{name}'; did you mean {meant}?"


def test_unknown_setting_without_match_lists_all_settings() -> None:
    with pytest.raises(TypeError, match="'colour'; there are user_id, token, secret, "):
        calltransfer.Client(colour="red")  # type: ignore[arg-type]


def test_missing_ca_file_is_reported_before_sending(tmp_path: pathlib.Path) -> None:
    client = calltransfer.Client(
        user_id=USER_ID,
        token=TOKEN,
        secret=SECRET,
        base_url="https://127.0.0.1:1",
        ca_file=tmp_path / "none.pem",
        max_retries=0,
    )
    with pytest.raises(calltransfer.CallTransferError) as caught:
        client.transfer("c-1", TARGET)
    assert caught.value.outcome == "not_sent"
