"""The client as an object."""

from __future__ import annotations

import logging
import pickle
import threading
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import SECRET, TOKEN, USER_ID

TARGET = "+18382947878"


def test_transfer_names_the_new_call(sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    done = client.transfer("c-1", TARGET)
    assert done.new_call_id in {call["id"] for call in sandbox.calls()} - {"c-1"}
    assert (done.call_id, done.http_status, done.attempts) == ("c-1", 201, 1)
    assert (done.outcome, done.note) == ("applied", None)
    assert 0 < done.elapsed < 10


def test_result_cannot_be_changed(sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    done = client.transfer("c-1", TARGET)
    with pytest.raises(AttributeError):
        done.new_call_id = "c-2"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(done)) == done


def test_settings_are_keywords_only() -> None:
    with pytest.raises(TypeError):
        calltransfer.Client(USER_ID)  # type: ignore[misc]


def test_client_can_be_used_many_times_over_one_connection(sandbox: Sandbox, client: calltransfer.Client) -> None:
    for number in range(5):
        sandbox.place_incoming_call(call_id=f"c-{number}")
        client.transfer(f"c-{number}", TARGET)
    assert len({request["connection"] for request in sandbox.requests()}) == 1


def test_without_keep_alive_each_request_has_its_connection(sandbox: Sandbox, make_client: Any) -> None:
    client = make_client(keep_alive=False)
    for number in range(3):
        sandbox.place_incoming_call(call_id=f"c-{number}")
        client.transfer(f"c-{number}", TARGET)
    assert len({request["connection"] for request in sandbox.requests()}) == 3


def test_context_manager_closes_its_client(make_client: Any) -> None:
    with make_client() as client:
        assert "closed" not in repr(client)
    assert repr(client) == "Client(closed)"


@pytest.mark.parametrize(
    "use",
    [
        lambda c: c.transfer("c-1", TARGET),
        lambda c: c.get_call("c-1"),
        lambda c: c.answer("c-1"),
        lambda c: c.hang_up("c-1"),
        lambda c: c.check("c-1"),
    ],
    ids=["transfer", "get_call", "answer", "hang_up", "check"],
)
def test_closed_client_says_so(use: Any, sandbox: Sandbox, client: calltransfer.Client) -> None:
    client.close()
    client.close()
    with pytest.raises(calltransfer.ConfigurationError, match="closed") as caught:
        use(client)
    assert (caught.value.outcome, caught.value.field) == ("not_sent", "client")
    assert sandbox.requests() == []


def test_repr_shows_the_account_and_no_secret(sandbox: Sandbox, client: calltransfer.Client) -> None:
    assert repr(client) == f"Client(api='v1', user_id='{USER_ID}', base_url='{sandbox.url}/')"
    for hidden in (TOKEN, SECRET):
        assert hidden not in f"{client!r} {client.__dict__} {client._open!r}"


def test_pickled_client_takes_secrets_from_the_environment(sandbox: Sandbox, make_client: Any) -> None:
    client = make_client(token="t-mine", secret="s-mine", timeout=3.5, max_retries=0)
    kept = pickle.dumps(client, protocol=0)
    assert b"t-mine" not in kept and b"s-mine" not in kept
    again = pickle.loads(kept)
    sandbox.place_incoming_call(call_id="c-1")
    assert again.transfer("c-1", TARGET).outcome == "applied"  # with the environment's token and secret
    assert (repr(again), again._pickled()) == (repr(client), client._pickled())
    assert again._pickled()["timeout"] == 3.5


def test_client_unpickled_without_account_names_what_is_missing(client: calltransfer.Client, no_account: None) -> None:
    kept = pickle.dumps(client)
    with pytest.raises(calltransfer.ConfigurationError, match="BANDWIDTH_API_TOKEN"):
        pickle.loads(kept)


def test_client_pickled_with_secrets_needs_no_environment(sandbox: Sandbox, make_client: Any, no_account: None) -> None:
    again = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(make_client(pickle_secrets=True)))))
    sandbox.place_incoming_call(call_id="c-1")
    assert again.transfer("c-1", TARGET).outcome == "applied"


def test_password_of_a_proxy_is_not_pickled() -> None:
    settings = {"user_id": USER_ID, "token": TOKEN, "secret": SECRET, "base_url": "https://127.0.0.1:1"}
    client = calltransfer.Client(**settings, proxy="http://user:password@127.0.0.1:2")
    assert b"password" not in pickle.dumps(client, protocol=0)
    assert b"password" in pickle.dumps(
        calltransfer.Client(**settings, proxy="http://user:password@127.0.0.1:2", pickle_secrets=True), protocol=0
    )
    assert b"127.0.0.1:2" in pickle.dumps(calltransfer.Client(**settings, proxy="http://127.0.0.1:2"), protocol=0)


def test_closed_client_is_not_pickled(client: calltransfer.Client) -> None:
    client.close()
    with pytest.raises(calltransfer.ConfigurationError, match="closed"):
        pickle.dumps(client)


def test_call_is_answered_read_transferred_and_checked(sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.place_incoming_call(call_id="c-1", state="started")
    client.answer("c-1")
    assert client.get_call("c-1").state == "active"
    assert client.check("c-1").outcome == "not_applied"
    done = client.transfer("c-1", TARGET)
    assert client.check(done).outcome == "applied"


def test_unknown_outcome_can_be_checked_by_its_error(sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    sandbox.script({"status": 502, "headers": {}, "body": ""})
    with pytest.raises(calltransfer.OutcomeUnknownError) as caught:
        client.transfer("c-1", TARGET)
    finding = client.check(caught.value)
    assert finding.outcome == "not_applied"
    assert finding.call is not None and finding.call.id == "c-1"


def test_error_about_no_call_cannot_be_checked(client: calltransfer.Client) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        client.check(calltransfer.ConfigurationError("x"))
    assert (caught.value.field, caught.value.outcome) == ("call", "not_sent")


def test_call_that_is_ended_is_completed(sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    client.hang_up("c-1")
    call = client.get_call("c-1")
    assert call.state == "completed"
    assert "9195550100" not in repr(call)


def test_timeout_of_a_transfer_counts_for_it_alone(make_client: Any) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        client = make_client(base_url="http://127.0.0.1:%d" % server.getsockname()[1], timeout=30)
        with pytest.raises(calltransfer.OutcomeUnknownError) as caught:
            client.transfer("c-1", TARGET, timeout=0.1)
    assert caught.value.elapsed < 5


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 3601, "5", True])
def test_time_that_is_none_is_refused(timeout: Any, client: calltransfer.Client, sandbox: Sandbox) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        client.transfer("c-1", TARGET, timeout=timeout)
    assert caught.value.field == "timeout"
    assert sandbox.requests() == []


def test_attempts_are_logged_without_secrets_or_numbers(
    sandbox: Sandbox, client: calltransfer.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="calltransfer")
    sandbox.script(
        {"status": 429, "headers": {"Retry-After": "0"}, "body": ""}, {"status": 201, "headers": {}, "body": ""}
    )
    client.transfer("c-1", TARGET)
    assert [(record.name, record.levelname) for record in caplog.records] == [
        ("calltransfer", "WARNING"),
        ("calltransfer", "INFO"),
    ]
    for hidden in (TOKEN, SECRET, "8382947878"):
        assert hidden not in caplog.text


def test_filter_that_fails_hides_no_transfer(
    sandbox: Sandbox, client: calltransfer.Client, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(record: logging.LogRecord) -> bool:
        raise OSError("the log is full")

    sandbox.place_incoming_call(call_id="c-1")
    logger = logging.getLogger("calltransfer")
    caplog.set_level(logging.INFO, logger="calltransfer")
    logger.addFilter(fail)
    try:
        assert client.transfer("c-1", TARGET).outcome == "applied"
    finally:
        logger.removeFilter(fail)


def test_many_threads_share_a_client_and_each_sends_once(sandbox: Sandbox, client: calltransfer.Client) -> None:
    ids = [f"c-{number}" for number in range(100)]
    for call_id in ids:
        sandbox.place_incoming_call(call_id=call_id)
    done: list[str] = []
    queue = list(ids)

    def work() -> None:
        while True:
            try:
                call_id = queue.pop()
            except IndexError:
                return
            done.append(client.transfer(call_id, TARGET).call_id)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == sorted(ids)
    assert sorted(request["call_id"] for request in sandbox.requests()) == sorted(ids)


def test_native_request_is_sent_once(sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    native = client._native()
    request = native.transfer("c-1", TARGET, {}, None)
    assert (request.method, request.content_type) == ("POST", "application/json")
    native.execute(request, None, [])
    with pytest.raises(RuntimeError, match="request: was sent before"):
        native.execute(request, None, [])
    assert len(sandbox.requests()) == 1
