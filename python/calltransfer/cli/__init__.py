"""The command `calltransfer`. See `docs/cli.md`, or `calltransfer --help`."""

from __future__ import annotations

import sys

from calltransfer.cli._exit_codes import of_error, of_interrupt
from calltransfer.cli._output import Output
from calltransfer.errors import CallTransferError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code; 2 where the command line is wrong.

        from calltransfer.cli import main

        code = main(["payload", "c-call123", "+18382947878"])
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["sandbox"]:  # its words are its own
        from calltransfer.sandbox import main as sandbox

        return sandbox(given[1:])
    from calltransfer.cli._parser import build

    parsed = build().parse_args(given)
    output = Output(as_json=getattr(parsed, "json", False))
    try:
        code: int = parsed.run(parsed, output)
        return code
    except CallTransferError as error:
        output.error(error)
        return of_error(error)
    except KeyboardInterrupt as stopped:
        cause = stopped.__context__
        output.interrupted(cause if isinstance(cause, CallTransferError) else None)
        return of_interrupt(stopped)
    except BrokenPipeError:  # `calltransfer … | head`
        sys.stderr.close()
        return 141
