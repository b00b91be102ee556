"""The command `calltransfer`. See `docs/cli.md`, or `calltransfer --help`."""

from __future__ import annotations

import sys

from calltransfer.cli import _exit_codes
from calltransfer.cli._output import Output, OutputFailed, occupy, settle
from calltransfer.cli._signals import Signals
from calltransfer.errors import CallTransferError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code, which is 2 if the command line is wrong.

    Without `arguments` it runs as the program itself: it uses the arguments of the process, and ignores signals at
    the end, so that no signal replaces the exit code.

        from calltransfer.cli import main

        code = main(["payload", "c-call123", "+18382947878"])
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["sandbox"]:  # it has its own parser
        from calltransfer.sandbox import main as sandbox

        return sandbox(given[1:])
    if arguments is None:
        occupy()
    signals = Signals()
    output = Output(as_json=False)
    try:
        signals.install()
        return _run(given, output, signals)
    except KeyboardInterrupt:
        output.interrupted(signals.begun)
        return _exit_codes.UNKNOWN if signals.begun else _exit_codes.INTERRUPTED
    finally:
        if arguments is None:
            signals.ignore()
            settle()
        else:
            signals.restore()


def _run(given: list[str], output: Output, signals: Signals) -> int:
    from calltransfer.cli._parser import build

    parsed = build().parse_args(given)
    output.as_json = getattr(parsed, "json", False)
    try:
        code: int = parsed.run(parsed, output, signals)
        return code
    except CallTransferError as error:
        output.error(error)
        return _exit_codes.of_error(error, is_stopped=signals.count > 0)
    except OutputFailed as failed:  # of a command that changes nothing
        if failed.is_closed_pipe:  # `calltransfer … | head`
            return _BROKEN_PIPE
        output.note(f"calltransfer: {failed}")
        return _exit_codes.FAILURE
