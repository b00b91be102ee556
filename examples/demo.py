"""Starts a sandbox, lets calls come in, and transfers them from Python, C, C++ and Rust.

Run by `make demo`, which builds what it needs. Needs no account and no network.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import urllib.request
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"

USER_ID, TOKEN, SECRET = "u-demo", "t-demo", "s-demo"
CALLER, OUR_NUMBER = "+19195550100", "+18385550199"
TITLES = [
    "to a number, and nothing more",
    "private caller id, and a whisper to the new party",
    "with a Diversion header that says do-not-disturb",
]
LANGUAGES = {
    "Python": [sys.executable, str(ROOT / "examples/python/three_transfers.py")],
    "C": [str(BUILT / "examples-c/three_transfers")],
    "C++": [str(BUILT / "examples-cpp/three_transfers")],
    "Rust": [str(BUILT / "three_transfers")],
}


def main() -> None:
    sandbox = subprocess.Popen(
        [
            BUILT / "calltransfer-sandbox",
            "--exit-with-stdin",
            "--user-id",
            USER_ID,
            "--token",
            TOKEN,
            "--secret",
            SECRET,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert sandbox.stdout is not None
    try:
        url = json.loads(sandbox.stdout.readline())["url"]
        print(f"A sandbox of the platform listens at {url}. No phone is really called.")
        for language, command in LANGUAGES.items():
            show_language(language, command, url)
        print("\nAll twelve calls were transferred. The sandbox ends with this program.")
    finally:
        sandbox.communicate(timeout=10)


def show_language(language: str, command: list[str], url: str) -> None:
    print(f"\n══ {language} ══════════════════════════════════════════════════════════════")
    name = language.lower().replace("+", "p")
    calls = [f"c-{name}-{number}" for number in (1, 2, 3)]
    for call in calls:
        admin(url, "incoming-calls", {"id": call, "from": CALLER, "to": OUR_NUMBER, "state": "active"})
    admin(url, "requests", method="DELETE")
    environment = os.environ | {
        "BANDWIDTH_USER_ID": USER_ID,
        "BANDWIDTH_API_TOKEN": TOKEN,
        "BANDWIDTH_API_SECRET": SECRET,
        "CALLTRANSFER_BASE_URL": url,
    }
    finished = subprocess.run([*command, *calls], env=environment, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        sys.exit(f"{language} failed: {finished.stdout}{finished.stderr}")
    requests = admin(url, "requests")["requests"]
    legs = {call["id"]: call for call in admin(url, "calls")["calls"]}
    assert len(requests) == len(calls), requests
    for title, request in zip(TITLES, requests):
        show_transfer(title, request, legs)


def show_transfer(title: str, request: dict[str, Any], legs: dict[str, Any]) -> None:
    caller = legs[request["call_id"]]
    party = legs[caller["transferred_to"]]
    print(f"\n  {title}")
    print(f"    {request['method']} {request['path']}")
    for name, value in request["headers"]:
        if name.lower() in ("authorization", "content-type"):
            print(f"    {name.title()}: {value}")
    print(f"    {request['body']}")
    print(f"    → {request['status']}, new call {party['id']}\n")
    print("    caller            our number        new party")
    print(f"    {caller['from']:<18}{caller['to']:<18}{party['to']}")
    print("      │── call ────────►│                 │")
    print("      │                 │── transfer ────►│ shows " + party["from"])
    if party["whisper_audio"]:
        print(f"      │                 │── whisper ─────►│ “{party['whisper_audio']['sentence']}”")
    if party["diversion_treatment"]:
        reason = party["diversion_reason"]
        print(f"      │                 │── Diversion ───►│ {party['diversion_treatment']}, {reason}")
    print("      │◄═══════════ connected ═══════════►│")


def admin(url: str, path: str, body: Any = None, method: str | None = None) -> Any:
    request = urllib.request.Request(
        f"{url}/_sandbox/{path}", None if body is None else json.dumps(body).encode(), method=method
    )
    # The sandbox is on this machine: a proxy of the environment has no business with it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as response:
        text = response.read()
    return json.loads(text) if text else None


if __name__ == "__main__":
    main()
