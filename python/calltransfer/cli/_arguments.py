"""Arguments that several commands share, and how a parser of this command is made."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from calltransfer import _native

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")


def new_parser(commands: Any, name: str, about: str, more: str | None, usage: str = "") -> Any:
    settings: dict[str, Any] = {
        "usage": f"%(prog)s {usage}" if usage else None,
        "description": about[0].upper() + about[1:].rstrip(".") + ".",
        "epilog": more,
        "formatter_class": _Formatter,
        "allow_abbrev": False,
    }
    if commands is None:
        return _Parser(prog=name, **settings)
    return commands.add_parser(name, help=about, **settings)


class _Parser(argparse.ArgumentParser):
    """Reports each mistake with the usage of its own command, and suggests what may be meant."""

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        # By default the arguments that a command does not know are reported with the usage of `calltransfer`.
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(self._unknown(unknown))
        return parsed, unknown

    def _unknown(self, given: list[str]) -> str:
        # What follows a flag may be a secret.
        flags = [word.partition("=")[0] for word in given if word.startswith("-")]
        shown = f"unrecognized arguments: {' '.join(flags or given)}"
        variable = dict(_native.VARIABLES).get(_plain(flags[0])) if flags else None
        if variable is not None:
            return f"{shown}; set {variable} instead"
        known = [flag for action in self._actions for flag in action.option_strings]
        return shown + _suggestion(given[0].partition("=")[0], known)

    def error(self, message: str) -> NoReturn:
        choice = _CHOICE.search(message)
        meant = _suggestion(choice[1], re.findall(r"[\w-]+", choice[2])) if choice else ""
        super().error(f"{_native.redact_text(message)}{meant}; `{self.prog} --help` shows what there is")


def _suggestion(given: str, known: list[str]) -> str:
    """The known word that is most like the given one, as the end of a message."""
    plain = {_plain(word): word for word in known}
    meant = _native.suggestion(_plain(given), list(plain))
    return "" if meant is None else f"; did you mean {plain[meant]}?"


def _plain(flag: str) -> str:
    return flag.strip("-").replace("-", "_")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help with the same width on every terminal, so that it can be in the documentation."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=100)


def add_call_and_target(parser: Any) -> None:
    parser.add_argument("call_id", metavar="CALL_ID", help="the call to transfer; it must be active")
    parser.add_argument(
        "to",
        metavar="TO",
        nargs="+",
        help="a phone number such as +18382947878, or a SIP address; in v2 up to 8, which ring at the same time",
    )


def add_settings(parser: Any) -> None:
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
    group.add_argument(
        "--timeout", metavar="SECONDS", help="time for one request, including all attempts (default: 10)"
    )
    group.add_argument("--max-retries", metavar="N", type=whole_number, help="how many further attempts (default: 2)")
    group.add_argument("--ca-file", metavar="FILE", help="a PEM file of certificates to trust").completions = "file"
    group.add_argument("--proxy", metavar="URL", help="an http proxy, instead of CALLTRANSFER_PROXY")


def add_output(parser: Any, dry_run: str | None, csv: str | None = None) -> None:
    group = parser.add_argument_group("output")
    form = group.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, one object per line")
    if csv is not None:
        form.add_argument("--csv", action="store_true", help=csv)
    if dry_run is not None:
        group.add_argument("--dry-run", action="store_true", help=dry_run)


def add_pace(parser: Any, has_rate: bool = True) -> None:
    """How many transfers are made, and whether a person watches."""
    parser.add_argument(
        "--concurrency", metavar="N", help="how many transfers at the same time (default: 16)", type=whole_number
    )
    if has_rate:
        parser.add_argument("--rate", metavar="N", help="how many transfers may begin per second", type=rate)
    parser.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="show progress on standard error; by default only on a terminal",
    )


def whole_number(text: str) -> int:
    """A count on the command line."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected an integer of 0 or more, got {text!r}")
    return int(text)


def rate(text: str) -> float:
    """A rate on the command line."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number greater than 0, got {text!r}")
    return number


def duration(text: str) -> float:
    """A time on the command line, in seconds."""
    found = _TIME.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"expected a time such as 90s, 15m, 2h or 1d, got {text!r}")
    return float(found[1]) * _UNITS[found[2]]
