"""The page by keyboard, for screen readers, in both colour schemes and in a narrow window."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sandbox_ui.conftest import kinds, transfer
from selenium.webdriver.common.keys import Keys


def test_it_works_with_the_keyboard_alone(page: Any) -> None:
    def active(script: str = "") -> Any:
        return page.browser.execute_script(f"return document.activeElement{script}")

    def tab_to(what: str) -> None:
        for _ in range(40):
            if page.browser.execute_script("return document.activeElement.matches(arguments[0])", what):
                return
            active().send_keys(Keys.TAB)
        raise AssertionError(f"no Tab leads to {what}")

    page.sandbox.place_incoming_call(call_id="c-1")
    page.until(lambda: "c-1" in page.find("#calls").text)
    tab_to("#place select")
    active().send_keys("r")  # ringing
    tab_to("#place button")
    active().send_keys(Keys.ENTER)
    page.until(lambda: len(page.texts("#calls li")) == 2)
    tab_to("#calls button")
    first = active(".dataset.call")
    active().send_keys(Keys.ARROW_DOWN)
    assert active(".dataset.call") == "c-1" != first
    active().send_keys(Keys.ARROW_UP)
    active().send_keys(Keys.ENTER)
    page.until(lambda: active(".getAttribute('aria-current')") == "true")
    tab_to(".acts [data-act=answer]")
    active().send_keys(Keys.ENTER)
    page.until(lambda: not page.find(".acts [data-act=answer]").is_enabled())
    assert active(".id") == "call-title", "a button that is gone leaves the focus at the title"
    tab_to(".acts [data-act=transfer]")
    active().send_keys(Keys.ENTER)
    assert active(".name") == "transferTo"
    active().send_keys(Keys.ESCAPE)
    assert active(".dataset.act") == "transfer"
    assert not page.find("#transfer").is_displayed()
    active().send_keys(Keys.ENTER)
    active().send_keys(Keys.ENTER)  # in a field: sends the form
    page.until(lambda: "connected" in kinds(page))


def test_focus_stays_while_calls_come_in(page: Any) -> None:
    page.sandbox.place_incoming_call(call_id="c-1")
    page.until(lambda: "c-1" in page.find("#calls").text)
    page.browser.execute_script("document.querySelector('[data-call=c-1]').focus()")
    page.sandbox.place_incoming_call(call_id="c-2")
    page.until(lambda: "c-2" in page.find("#calls").text)
    assert page.browser.execute_script("return document.activeElement.dataset.call") == "c-1"


def test_every_control_has_a_name_for_screen_readers(page: Any) -> None:
    transfer(page.sandbox, page.sandbox.place_incoming_call(), "+19192223333")
    page.until(lambda: "connected" in kinds(page))
    nodes = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    used = [
        node
        for node in nodes
        if node.get("role", {}).get("value") in {"button", "textbox", "combobox", "img", "region"}
    ]
    assert len(used) > 15
    nameless = [node for node in used if not node.get("name", {}).get("value") and not node.get("ignored")]
    assert nameless == []
    assert page.find("html").get_attribute("lang") == "en"


def shade(page: Any, element: str, what: str) -> float:
    color = page.browser.execute_script(f"return getComputedStyle(document.querySelector('{element}')).{what}")
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", color)[:3])
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_by_day_and_by_night(scheme: str, page: Any) -> None:
    emulate = "Emulation.setEmulatedMedia"
    page.browser.execute_cdp_cmd(emulate, {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    transfer(page.sandbox, page.sandbox.place_incoming_call(), "+19192223333", whisper_audio="Hello")
    page.until(lambda: "connected" in kinds(page))
    paper = shade(page, ".card", "backgroundColor")
    assert (paper < 0.1) == (scheme == "dark")
    for element in (
        "#call-title",
        "#calls .when",
        ".step.call .label",
        ".step.request .label",
        ".step.whisper .label",
        ".role",
    ):
        ink = shade(page, element, "fill" if "label" in element or element == ".role" else "color")
        contrast = (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)
        assert contrast >= 4.5, (element, contrast)
    page.browser.execute_cdp_cmd(emulate, {"features": []})


def test_narrow_window_needs_no_scrolling_sideways(page: Any) -> None:
    transfer(page.sandbox, page.sandbox.place_incoming_call(), "+19192223333")
    page.until(lambda: "connected" in kinds(page))
    size = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        width = page.browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= 360
        assert page.find("#place button").is_displayed()
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
