"""The sandbox's page in a real browser, without a window."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from calltransfer.sandbox import Sandbox
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--window-size=1360,1000",
]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    if not BROWSER or not DRIVER:
        pytest.skip("SKIPPED: there is no chromium with a chromedriver on this machine")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(service=Service(DRIVER), options=options)
    yield started
    started.quit()


class Page:
    """What a person sees and does."""

    def __init__(self, browser: webdriver.Chrome, sandbox: Sandbox) -> None:
        self.browser = browser
        self.sandbox = sandbox
        browser.get(f"{sandbox.url}/")
        self.until(lambda: self.find("#live").text == "live")

    def until(self, happens: Any) -> Any:
        """Waits for the page to show something: no test looks at how long that takes."""
        return WebDriverWait(self.browser, 20, poll_frequency=0.02).until(lambda _: happens())

    def find(self, what: str) -> Any:
        return self.browser.find_element(By.CSS_SELECTOR, what)

    def texts(self, what: str) -> list[str]:
        """The text of each such element, as it is in the document, seen or not."""
        script = "return [...document.querySelectorAll(arguments[0])].map((it) => it.textContent)"
        found: list[str] = self.browser.execute_script(script, what)
        return found

    def press(self, button: str) -> None:
        self.until(lambda: self.find(button).is_enabled() and self.find(button).is_displayed())
        self.find(button).click()

    def choose(self, call_id: str) -> None:
        self.press(f"[data-call='{call_id}']")
        self.until(lambda: self.find(f"[data-call='{call_id}']").get_attribute("aria-current") == "true")

    def ladder(self) -> list[tuple[str, int, int, str]]:
        """The steps of the diagram: kind, from lane, to lane, label."""
        script = """return [...document.querySelectorAll("#figure .step")].map((it) =>
            [it.getAttribute("class").replace("step ", ""), +it.dataset.from, +it.dataset.to,
             it.querySelector(".label").firstChild.data])"""
        return [tuple(step) for step in self.browser.execute_script(script)]

    def complaints(self) -> list[str]:
        """What the console has to say about the page itself; a refused request isn't the page's fault."""
        return [line["message"] for line in self.browser.get_log("browser") if "status of 4" not in line["message"]]

    def screenshot(self, path: pathlib.Path) -> None:
        self.browser.save_screenshot(str(path))


def transfer(sandbox: Sandbox, call_id: str, to: str, **options: Any) -> str:
    made = sandbox.client().transfer(call_id, to, **options).new_call_id
    assert made is not None
    return made


def kinds(page: Any) -> list[str]:
    return [kind for kind, *_ in page.ladder()]


@pytest.fixture
def page(browser: webdriver.Chrome, calltransfer_sandbox: Sandbox) -> Iterator[Page]:
    browser.get_log("browser")
    made = Page(browser, calltransfer_sandbox)
    yield made
    complaints = made.complaints()
    browser.get("about:blank")
    assert complaints == []
