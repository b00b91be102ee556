"""The command line, as a tree of parsers. Help, completion and documentation are read from it."""

from __future__ import annotations

import argparse
from typing import Any

from calltransfer import __version__
from calltransfer.cli import _calls, _commands, _completion, _doctor, _exit_codes, _payload
from calltransfer.cli._arguments import add_call_and_target, add_output, add_settings, new_parser, rate, whole_number
from calltransfer.cli._options import add_options
from calltransfer.cli._parser_bulk import add_evacuate, add_many, add_run

_ACCOUNT = """\
The account is read from the environment: BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and
BANDWIDTH_API_SECRET; for the v2 API BW_ACCOUNT_ID, BW_CLIENT_ID and BW_CLIENT_SECRET (or BW_USERNAME
and BW_PASSWORD). CALLTRANSFER_BASE_URL and CALLTRANSFER_PROXY are optional. If there are credentials
for both APIs, choose with --api or CALLTRANSFER_API. There are no flags for token and secret, and a
proxy's password belongs in CALLTRANSFER_PROXY, because other users of the machine can read a
command line."""

_EXIT_CODES = "exit codes:\n" + "\n".join(f"  {code:<5}{text}" for code, text in _exit_codes.MEANINGS.items())


def build() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    parser: argparse.ArgumentParser = new_parser(
        None,
        "calltransfer",
        "Transfers a live phone call to another number, and reports the outcome.",
        f"{_ACCOUNT}\n\n{_EXIT_CODES}\n\n`calltransfer COMMAND --help` shows more.",
    )
    parser.add_argument("--version", action="version", version=f"calltransfer {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _transfer(commands)
    _payload_command(commands)
    _call(commands)
    _list_of_calls(commands)
    add_many(commands)
    _listen_command(commands)
    add_evacuate(commands)
    add_run(commands)
    _sandbox(commands)
    _doctor_command(commands)
    _completion_command(commands)
    return parser


def _transfer(commands: Any) -> None:
    parser = new_parser(
        commands,
        "transfer",
        "transfer a call",
        "example:\n  calltransfer transfer c-call123 +18382947878 --caller-id private \\\n"
        '      --whisper-audio "You have an incoming call"',
        "CALL_ID TO... [options]",
    )
    add_call_and_target(parser)
    add_options(parser)
    group = parser.add_argument_group("after the transfer")
    group.add_argument(
        "--wait",
        metavar="UNTIL",
        choices=("answered", "ended"),
        help="follow the transfer by reading the call, until a target has answered, or until it has ended",
    ).completions = ("answered", "ended")
    group.add_argument("--wait-timeout", metavar="SECONDS", default="60", help="for how long (default: 60)")
    add_settings(parser)
    add_output(parser, dry_run="check everything and show the request, phone numbers redacted; send nothing")
    parser.set_defaults(run=_commands.transfer)


def _payload_command(commands: Any) -> None:
    parser = new_parser(
        commands,
        "payload",
        "show a transfer's body and the curl command that would send it",
        "Nothing is sent, and no account is needed: without one, the command contains the names of its variables.\n"
        "For v2 it also contains BW_ACCESS_TOKEN, the access_token that BW_CLIENT_ID and BW_CLIENT_SECRET get.",
        "CALL_ID TO... [options]",
    )
    add_call_and_target(parser)
    add_options(parser)
    add_settings(parser)
    add_output(parser, dry_run="no effect: this command sends nothing")
    parser.set_defaults(run=_payload.run)


def _call(commands: Any) -> None:
    call = new_parser(commands, "call", "look at a call, answer it or end it", None)
    actions = call.add_subparsers(metavar="ACTION", required=True)
    for name, about, run in (
        ("show", "show what the platform knows about a call; --json shows whole phone numbers", _commands.show),
        ("answer", "answer an incoming call, so that it can be transferred", _commands.answer),
        ("hang-up", "end a call", _commands.hang_up),
        ("check", "read a call after an unknown outcome; sends no transfer again", _commands.check),
    ):
        parser = new_parser(actions, name, about, None, "CALL_ID [options]")
        parser.add_argument("call_id", metavar="CALL_ID", help="the ID of the call")
        if name == "check":
            _transfer_in_question(parser)
        add_settings(parser)
        add_output(parser, dry_run="show the request; send nothing")
        parser.set_defaults(run=run)


def _transfer_in_question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        metavar="TARGET",
        action="append",
        help="the target of the transfer to check, with --within; repeat it for several targets (v2). "
        "Without it, any transfer of the call counts",
    )
    parser.add_argument(
        "--within", metavar="SECONDS", type=rate, help="the transfer was sent at most so many seconds ago"
    )
    parser.add_argument("--caller-id", metavar="NUMBER", help="the caller ID that the transfer set, if it did")


def _list_of_calls(commands: Any) -> None:
    parser = new_parser(
        commands,
        "calls",
        "list the account's calls",
        "Numbers are redacted, unless --show-numbers is given. With --csv it writes the table that `many` reads,\n"
        "where --to names the target of every call:\n\n"
        "  calltransfer calls --state active --to +18385550199 --csv > calls.csv\n"
        "  calltransfer many calls.csv --to +18382947878",
        "[options]",
    )
    parser.add_argument(
        "--state", metavar="STATE", help="only calls in this state, for example active in v1 or answered in v2"
    ).completions = _calls.STATES
    parser.add_argument("--from", metavar="NUMBER", dest="from_", help="only calls from this number or SIP address")
    parser.add_argument("--to", metavar="NUMBER", help="only calls to this number or SIP address")
    parser.add_argument(
        "--min-start-time", metavar="TIME", help="v2: only calls that began then or later, as 2026-01-31T08:00:00Z"
    )
    parser.add_argument("--max-start-time", metavar="TIME", help="v2: only calls that began then or before")
    parser.add_argument(
        "--page-size",
        metavar="N",
        type=whole_number,
        help="how many calls to request at once, 1 to 1000 (default: 1000)",
    )
    parser.add_argument("--show-numbers", action="store_true", help="show whole phone numbers: personal data")
    add_settings(parser)
    add_output(parser, dry_run="show the request; send nothing", csv="print a table that `many` reads")
    parser.set_defaults(run=_calls.run)


def _listen_command(commands: Any) -> None:
    parser = new_parser(
        commands,
        "listen",
        "receive the events of calls, and print them as they come",
        "For development: a callback_url leads here. Numbers show their last two digits; --json shows\n"
        "them whole. An event that comes twice is printed once. Beyond this machine, --username is\n"
        "needed, with the password in CALLTRANSFER_LISTEN_PASSWORD; both are part of the callback URL:\n"
        "http://hook:PASSWORD@example.com:8080/. Ctrl-C ends it.",
        "[options]",
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=whole_number,
        default=8080,
        help="the port to listen on; 0 takes a free one (default: 8080)",
    )
    parser.add_argument(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="the address to listen on; 0.0.0.0 is all of them (default: 127.0.0.1)",
    )
    parser.add_argument("--to", metavar="CALL", dest="call", help="only events of this call and its legs")
    parser.add_argument("--username", metavar="NAME", help="the user name that requests must send")
    parser.add_argument(
        "--whisper-audio", metavar="TEXT", help="v2: the sentence for a transfer_answer_url that leads here"
    )
    add_output(parser, dry_run="check the settings; do not listen")
    parser.set_defaults(run=_listen)


def _listen(*arguments: Any) -> int:
    from calltransfer.cli import _listen  # a web server, which the other commands need not load

    return _listen.run(*arguments)


def _sandbox(commands: Any) -> None:
    # Listed here for help and completion; `main` passes its arguments on unread.
    parser = new_parser(commands, "sandbox", "run a sandbox that imitates the platform on this machine", None)
    parser.set_defaults(run=None)


def _doctor_command(commands: Any) -> None:
    parser = new_parser(
        commands,
        "doctor",
        "check whether the set-up is complete: account, address, certificates, versions",
        "The output contains neither token nor secret.",
        "[options]",
    )
    parser.add_argument(
        "--connect",
        action="store_true",
        help="also check that the platform knows the account, by reading a call that doesn't exist",
    )
    add_settings(parser)
    add_output(parser, dry_run="do not connect")
    parser.set_defaults(run=_doctor.run)


def _completion_command(commands: Any) -> None:
    parser = new_parser(
        commands,
        "completion",
        "print a script that completes this command in a shell",
        'bash:  eval "$(calltransfer completion bash)"\n'
        'zsh:   eval "$(calltransfer completion zsh)"\n'
        "fish:  calltransfer completion fish | source",
    )
    shell = parser.add_argument("shell", choices=_completion.SHELLS, help="bash, zsh or fish")
    shell.completions = _completion.SHELLS
    add_output(parser, dry_run="no effect: this command sends nothing")
    parser.set_defaults(run=_completion.run)
