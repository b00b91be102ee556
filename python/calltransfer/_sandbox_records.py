"""The dicts of the sandbox's admin interface, as types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

State = Literal["started", "active", "transferring", "completed", "rejected"]

_From = TypedDict("_From", {"from": str})


class Call(_From):
    """A call as the sandbox sees it, including what the platform does not show.

    It is a copy, which doesn't change. `phase` says what happens now: `ringing`, `active`, `whispering`,
    `transferring` (the new party isn't there yet), `connected` (both talk), `ended`. Times are ISO 8601 in
    UTC, by the sandbox's clock; `None` if not reached yet. `diversion` are the Diversion headers that came with
    the call or are sent with it, the newest first. `callbacks` are the numbers of its callbacks.
    """

    id: str
    direction: Literal["in", "out"]
    to: str
    state: State
    phase: str
    start_time: str
    active_time: str | None
    connected_time: str | None
    end_time: str | None
    callback_url: str | None
    recording_enabled: bool
    recording_file_format: Literal["wav", "mp3"]
    tag: str | None
    transferred_from: str | None
    transferred_to: str | None
    whisper_audio: dict[str, Any] | None
    diversion_treatment: Literal["none", "propagate", "stack"] | None
    diversion_reason: str | None
    diversion: list[dict[str, Any]]
    recordings: list[dict[str, Any]]
    callbacks: list[int]
    events: list[dict[str, Any]]
    version: int


class Request(TypedDict):
    """A request to the API as the sandbox received it, and the status of the response.

    `complete` says whether the whole request arrived, and `bytes` how many bytes of the body. If the headers did
    not arrive completely, `method` and `path` are empty. A `status` of 0 means that no response was sent.
    """

    number: int
    time: str
    connection: int
    method: str
    path: str
    headers: list[list[str]]
    authorized: bool
    body: str
    complete: bool
    bytes: int
    scripted: bool
    status: int
    call_id: str | None
    new_call_id: str | None
    version: int


class Callback(TypedDict):
    """An event for a call's callback URL, and its delivery.

    `state` is `waiting`, `delivered`, `failed`, `withheld` (the URL is not on this machine), or `lost` (by a
    fault).
    `attempts` lists the attempts to deliver it: `time`, `url`, `status`, `error`.
    """

    number: int
    call_id: str
    url: str
    method: Literal["GET", "POST"]
    event: dict[str, Any]
    state: Literal["waiting", "delivered", "failed", "withheld", "lost"]
    attempts: list[dict[str, Any]]
    version: int


class _Status(TypedDict):
    status: int


class Reply(_Status, total=False):
    """A response to send instead of the platform's own: `{"status": 503, "body": "…"}`.

    `headers` maps names to a value, or to a list of values. `{host}`, `{now_ms}` and `{now_ms+200}`
    in a value are replaced by the sandbox's host and port, and by UNIX milliseconds.
    """

    headers: Mapping[str, str | Sequence[str]]
    body: str


class Fault(TypedDict, total=False):
    """A failure to inject, and the requests that it affects: `{"cut_after": 20, "reset": True}`.

    What happens: another response (`status`, `headers`, `body`, or `raw` text), `no_response`, `interim`
    responses first (100, 102, 103), `delay_ms`, `drip_ms` before each byte, the connection ends after
    `cut_after` bytes (by RST with `reset`) or right after the response (`close`), `head_bytes` or `body_bytes`
    more than normal. `applied` says whether the platform carries out the request; by default it does, unless
    there is another response.

    Which requests: the next one, or the next ones, as many as `times`; only those for `call_id`; only a share of
    them, `rate` from 0 to 1, chosen by `seed`.
    """

    status: int
    headers: Mapping[str, str | Sequence[str]]
    body: str
    raw: str
    no_response: bool
    applied: bool
    interim: Sequence[int]
    delay_ms: int
    drip_ms: int
    cut_after: int
    reset: bool
    close: bool
    head_bytes: int
    body_bytes: int
    times: int
    call_id: str
    rate: float
    seed: int


class CallbackFault(TypedDict, total=False):
    """What happens to callbacks, and to which: `{"copies": 1, "rate": 0.3, "seed": 1}`.

    What happens: `lost` (never sent), sent `copies` times more (each `copy_delay_ms` later), `delay_ms`,
    `after_next` (behind the next event of its call), `unreachable` (the callback URL fails, so that the fallback
    URL is next), another `fallback_url`, by `get`, or `timeout_ms` for its response.

    Which callbacks: the next one, or the next ones, as many as `times`; only those of `call_id` and its legs; only
    those of an `event_type`, such as `"hangup"`; only a share of them, `rate` from 0 to 1, chosen by `seed`.
    """

    lost: bool
    copies: int
    copy_delay_ms: int
    delay_ms: int
    after_next: bool
    unreachable: bool
    fallback_url: str
    get: bool
    timeout_ms: int
    times: int
    call_id: str
    event_type: str
    rate: float
    seed: int
