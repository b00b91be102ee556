"""The exit codes of the command: they give the outcome."""

from __future__ import annotations

from calltransfer.errors import CallTransferError, ConfigurationError, InvalidArgumentError, RunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from calltransfer._runs.records import RunSummary

DONE = 0
FAILURE = 1
USAGE = 2
NOT_SENT = 3
NOT_APPLIED = 4
UNKNOWN = 5
NOT_ANSWERED = 6
INTERRUPTED = 130

MEANINGS = {
    DONE: "it was done",
    FAILURE: "doctor: something is missing or wrong; others: nothing was sent, and the output can't be written",
    USAGE: "the command line or the set-up is wrong; nothing was sent",
    NOT_SENT: "nothing was sent; many and run: some transfers were not sent",
    NOT_APPLIED: "the platform received the request and did nothing",
    UNKNOWN: "it may or may not have been done: look at the call first",
    NOT_ANSWERED: "with --wait: the transfer was made, and no target is known to have answered",
    INTERRUPTED: "stopped by Ctrl-C, SIGTERM or SIGHUP; it is certain that nothing was sent",
}
"""Every code, for the help and the documentation."""

_OF_OUTCOME = {"applied": DONE, "not_sent": NOT_SENT, "not_applied": NOT_APPLIED, "unknown": UNKNOWN}


def of_outcome(outcome: str) -> int:
    return _OF_OUTCOME[outcome]


def of_error(error: CallTransferError, is_stopped: bool = False) -> int:
    """The code of an error; `is_stopped` says that a signal came."""
    if isinstance(error, (InvalidArgumentError, ConfigurationError, RunError)):
        return USAGE
    if is_stopped and error.outcome == "not_sent":
        return INTERRUPTED
    return of_outcome(error.outcome)


def of_check(error: CallTransferError) -> int:
    """A check that fails says nothing about the transfer: it may still have been made."""
    return USAGE if isinstance(error, (InvalidArgumentError, ConfigurationError)) else UNKNOWN


def of_many(outcomes: set[str]) -> int:
    """The worst of them: unknown before not applied before not sent."""
    return max((of_outcome(outcome) for outcome in outcomes), default=DONE)


def of_run(summary: RunSummary) -> int:
    """The worst of its rows. One that a worker has may have been sent; one that is planned was not."""
    if summary.unknown or summary.sending:
        return UNKNOWN
    if summary.not_applied:
        return NOT_APPLIED
    return NOT_SENT if summary.not_sent or summary.planned else DONE
