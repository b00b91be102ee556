"""Exceptions: one class for each kind, with all that the core knows."""

from __future__ import annotations

import copy
import pickle
import socket
from typing import Any

import calltransfer
import pytest
from calltransfer import _native, errors
from calltransfer.sandbox import Sandbox
from sandbox_process import SECRET, TOKEN

TARGET = "+18382947878"
REFUSAL = {
    "status": 400,
    "headers": {"Content-Type": "application/json"},
    "body": '{"category":"bad-request","code":"validation-error","message":"no route to +18382947878",'
    '"details":[{"name":"to","value":"+18382947878"}]}',
}


def failure(client: calltransfer.Client, **options: Any) -> calltransfer.CallTransferError:
    with pytest.raises(calltransfer.CallTransferError) as caught:
        client.transfer("c-1", TARGET, **options)
    return caught.value


def test_every_kind_of_the_core_has_a_class() -> None:
    assert set(errors.KINDS) == set(_native.ERROR_KINDS), "add the class to calltransfer/errors.py"


@pytest.mark.parametrize("kind", _native.ERROR_KINDS)
def test_class_of_a_kind_is_public(kind: str) -> None:
    error = errors.KINDS[kind]
    assert error.kind == kind
    assert issubclass(error, calltransfer.CallTransferError)
    assert getattr(calltransfer, error.__name__) is error
    assert error.__name__ in calltransfer.__all__


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        ("invalid_argument", ValueError),
        ("configuration", ValueError),
        ("connection", ConnectionError),
        ("timeout", TimeoutError),
        ("tls", ConnectionError),
        ("proxy", ConnectionError),
        ("internal", RuntimeError),
        ("call_not_found", LookupError),
    ],
)
def test_where_python_has_a_word_the_class_is_that_too(kind: str, builtin: type[Exception]) -> None:
    assert issubclass(errors.KINDS[kind], builtin)


def test_no_class_hides_a_builtin() -> None:
    import builtins

    assert [name for name in calltransfer.__all__ if hasattr(builtins, name)] == []


def test_error_carries_what_the_platform_said(sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.script(REFUSAL)
    error = failure(client)
    assert isinstance(error, calltransfer.BadRequestError)
    assert (error.kind, error.outcome, error.stage, error.http_status) == ("bad_request", "not_applied", "status", 400)
    assert (error.category, error.code, error.call_id) == ("bad-request", "validation-error", "c-1")
    assert error.platform_message == "no route to +*********78"
    assert error.details == (("to", "+*********78"),)
    assert (error.attempts, error.safe_to_repeat, error.retry_after, error.field) == (1, True, None, None)
    assert error.elapsed > 0


def test_rate_limit_says_when_it_clears(sandbox: Sandbox, make_client: Any) -> None:
    sandbox.script({"status": 429, "headers": {"Retry-After": "7"}, "body": ""})
    error = failure(make_client(max_retries=0))
    assert isinstance(error, calltransfer.RateLimitedError)
    assert error.retry_after == pytest.approx(7.0)


@pytest.mark.parametrize(
    "remake", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))], ids=["copy", "deepcopy", "pickle"]
)
def test_copy_keeps_everything(remake: Any, sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.script(REFUSAL)
    error = failure(client)
    again = remake(error)
    assert type(again) is type(error)
    assert (str(again), again.args, again.__dict__) == (str(error), error.args, error.__dict__)


@pytest.mark.parametrize("kind", _native.ERROR_KINDS)
def test_every_class_can_be_pickled(kind: str) -> None:
    error = errors.make(kind, "message", {"outcome": "unknown", "details": (("a", "b"),), "retry_after": 1.5})
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.__dict__) == (type(error), "message", error.__dict__)


def test_unknown_outcome_carries_a_note(sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.script({"status": 500, "headers": {}, "body": ""})
    error = failure(client)
    assert isinstance(error, calltransfer.OutcomeUnknownError)
    assert not error.safe_to_repeat
    assert "look at the call" in error.__notes__[0]


def test_closed_port_is_a_connection_error_not_sent(make_client: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = failure(make_client(base_url=f"http://127.0.0.1:{port}", max_retries=0))
    assert isinstance(error, ConnectionError)
    assert (error.kind, error.outcome, error.stage) == ("connection", "not_sent", "connect")


def test_server_that_never_answers_leaves_the_outcome_unknown(make_client: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        error = failure(make_client(base_url=f"http://127.0.0.1:{port}", timeout=0.2))
    assert (error.kind, error.outcome, error.stage) == ("outcome_unknown", "unknown", "read")
    assert 0.2 <= error.elapsed < 2


@pytest.mark.parametrize(
    "reply",
    [
        REFUSAL,
        {"status": 401, "headers": {}, "body": f"{TOKEN} {SECRET} {TARGET}"},
        {"status": 500, "headers": {}, "body": TARGET},
        {"status": 307, "headers": {"Location": "http://127.0.0.1:1/"}, "body": TARGET},
    ],
    ids=["refusal", "unauthorized", "server-error", "redirect"],
)
def test_no_error_shows_a_secret_or_a_whole_number(reply: Any, sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.script(reply)
    error = failure(client, caller_id="+19195551212")
    reported = f"{error} {error!r} {error.__dict__} {pickle.dumps(error, protocol=0)!r}"
    for hidden in (TOKEN, SECRET, "8382947878", "9195551212"):
        assert hidden not in reported


def test_panic_of_the_core_becomes_an_internal_error(client: calltransfer.Client) -> None:
    native = client._native()
    if not hasattr(native, "panic_on_purpose"):
        pytest.skip("only a debug build can panic on purpose (maturin develop)")
    with pytest.raises(calltransfer.InternalError) as caught:
        native.panic_on_purpose()
    assert (caught.value.outcome, caught.value.safe_to_repeat) == ("unknown", False)
