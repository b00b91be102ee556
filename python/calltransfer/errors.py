"""The exceptions: one class for each kind of error.

Each is a subclass of `CallTransferError`, and of the built-in exception with the same meaning if there is one. A class
whose errors need another handler than `CallTransferError` shows it in an example.
"""

from __future__ import annotations

# Displays and records are imported where they are used: few programs need them, and all import this file.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, TypeVar

    from typing_extensions import Self

    from calltransfer._native import SentTransfer

    _Error = TypeVar("_Error", bound="CallTransferError")


class CallTransferError(Exception):
    """Base class of all errors. Check `outcome` before retrying.

    `str(error)` is one line with all causes. It contains no secret, and of a phone number only the last two digits.

        try:
            calltransfer.transfer("c-call123", "+18382947878")
        except calltransfer.CallTransferError as error:
            print(error.outcome, error.safe_to_repeat, error)
    """

    kind: str = "internal"
    """The kind of error, for example `"rate_limited"`; the same name in every language."""
    outcome: Literal["not_sent", "not_applied", "unknown"] = "unknown"
    """Whether the call was transferred. If the error was created from its message alone, as some task queues do:
    the outcome that all errors of its class have, or `"unknown"` if they differ."""
    safe_to_repeat: bool = False
    """Whether the same transfer may be sent again without the risk of making it twice."""
    field: str | None = None
    """The argument or setting that is wrong, for example `"whisper_audio.voice"`."""
    call_id: str | None = None
    """The ID of the call that the request was for, if it was for a call."""
    stage: str | None = None
    """How far the request had come: `token`, `resolve`, `connect`, `tls`, `proxy`, `write`,
    `read` or `status`."""
    http_status: int | None = None
    """The HTTP status of the response, if one was read."""
    category: str | None = None
    """The platform's category of the error, for example `"bad-request"`."""
    code: str | None = None
    """The platform's code of the error, for example `"call-invalid-state"`."""
    platform_message: str | None = None
    """The platform's own message."""
    details: tuple[tuple[str, str], ...] = ()
    """More details from the platform, as pairs of name and value."""
    retry_after: float | None = None
    """Seconds until the platform's limit clears, counted from the response; `None` if there is no limit."""
    attempts: int = 0
    """How many times the request was tried; 0 if it was refused before the first attempt."""
    elapsed: float = 0.0
    """How long the request took, in seconds, including the waits between attempts."""
    if TYPE_CHECKING:
        _sent: SentTransfer | None
    else:
        _sent = None  # what `check` has to know of the transfer

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with `args` alone and lose nothing but the attributes.
        # A transfer is known by the clock of this machine, which means nothing to another one.
        known = {name: value for name, value in self.__dict__.items() if name != "_sent"}
        return (_remade, (type(self), self.args), known)

    def __copy__(self) -> Self:
        again = _remade(type(self), self.args)
        again.__dict__.update(self.__dict__)
        return again

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self.__copy__()

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import display as _display

        return _display.error(type(self).__name__, self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Returns the error as a dict for JSON, which `from_dict` reads. It contains no secret.

        Example:
            print(error.to_dict())
        """
        from calltransfer import _records

        return _records.write(
            "CallTransferError", self, message=str(self), details=[list(detail) for detail in self.details]
        )

    __json__ = to_dict
    """For JSON encoders that use this method, such as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> CallTransferError:
        """Returns an error that is equal to the one of `to_dict`, of the class for its kind.

            error = CallTransferError.from_dict(json.loads(line))

        Raises:
            ValueError: The dict is not one of `to_dict`; the message names the key.
        """
        from calltransfer import _records

        return make(*_records.read_error(document))


class InvalidArgumentError(CallTransferError, ValueError):
    """An argument can't be sent; `field` names it. Nothing was sent.

    Example:
        try:
            client.transfer("c-call123", "8382947878")
        except calltransfer.InvalidArgumentError as error:
            print(error.field, error)
    """

    kind = "invalid_argument"
    outcome: Literal["not_sent"] = "not_sent"
    safe_to_repeat = True


class ConfigurationError(CallTransferError, ValueError):
    """A setting of the client is missing or wrong; `field` names it. Nothing was sent.

    Example:
        try:
            client = calltransfer.Client(timeout=0)
        except calltransfer.ConfigurationError as error:
            print(error.field, error)
    """

    kind = "configuration"
    outcome: Literal["not_sent"] = "not_sent"
    safe_to_repeat = True


class ConnectionFailedError(CallTransferError, ConnectionError):
    """The host name could not be resolved, or no connection could be made.

    Also where the process has no file descriptors or threads left. `stage` says how far it came.
    """

    kind = "connection"


class TimedOutError(CallTransferError, TimeoutError):
    """The time ran out before the request was sent; `elapsed` is how long it took."""

    kind = "timeout"


class TlsError(CallTransferError, ConnectionError):
    """No trusted TLS connection could be made: a wrong certificate or host name, or a failed handshake.

    Nothing was sent. Check `ca_file`, `base_url` and the clock of this machine.
    """

    kind = "tls"


class ProxyError(CallTransferError, ConnectionError):
    """The proxy refused the connection or failed. Nothing was sent. Check `proxy`."""

    kind = "proxy"


class TransferCancelledError(CallTransferError):
    """The transfer was stopped before it was sent."""

    kind = "cancelled"


class InternalError(CallTransferError, RuntimeError):
    """An error in this library; please report it. `outcome` says what is known of the transfer."""

    kind = "internal"


class OutcomeUnknownError(CallTransferError):
    """The request may have arrived, and nothing shows whether the platform carried it out.

    Look at the call (`client.check(error)`) before you send it again: a second transfer may ring
    a phone twice.

        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.OutcomeUnknownError as error:
            finding = client.check(error)  # reads only; sends nothing again
            print(finding.outcome, finding.reason)
    """

    kind = "outcome_unknown"


class RedirectRefusedError(CallTransferError):
    """The response was a redirect, which the library never follows. Check `base_url`."""

    kind = "redirect_refused"


class BadRequestError(CallTransferError):
    """The platform rejected the request as invalid, for example because of a caller ID that isn't yours.

    `platform_message` and `details` say why.
    """

    kind = "bad_request"
    outcome: Literal["not_applied"] = "not_applied"


class AuthenticationError(CallTransferError):
    """The platform rejected the credentials, or no token could be fetched with them.

    Check the token and the secret.
    """

    kind = "authentication"


class AuthorizationError(CallTransferError):
    """The account is not allowed to do this, or not with this number.

    `code` is the platform's reason.
    """

    kind = "authorization"
    outcome: Literal["not_applied"] = "not_applied"


class InsufficientCreditError(CallTransferError):
    """The account has too little credit; `platform_message` is the platform's text."""

    kind = "insufficient_credit"
    outcome: Literal["not_applied"] = "not_applied"


class ForbiddenError(CallTransferError):
    """The platform forbids this transfer, for example because the target can't be called.

    `code` and `platform_message` are the platform's reason.
    """

    kind = "forbidden"
    outcome: Literal["not_applied"] = "not_applied"


class CallNotFoundError(CallTransferError, LookupError):
    """The platform does not know the call: it no longer exists, or its ID is wrong.

    `call_id` names it.
    """

    kind = "call_not_found"
    outcome: Literal["not_applied"] = "not_applied"


class CallNotActiveError(CallTransferError):
    """The call isn't active: not answered yet, already transferred, or ended.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.CallNotActiveError as error:
            print("answer it first, or it was transferred before:", dict(error.details))
    """

    kind = "call_not_active"
    outcome: Literal["not_applied"] = "not_applied"


class ConflictError(CallTransferError):
    """Another update of this call is in progress.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.ConflictError as error:
            print("another update is in progress:", client.get_call("c-call123").state)
    """

    kind = "conflict"
    outcome: Literal["not_applied"] = "not_applied"


class RateLimitedError(CallTransferError):
    """Too many requests; `retry_after` says when the limit clears.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.RateLimitedError as error:
            print("send it again in", error.retry_after, "seconds")
    """

    kind = "rate_limited"


class UnavailableError(CallTransferError):
    """The call is still being set up, or the platform is unavailable.

    Example:
        try:
            client.transfer("c-call123", "+18382947878")
        except calltransfer.UnavailableError as error:
            print("send it again in", error.retry_after or 2.0, "seconds:", error.code)
    """

    kind = "unavailable"


class RejectedError(CallTransferError):
    """The platform refused for a reason that has no kind of its own, or another server responded with a 404.

    `http_status` and `platform_message` say more.
    """

    kind = "rejected"


class RunError(CallTransferError):
    """A run could not be opened, changed or continued. What goes wrong with a row is in the row.

        try:
            with calltransfer.Run("evac.db") as run:
                run.add([("c-1", "8382947878")])
        except calltransfer.RunError as error:
            print(error.kind, error.refused)

    `kind` is one of `rows_refused` and `retry_refused` (`refused` lists them), `other_run`,
    `damaged`, `read_only`, `full`, `unreachable`, `account` and `forked`. After an error of `execute`
    the rows of the run say what was sent.
    """

    kind = "unreachable"
    refused: tuple[tuple[int, str, str], ...] = ()
    """Place, call and reason of the rows that were refused, the first 1,000: the place is that among
    the items, from 0; of a retry it is the row's number."""
    unwritten: tuple[tuple[str, str, str | None], ...] = ()
    """Call, state and new call of outcomes that are known and not in the ledger."""


KINDS: dict[str, type[CallTransferError]] = {
    error.kind: error for error in CallTransferError.__subclasses__() if error is not RunError
}
"""The class of each kind; the kinds of a `RunError` are the run's own."""


def make(kind: str, message: str, attributes: dict[str, Any]) -> CallTransferError:
    """Makes the exception for an error of the core. Private."""
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


def _remade(kind: type[_Error], args: tuple[Any, ...]) -> _Error:
    return kind(*args)
