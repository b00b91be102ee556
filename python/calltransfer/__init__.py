"""Transfer a live phone call to another number, and know the outcome.

    import calltransfer

    done = calltransfer.transfer("c-call123", "+18382947878", caller_id="private",
                                 whisper_audio="You have an incoming call")
    print(done.new_call_id)

The account is read from the environment (`BANDWIDTH_USER_ID`, `BANDWIDTH_API_TOKEN`,
`BANDWIDTH_API_SECRET`; for the v2 API `BW_ACCOUNT_ID`, `BW_CLIENT_ID`, `BW_CLIENT_SECRET`) or
passed to `Client(...)`. Every failure raises a `CallTransferError`. Its `outcome` says whether the
call was transferred: `"not_sent"`, `"not_applied"` or `"unknown"`. Nothing is sent twice unless the
platform is known to have done nothing.

Attempts are logged to the logger `calltransfer`, one line each.
"""

from calltransfer._client import Client
from calltransfer._documents import bxml, payload, whisper_bxml
from calltransfer._functions import list_calls, transfer, transfer_many
from calltransfer._native import __version__
from calltransfer.errors import (
    AuthenticationError,
    AuthorizationError,
    BadRequestError,
    CallNotActiveError,
    CallNotFoundError,
    CallTransferError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    InsufficientCreditError,
    InternalError,
    InvalidArgumentError,
    OutcomeUnknownError,
    ProxyError,
    RateLimitedError,
    RedirectRefusedError,
    RejectedError,
    RunError,
    TimedOutError,
    TlsError,
    TransferCancelledError,
    UnavailableError,
)

__all__ = [
    "AsyncCallFollow",
    "AsyncClient",
    "AsyncRun",
    "AuthenticationError",
    "AuthorizationError",
    "BadRequestError",
    "Call",
    "CallEvent",
    "CallFollow",
    "CallNotActiveError",
    "CallNotFoundError",
    "CallTransferError",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "Event",
    "EventReceiver",
    "Finding",
    "FirstTransferred",
    "FollowStatus",
    "ForbiddenError",
    "InsufficientCreditError",
    "InternalError",
    "InvalidArgumentError",
    "OutcomeUnknownError",
    "ProxyError",
    "RateLimitedError",
    "RedirectRefusedError",
    "RejectedError",
    "RequestRecord",
    "Run",
    "RunCheck",
    "RunError",
    "RunFinding",
    "RunRetry",
    "RunRow",
    "RunSummary",
    "TargetResult",
    "TimedOutError",
    "TlsError",
    "TransferCancelledError",
    "TransferResults",
    "TransferRow",
    "Transferred",
    "UnavailableError",
    "WhisperAudio",
    "__version__",
    "bxml",
    "list_calls",
    "observe",
    "parse_event",
    "payload",
    "transfer",
    "transfer_many",
    "whisper_bxml",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from calltransfer import events as events
    from calltransfer import sandbox as sandbox
    from calltransfer._async_client import AsyncClient
    from calltransfer._bulk.results import TransferResults, TransferRow
    from calltransfer._events.event import Event, parse_event
    from calltransfer._events.receiver import EventReceiver
    from calltransfer._follow.call_follow import AsyncCallFollow, CallFollow
    from calltransfer._follow.status import CallEvent, FirstTransferred, FollowStatus, TargetResult
    from calltransfer._observe import RequestRecord, observe
    from calltransfer._results import Call, Finding, Transferred
    from calltransfer._runs.async_run import AsyncRun
    from calltransfer._runs.records import RunCheck, RunFinding, RunRetry, RunRow, RunSummary
    from calltransfer._runs.run import Run
    from calltransfer._whisper_audio import WhisperAudio
else:
    # Dataclasses take three quarters of the import time, so they are imported at their first use.
    _LATER = {
        "AsyncCallFollow": "_follow.call_follow",
        "AsyncClient": "_async_client",
        "AsyncRun": "_runs.async_run",
        "Call": "_results",
        "CallEvent": "_follow.status",
        "CallFollow": "_follow.call_follow",
        "Event": "_events.event",
        "EventReceiver": "_events.receiver",
        "Finding": "_results",
        "FirstTransferred": "_follow.status",
        "FollowStatus": "_follow.status",
        "RequestRecord": "_observe",
        "Run": "_runs.run",
        "RunCheck": "_runs.records",
        "RunFinding": "_runs.records",
        "RunRetry": "_runs.records",
        "RunRow": "_runs.records",
        "RunSummary": "_runs.records",
        "TargetResult": "_follow.status",
        "TransferResults": "_bulk.results",
        "TransferRow": "_bulk.results",
        "Transferred": "_results",
        "WhisperAudio": "_whisper_audio",
        "observe": "_observe",
        "parse_event": "_events.event",
    }

    def __getattr__(name):
        if name in ("events", "sandbox"):
            from importlib import import_module

            return import_module(f"calltransfer.{name}")
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"calltransfer.{_LATER[name]}"), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
