"""What a notebook shows: everything escaped, numbers masked, no colour that a theme swallows."""

from __future__ import annotations

import html.parser
import xml.etree.ElementTree
from typing import Any

import calltransfer
import pytest
from calltransfer import _native, errors
from calltransfer._notebook import display as _display
from calltransfer.sandbox import Sandbox

TARGET = "+18382947878"
EVIL = "<script>alert('x')</script>&\"'"
VOID = {"br", "img", "hr", "meta"}


class Checked(html.parser.HTMLParser):
    """HTML whose elements are closed in order, with the text that a person reads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def shown(thing: Any) -> tuple[dict[str, str], str]:
    bundle = thing._repr_mimebundle_(include=None, exclude=None)
    checked = Checked(bundle["text/html"])
    assert "script" not in checked.seen
    for text in bundle.values():
        assert "8382947878" not in text and "9195550100" not in text
    return bundle, checked.text


def transferred(**fields: Any) -> calltransfer.Transferred:
    given: dict[str, Any] = {
        "new_call_id": "c-new",
        "call_id": "c-1",
        "http_status": 201,
        "attempts": 1,
        "elapsed": 0.012,
        "note": None,
    }
    return calltransfer.Transferred(**{**given, **fields})


def test_body_is_a_str_and_is_shown_redacted() -> None:
    body = calltransfer.payload(
        "c-1", TARGET, whisper_audio=f"Call {TARGET} {EVIL}", callback_url="https://u:pw@example.com/x?k=s"
    )
    assert isinstance(body, str) and TARGET in body and repr(body) == repr(str(body))
    bundle, text = shown(body)
    assert "transferTo" in text and "+*********78" in text and EVIL in text.replace('\\"', '"')
    assert "pw" not in bundle["text/plain"] and "k=s" not in bundle["text/html"]


def test_v2_document_is_shown_redacted() -> None:
    document = calltransfer.bxml("c-1", TARGET, callback_url="https://user:pa55word@example.com/done?key=abc")
    bundle = document._repr_mimebundle_()
    assert isinstance(document, str) and TARGET in document
    for shown in bundle.values():
        assert TARGET not in shown and "pa55word" not in shown and "key=abc" not in shown
    assert bundle["text/plain"].startswith("<?xml")


def test_result_is_shown_as_a_ladder() -> None:
    bundle, text = shown(transferred(attempts=3))
    for said in (
        "the caller",
        "the new party",
        "call c-1",
        "transfer: call c-new",
        "HTTP 201 after 12.0 ms, 3 attempts",
    ):
        assert said in text
    drawing = xml.etree.ElementTree.fromstring(bundle["image/svg+xml"])
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert bundle["text/plain"].startswith("Transferred(new_call_id='c-new'")


def test_result_without_a_new_call_says_why() -> None:
    _, text = shown(transferred(new_call_id=None, note="the response has no Location header"))
    assert "not named" in text and "no Location header" in text


@pytest.mark.parametrize("kind", _native.ERROR_KINDS)
@pytest.mark.parametrize("outcome", ["not_sent", "not_applied", "unknown"])
def test_every_error_is_shown_with_its_outcome_and_advice(kind: str, outcome: str) -> None:
    error = errors.make(kind, f"no route to {TARGET} {EVIL}", {"outcome": outcome, "code": EVIL, "call_id": "c-1"})
    _, text = shown(error)
    assert outcome.replace("_", " ") in text and type(error).__name__ in text and EVIL in text
    wanted = "Correct it" if kind in ("invalid_argument", "configuration") else _display.ADVICE[outcome]
    assert wanted in text


def test_call_and_finding_are_shown_redacted(sandbox: Sandbox, client: calltransfer.Client) -> None:
    sandbox.place_incoming_call(call_id="c-1")
    _, text = shown(client.get_call("c-1"))
    assert "active" in text and "+*********00" in text
    finding = client.check("c-1")
    _, text = shown(finding)
    assert finding.reason in text and "But: " in text and "not applied" in text


def test_hostile_platform_puts_nothing_into_the_page() -> None:
    call = calltransfer.Call(EVIL, EVIL, EVIL, EVIL, f"{EVIL}@{EVIL}", EVIL, EVIL, EVIL, {})
    shown(call)
    shown(calltransfer.Finding("unknown", EVIL, EVIL, call))
    shown(transferred(new_call_id=EVIL, call_id=EVIL, note=EVIL))


def test_batch_shows_bars_and_lists_what_needs_attention() -> None:
    counts = {"applied": 197, "not_applied": 2, "unknown": 1}
    rows = [("c-7", TARGET, "unknown", f"no response {EVIL}")] * 300
    bundle = _display.batch(counts, rows, 200, "200 transfers")
    text = Checked(bundle["text/html"]).text
    assert "200 transfers" in text and "applied197" in text and "and 100 more" in text
    assert "8382947878" not in bundle["text/html"] and "<script" not in bundle["text/html"]


def test_every_outcome_has_a_colour_and_a_meaning() -> None:
    from calltransfer.cli._exit_codes import _OF_OUTCOME

    assert set(_display.COLOURS) == set(_display.MEANINGS) == set(_OF_OUTCOME)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+18382947878", "+*********78"),
        ("18382947878", "*********78"),
        ("room 42", "room 42"),
        ("sip:alice@example.com", "sip:***@example.com"),
        ("alice@example.com now", "***@example.com now"),
        ("https://u:p@example.com/a?k=v#x", "https://***@example.com/a"),
        ("https://example.com/18382947878", "https://example.com/*********78"),
    ],
)
def test_private_text_is_redacted(text: str, shown: str) -> None:
    from calltransfer import _redaction

    assert _redaction.redact_text(text) == shown


def test_importing_the_package_loads_no_display() -> None:
    import subprocess
    import sys

    code = "import sys, calltransfer; calltransfer.payload('c-1', '+18382947878'); print('calltransfer._notebook.display' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30).stdout
        == "False\n"
    )
