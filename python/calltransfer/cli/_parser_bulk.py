"""The parsers of the commands for many calls: `many`, `evacuate` and `run`."""

from __future__ import annotations

from typing import Any

from calltransfer._runs.records import STATES
from calltransfer.cli import _evacuate, _many, _runs, _source
from calltransfer.cli._arguments import add_output, add_pace, add_settings, duration, new_parser
from calltransfer.cli._options import add_options


def add_many(commands: Any) -> None:
    parser = new_parser(
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
        "processes share it, and no call is sent twice. The same command again continues it.\n\n"
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
        help="a file, or a postgresql:// URL, where the run is stored; created if missing",
    ).completions = "file"
    parser.add_argument(
        "--deadline", metavar="TIME", type=duration, help="with --run: how long it may take, as 90s, 15m or 2h"
    )
    parser.add_argument("--name", metavar="NAME", help="with --run: name of this worker, for people")
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
        "--to",
        metavar="NUMBER",
        action="append",
        help="the target of lines that name none; in v2, repeat it for several",
    )
    add_pace(parser)
    add_options(parser)
    add_settings(parser)
    add_output(parser, dry_run="check every line and show what would be sent, numbers redacted; send nothing")
    parser.set_defaults(run=_many.run)


def add_evacuate(commands: Any) -> None:
    parser = new_parser(
        commands,
        "evacuate",
        "transfer all live calls, in a run",
        "Lists the calls that have come in and can be transferred, all of them before the first is sent, and\n"
        "transfers each in a run: it survives crashes, and no call is sent twice. The same command again\n"
        "adds the calls that have come in since, and continues. Legs that transfers made are not moved.\n\n"
        "  calltransfer evacuate --to +18382947878 --called +18385550199 --run evac.db --rate 20",
        "--to NUMBER --run PLACE [options]",
    )
    parser.add_argument(
        "--to",
        metavar="NUMBER",
        action="append",
        required=True,
        help="the target of all calls; in v2, repeat it for several",
    )
    parser.add_argument("--called", metavar="NUMBER", help="only calls to this number or SIP address")
    parser.add_argument(
        "--run",
        dest="run_place",
        metavar="PLACE",
        required=True,
        help="a file, or a postgresql:// URL, where the run is stored; created if missing",
    ).completions = "file"
    parser.add_argument("--deadline", metavar="TIME", type=duration, help="how long it may take, as 90s, 15m or 2h")
    parser.add_argument("--name", metavar="NAME", help="name of this worker, for people")
    parser.add_argument("--check", action="store_true", help="afterwards read each call whose outcome is unknown")
    add_pace(parser)
    add_options(parser)
    add_settings(parser)
    add_output(parser, dry_run="list the calls and say how many there are; send nothing")
    parser.set_defaults(run=_evacuate.run)


def add_run(commands: Any) -> None:
    run = new_parser(
        commands,
        "run",
        "show, continue, check, stop or export a run",
        "PLACE is what many --run was given: a file or a postgresql:// URL. `calltransfer many` creates runs.",
    )
    actions = run.add_subparsers(metavar="ACTION", required=True)

    show = _run_command(actions, "show", "show counts, rate, time left, and the rows that need a person", _runs.show)
    add_output(show, dry_run=None)

    more = "It is a worker of its own; any number of workers may work on a run at the same time."
    resume = _run_command(
        actions, "resume", "continue a run, also after stop; the exit code is that of the whole run", _runs.resume, more
    )
    more += "\nThe exit code is 0 if nothing is left to send or the run was stopped, else 3: start it again."
    work = _run_command(
        actions, "work", "work on a run as one more worker, on this or another machine", _runs.work, more
    )
    for parser in (resume, work):
        parser.add_argument("--name", metavar="NAME", help="name of this worker, for people (default: the process ID)")
        add_pace(parser, has_rate=False)
        add_settings(parser)
        add_output(parser, dry_run="say how many rows would be sent; send nothing")

    check = _run_command(actions, "check", "read the calls whose outcome is unknown; sends nothing again", _runs.check)
    add_settings(check)
    add_output(check, dry_run="say how many calls would be read")

    retry = _run_command(
        actions,
        "retry",
        "plan ended rows again; resume then sends them",
        _runs.retry,
        "Of the unknown rows, only those are planned for which check found no transfer. They may still be\n"
        "transferred twice: read the findings of check first.",
        "WHICH ",
    )
    retry.add_argument(
        "which", metavar="WHICH", choices=_runs.WHICH, help="not_sent, not_applied or unknown"
    ).completions = _runs.WHICH
    add_output(retry, dry_run="say how many rows there are; change nothing")

    stop = _run_command(actions, "stop", "stop all workers of a run, on all machines, until resume", _runs.stop)
    add_output(stop, dry_run="say how many workers would end; change nothing")

    export = _run_command(actions, "export", "write the rows as CSV or JSON Lines, numbers redacted", _runs.export)
    export.add_argument(
        "--format", metavar="FORMAT", choices=_runs.FORMATS, default="csv", help="csv or jsonl (default: csv)"
    ).completions = _runs.FORMATS
    export.add_argument(
        "--state", metavar="STATE", action="append", choices=STATES, help="only rows in this state; may be repeated"
    ).completions = STATES
    export.add_argument("--show-numbers", action="store_true", help="write whole phone numbers: personal data")
    add_output(export, dry_run=None)


def _run_command(actions: Any, name: str, about: str, run: Any, more: str | None = None, after: str = "") -> Any:
    parser = new_parser(actions, name, about, more, f"PLACE {after}[options]")
    parser.add_argument(
        "place", metavar="PLACE", help="the file or the postgresql:// URL of a run"
    ).completions = "file"
    parser.set_defaults(run=run)
    return parser
