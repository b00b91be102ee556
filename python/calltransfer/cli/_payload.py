"""A transfer's body, and the curl command that sends the same."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Any

from calltransfer import ConfigurationError, _native
from calltransfer.cli import _exit_codes
from calltransfer.cli._commands import client_of
from calltransfer.cli._options import timeout_of, transfer_of

if TYPE_CHECKING:
    import argparse

    from calltransfer.cli._output import Output
    from calltransfer.cli._signals import Signals

# Used if the account isn't known, and then replaced by the name of its variable.
_PLACEHOLDER = "ACCOUNT-goes-here"
_V1 = {"token": "t", "secret": "s"}
_V2 = {"client_id": "c", "client_secret": "s"}


def run(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    api = _api_of(parsed)
    setting, variable, others = (
        ("user_id", "BANDWIDTH_USER_ID", _V1) if api == "v1" else ("account_id", "BW_ACCOUNT_ID", _V2)
    )
    account = getattr(parsed, setting) or os.environ.get(variable)
    settings: dict[str, Any] = {"api": api, setting: account or _PLACEHOLDER, **others}
    native = _native.Client({**settings, "base_url": parsed.base_url, "timeout": timeout_of(parsed)})
    request = native.transfer(parsed.call_id, *transfer_of(parsed), None)
    method, url, body = request.method, request.url, request.body
    content_type = f"Content-Type: {request.content_type}"
    quoted = shlex.quote(url)
    if not account:
        quoted = f'"{url.replace(_PLACEHOLDER, f"${variable}")}"'  # a checked URL: nothing else expands
    curl = (
        f"curl -X {method} {quoted} \\\n"
        f"    {_credentials(api)} \\\n"
        f"    -H {shlex.quote(content_type)} \\\n"
        f"    -d {shlex.quote(body or '')}"
    )
    document = json.loads(body or "null") if api == "v1" else body
    output.result({"api": api, "method": method, "body": document, "curl": curl}, f"{body}\n\n{curl}")
    return _exit_codes.DONE


def _api_of(parsed: argparse.Namespace) -> str:
    """The API that a client would use; without complete credentials, decided by those there are."""
    try:
        return client_of(parsed)._native().api
    except ConfigurationError as error:
        if error.field == "api":
            raise  # credentials of both: nothing is guessed
    v2 = parsed.account_id or any(os.environ.get(name) for name in _native.ENVIRONMENT if name.startswith("BW_"))
    return parsed.api or os.environ.get("CALLTRANSFER_API") or ("v2" if v2 else "v1")


def _credentials(api: str) -> str:
    if api == "v1":
        return '-u "$BANDWIDTH_API_TOKEN:$BANDWIDTH_API_SECRET"'
    if os.environ.get("BW_USERNAME") or os.environ.get("BW_PASSWORD"):
        return '-u "$BW_USERNAME:$BW_PASSWORD"'
    return '-H "Authorization: Bearer $BW_ACCESS_TOKEN"'
