"""What the command's exit code says: what became of the call."""

from __future__ import annotations

from calltransfer.errors import CallTransferError, ConfigurationError, InvalidArgumentError

DONE = 0
FAULT = 1
USAGE = 2
NOT_SENT = 3
NOT_APPLIED = 4
UNKNOWN = 5
INTERRUPTED = 130

MEANINGS = {
    DONE: "it was done",
    FAULT: "doctor: something is missing or wrong",
    USAGE: "the command line or the set-up is wrong; nothing was sent",
    NOT_SENT: "nothing was sent",
    NOT_APPLIED: "the platform had the request and did nothing",
    UNKNOWN: "it may or may not have been done: look at the call first",
    INTERRUPTED: "stopped by Ctrl-C before anything was sent",
}
"""Every code, for the help and the documentation."""

_OF_OUTCOME = {"applied": DONE, "not_sent": NOT_SENT, "not_applied": NOT_APPLIED, "unknown": UNKNOWN}


def of_outcome(outcome: str) -> int:
    return _OF_OUTCOME[outcome]


def of_error(error: CallTransferError) -> int:
    if isinstance(error, (InvalidArgumentError, ConfigurationError)):
        return USAGE
    return of_outcome(error.outcome)


def of_interrupt(stopped: KeyboardInterrupt) -> int:
    """An outcome that nobody knows counts more than who stopped it."""
    cause = stopped.__context__
    unknown = isinstance(cause, CallTransferError) and cause.outcome == "unknown"
    return UNKNOWN if unknown else INTERRUPTED


def of_many(outcomes: set[str]) -> int:
    """The worst of them: unknown before not applied before not sent."""
    return max((of_outcome(outcome) for outcome in outcomes), default=DONE)
