"""What a user's program looks like to a type checker. Read by mypy and pyright, never run."""

from __future__ import annotations

from typing import Literal

import calltransfer


def good(client: calltransfer.Client) -> str | None:
    done: calltransfer.Transferred = client.transfer(
        "c-1",
        "+18382947878",
        caller_id="private",
        recording_file_format="mp3",
        whisper_audio=calltransfer.WhisperAudio("Hello", gender="female"),
        diversion_treatment="stack",
        diversion_reason="do-not-disturb",
        extra={"tag": 1},
    )
    body: str = calltransfer.payload("c-1", "+18382947878", whisper_audio={"sentence": "Hello"})
    document: str = calltransfer.bxml("c-1", ["+18382947878", "sip:user@example.com"], call_timeout=20)
    whisper: str = calltransfer.whisper_bxml("Hello")
    try:
        with calltransfer.Client(timeout=5.0) as other:
            other.hang_up("c-1")
    except calltransfer.RateLimitedError as error:
        wait: float | None = error.retry_after
        print(wait, error.outcome, body)
    return done.new_call_id


def look(client: calltransfer.Client, call_id: str) -> tuple[str, str | None]:
    call: calltransfer.Call = client.get_call(call_id)
    number: str | None = call.from_
    try:
        client.answer(call_id)
        new: str | None = calltransfer.transfer(call_id, "sip:alice@example.com", timeout=2).new_call_id
        print(new, number, call.fields["id"], calltransfer.__version__.upper())
    except calltransfer.OutcomeUnknownError as error:
        finding: calltransfer.Finding = client.check(error)
        return finding.outcome, finding.doubt
    return call.state, None


async def asynchronous(client: calltransfer.AsyncClient) -> str | None:
    async with calltransfer.AsyncClient(timeout=5.0, pickle_secrets=True) as other:
        await other.hang_up("c-1")
    finding: calltransfer.Finding = await client.check("c-1")
    async for row in client.transfer_as_completed([("c-1", "+18382947878")], rate=5):
        result: calltransfer.Transferred | None = row.result
        print(result, finding)
    async for call in client.list_calls(state="active", page_size=100):
        print(call.id, call.from_)
    many: calltransfer.TransferResults = await client.transfer_many([("c-1", "+18382947878")])
    print(many.to_dicts(), many.summary()["total"])
    return (await client.transfer("c-1", "+18382947878", caller_id="private")).new_call_id


def many(client: calltransfer.Client) -> list[str]:
    calls: list[calltransfer.Call] = [*client.list_calls(from_="+18382947878"), *calltransfer.list_calls(to=None)]
    print(len(calls))
    results: calltransfer.TransferResults = calltransfer.transfer_many([{"call_id": "c-1", "to": "+18382947878"}])
    first: calltransfer.TransferRow = results[0]
    part: calltransfer.TransferResults = results[1:]
    outcomes: list[str] = [row.outcome for row in part]
    return [*outcomes, first.outcome]


def run(client: calltransfer.Client) -> int:
    with calltransfer.Run("evac.db", rate=20, deadline=900, client=client) as run:
        added: int = run.add([("c-1", "+18382947878")])
        now: calltransfer.RunSummary = run.execute(concurrency=8, progress=print)
        checked: calltransfer.RunCheck = run.check()
        again: calltransfer.RunRetry = run.retry("not_sent")
        row: calltransfer.RunRow
        for row in run.rows("unknown"):
            found: calltransfer.RunFinding | None = row.finding
            print(row.call_id, row.state, found and found.doubt)
    other: calltransfer.Run = client.transfer_many([("c-1", "+18382947878")], run="evac.db")
    return added + now.applied + checked.unknown + again.planned + other.summary().total


async def run_asynchronously(client: calltransfer.AsyncClient) -> int:
    async with calltransfer.AsyncRun("evac.db", user_id="u-1") as run:
        added: int = await run.add([("c-1", "+18382947878")])
        async for row in run:
            print(row.number, row.to_dict(numbers=False))
    other: calltransfer.AsyncRun = await client.transfer_many([], run="evac.db")
    return added + (await other.summary()).planned


def precise_outcomes(
    refused: calltransfer.BadRequestError, invalid: calltransfer.InvalidArgumentError
) -> tuple[Literal["not_applied"], Literal["not_sent"]]:
    return refused.outcome, invalid.outcome


ERRORS: tuple[type[calltransfer.CallTransferError], ...] = (
    calltransfer.AuthenticationError,
    calltransfer.AuthorizationError,
    calltransfer.BadRequestError,
    calltransfer.CallNotActiveError,
    calltransfer.CallNotFoundError,
    calltransfer.CallTransferError,
    calltransfer.ConfigurationError,
    calltransfer.ConflictError,
    calltransfer.ConnectionFailedError,
    calltransfer.ForbiddenError,
    calltransfer.InsufficientCreditError,
    calltransfer.InternalError,
    calltransfer.InvalidArgumentError,
    calltransfer.OutcomeUnknownError,
    calltransfer.ProxyError,
    calltransfer.RateLimitedError,
    calltransfer.RedirectRefusedError,
    calltransfer.RejectedError,
    calltransfer.RunError,
    calltransfer.TimedOutError,
    calltransfer.TlsError,
    calltransfer.TransferCancelledError,
    calltransfer.UnavailableError,
)


def wrong(client: calltransfer.Client) -> None:
    client.transfer("c-1", 5)  # expect: arg-type
    client.transfer("c-1", "+18382947878", recording_file_format="ogg")  # expect: arg-type
    client.transfer("c-1", "+18382947878", diversion_reason="bored")  # expect: arg-type
    client.transfer("c-1", "+18382947878", transferCallerId="private")  # expect: arg-type
    calltransfer.payload("c-1", "+18382947878", callback="x")  # expect: call-arg
    client.transfer("c-1", "+18382947878").new_call_id = "c-2"  # expect: misc
    calltransfer.Client("u-1")  # expect: call-arg
    client.transfer_many([], concurrency="8")  # expect: call-overload
    calltransfer.Run("evac.db", rate="5")  # expect: arg-type
    calltransfer.Run("evac.db").retry("applied")  # expect: arg-type


def receive(body: bytes) -> str | None:
    receiver: calltransfer.EventReceiver = calltransfer.EventReceiver(answered, username="hook", password="s3cret")
    response: calltransfer.events.Response = receiver.receive("POST", {"Content-Type": "application/json"}, body)
    print(response.status, response.body.decode())
    receiver.receive("POST", body)  # expect: arg-type
    event: calltransfer.Event = calltransfer.parse_event(body, content_type=None)
    if isinstance(event, calltransfer.events.TransferComplete):
        return event.transfer_to
    return event.transfer_to  # expect: attr-defined


def answered(event: calltransfer.Event) -> str | None:
    print(event.time and event.time.isoformat(), event.cause == "busy", event.fields["callId"])
    return None


def follow(client: calltransfer.Client, receiver: calltransfer.EventReceiver) -> bool:
    done = client.transfer("c-1", "+18382947878")
    followed: calltransfer.CallFollow = client.follow(done, receiver=receiver)
    status: calltransfer.FollowStatus = followed.wait("answered", timeout=5)
    followed.wait("connected")  # expect: arg-type
    print([event.kind for event in receiver.follow("c-1", "c-2")], followed.result == "busy", followed.answered_time)
    listed: list[calltransfer.CallEvent] = client.get_call_events("c-2")
    first: calltransfer.FirstTransferred = client.transfer_to_first("c-1", ["+18382947878"], ring=20, privacy=True)
    client.transfer_to_first("c-1", ["+18382947878"], ring="20")  # expect: arg-type
    target: calltransfer.TargetResult = first.targets[0]
    return status.may_transfer_again or bool(listed) or target.result == "answered"


async def follow_in_asyncio(client: calltransfer.AsyncClient) -> str | None:
    followed: calltransfer.AsyncCallFollow = client.follow("c-1", "c-2", targets=1)
    async for event in followed:
        print(event.kind)
    stop = calltransfer.observe(observed)
    stop()
    return (await followed).result or (await followed.wait("ended")).cause


def observed(request: calltransfer.RequestRecord) -> None:
    print(request.action, request.outcome, request.elapsed + 1, request.error_kind)
