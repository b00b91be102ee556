"""Records of the sandbox: dicts, as its admin interface has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

State = Literal["started", "active", "transferring", "completed", "rejected"]

_From = TypedDict("_From", {"from": str})


class Call(_From):
    """A call as the sandbox sees it, with what the platform keeps to itself.

    A copy, which doesn't change. `phase` is what goes on: `ringing`, `active`, `whispering`,
    `transferring` (the new party isn't there yet), `connected` (both talk), `ended`. Times are ISO
    8601 in UTC, by the sandbox's clock. `diversion` are the Diversion headers that the call came
    with or that go out with it, the newest first. `callbacks` are the numbers of its callbacks.
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
    """A request to the API as the sandbox read it, and the status that it was answered with.

    `complete` says whether all of it came, `bytes` how many did. One that was no whole head of a
    request has an empty `method` and `path`. A `status` of 0 says that no answer was given.
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

    `state` is `waiting`, `delivered`, `failed`, or `withheld` (the URL leads away from this
    machine). `attempts` lists what was tried: `time`, `url`, `status`, `error`.
    """

    number: int
    call_id: str
    url: str
    method: Literal["GET", "POST"]
    event: dict[str, Any]
    state: Literal["waiting", "delivered", "failed", "withheld"]
    attempts: list[dict[str, Any]]
    version: int


class _Status(TypedDict):
    status: int


class Reply(_Status, total=False):
    """An answer to give in place of the platform's own: `{"status": 503, "body": "…"}`.

    `headers` maps names to a value, or to a list of values. `{host}`, `{now_ms}` and `{now_ms+200}`
    in a value become the sandbox's host and port, and UNIX milliseconds.
    """

    headers: Mapping[str, str | Sequence[str]]
    body: str


class Fault(TypedDict, total=False):
    """What is to go wrong, and with which requests: `{"cut_after": 20, "reset": True}`.

    What happens: an answer of its own (`status`, `headers`, `body`, or `raw` text), `no_answer`,
    `interim` answers first (100, 102, 103), `delay_ms`, `drip_ms` before each byte, an end after
    `cut_after` bytes (by RST with `reset`), `close` behind the answer, `head_bytes` or `body_bytes`
    more than there should be. `applied` says whether the platform carries the request out: it does,
    unless an answer of its own takes the place of the platform's.

    To which requests: the next, or so many `times`; those for `call_id`; a share of them, `rate`,
    chosen by `seed`.
    """

    status: int
    headers: Mapping[str, str | Sequence[str]]
    body: str
    raw: str
    no_answer: bool
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
