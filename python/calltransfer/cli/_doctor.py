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

if TYPE_CHECKING:
    import argparse

    from calltransfer.cli._output import Output

# A call that no platform has: what it answers for it says whether it knows the account.
_NO_CALL = "c-calltransfer-doctor-looks-for-no-call"


def run(parsed: argparse.Namespace, output: Output) -> int:
    findings = [_version(), _python()]
    findings += [_variable(name, parsed) for name in _native.ENVIRONMENT]
    findings.append(_configuration(parsed))
    if findings[-1]["ok"]:
        findings.append(_roots(parsed))
        if parsed.connect and not parsed.dry_run:
            findings.append(_account(parsed))
    well = all(finding["ok"] for finding in findings)
    lines = [f"{'ok ' if f['ok'] else 'NO '} {f['what']}: {f['found']}" for f in findings]
    output.result({"ok": well, "findings": findings}, "\n".join(lines))
    return _exit_codes.DONE if well else _exit_codes.FAULT


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
    optional = name in ("CALLTRANSFER_BASE_URL", "CALLTRANSFER_PROXY")
    shown = not name.endswith(("TOKEN", "SECRET", "PASSWORD"))
    if flags.get(name):
        return _finding(name, True, "given on the command line instead")
    if os.environ.get(name):
        # The address is shown once it is checked: it may hold a password until then.
        return _finding(name, True, "set" if optional or not shown else f"set: {os.environ[name]}")
    if name == "CALLTRANSFER_API":
        return _finding(name, True, "not set; needed where there are credentials of both APIs only")
    if name == "CALLTRANSFER_PROXY":
        return _finding(name, True, "not set; no proxy is used" + _unused_proxy())
    if name.startswith("BW_"):
        return _finding(name, True, "not set; needed for the v2 API only")
    # Whoever speaks v2 needs none of v1's; what is missing of v2's own, the set-up says.
    v2 = parsed.account_id or any(os.environ.get(other) for other in _native.ENVIRONMENT if other.startswith("BW_"))
    well = bool(optional or v2)
    return _finding(name, well, "not set; the platform's own address is used" if optional else "not set")


def _unused_proxy() -> str:
    others = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    name = next((name for name in others if os.environ.get(name)), None)
    return f" ({name} is set, but is not read)" if name else ""


def _configuration(parsed: argparse.Namespace) -> dict[str, Any]:
    try:
        client = client_of(parsed)
    except calltransfer.CallTransferError as error:
        return _finding("set-up", False, str(error))
    native = client._native()
    return _finding("set-up", True, f"api {native.api}, account {native.account} at {native.base_url}")


def _roots(parsed: argparse.Namespace) -> dict[str, Any]:
    """Loads the certificates as for a transfer, by way of an https port that nobody listens at."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        probe = calltransfer.Client(
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
        except calltransfer.CallTransferError as error:
            return _finding("certificates", False, str(error))
    return _finding("certificates", True, f"loaded from {parsed.ca_file or _system_roots()}")


def _system_roots() -> str:
    names = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
    return f"the system, as {' and '.join(names)} says" if names and sys.platform not in ("darwin", "win32") else "the system"


def _account(parsed: argparse.Namespace) -> dict[str, Any]:
    try:
        client_of(parsed).get_call(_NO_CALL)
    except calltransfer.CallNotFoundError:
        pass  # it had to know the account to say so
    except calltransfer.CallTransferError as error:
        return _finding("platform", False, str(error))
    return _finding("platform", True, "answers, and knows the account")
