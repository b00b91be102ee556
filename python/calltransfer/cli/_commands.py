"""The commands for one call: transfer, show, answer, hang up and check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import calltransfer
from calltransfer import _native
from calltransfer.cli import _exit_codes, _output
from calltransfer.cli._errors import invalid
from calltransfer.cli._options import timeout_of, transfer_of, wait_timeout_of
from calltransfer.cli._requests import Requests
from calltransfer.errors import CallTransferError

if TYPE_CHECKING:
    import argparse

    from calltransfer.cli._output import Output
    from calltransfer.cli._signals import Signals


def client_of(parsed: argparse.Namespace) -> calltransfer.Client:
    return calltransfer.Client(
        api=parsed.api,
        user_id=parsed.user_id,
        account_id=parsed.account_id,
        base_url=parsed.base_url,
        timeout=timeout_of(parsed),
        max_retries=parsed.max_retries,
        ca_file=parsed.ca_file,
        proxy=parsed.proxy,
    )


def transfer(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    client = client_of(parsed)
    to, options = transfer_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().transfer(parsed.call_id, to, options, None), output)
    wait_timeout = wait_timeout_of(parsed)
    requests = Requests(client, signals)
    done = requests.transfer(parsed.call_id, to, options)
    output.outcome(_output.transferred_fields(done), _output.transferred_text(done))
    if parsed.wait is None:
        return _exit_codes.DONE
    try:
        status = requests.follow(done, parsed.wait, wait_timeout)
    except CallTransferError as error:
        output.note(f"calltransfer: the transfer was made; following it: {error}")
        return _exit_codes.NOT_ANSWERED
    output.result(_output.followed_fields(status), _output.followed_text(status))
    return _exit_codes.DONE if status.result == "answered" else _exit_codes.NOT_ANSWERED


def show(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    client = client_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().get_call(parsed.call_id), output)
    try:
        call = Requests(client, signals).get_call(parsed.call_id)
    except CallTransferError as error:
        output.error(error, reads=True)
        return _exit_codes.INTERRUPTED if signals.count else _exit_codes.of_error(error)
    output.result(_output.call_fields(call), _output.call_text(call))
    return _exit_codes.DONE


def answer(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    client = client_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().answer(parsed.call_id), output)
    Requests(client, signals).answer(parsed.call_id)
    output.outcome({"call_id": parsed.call_id, "outcome": "applied"}, f"answered {parsed.call_id}")
    return _exit_codes.DONE


def hang_up(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    client = client_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().hang_up(parsed.call_id), output)
    Requests(client, signals).hang_up(parsed.call_id)
    output.outcome({"call_id": parsed.call_id, "outcome": "applied"}, f"ended {parsed.call_id}")
    return _exit_codes.DONE


def check(parsed: argparse.Namespace, output: Output, signals: Signals) -> int:
    client = client_of(parsed)
    if parsed.dry_run:
        return _show_request(client._native().get_call(parsed.call_id), output)
    try:
        finding = Requests(client, signals).check(_subject(parsed))
    except CallTransferError as error:
        output.error(error, reads=True)
        return _exit_codes.of_check(error)
    output.outcome(_output.finding_fields(finding), _output.finding_text(finding))
    return _exit_codes.of_outcome(finding.outcome)


def _subject(parsed: argparse.Namespace) -> str | _native.SentTransfer:
    """What a check is about: one transfer, where its target and time are given, or else the call."""
    if not parsed.to and parsed.within is None:
        return str(parsed.call_id)
    if not parsed.to or parsed.within is None:
        raise invalid("to" if not parsed.to else "within", "is missing; --to and --within must be given together")
    options = {} if parsed.caller_id is None else {"caller_id": parsed.caller_id}
    return _native.sent_transfer(parsed.call_id, parsed.to, options, (parsed.within, 0.0), [])


def _show_request(request: _native.Request, output: Output) -> int:
    from calltransfer._redaction import redact_body

    method, url, body = request.method, request.url, request.body
    shown: Any = None if body is None else redact_body(body)
    text = f"{method} {url}"
    if shown is not None:
        text += "\n" + (shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False))
    output.result({"dry_run": True, "method": method, "url": url, "body": shown}, text)
    output.note("nothing was sent")
    return _exit_codes.DONE
