"""What can go wrong, as exceptions: one class for each kind of error of the core.

Every one is a `CallTransferError`; where Python has a word for it, also that.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal


class CallTransferError(Exception):
    """A transfer that was not made, or of which nobody can say.

    `str(error)` tells the whole story in one line. It holds no secret and no whole phone number.

        try:
            calltransfer.transfer("c-call123", "+18382947878")
        except calltransfer.CallTransferError as error:
            print(error.outcome, error.safe_to_repeat, error)
    """

    kind: str = "internal"
    """The kind of error, as `"rate_limited"`; the same word in every language."""
    outcome: Literal["not_sent", "not_applied", "unknown"] = "unknown"
    """What became of the call."""
    safe_to_repeat: bool = False
    """Whether sending the same transfer again can't make it twice."""
    field: str | None = None
    """The argument or setting at fault, as `"whisper_audio.voice"`."""
    call_id: str | None = None
    """The call that was asked about, where a request was made for it."""
    stage: str | None = None
    """How far the request had come: `resolve`, `connect`, `tls`, `proxy`, `write`, `read`, `status`."""
    http_status: int | None = None
    """The HTTP status of the answer, if one was read."""
    category: str | None = None
    """The platform's category, as `"bad-request"`."""
    code: str | None = None
    """The platform's code, as `"call-invalid-state"`."""
    platform_message: str | None = None
    """The platform's message, for people."""
    details: tuple[tuple[str, str], ...] = ()
    """Names and values that say more."""
    retry_after: float | None = None
    """Seconds until the platform's limit clears, from the time of the answer."""
    attempts: int = 0
    """How many times the request was tried; 0 where it was refused before the first."""
    elapsed: float = 0.0
    """How long it took, in seconds, waits between attempts included."""

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with `args` alone and lose nothing but the attributes.
        return (_remade, (type(self), self.args), dict(self.__dict__))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer import _display

        return _display.error(self)


class InvalidArgumentError(CallTransferError, ValueError):
    """An argument can't be sent; `field` names it. Nothing was sent.

        try:
            client.transfer("c-call123", "8382947878")
        except calltransfer.InvalidArgumentError as error:
            print(error.field, error)
    """

    kind = "invalid_argument"
    outcome: Literal["not_sent", "not_applied", "unknown"] = "not_sent"
    safe_to_repeat = True


class ConfigurationError(CallTransferError, ValueError):
    """The client's set-up is missing something or wrong; `field` names it. Nothing was sent.

        try:
            client = calltransfer.Client(timeout=0)
        except calltransfer.ConfigurationError as error:
            print(error.field, error)
    """

    kind = "configuration"
    outcome: Literal["not_sent", "not_applied", "unknown"] = "not_sent"
    safe_to_repeat = True


class ConnectionFailedError(CallTransferError, ConnectionError):
    """The host's name could not be resolved, no connection came about, or the process has no file
    descriptors or threads left for one.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.ConnectionFailedError as error:
            print(error.stage, error.attempts)
    """

    kind = "connection"


class TimedOutError(CallTransferError, TimeoutError):
    """The time ran out before the request was sent.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.TimedOutError as error:
            print(error.elapsed, error.outcome)
    """

    kind = "timeout"


class TlsError(CallTransferError, ConnectionError):
    """No trusted encryption came about. Nothing was sent.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.TlsError as error:
            print(error)
    """

    kind = "tls"


class ProxyError(CallTransferError, ConnectionError):
    """The proxy refused. Nothing was sent.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.ProxyError as error:
            print(error)
    """

    kind = "proxy"


class TransferCancelledError(CallTransferError):
    """The transfer was stopped before it was sent.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.TransferCancelledError as error:
            print(error.outcome)
    """

    kind = "cancelled"


class InternalError(CallTransferError, RuntimeError):
    """A fault of this library; please report it.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.InternalError as error:
            print(error.outcome, error)
    """

    kind = "internal"


class OutcomeUnknownError(CallTransferError):
    """The request may have arrived, and nothing says what became of it.

    Look at the call (`client.check(error)`) before you send it again: a second transfer may ring
    somebody twice.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.OutcomeUnknownError as error:
            print(error.stage, error.http_status, error.call_id)
    """

    kind = "outcome_unknown"


class RedirectRefusedError(CallTransferError):
    """The platform answered with a redirect, which is never followed.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.RedirectRefusedError as error:
            print(error.http_status)
    """

    kind = "redirect_refused"


class BadRequestError(CallTransferError):
    """The platform found the request wrong.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.BadRequestError as error:
            print(error.platform_message, error.details)
    """

    kind = "bad_request"


class AuthenticationError(CallTransferError):
    """Token and secret are not known to the platform.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.AuthenticationError as error:
            print(error.category, error.code)
    """

    kind = "authentication"


class AuthorizationError(CallTransferError):
    """The account may not do this, or not with this number.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.AuthorizationError as error:
            print(error.category, error.code)
    """

    kind = "authorization"


class InsufficientCreditError(CallTransferError):
    """The account has no credit left.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.InsufficientCreditError as error:
            print(error.platform_message)
    """

    kind = "insufficient_credit"


class ForbiddenError(CallTransferError):
    """The platform refuses this transfer.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.ForbiddenError as error:
            print(error.code, error.platform_message)
    """

    kind = "forbidden"


class CallNotFoundError(CallTransferError, LookupError):
    """The platform knows no such call.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.CallNotFoundError as error:
            print(error.call_id)
    """

    kind = "call_not_found"


class CallNotActiveError(CallTransferError):
    """The call isn't active: not answered yet, already transferred, or ended.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.CallNotActiveError as error:
            print(error.details)
    """

    kind = "call_not_active"


class ConflictError(CallTransferError):
    """Another update of this call is under way.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.ConflictError as error:
            print(error.outcome)
    """

    kind = "conflict"


class RateLimitedError(CallTransferError):
    """Too many requests; `retry_after` says when the limit clears.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.RateLimitedError as error:
            print(error.retry_after)
    """

    kind = "rate_limited"


class UnavailableError(CallTransferError):
    """The call is still being set up, or the platform can't tell about it now.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.UnavailableError as error:
            print(error.code, error.retry_after)
    """

    kind = "unavailable"


class RejectedError(CallTransferError):
    """The platform refused for a reason that has no kind of its own.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.RejectedError as error:
            print(error.http_status, error.platform_message)
    """

    kind = "rejected"


KINDS: dict[str, type[CallTransferError]] = {
    error.kind: error
    for error in (
        InvalidArgumentError,
        ConfigurationError,
        ConnectionFailedError,
        TimedOutError,
        TlsError,
        ProxyError,
        TransferCancelledError,
        InternalError,
        OutcomeUnknownError,
        RedirectRefusedError,
        BadRequestError,
        AuthenticationError,
        AuthorizationError,
        InsufficientCreditError,
        ForbiddenError,
        CallNotFoundError,
        CallNotActiveError,
        ConflictError,
        RateLimitedError,
        UnavailableError,
        RejectedError,
    )
}
"""The class of each kind."""


def make(kind: str, message: str, attributes: dict[str, Any]) -> CallTransferError:
    """The exception for an error of the core. Private."""
    error = KINDS[kind](message)
    error.__dict__.update(attributes)
    if error.outcome == "unknown":
        # As `add_note` of Python 3.11 keeps it; 3.10 shows none in a traceback, and has them all the same.
        error.__dict__["__notes__"] = ["The transfer may have been made: look at the call before you send it again."]
    return error


def _remade(kind: type[CallTransferError], args: tuple[Any, ...]) -> CallTransferError:
    return kind(*args)
