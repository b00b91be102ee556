"""The page that shows the sandbox's calls."""

from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import re
import shutil
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from calltransfer.sandbox import Sandbox
from sandbox_process import ROOT
from sandbox_ui.conftest import Page, kinds, transfer

CALLER, OURS = "+19195550100", "+18385550199"
PROGRAM, OTHER, NUMBER, NEW = range(4)


def test_page_without_calls_explains_the_first_step(page: Any) -> None:
    assert page.find("#first").is_displayed()
    assert not page.find("#call").is_displayed()
    exports = page.find("#exports").text
    for name, value in page.sandbox.environment().items():
        assert f"{name}={value}" in exports


def test_plain_transfer_is_a_ladder(page: Any) -> None:
    call_id = page.sandbox.place_incoming_call()
    transfer(page.sandbox, call_id, "+19192223333")
    page.until(lambda: "connected" in kinds(page))
    assert page.ladder() == [
        ("call", OTHER, NUMBER, f"calls {OURS}"),
        ("answer", NUMBER, OTHER, "answers"),
        ("request", PROGRAM, NUMBER, "transfer → 201"),
        ("call", NUMBER, NEW, f"calls; shows {CALLER}"),
        ("answer", NEW, NUMBER, "new party answers"),
        ("connected", OTHER, NEW, "caller and new party are connected"),
    ]
    assert page.texts("#figure .lane .role") == ["Your program", "Caller", "Our number", "New party"]
    assert page.texts("#figure .lane .who")[1:] == [CALLER, OURS, "+19192223333"]


def test_transfer_with_a_whisper_shows_who_hears_what(page: Any) -> None:
    call_id = page.sandbox.place_incoming_call()
    whisper = {"sentence": "You have an incoming call", "gender": "female", "voice": "julie", "locale": "en"}
    transfer(page.sandbox, call_id, "+18382947878", caller_id="private", whisper_audio=whisper)
    page.until(lambda: "connected" in kinds(page))
    steps = page.ladder()
    assert ("call", NUMBER, NEW, "calls; shows Private") in steps
    assert ("whisper", NUMBER, NEW, "whispers “You have an incoming call”") in steps
    assert kinds(page).index("whisper") < kinds(page).index("connected")
    assert page.texts(".step.whisper .more") == ["julie, female, en"]


def test_transfer_with_a_diversion_shows_the_header(page: Any) -> None:
    call_id = page.sandbox.place_incoming_call()
    transfer(page.sandbox, call_id, "+19195554444", diversion_treatment="stack", diversion_reason="do-not-disturb")
    page.until(lambda: "connected" in kinds(page))
    (header,) = page.texts(".step.call .more")
    assert header.startswith("Diversion: ") and OURS in header and "reason=do-not-disturb" in header


def test_text_and_ladder_show_the_same_steps(page: Any) -> None:
    call_id = page.sandbox.place_incoming_call()
    transfer(page.sandbox, call_id, "+19192223333", whisper_audio="Hello")
    page.until(lambda: "connected" in kinds(page))
    words = page.texts("#steps li")
    assert len(words) == len(page.ladder())
    for word, (_, _, _, label) in zip(words, page.ladder(), strict=True):
        assert label in word
    assert any("To new party alone: whispers “Hello”" in word for word in words)


def test_refused_request_and_callbacks_stand_in_it(page: Any) -> None:
    call_id = page.sandbox.place_incoming_call(state="started")
    with pytest.raises(Exception, match="call-invalid-state|started"):
        transfer(page.sandbox, call_id, "+19192223333")
    page.sandbox.client().answer(call_id)
    transfer(page.sandbox, call_id, "+19192223333", callback_url="http://127.0.0.1:9/events")
    page.until(lambda: any(kind.startswith("callback") for kind in kinds(page)))
    labels = [label for *_, label in page.ladder()]
    assert labels.index("transfer → 403") < labels.index("answer → 200") < labels.index("transfer → 201")
    reported = next(step for step in page.ladder() if step[0].startswith("callback"))
    assert reported[1:3] == (NUMBER, PROGRAM) and reported[3].startswith("event answer → ")


def test_calls_appear_live_with_the_newest_first(page: Any) -> None:
    for call_id in ("c-1", "c-2"):
        page.sandbox.place_incoming_call(call_id=call_id)
        page.until(lambda call_id=call_id: call_id in page.find("#calls").text)
    transfer(page.sandbox, "c-1", "+19192223333")
    page.until(lambda: "+19192223333" in page.find("[data-call='c-1']").text)
    page.sandbox.hang_up("c-1")
    page.until(lambda: "ended" in page.find("[data-call='c-1']").text)
    assert len(page.texts("#calls li")) == 2


def test_older_calls_are_shown_on_request(page: Any) -> None:
    for number in range(250):
        page.sandbox.place_incoming_call(call_id=f"c-{number}")
    page.until(lambda: page.find("#older").text == "Show more of 50 older calls")
    assert len(page.texts("#calls li")) == 200
    page.press("#older")
    assert len(page.texts("#calls li")) == 250
    assert page.browser.switch_to.active_element.get_attribute("data-call") is not None
    assert not page.find("#older").is_displayed()


def test_another_page_in_the_same_browser_cannot_drive_it(page: Any, events_url: str) -> None:
    page.sandbox.place_incoming_call(call_id="c-1")
    page.browser.get(events_url)
    hang_up = """const [url, done] = arguments;
        fetch(url, {method: "POST", mode: "no-cors"}).then(() => done("sent"), () => done("not sent"))"""
    url = f"{page.sandbox.url}/_sandbox/calls/c-1/hang-up"
    assert page.browser.execute_async_script(hang_up, url) == "sent"
    assert page.sandbox.call("c-1")["state"] == "active"
    page.browser.get_log("browser")


def test_everything_is_done_by_button(page: Any) -> None:
    page.find("#place select").send_keys("ringing")
    page.press("#place button")
    page.press(".acts [data-act=answer]")
    page.press(".acts [data-act=transfer]")
    page.find("[name=sentence]").send_keys("Hello")
    page.find("[name=transferCallerId]").send_keys("private")
    page.press("#transfer button.main")
    page.until(lambda: "connected" in kinds(page))
    call, leg = page.sandbox.calls()
    assert (leg["from"], leg["whisper_audio"], call["state"]) == ("Private", {"sentence": "Hello"}, "transferring")
    assert not page.find("#transfer").is_displayed()
    page.press(".acts [data-act=party-hangs-up]")
    page.until(lambda: "end" in kinds(page))
    assert [call["state"] for call in page.sandbox.calls()] == ["completed", "completed"]
    page.until(lambda: not page.find(".acts [data-act=hang-up]").is_enabled())
    assert [request["status"] for request in page.sandbox.requests()] == [200, 201]


def test_outbound_call_is_answered_by_the_called_party(page: Any) -> None:
    asked = urllib.request.Request(
        f"{page.sandbox.url}/v1/users/u-sandbox/calls",
        data=f'{{"from": "{OURS}", "to": "+19192223333"}}'.encode(),
        headers={
            "Authorization": "Basic " + base64.b64encode(b"t-sandbox:s-sandbox").decode(),
            "Content-Type": "application/json",
        },
    )
    urllib.request.urlopen(asked, timeout=10).close()
    page.press(".acts [data-act=far-answers]")
    page.until(lambda: "answer" in kinds(page))
    assert page.ladder() == [
        ("request", PROGRAM, NUMBER, "create a call → 201"),
        ("call", NUMBER, OTHER, f"calls; shows {OURS}"),
        ("answer", OTHER, NUMBER, "called party answers"),
    ]


def test_unanswered_call_can_be_transferred_again_and_shows_both(page: Any) -> None:
    call_id = page.sandbox.place_incoming_call()
    transfer(page.sandbox, call_id, "+12025550110")  # busy
    page.until(lambda: ("end", NEW, NEW, "new party: USER_BUSY") in page.ladder())
    page.press(".acts [data-act=transfer]")
    page.press("#transfer button.main")
    page.until(lambda: "connected" in kinds(page))
    assert page.texts("#figure .lane .role")[3:] == ["New party 1", "New party 2"]
    assert page.ladder()[-1] == ("connected", OTHER, NEW + 1, "caller and new party 2 are connected")
    assert ("end", NEW, NEW, "new party 1: USER_BUSY") in page.ladder()
    page.press(".acts [data-act=hang-up]")
    page.until(lambda: not page.find(".acts [data-act=party-hangs-up]").is_enabled())


def test_new_party_can_be_transferred_in_turn(page: Any) -> None:
    leg = transfer(page.sandbox, page.sandbox.place_incoming_call(), "+19192223333")
    transfer(page.sandbox, leg, "+18382947878")
    page.until(lambda: kinds(page).count("connected") == 2)
    assert page.ladder()[-1] == ("connected", NEW, NEW + 1, "new party 1 and new party 2 are connected")
    assert "→ +19192223333 → +18382947878" in page.find("#calls").text


def test_transfer_of_v2_is_one_too(page: Any) -> None:
    page.sandbox.client(api="v2").transfer(page.sandbox.place_incoming_call(), "+19192223333")
    page.until(lambda: "connected" in kinds(page))
    assert ("request", PROGRAM, NUMBER, "transfer (v2) → 204") in page.ladder()


def test_refusal_is_reported(page: Any) -> None:
    field = page.find("[name=from]")
    field.clear()
    field.send_keys("nobody")
    page.press("#place button")
    page.until(lambda: "from" in page.find("#place-error").text)
    assert page.find("#place-error").get_attribute("role") == "alert"
    assert page.sandbox.calls() == []


def test_text_from_a_caller_never_becomes_html(page: Any) -> None:
    evil = "</text><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    call_id = page.sandbox.place_incoming_call()
    whisper = {"sentence": evil, "tag": evil}
    transfer(page.sandbox, call_id, "+19192223333", whisper_audio=whisper, extra={"tag": evil, evil: evil})
    page.until(lambda: "whisper" in kinds(page))
    page.until(lambda: any(evil in text for text in page.texts("#steps li")))
    assert any("onerror" in text for text in page.texts("#requests pre"))
    assert page.browser.title == "calltransfer sandbox"
    assert page.browser.execute_script("return document.querySelectorAll('script').length") == 1
    assert page.browser.execute_script("return document.querySelectorAll('img').length") == 0


def test_browser_runs_no_other_script_and_loads_nothing(page: Any) -> None:
    blocked = page.browser.execute_async_script(
        """const done = arguments[0], seen = [];
        document.addEventListener("securitypolicyviolation", (it) => { seen.push(it.effectiveDirective); });
        const script = document.createElement("script"), image = document.createElement("img");
        try { script.text = "document.title = 'owned'"; document.body.append(script); } catch { seen.push("trusted-types"); }
        try { document.body.innerHTML += "<p>"; } catch { seen.push("trusted-types"); }
        image.src = "http://127.0.0.1:9/x.png"; document.body.append(image);
        fetch("http://127.0.0.1:9/").catch(() => setTimeout(() => done(seen), 0));"""
    )
    assert {"trusted-types", "connect-src", "img-src"} <= set(blocked)
    assert page.browser.title == "calltransfer sandbox"
    page.browser.get_log("browser")  # all that was meant


def test_page_is_one_file_with_a_strict_policy(calltransfer_sandbox: Sandbox) -> None:
    with urllib.request.urlopen(f"{calltransfer_sandbox.url}/", timeout=10) as response:
        html, policy = response.read().decode(), response.headers["Content-Security-Policy"]
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for element in ("script", "style"):
        (inside,) = re.findall(f"<{element}>(.*?)</{element}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}';" in policy
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"', html) == []
    assert calltransfer_sandbox.requests() == [], "looking is no request to the API"


def test_sandbox_that_has_ended_is_noticed(browser: Any) -> None:
    with Sandbox() as sandbox:
        page = Page(browser, sandbox)
        sandbox.close()
        page.until(lambda: page.find("#live").text == "the sandbox does not respond")
        assert "lost" in page.find("#live").get_attribute("class")
    browser.get("about:blank")
    browser.get_log("browser")


class Program(BaseHTTPRequestHandler):
    """Where callbacks go."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def events_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Program) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/events"
        server.shutdown()


def test_picture_shows_what_the_documentation_shows(page: Any, events_url: str, tmp_path: pathlib.Path) -> None:
    """With CALLTRANSFER_WRITE_SCREENSHOT set, docs/sandbox/page.png is taken again."""
    sandbox = page.sandbox
    sandbox.set_clock("stepped")
    sandbox.place_incoming_call("+19195550102", call_id="c-1")
    transfer(sandbox, "c-1", "+12025550110")
    sandbox.advance(60)
    sandbox.place_incoming_call(call_id="c-2", state="started", callback_url=events_url)
    sandbox.advance(1.5)
    sandbox.client().answer("c-2")
    sandbox.advance(4)
    transfer(
        sandbox, "c-2", "+18382947878", caller_id="private", whisper_audio="You have an incoming call",
        callback_url=events_url, diversion_treatment="stack", diversion_reason="no-answer",
    )  # fmt: skip
    for _ in range(5):
        sandbox.advance(1)
    page.choose("c-2")
    page.until(lambda: "connected" in kinds(page))
    page.until(lambda: [label for *_, label in page.ladder()].count("event speak → 200") == 2)
    page.until(lambda: all(kind != "callback" or "200" in label for kind, _, _, label in page.ladder()))
    page.browser.set_window_size(1360, 1090)
    page.browser.execute_script("scrollTo(0, 0)")
    picture = tmp_path / "page.png"
    page.screenshot(picture)
    page.browser.set_window_size(1360, 1000)
    assert picture.stat().st_size < 300_000
    if os.environ.get("CALLTRANSFER_WRITE_SCREENSHOT"):
        shutil.copy(picture, ROOT / "docs" / "sandbox" / "page.png")
