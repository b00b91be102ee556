"""Whether the set-up is complete, without showing a secret."""

from __future__ import annotations

import os
import platform
import socket
import sys
from typing import TYPE_CHECKING, Any

import calltransfer
from calltransfer import _native
from calltransfer.cli import _exit_codes
from calltransfer.cli._commands import client_of
from calltransfer.cli._options import timeout_of
from calltransfer.cli._requests import Requests

if TYPE_CHECKING:
    import argparse

    from calltransfer.cli._output import Output
    from calltransfer.cli._signals import Signals

# A call that no platform has: its response for it says whether it knows the account.
_NO_CALL = "c-calltransfer-doctor-looks-for-no-call"


def run(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    findings = [_version(), _python()]
    findings += [_variable(name, parsed) for name in _native.ENVIRONMENT]
    findings += _unused_proxies()
    findings.append(_configuration(parsed))
    if findings[-1]["ok"]:
        findings.append(_certificates(parsed))
        if parsed.connect and not parsed.dry_run:
            findings.append(_platform(parsed, signals))
            if signals.count:
                return _exit_codes.INTERRUPTED
    well = all(finding["ok"] for finding in findings)
    lines = [f"{'ok ' if f['ok'] else 'NO '} {f['what']}: {f['found']}" for f in findings]
    output.result({"ok": well, "findings": findings}, "\n".join(lines))
    return _exit_codes.DONE if well else _exit_codes.FAILURE


def _finding(what: str, ok: bool, found: str) -> dict[str, Any]:
    return {"what": what, "ok": ok, "found": found}


def _version() -> dict[str, Any]:
    return _finding("calltransfer", True, f"{calltransfer.__version__} in {os.path.dirname(calltransfer.__file__)}")


def _python() -> dict[str, Any]:
    has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    kind = "" if has_lock else ", free-threaded"
    name = f"{platform.python_implementation()} {platform.python_version()}{kind}"
    return _finding("Python", True, f"{name} on {platform.system()} {platform.machine()}")


def _variable(name: str, parsed: argparse.Namespace) -> dict[str, Any]:
    flags = {
        "BANDWIDTH_USER_ID": parsed.user_id,
        "BW_ACCOUNT_ID": parsed.account_id,
        "CALLTRANSFER_API": parsed.api,
        "CALLTRANSFER_BASE_URL": parsed.base_url,
        "CALLTRANSFER_PROXY": parsed.proxy,
    }
    optional = name.startswith("CALLTRANSFER_")
    shown = not name.endswith(("TOKEN", "SECRET", "PASSWORD"))
    if flags.get(name):
        return _finding(name, True, "given on the command line instead")
    if os.environ.get(name):
        around = _native.problem_of_credential(os.environ[name])
        if around:
            return _finding(name, False, f"set, but it {around}")
        # The address is shown once it is checked: it may hold a password until then.
        return _finding(name, True, "set" if optional or not shown else f"set: {os.environ[name]}")
    if name == "CALLTRANSFER_API":
        return _finding(name, True, "not set; only needed if there are credentials for both APIs")
    if name == "CALLTRANSFER_PROXY":
        return _finding(name, True, "not set; only needed for a proxy")
    if name.startswith("BW_"):
        return _finding(name, True, "not set; only needed for the v2 API")
    # v2 needs none of v1's settings; the set-up reports what is missing of v2's.
    v2 = parsed.account_id or any(os.environ.get(other) for other in _native.ENVIRONMENT if other.startswith("BW_"))
    well = bool(optional or v2)
    return _finding(name, well, "not set; the platform's own address is used" if optional else "not set")


def _configuration(parsed: argparse.Namespace) -> dict[str, Any]:
    try:
        client = client_of(parsed)
    except calltransfer.CallTransferError as error:
        return _finding("set-up", False, str(error))
    native = client._native()
    return _finding("set-up", True, f"api {native.api}, account {native.account} at {native.base_url}")


def _certificates(parsed: argparse.Namespace) -> dict[str, Any]:
    """Loads the certificates as the first request to the platform does."""
    try:
        if parsed.ca_file:
            _load_file(parsed)
            return _finding("certificates", True, f"loaded from {parsed.ca_file}")
        _native.load_system_certificates()
    except (calltransfer.CallTransferError, OSError) as error:
        return _finding("certificates", False, str(error))
    named = [f"{name}={os.environ[name]}" for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
    return _finding("certificates", True, f"loaded from {' and '.join(named) or 'the system'}")


def _load_file(parsed: argparse.Namespace) -> None:
    """A file is read before a connection is made: to a port here that refuses it."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        probe = calltransfer.Client(
            api="v1",
            user_id="u-doctor",
            token="t-doctor",
            secret="s-doctor",
            base_url=f"https://127.0.0.1:{closed.getsockname()[1]}",
            ca_file=parsed.ca_file,
            timeout=timeout_of(parsed) or 5.0,
            max_retries=0,
        )
        try:
            probe.get_call(_NO_CALL)
        except (calltransfer.ConnectionFailedError, calltransfer.ProxyError, calltransfer.TimedOutError):
            pass  # as it should be: the certificates were loaded before


def _unused_proxies() -> list[dict[str, Any]]:
    """Variables that other programs take a proxy from."""
    ours = " or CALLTRANSFER_PROXY" if "CALLTRANSFER_PROXY" in _native.ENVIRONMENT else ""
    found = f"set, but not read; for a proxy use --proxy{ours}"
    names = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    return [_finding(name, True, found) for name in names if os.environ.get(name)]


def _platform(parsed: argparse.Namespace, signals: Signals) -> dict[str, Any]:
    client = client_of(parsed)
    try:
        Requests(client, signals).get_call(_NO_CALL)
    except calltransfer.CallNotFoundError as error:
        # Any server has a 404; the platform's own has a code.
        is_own = error.code == "call-not-found" if client._native().api == "v1" else error.code or error.category
        if not is_own:
            return _finding(
                "platform", False, f"{error}; another server may respond at this address, or the path is wrong"
            )
    except calltransfer.CallTransferError as error:
        return _finding("platform", False, str(error))
    else:
        return _finding(
            "platform", False, "returned a call for an ID that no call has; another server may respond at this address"
        )
    return _finding("platform", True, "responds, and knows the account")
