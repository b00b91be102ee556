"""The command line, as a tree of parsers. Help, completion and documentation are read from it."""

from __future__ import annotations

import argparse
from typing import Any

from calltransfer import __version__
from calltransfer._run_records import STATES
from calltransfer.cli import (
    _calls,
    _commands,
    _completion,
    _doctor,
    _evacuate,
    _exit_codes,
    _many,
    _payload,
    _runs,
    _source,
)
from calltransfer.cli._options import add_options

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
    parser: argparse.ArgumentParser = _parser(
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
    _many_transfers(commands)
    _listen_command(commands)
    _evacuation(commands)
    _run_commands(commands)
    _sandbox(commands)
    _doctor_command(commands)
    _completion_command(commands)
    return parser


def _transfer(commands: Any) -> None:
    parser = _parser(
        commands,
        "transfer",
        "transfer a call",
        "example:\n  calltransfer transfer c-call123 +18382947878 --caller-id private \\\n"
        '      --whisper-audio "You have an incoming call"',
        "CALL_ID TO... [options]",
    )
    _id_and_target(parser)
    add_options(parser)
    group = parser.add_argument_group("after the transfer")
    group.add_argument(
        "--wait",
        metavar="UNTIL",
        choices=("answered", "ended"),
        help="follow the transfer by reading the call, until a target has answered, or until it has ended",
    ).completions = ("answered", "ended")
    group.add_argument("--wait-timeout", metavar="SECONDS", default="60", help="for how long; 60")
    _settings(parser)
    _output(parser, dry_run="check everything and show the request, phone numbers redacted; send nothing")
    parser.set_defaults(run=_commands.transfer)


def _payload_command(commands: Any) -> None:
    parser = _parser(
        commands,
        "payload",
        "show a transfer's body and the curl command that would send it",
        "Nothing is sent, and no account is needed: without one, the command contains the names of its variables.\n"
        "For v2 it also contains BW_ACCESS_TOKEN, the access_token that BW_CLIENT_ID and BW_CLIENT_SECRET get.",
        "CALL_ID TO... [options]",
    )
    _id_and_target(parser)
    add_options(parser)
    _settings(parser)
    _output(parser, dry_run="no effect: this command sends nothing")
    parser.set_defaults(run=_payload.run)


def _call(commands: Any) -> None:
    call = _parser(commands, "call", "look at a call, answer it or end it", None)
    actions = call.add_subparsers(metavar="ACTION", required=True)
    for name, about, run in (
        ("show", "show what the platform knows of a call; --json shows whole phone numbers", _commands.show),
        ("answer", "answer an incoming call, so that it can be transferred", _commands.answer),
        ("hang-up", "end a call", _commands.hang_up),
        ("check", "read a call after an unknown outcome; sends no transfer again", _commands.check),
    ):
        parser = _parser(actions, name, about, None, "CALL_ID [options]")
        parser.add_argument("call_id", metavar="CALL_ID", help="the ID of the call")
        if name == "check":
            _transfer_in_question(parser)
        _settings(parser)
        _output(parser, dry_run="show the request; send nothing")
        parser.set_defaults(run=run)


def _transfer_in_question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        metavar="TARGET",
        action="append",
        help="where the transfer went that is checked, with --within; repeat it for several targets (v2). "
        "Without it, any transfer of the call counts",
    )
    parser.add_argument(
        "--within", metavar="SECONDS", type=_many.rate, help="the transfer was sent no longer ago than that"
    )
    parser.add_argument("--caller-id", metavar="NUMBER", help="the caller ID that the transfer set, if it did")


def _list_of_calls(commands: Any) -> None:
    parser = _parser(
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
        "--state", metavar="STATE", help="only calls in this state, as active in v1 or answered in v2"
    ).completions = _calls.STATES
    parser.add_argument("--from", metavar="NUMBER", dest="from_", help="only calls from this number or SIP address")
    parser.add_argument("--to", metavar="NUMBER", help="only calls to this number or SIP address")
    parser.add_argument(
        "--min-start-time", metavar="TIME", help="v2: only calls that began then or later, as 2026-01-31T08:00:00Z"
    )
    parser.add_argument("--max-start-time", metavar="TIME", help="v2: only calls that began then or before")
    parser.add_argument(
        "--page-size", metavar="N", type=_many.whole_number, help="how many calls to ask for at once, 1 to 1000; 1000"
    )
    parser.add_argument("--show-numbers", action="store_true", help="show numbers whole: personal data")
    _settings(parser)
    _output(parser, dry_run="show the request; send nothing", csv="print a table that `many` reads")
    parser.set_defaults(run=_calls.run)


def _many_transfers(commands: Any) -> None:
    parser = _parser(
        commands,
        "many",
        "transfer the calls of a file",
        "FILE has one call per line; - is standard input. A table (.csv) begins with column names:\n"
        "call_id,to and any options. An empty cell means that the option is not given. Boolean cells are\n"
        "true, false, yes, no, 1 or 0. In v2, several targets in a cell have spaces between them. A .jsonl\n"
        "file has one object per line, with the same names.\n\n"
        "  call_id,to,caller_id,whisper_audio\n"
        "  c-call123,+18382947878,private,You have an incoming call\n\n"
        "With --run the lines become a run in a file or a database: it survives crashes, several\n"
        "processes share it, and no call is sent twice. The same command again goes on with it.\n\n"
        "  calltransfer many calls.csv --run evac.db --rate 20\n\n"
        "--results keeps a simpler record, for one process: a line is written before each transfer is\n"
        "sent, and one with its outcome. The same command again sends the rest: what was not sent, and\n"
        "what was not begun. A transfer that was begun and has no outcome counts as unknown; look at the\n"
        "call, or add --check.",
        "FILE [options]",
    )
    parser.add_argument("file", metavar="FILE", help="a .csv or .jsonl file, or -").completions = "file"
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        choices=_source.FORMATS,
        help="csv or jsonl; by default decided by the file's name, or else its first line",
    ).completions = _source.FORMATS
    parser.add_argument(
        "--encoding", metavar="NAME", help="for example latin-1; by default UTF-8, or what the byte order mark says"
    )
    parser.add_argument(
        "--all-errors", action="store_true", help="list every line that can't be sent, not only the first 100"
    )
    parser.add_argument(
        "--run",
        dest="run_place",
        metavar="PLACE",
        help="a file, or a postgresql:// URL, where the run lives; made where there is none",
    ).completions = "file"
    parser.add_argument(
        "--deadline", metavar="TIME", type=_runs.duration, help="with --run: how long it may take, as 90s, 15m or 2h"
    )
    parser.add_argument("--name", metavar="NAME", help="with --run: by what people know this worker")
    parser.add_argument(
        "--results",
        metavar="FILE",
        help="a .jsonl file that records what was begun and how it ended, so that the run can be resumed",
    ).completions = "file"
    parser.add_argument(
        "--check",
        action="store_true",
        help="read each call whose outcome is unknown, and record what is found: with --results before "
        "the rest is sent, with --run after it",
    )
    parser.add_argument(
        "--to", metavar="NUMBER", action="append", help="the target of lines that name none; in v2 again for more"
    )
    _pace(parser)
    add_options(parser)
    _settings(parser)
    _output(parser, dry_run="check every line and show what would be sent, numbers redacted; send nothing")
    parser.set_defaults(run=_many.run)


def _pace(parser: Any, has_rate: bool = True) -> None:
    """How many transfers are made, and whether a person watches."""
    parser.add_argument(
        "--concurrency", metavar="N", help="how many transfers at the same time; 16", type=_many.whole_number
    )
    if has_rate:
        parser.add_argument("--rate", metavar="N", help="how many transfers may begin per second", type=_many.rate)
    parser.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="show progress on standard error; on a terminal by default",
    )


def _evacuation(commands: Any) -> None:
    parser = _parser(
        commands,
        "evacuate",
        "transfer all live calls, in a run",
        "Lists the calls that have come in and can be transferred, all of them before the first is sent, and\n"
        "transfers each in a run: it survives crashes, and no call is sent twice. The same command again\n"
        "adds the calls that have come in since, and goes on. Legs that transfers made are not moved.\n\n"
        "  calltransfer evacuate --to +18382947878 --called +18385550199 --run evac.db --rate 20",
        "--to NUMBER --run PLACE [options]",
    )
    parser.add_argument(
        "--to", metavar="NUMBER", action="append", required=True, help="the target of all calls; in v2 again for more"
    )
    parser.add_argument("--called", metavar="NUMBER", help="only calls to this number or SIP address")
    parser.add_argument(
        "--run",
        dest="run_place",
        metavar="PLACE",
        required=True,
        help="a file, or a postgresql:// URL, where the run lives; made where there is none",
    ).completions = "file"
    parser.add_argument(
        "--deadline", metavar="TIME", type=_runs.duration, help="how long it may take, as 90s, 15m or 2h"
    )
    parser.add_argument("--name", metavar="NAME", help="by what people know this worker")
    parser.add_argument("--check", action="store_true", help="afterwards read each call whose outcome is unknown")
    _pace(parser)
    add_options(parser)
    _settings(parser)
    _output(parser, dry_run="list the calls and say how many there are; send nothing")
    parser.set_defaults(run=_evacuate.run)


def _run_commands(commands: Any) -> None:
    run = _parser(
        commands,
        "run",
        "look at a run, carry it on, check it, stop it or export it",
        "PLACE is what many --run was given: a file or a postgresql:// URL. `calltransfer many` makes runs.",
    )
    actions = run.add_subparsers(metavar="ACTION", required=True)

    show = _run_command(actions, "show", "counts, rate, time left, and the rows that need a person", _runs.show)
    _output(show, dry_run=None)

    more = "Counts as a worker of its own; as many as you like may work on a run at once."
    resume = _run_command(
        actions, "resume", "go on with a run, also after stop; ends with the code of the whole run", _runs.resume, more
    )
    more += "\nEnds with 0 where nothing is left to send or the run was stopped, else with 3: start it again."
    work = _run_command(
        actions, "work", "work on a run as one more worker, on this or another machine", _runs.work, more
    )
    for parser in (resume, work):
        parser.add_argument("--name", metavar="NAME", help="by what people know this worker; the process id")
        _pace(parser, has_rate=False)
        _settings(parser)
        _output(parser, dry_run="say how many rows would be sent; send nothing")

    check = _run_command(actions, "check", "read the calls whose outcome is unknown; sends nothing again", _runs.check)
    _settings(check)
    _output(check, dry_run="say how many calls would be read")

    retry = _run_command(
        actions,
        "retry",
        "plan rows again that have ended; resume then sends them",
        _runs.retry,
        "Of the unknown rows only those that check has read and of which it found no transfer. They may\n"
        "be transferred twice then: look at what check says of them first.",
        "WHICH ",
    )
    retry.add_argument("which", choices=_runs.WHICH, help="not_sent, not_applied or unknown").completions = _runs.WHICH
    _output(retry, dry_run="say how many rows there are; change nothing")

    stop = _run_command(actions, "stop", "have all workers of a run end, on all machines, until resume", _runs.stop)
    _output(stop, dry_run="say how many workers would end; change nothing")

    export = _run_command(actions, "export", "write the rows as CSV or JSON Lines, numbers redacted", _runs.export)
    export.add_argument(
        "--format", metavar="FORMAT", choices=_runs.FORMATS, default="csv", help="csv or jsonl; csv"
    ).completions = _runs.FORMATS
    export.add_argument(
        "--state", metavar="STATE", action="append", choices=STATES, help="only rows in this state; may be repeated"
    ).completions = STATES
    export.add_argument("--show-numbers", action="store_true", help="write phone numbers whole")
    _output(export, dry_run=None)


def _run_command(actions: Any, name: str, about: str, run: Any, more: str | None = None, after: str = "") -> Any:
    parser = _parser(actions, name, about, more, f"PLACE {after}[options]")
    parser.add_argument(
        "place", metavar="PLACE", help="the file or the postgresql:// URL of a run"
    ).completions = "file"
    parser.set_defaults(run=run)
    return parser


def _listen_command(commands: Any) -> None:
    parser = _parser(
        commands,
        "listen",
        "receive the events of calls, and print them as they come",
        "For development: a callback_url leads here. Numbers show their last two digits; --json shows\n"
        "them whole. An event that comes twice is printed once. Beyond this machine, --username is\n"
        "needed, with the password in CALLTRANSFER_LISTEN_PASSWORD; both stand in the callback URL:\n"
        "http://hook:PASSWORD@example.com:8080/. Ctrl-C ends it.",
        "[options]",
    )
    parser.add_argument("--port", metavar="PORT", type=_many.whole_number, default=8080, help="8080; 0 is a free one")
    parser.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help="127.0.0.1; 0.0.0.0 is every one")
    parser.add_argument("--to", metavar="CALL", dest="call", help="only events of this call and its legs")
    parser.add_argument("--username", metavar="NAME", help="the user that requests have to give")
    parser.add_argument("--whisper-audio", metavar="TEXT", help="v2: whispered where a transfer_answer_url leads here")
    _output(parser, dry_run="check the settings; listen at nothing")
    parser.set_defaults(run=_listen)


def _listen(*arguments: Any) -> int:
    from calltransfer.cli import _listen  # a web server, which the other commands need not load

    return _listen.run(*arguments)


def _sandbox(commands: Any) -> None:
    # Listed here for help and completion; `main` passes its arguments on unread.
    parser = _parser(commands, "sandbox", "run a sandbox that imitates the platform on this machine", None)
    parser.set_defaults(run=None)


def _doctor_command(commands: Any) -> None:
    parser = _parser(
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
    _settings(parser)
    _output(parser, dry_run="connect to nothing")
    parser.set_defaults(run=_doctor.run)


def _completion_command(commands: Any) -> None:
    parser = _parser(
        commands,
        "completion",
        "print a script that completes this command in a shell",
        'bash:  eval "$(calltransfer completion bash)"\n'
        'zsh:   eval "$(calltransfer completion zsh)"\n'
        "fish:  calltransfer completion fish | source",
    )
    shell = parser.add_argument("shell", choices=_completion.SHELLS, help="bash, zsh or fish")
    shell.completions = _completion.SHELLS
    _output(parser, dry_run="no effect: this command sends nothing")
    parser.set_defaults(run=lambda parsed, output, signals: _completion.run(build(), parsed, output))


def _parser(commands: Any, name: str, about: str, more: str | None, usage: str = "") -> Any:
    settings: dict[str, Any] = {
        "usage": f"%(prog)s {usage}" if usage else None,
        "description": about[0].upper() + about[1:].rstrip(".") + ".",
        "epilog": more,
        "formatter_class": _Formatter,
        "allow_abbrev": False,
    }
    if commands is None:
        return argparse.ArgumentParser(prog=name, **settings)
    return commands.add_parser(name, help=about, **settings)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help with the same width on every terminal, so that it can be in the documentation."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=100)


def _id_and_target(parser: Any) -> None:
    parser.add_argument("call_id", metavar="CALL_ID", help="the call to transfer; it must be active")
    parser.add_argument(
        "to",
        metavar="TO",
        nargs="+",
        help="a phone number such as +18382947878, or a SIP address; in v2 up to 8, which ring at the same time",
    )


def _settings(parser: Any) -> None:
    group = parser.add_argument_group("settings")
    group.add_argument(
        "--api", metavar="API", help="v1 or v2; needed if there are credentials for both"
    ).completions = (
        "v1",
        "v2",
    )
    group.add_argument("--user-id", metavar="ID", help="the account of v1, instead of BANDWIDTH_USER_ID")
    group.add_argument("--account-id", metavar="ID", help="the account of v2, instead of BW_ACCOUNT_ID")
    group.add_argument(
        "--base-url", metavar="URL", help="the address of the platform, instead of CALLTRANSFER_BASE_URL"
    )
    group.add_argument("--timeout", metavar="SECONDS", help="time for one request, including all attempts; 10")
    group.add_argument("--max-retries", metavar="N", type=_many.whole_number, help="how many further attempts; 2")
    group.add_argument("--ca-file", metavar="FILE", help="a PEM file of certificates to trust").completions = "file"
    group.add_argument("--proxy", metavar="URL", help="an http proxy, instead of CALLTRANSFER_PROXY")


def _output(parser: Any, dry_run: str | None, csv: str | None = None) -> None:
    group = parser.add_argument_group("output")
    form = group.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, one object per line")
    if csv is not None:
        form.add_argument("--csv", action="store_true", help=csv)
    if dry_run is not None:
        group.add_argument("--dry-run", action="store_true", help=dry_run)
