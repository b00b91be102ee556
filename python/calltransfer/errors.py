"""What can go wrong, as exceptions: one class for each kind of error of the core.

Every one is a `CallTransferError`; where Python has a word for it, also that.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal


class CallTransferError(Exception):
    """Base class of all errors. Check `outcome` before retrying.

    `str(error)` is one line with all causes. It contains no secret and no whole phone number.

        try:
            calltransfer.transfer("c-call123", "+18382947878")
        except calltransfer.CallTransferError as error:
            print(error.outcome, error.safe_to_repeat, error)
    """

    kind: str = "internal"
    """The kind of error, as `"rate_limited"`; the same word in every language."""
    outcome: Literal["not_sent", "not_applied", "unknown"] = "unknown"
    """Whether the call was transferred. Of an error made from its message alone: what every error of the
    class says, `"unknown"` where they differ."""
    safe_to_repeat: bool = False
    """Whether sending the same transfer again can't make it twice."""
    field: str | None = None
    """The argument or setting at fault, as `"whisper_audio.voice"`."""
    call_id: str | None = None
    """The call that was asked about, where a request was made for it."""
    stage: str | None = None
    """How far the request had come: `token`, `resolve`, `connect`, `tls`, `proxy`, `write`,
    `read` or `status`."""
    http_status: int | None = None
    """The HTTP status of the response, if one was read."""
    category: str | None = None
    """The platform's category, as `"bad-request"`."""
    code: str | None = None
    """The platform's code, as `"call-invalid-state"`."""
    platform_message: str | None = None
    """The platform's message, for people."""
    details: tuple[tuple[str, str], ...] = ()
    """Names and values that say more."""
    retry_after: float | None = None
    """Seconds until the platform's limit clears, counted from the response."""
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

    def to_dict(self) -> dict[str, Any]:
        """Everything as a dict that JSON can hold; `from_dict` reads it. It holds no secret.

        Example:
            print(error.to_dict())
        """
        from calltransfer import _records

        return _records.of_error(self)

    __json__ = to_dict
    """For JSON encoders that ask for it, as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> CallTransferError:
        """The error that `to_dict` was called on, of the class of its kind.

            error = CallTransferError.from_dict(json.loads(line))

        Raises:
            ValueError: It is no such dict; the message names the key.
        """
        from calltransfer import _records

        return _records.error(document)


class InvalidArgumentError(CallTransferError, ValueError):
    """An argument can't be sent; `field` names it. Nothing was sent.

    Example:
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

    Example:
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

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.TimedOutError as error:
            print(error.elapsed, error.outcome)
    """

    kind = "timeout"


class TlsError(CallTransferError, ConnectionError):
    """No trusted encryption came about. Nothing was sent.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.TlsError as error:
            print(error)
    """

    kind = "tls"


class ProxyError(CallTransferError, ConnectionError):
    """The proxy refused. Nothing was sent.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.ProxyError as error:
            print(error)
    """

    kind = "proxy"


class TransferCancelledError(CallTransferError):
    """The transfer was stopped before it was sent.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.TransferCancelledError as error:
            print(error.outcome)
    """

    kind = "cancelled"


class InternalError(CallTransferError, RuntimeError):
    """A fault of this library; please report it.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.InternalError as error:
            print(error.outcome, error)
    """

    kind = "internal"


class OutcomeUnknownError(CallTransferError):
    """The request may have arrived, and nothing shows whether it was carried out.

    Look at the call (`client.check(error)`) before you send it again: a second transfer may ring
    a phone twice.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.OutcomeUnknownError as error:
            print(error.stage, error.http_status, error.call_id)
    """

    kind = "outcome_unknown"


class RedirectRefusedError(CallTransferError):
    """The platform answered with a redirect, which is never followed.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.RedirectRefusedError as error:
            print(error.http_status)
    """

    kind = "redirect_refused"


class BadRequestError(CallTransferError):
    """The platform rejected the request as invalid.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.BadRequestError as error:
            print(error.platform_message, error.details)
    """

    kind = "bad_request"
    outcome: Literal["not_sent", "not_applied", "unknown"] = "not_applied"


class AuthenticationError(CallTransferError):
    """The platform rejected the credentials.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.AuthenticationError as error:
            print(error.category, error.code)
    """

    kind = "authentication"


class AuthorizationError(CallTransferError):
    """The account may not do this, or not with this number.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.AuthorizationError as error:
            print(error.category, error.code)
    """

    kind = "authorization"
    outcome: Literal["not_sent", "not_applied", "unknown"] = "not_applied"


class InsufficientCreditError(CallTransferError):
    """The account has no credit left.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.InsufficientCreditError as error:
            print(error.platform_message)
    """

    kind = "insufficient_credit"
    outcome: Literal["not_sent", "not_applied", "unknown"] = "not_applied"


class ForbiddenError(CallTransferError):
    """The platform forbids this transfer.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.ForbiddenError as error:
            print(error.code, error.platform_message)
    """

    kind = "forbidden"
    outcome: Literal["not_sent", "not_applied", "unknown"] = "not_applied"


class CallNotFoundError(CallTransferError, LookupError):
    """The platform has no such call.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.CallNotFoundError as error:
            print(error.call_id)
    """

    kind = "call_not_found"
    outcome: Literal["not_sent", "not_applied", "unknown"] = "not_applied"


class CallNotActiveError(CallTransferError):
    """The call isn't active: not answered yet, already transferred, or ended.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.CallNotActiveError as error:
            print(error.details)
    """

    kind = "call_not_active"
    outcome: Literal["not_sent", "not_applied", "unknown"] = "not_applied"


class ConflictError(CallTransferError):
    """Another update of this call is under way.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.ConflictError as error:
            print(error.outcome)
    """

    kind = "conflict"
    outcome: Literal["not_sent", "not_applied", "unknown"] = "not_applied"


class RateLimitedError(CallTransferError):
    """Too many requests; `retry_after` says when the limit clears.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.RateLimitedError as error:
            print(error.retry_after)
    """

    kind = "rate_limited"


class UnavailableError(CallTransferError):
    """The call is still being set up, or the platform is unavailable.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.UnavailableError as error:
            print(error.code, error.retry_after)
    """

    kind = "unavailable"


class RejectedError(CallTransferError):
    """The platform refused for a reason that has no kind of its own, or a 404 is not the platform's.

    Example:
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
    # A dict of a later version may name a kind that has no class here.
    error = KINDS.get(kind, CallTransferError)(message)
    if kind not in KINDS:
        error.kind = kind
    error.__dict__.update(attributes)
    # As `add_note` of Python 3.11 keeps it: the last line of a traceback. 3.10 shows no notes.
    error.__dict__["__notes__"] = [f"outcome: {error.outcome}; {_advice(error)}"]
    return error


def _advice(error: CallTransferError) -> str:
    """What to do, in the words of a traceback's last line."""
    if error.outcome == "unknown":
        return "look at the call before you send it again: client.check(error)"
    if error.kind in ("invalid_argument", "configuration"):
        return "correct it first"
    if error.retry_after:
        return f"it may be sent again after {error.retry_after:g} s"
    return "it may be sent again once the cause is gone"


def _remade(kind: type[CallTransferError], args: tuple[Any, ...]) -> CallTransferError:
    return kind(*args)
