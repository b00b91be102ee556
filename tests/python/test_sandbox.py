"""The sandbox from Python: in this process, and from a shell."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import os
import pathlib
import subprocess
import threading
import time
import typing
import urllib.request
from collections.abc import Iterator

import calltransfer
import pytest
from calltransfer import sandbox as sandbox_module
from calltransfer.sandbox import Call, Callback, Reply, Request, Sandbox, SandboxError
from python.test_examples_in_docs import example
from sandbox_process import ROOT

NEW = "+18382947878"


@pytest.fixture
def own() -> Iterator[Sandbox]:
    """A sandbox as it is by default."""
    with Sandbox() as made:
        yield made


def test_transfer_works_without_any_setting(own: Sandbox) -> None:
    call_id = own.place_incoming_call()
    done = own.client().transfer(call_id, NEW, caller_id="private", whisper_audio="Hello!")
    assert done.new_call_id is not None
    leg = own.call(done.new_call_id)
    assert (leg["from"], leg["to"], leg["transferred_from"]) == ("Private", NEW, call_id)
    assert leg["whisper_audio"] == {"sentence": "Hello!"}
    assert own.call(call_id)["state"] == "transferring"


def test_call_can_be_placed_in_every_state_and_with_an_id(own: Sandbox) -> None:
    for state in ("started", "active", "transferring", "completed", "rejected"):
        assert own.place_incoming_call("+12", "sip:me@example.com", f"c-{state}", state) == f"c-{state}"
    assert [call["state"] for call in own.calls()] == ["started", "active", "transferring", "completed", "rejected"]
    assert (own.calls()[0]["from"], own.calls()[0]["to"]) == ("+12", "sip:me@example.com")


def test_number_that_is_called_is_one_of_the_accounts(own: Sandbox) -> None:
    call_id = own.place_incoming_call()
    own.client().transfer(call_id, NEW, caller_id=own.call(call_id)["to"])


def test_far_party_hangs_up(own: Sandbox) -> None:
    call_id = own.place_incoming_call()
    own.hang_up(call_id)
    assert own.call(call_id)["state"] == "completed"


def test_refused_action_gives_its_reason(own: Sandbox) -> None:
    with pytest.raises(SandboxError, match="no call") as caught:
        own.call("c-none")
    assert caught.value.code == "call-not-found"
    with pytest.raises(SandboxError, match="no call"):
        own.hang_up("../calls?x=%2F")
    with pytest.raises(ValueError, match="from"):
        own.place_incoming_call("nobody")
    with pytest.raises(SandboxError) as taken:
        own.place_incoming_call(call_id=own.place_incoming_call())
    assert taken.value.code == "id-taken"
    with pytest.raises(SandboxError):
        own.answer(own.place_incoming_call())


def test_requests_are_seen_and_forgotten(own: Sandbox) -> None:
    call_id = own.place_incoming_call()
    done = own.client().transfer(call_id, NEW)
    (request,) = own.requests()
    assert (request["method"], request["status"], request["call_id"]) == ("POST", 201, call_id)
    assert request["new_call_id"] == done.new_call_id
    assert own.secret not in json.dumps(own.requests())
    own.forget_requests()
    assert own.requests() == []


def test_scripted_replies_come_in_turn_and_can_be_dropped(own: Sandbox) -> None:
    client = own.client(max_retries=0)
    refused: Reply = {"status": 403, "body": json.dumps({"code": "insufficient-available-balance"})}
    own.script(refused, {"status": 429, "headers": {"Retry-After": "7"}}, {"status": 500})
    call_id = own.place_incoming_call()
    with pytest.raises(calltransfer.InsufficientCreditError):
        client.transfer(call_id, NEW)
    with pytest.raises(calltransfer.RateLimitedError):
        client.transfer(call_id, NEW)
    own.forget_script()
    assert client.transfer(call_id, NEW).http_status == 201
    with pytest.raises(SandboxError, match="replies"):
        own.script({"status": 99})


def test_fault_happens_to_the_request_that_it_is_for(own: Sandbox) -> None:
    client = own.client(max_retries=0, timeout=5)
    first, second = own.place_incoming_call(), own.place_incoming_call()
    own.inject({"cut_after": 0, "reset": True, "call_id": second})
    assert client.transfer(first, NEW).http_status == 201
    with pytest.raises(calltransfer.OutcomeUnknownError):
        client.transfer(second, NEW)
    assert own.call(second)["state"] == "transferring", "it was carried out all the same"
    own.inject({"no_response": True})
    own.forget_faults()
    assert client.get_call(first).state == "transferring"
    with pytest.raises(SandboxError, match="faults"):
        own.inject({"status": 99})


def test_stepped_clock_passes_only_when_advanced() -> None:
    with Sandbox(clock="stepped") as sandbox:
        leg = sandbox.client().transfer(sandbox.place_incoming_call(), NEW, whisper_audio="Hello").new_call_id
        assert leg is not None
        seen = []
        for seconds in (0, 2, 1):
            sandbox.advance(seconds)
            seen.append(sandbox.call(leg)["phase"])
        assert seen == ["ringing", "whispering", "connected"]
        sandbox.set_clock("running", factor=1000)
        with pytest.raises(SandboxError, match="factor"):
            sandbox.set_clock("stepped", factor=2)


def test_callbacks_are_reported_and_can_be_read(own: Sandbox) -> None:
    call_id = own.place_incoming_call(callback_url="https://example.com/events")
    own.hang_up(call_id, "NORMAL_CLEARING")
    reported = own.callbacks()
    while any(callback["state"] == "waiting" for callback in reported):
        time.sleep(0.005)
        reported = own.callbacks()
    assert [callback["event"]["eventType"] for callback in reported] == ["incomingcall", "answer", "hangup"]
    assert {callback["state"] for callback in reported} == {"withheld"}, "nothing leaves this machine"
    own.forget_callbacks()
    assert own.callbacks() == []


def test_diversion_of_a_call_goes_on_with_it(own: Sandbox) -> None:
    call_id = own.place_incoming_call(diversion={"origTo": "+12025550199", "reason": "no-answer"})
    leg = own.client().transfer(call_id, NEW, diversion_treatment="propagate").new_call_id
    assert leg is not None
    (diversion,) = own.call(leg)["diversion"]
    assert (diversion["origTo"], diversion["reason"]) == ("+12025550199", "no-answer")


def test_https_is_served_with_the_requested_certificate(tmp_path: pathlib.Path) -> None:
    ca_file = tmp_path / "ca.pem"
    with Sandbox(https="good") as sandbox:
        assert sandbox.ca_pem is not None
        ca_file.write_text(sandbox.ca_pem, encoding="ascii")
        client = sandbox.client(base_url=sandbox.https_url, ca_file=ca_file)
        assert client.transfer(sandbox.place_incoming_call(), NEW).http_status == 201
    with Sandbox(https="expired") as sandbox:
        client = sandbox.client(base_url=sandbox.https_url, ca_file=ca_file, max_retries=0)
        with pytest.raises(calltransfer.TlsError):
            client.get_call("c-1")
    with pytest.raises(ValueError, match="https: "):
        Sandbox(https="rusty")  # type: ignore[arg-type]


def test_test_number_does_as_its_table_says(own: Sandbox) -> None:
    with pytest.raises(calltransfer.InsufficientCreditError):
        own.client().transfer(own.place_incoming_call(), "+12025550122")


def test_number_can_behave_like_a_test_number(own: Sandbox) -> None:
    own.set_line(NEW, like="+12025550110")
    call_id = own.place_incoming_call()
    leg = own.client().transfer(call_id, NEW).new_call_id
    assert leg is not None
    assert own.call(leg)["events"][-1]["cause"] == "USER_BUSY"
    own.forget_lines()
    leg = own.client().transfer(call_id, NEW).new_call_id
    assert leg is not None
    assert own.call(leg)["phase"] == "connected"
    with pytest.raises(SandboxError, match="like"):
        own.set_line(NEW, like=NEW)


def test_settings_are_the_accounts() -> None:
    with Sandbox(user_id="u-1", token="t-1", secret="s-1", owned_numbers=["+12"]) as sandbox:
        assert sandbox.environment() == {
            "BANDWIDTH_USER_ID": "u-1",
            "BANDWIDTH_API_TOKEN": "t-1",
            "BANDWIDTH_API_SECRET": "s-1",
            "CALLTRANSFER_BASE_URL": sandbox.url,
        }
        assert repr(sandbox) == f"Sandbox(url='{sandbox.url}', user_id='u-1')"
        sandbox.client().transfer(sandbox.place_incoming_call(), NEW, caller_id="+12")
        with pytest.raises(calltransfer.AuthenticationError):
            sandbox.client(secret="wrong").get_call("c-1")


@pytest.mark.parametrize(
    "settings",
    [{"user_id": "a/b"}, {"token": "a:b"}, {"owned_numbers": ["none"]}],
    ids=["user", "token", "number"],
)
def test_setting_that_cannot_be_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be|must not contain"):
        Sandbox(**settings)  # type: ignore[arg-type]


def test_many_threads_use_it_at_once(own: Sandbox) -> None:
    def use() -> None:
        client = own.client()
        for _ in range(20):
            client.transfer(own.place_incoming_call(), NEW)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(own.calls()) == 2 * 8 * 20


def test_many_sandboxes_stand_beside_each_other() -> None:
    many = [Sandbox() for _ in range(20)]
    many[0].place_incoming_call()
    assert [len(one.calls()) for one in many] == [1] + [0] * 19
    for one in many:
        one.close()


def test_client_for_asyncio_finds_it_too(own: Sandbox) -> None:
    async def transfer() -> calltransfer.Transferred:
        async with own.async_client() as client:
            return await client.transfer(own.place_incoming_call(), NEW)

    done = asyncio.run(transfer())
    assert done.new_call_id is not None and own.call(done.new_call_id)["to"] == NEW


def test_types_name_the_fields_that_there_are(own: Sandbox) -> None:
    call_id = own.place_incoming_call(callback_url="https://example.com/events")
    own.client().get_call(call_id)
    for kind, seen in [(Call, own.call(call_id)), (Request, own.requests()[0]), (Callback, own.callbacks()[0])]:
        assert set(typing.get_type_hints(kind)) == set(seen), kind


def test_account_speaks_v2_too(own: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    call_id = own.place_incoming_call()
    done = own.client(api="v2").transfer(call_id, NEW)
    assert (done.http_status, own.call(call_id)["state"]) == (204, "transferring")
    for name, value in own.environment("v2").items():
        monkeypatch.setenv(name, value)
    for name in own.environment():
        if name.startswith("BANDWIDTH_"):
            monkeypatch.delenv(name, raising=False)
    assert calltransfer.Client().get_call(call_id).id == call_id
    with pytest.raises(ValueError, match="v1, v2"):
        own.environment("v3")  # type: ignore[arg-type]


def test_program_of_the_page_on_the_sandbox_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/sandbox/README.md").read_text(encoding="utf-8")
    program = page.split("```python\n")[1].split("```")[0]
    exec(program, {})
    assert capsys.readouterr().out == "Private {'sentence': 'Hello!'} connected\n"


METHODS = [name for name, member in vars(Sandbox).items() if inspect.isfunction(member) and not name.startswith("_")]


@pytest.mark.parametrize("name", METHODS)
def test_example_of_a_method_runs(name: str, own: Sandbox, tmp_path: pathlib.Path) -> None:
    code = example(getattr(Sandbox, name))
    assert code, f"{name} has no example"
    (tmp_path / "my_program.py").write_text("", encoding="ascii")
    call_id = own.place_incoming_call()
    if name == "answer":
        body = json.dumps({"from": own.call(call_id)["to"], "to": NEW}).encode()
        key = base64.b64encode(f"{own.token}:{own.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{own.url}/v1/users/{own.user_id}/calls", body, headers)
        with urllib.request.urlopen(asked, timeout=10) as response:
            call_id = response.headers["Location"].rsplit("/", 1)[1]
    around = {"sandbox": own, "call_id": call_id, "os": os, "subprocess": subprocess}
    exec(code.replace("my_program.py", str(tmp_path / "my_program.py")), around)


def test_example_of_the_module_and_the_class_run() -> None:
    exec(example(sandbox_module), {})
    exec(example(Sandbox), {"Sandbox": Sandbox})
