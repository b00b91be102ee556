"""One call at a time: transfer, payload, and the four things to do with a call."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Any

import calltransfer
from calltransfer import _native
from calltransfer.cli import _exit_codes, _output
from calltransfer.cli._options import options_of, timeout_of

if TYPE_CHECKING:
    import argparse

    from calltransfer.cli._output import Output


def client_of(parsed: argparse.Namespace) -> calltransfer.Client:
    return calltransfer.Client(
        user_id=parsed.user_id,
        base_url=parsed.base_url,
        timeout=timeout_of(parsed),
        max_retries=parsed.max_retries,
        ca_file=parsed.ca_file,
        proxy=parsed.proxy,
    )


def transfer(parsed: argparse.Namespace, output: Output) -> int:
    client = client_of(parsed)
    options = options_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().preview("transfer", parsed.call_id, parsed.to, options), output)
    done = client.transfer(parsed.call_id, parsed.to, **options)
    output.result(_output.transferred_fields(done), _output.transferred_text(done))
    return _exit_codes.DONE


def payload(parsed: argparse.Namespace, output: Output) -> int:
    options = options_of(parsed)
    # Placeholders for what the environment lacks: they stand as variables in the command.
    user_id = parsed.user_id or os.environ.get("BANDWIDTH_USER_ID")
    if os.environ.get("CALLTRANSFER_API") == "v2" or (os.environ.get("BW_ACCOUNT_ID") and not user_id):
        return _payload_v2(parsed, output, options)
    native = _native.Client(
        {
            "user_id": user_id or _NO_USER,
            "token": "t",
            "secret": "s",
            "base_url": parsed.base_url,
            "timeout": timeout_of(parsed),
        }
    )
    method, url, content_type, body = native.preview("transfer", parsed.call_id, parsed.to, options)
    quoted = shlex.quote(url)
    if not user_id:
        quoted = '"' + url.replace(_NO_USER, "$BANDWIDTH_USER_ID") + '"'  # a checked URL: nothing else expands
    curl = (
        f"curl -X {method} {quoted} \\\n"
        '    -u "$BANDWIDTH_API_TOKEN:$BANDWIDTH_API_SECRET" \\\n'
        f"    -H {shlex.quote(f'Content-Type: {content_type}')} \\\n"
        f"    -d {shlex.quote(body or '')}"
    )
    output.result({"method": method, "body": json.loads(body or "null"), "curl": curl}, f"{body}\n\n{curl}")
    return _exit_codes.DONE


def _payload_v2(parsed: argparse.Namespace, output: Output, options: dict[str, Any]) -> int:
    account_id = os.environ.get("BW_ACCOUNT_ID")
    account = {"account_id": account_id or _NO_USER, "client_id": "c", "client_secret": "s", "api": "v2"}
    native = _native.Client({**account, "base_url": parsed.base_url, "timeout": timeout_of(parsed)})
    method, url, content_type, body = native.preview("transfer", parsed.call_id, parsed.to, options)
    quoted = shlex.quote(url)
    if not account_id:
        quoted = '"' + url.replace(_NO_USER, "$BW_ACCOUNT_ID") + '"'
    curl = (
        f"curl -X {method} {quoted} \\\n"
        '    -H "Authorization: Bearer $BW_ACCESS_TOKEN" \\\n'
        f"    -H {shlex.quote(f'Content-Type: {content_type}')} \\\n"
        f"    -d {shlex.quote(body or '')}"
    )
    output.result({"method": method, "body": body, "curl": curl}, f"{body}\n\n{curl}")
    return _exit_codes.DONE


_NO_USER = "BANDWIDTH-USER-ID-goes-here"


def show(parsed: argparse.Namespace, output: Output) -> int:
    client = client_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().preview("get_call", parsed.call_id), output)
    call = client.get_call(parsed.call_id)
    output.result(_output.call_fields(call), _output.call_text(call))
    return _exit_codes.DONE


def answer(parsed: argparse.Namespace, output: Output) -> int:
    client = client_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().preview("answer", parsed.call_id), output)
    client.answer(parsed.call_id)
    output.result({"call_id": parsed.call_id, "outcome": "applied"}, f"answered {parsed.call_id}")
    return _exit_codes.DONE


def hang_up(parsed: argparse.Namespace, output: Output) -> int:
    client = client_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().preview("hang_up", parsed.call_id), output)
    client.hang_up(parsed.call_id)
    output.result({"call_id": parsed.call_id, "outcome": "applied"}, f"ended {parsed.call_id}")
    return _exit_codes.DONE


def check(parsed: argparse.Namespace, output: Output) -> int:
    client = client_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().preview("get_call", parsed.call_id), output)
    finding = client.check(parsed.call_id)
    output.result(_output.finding_fields(finding), _output.finding_text(finding))
    return _exit_codes.of_outcome(finding.outcome)


def _show_request(request: tuple[str, str, str | None, str | None], output: Output) -> int:
    from calltransfer._masking import masked_body

    method, url, _, body = request
    shown: Any = None if body is None else masked_body(body)
    text = f"{method} {url}" + ("" if shown is None else f"\n{json.dumps(shown, ensure_ascii=False)}")
    output.result({"dry_run": True, "method": method, "url": url, "body": shown}, text)
    output.note("nothing was sent")
    return _exit_codes.DONE
