"""The blocking client."""

from __future__ import annotations

from calltransfer._bulk.client import ManyTransfers
from calltransfer._call_list import CallPages
from calltransfer._interrupts import add_result
from calltransfer._log import Log
from calltransfer._options import encoded
from calltransfer._translation import call_of, encode_whisper, finding_of, itself, nothing, subject_of

# What not every program uses is imported where it is used: this file is most of the package's import time.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, Literal, NoReturn, TypeVar

    from typing_extensions import Unpack

    _T = TypeVar("_T")
    from datetime import datetime

    from calltransfer import _native
    from calltransfer._events.receiver import EventReceiver
    from calltransfer._follow.call_follow import CallFollow
    from calltransfer._follow.status import CallEvent, FirstTransferred
    from calltransfer._options import TransferOptions
    from calltransfer._results import Call, Finding, Transferred
    from calltransfer._translation import Reason
    from calltransfer._whisper_audio import WhisperAudio
    from calltransfer.errors import CallTransferError


class Client(ManyTransfers):
    """Transfers calls of one account. Several threads may use it at the same time, also after a fork.

    All settings are optional. A setting that isn't given is read from the environment: `BANDWIDTH_USER_ID`,
    `BANDWIDTH_API_TOKEN`, `BANDWIDTH_API_SECRET`, `CALLTRANSFER_BASE_URL` and `CALLTRANSFER_PROXY`; for the
    v2 API `BW_ACCOUNT_ID`, `BW_CLIENT_ID` and `BW_CLIENT_SECRET`, or `BW_USERNAME` and `BW_PASSWORD`.
    The credentials decide which API is used; if there are credentials for both, set `api` or `CALLTRANSFER_API`.

        with calltransfer.Client(user_id="u-abc123", token="t-token", secret="s-secret") as client:
            done = client.transfer("c-call123", "+18382947878", caller_id="private")

    Args:
        user_id: v1: the account's user ID, for example `u-abc123`.
        token: v1: the API token.
        secret: v1: the API secret.
        account_id: v2: the account's ID, for example `5500099`.
        client_id: v2: the ID of a client that may fetch OAuth2 tokens.
        client_secret: v2: the secret of that client.
        username: v2: the name of an API user, instead of a client.
        password: v2: the password of that user.
        api: `"v1"` or `"v2"`; needed if there are credentials for both.
        base_url: The address of the platform: an https URL, or http for this machine only. By default the
            platform's own address.
        timeout: Seconds for one transfer, including all attempts and waits: more than 0, at most 3600; 10 by
            default.
        max_retries: The number of further attempts after the first. A transfer is only retried if that can't
            make it twice. 2 by default; 0 turns retries off.
        max_connections: How many connections an `AsyncClient`, or `transfer_many`, has open at most: 1 to
            10,000. By default 64 for single requests of an `AsyncClient`, and the `concurrency` of
            `transfer_many`. Further requests wait for their turn within their own timeout; one that gets none
            in time is not sent. A `Client` has as many connections as threads that use it.
        rate: How many transfers the client begins in a second at most, evenly spread; no limit by default. If
            the platform reports a rate limit, all transfers of the client wait until it clears.
        keep_alive: Whether connections are kept for later requests, for as long as the server keeps them open
            as far as is known, at most 50 seconds; `True` by default. If the platform closes a kept connection
            just as a request is sent, the outcome can be unknown. `False` rules that out, but then each request
            opens a connection.
        keep_ready: Whether a connection is kept open while the client waits, and renewed, so that a transfer
            takes one round trip at any time; `False` by default. It costs a TLS handshake about every 40
            seconds, and a thread. A token of v2 is renewed too. It ends with the client.
        ca_file: A PEM file of certificates to trust, instead of the system's certificates or those of
            `SSL_CERT_FILE` and `SSL_CERT_DIR`. It is read once, before the first https request.
        proxy: An http proxy for https connections, for example `http://user:password@proxy:3128`.
            `HTTPS_PROXY` is not read.
        pickle_secrets: Whether a pickle of the client contains its credentials and the password of its proxy.
            `False` by default: they are then read from the environment where the client is unpickled.

    Raises:
        ConfigurationError: A setting is missing or wrong; `field` names it.
    """

    def transfer(
        self,
        call_id: str,
        to: str | Sequence[str],
        *,
        caller_id: str | None = None,
        callback_url: str | None = None,
        recording_enabled: bool | None = None,
        recording_file_format: Literal["wav", "mp3"] | None = None,
        whisper_audio: str | WhisperAudio | Mapping[str, Any] | None = None,
        diversion_treatment: Literal["none", "propagate", "stack"] | None = None,
        diversion_reason: Reason | None = None,
        caller_display_name: str | None = None,
        privacy: bool | None = None,
        call_timeout: float | None = None,
        tag: str | None = None,
        uui: str | None = None,
        transfer_answer_url: str | None = None,
        extra: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        **unknown: NoReturn,
    ) -> Transferred:
        """Asks the platform to connect a live call to someone else, and waits for the outcome.

        The request is sent at most once, unless the platform is known to have done nothing. Other threads run
        meanwhile. Ctrl-C, or another exception that a signal handler raises, interrupts the wait. That exception
        then has the attributes `outcome` and `result` (the `Transferred`, if the response had arrived), a note
        that says the same, and the error as its `__context__`.

            done = client.transfer("c-call123", "+18382947878", whisper_audio="Hello!")
            print(done.new_call_id)

        Args:
            call_id: The call to transfer; it must be active.
            to: A phone number in international form (`+18382947878`, or `+1 (838) 294-7878`) or a SIP address
                (`sip:user@host`). In v2 also a list of up to eight of them, which ring at the same time.
            caller_id: The number that the new party sees: `"private"`, the incoming call's own number, or one
                of the account's numbers.
            callback_url: The http or https URL to which the events of the new call are sent.
            recording_enabled: `True` records the call; `False` stops a recording.
            recording_file_format: `"wav"` or `"mp3"`.
            whisper_audio: v1: what the new party hears before being connected: a sentence, a `WhisperAudio`,
                or a dict with its fields.
            diversion_treatment: `"none"`, `"propagate"` or `"stack"`. The vendor warns that an outbound call
                may drop with `"stack"`.
            diversion_reason: Why the call is diverted, for example `"no-answer"`; only with `"stack"`.
            caller_display_name: v2: the name that the new party sees.
            privacy: v2: whether the caller's number is hidden.
            call_timeout: v2: how long the target rings, in seconds: 1 to 300, also with decimals; 30 by default.
            tag: v2: a text that is returned with the events, at most 256 characters. An empty text clears an
                earlier tag.
            uui: v2: the User-To-User header for targets that are SIP addresses: a value and its encoding, for
                example `bXktdXVp;encoding=base64`.
            transfer_answer_url: v2: the URL from which the platform fetches what the new party hears before
                being connected; `whisper_bxml` makes that document.
            extra: v1: more fields for the request body, with the platform's names; sent unchecked.
            timeout: Seconds for this transfer, instead of the client's `timeout`; more than 0, at most 3600.

        Raises:
            InvalidArgumentError: An argument can't be sent; `field` names it.
            OutcomeUnknownError: The transfer may have been made: look at the call before you repeat it.
            CallTransferError: Any other failure; `outcome` says whether the call was transferred.
        """
        options = {
            "caller_id": caller_id,
            "callback_url": callback_url,
            "recording_enabled": recording_enabled,
            "recording_file_format": recording_file_format,
            "whisper_audio": encode_whisper(whisper_audio),
            "diversion_treatment": diversion_treatment,
            "diversion_reason": diversion_reason,
            "caller_display_name": caller_display_name,
            "privacy": privacy,
            "call_timeout": call_timeout,
            "tag": tag,
            "uui": uui,
            "transfer_answer_url": transfer_answer_url,
            "extra": extra,
            **unknown,
        }
        return self._wait(self._native().transfer(call_id, to, options, timeout), self._transferred_of)

    def get_call(self, call_id: str) -> Call:
        """Reads a call. This changes nothing, so it is retried after every failure that may be temporary.

        Example:
            print(client.get_call("c-call123").state)
        """
        return self._wait(self._native().get_call(call_id), call_of)

    def get_call_events(self, call_id: str) -> list[CallEvent]:
        """Reads the list of what happened to a call. v1 only; it says why a call ended.

        Example:
            print([event.name for event in client.get_call_events("c-call123")])
        """
        from calltransfer._follow.status import call_events_of

        return self._wait(self._native().get_call_events(call_id), call_events_of)

    def follow(
        self,
        call: str | Transferred,
        new_call_id: str | None = None,
        *,
        receiver: EventReceiver | None = None,
        targets: int | None = None,
        not_before: datetime | None = None,
    ) -> CallFollow:
        """Follows a transfer that was made: did a target answer, was it busy, how did it end?

        By reading the call, or with `receiver` by its events, and by reads only where no event comes. Nothing is
        sent yet. Stored IDs are enough: it works in another process, and after a restart.

            done = client.transfer("c-call123", "+18382947878")
            status = client.follow(done).wait("answered", timeout=60)
            print(status.result, status.cause)

        v1 says most: the new call, and the list of its events, with its cause. v2 names the new call in events and
        in the list of calls only, which is read too.

        Args:
            call: What `transfer` returned, or the ID of the call that was transferred.
            new_call_id: v1: the ID of the new call, if `call` is an ID.
            receiver: An `EventReceiver` to which the `callback_url` of the transfer leads.
            targets: v2: how many targets the transfer has. Without it the end of one new call does not show
                whether another one still rings.
            not_before: v2: takes no event that happened before this time, for a call that is transferred a
                second time.
        """
        from calltransfer._follow.call_follow import CallFollow
        from calltransfer._follow.following import following_of

        following = following_of(call, new_call_id, self._native().api, targets, not_before)
        followers = None if receiver is None else receiver._register(following)
        return CallFollow(following, followers, self._follow_by_reads)

    def _follow_by_reads(self, follow: Any, until: str, timeout: float) -> Any:
        return self._wait(self._native().follow(follow, until, timeout), itself)

    def transfer_to_first(
        self,
        call_id: str,
        targets: Sequence[str],
        *,
        ring: float | None = None,
        receiver: EventReceiver | None = None,
        **options: Unpack[TransferOptions],
    ) -> FirstTransferred:
        """Transfers a call to the first of several targets that answers, and waits for the result.

        In v1 they are called one after the other: the next one only when it is certain that the one before did
        not get the call, and that the caller is still there. In v2 they all ring at once, by one request; if none
        answers, the response to the event `transferComplete` says what the call does, and without one it ends.
        What is not known stops it: no two targets get the same caller.

            first = client.transfer_to_first("c-call123", ["+12025550110", "+18382947878"], ring=20)
            print(first.answered, [target.result for target in first.targets])

        Args:
            call_id: The call to transfer; it must be active.
            targets: Phone numbers or SIP addresses: 100 at most, in v2 8.
            ring: How long each target rings, 1 to 300 seconds. v1 has no such option: the library ends the new
                call that still rings, and with it the caller of a target that answers in that moment. Without it,
                the platform decides: 30 seconds in v2.
            receiver: v1: an `EventReceiver` to which the option `callback_url` leads. It then continues as soon as
                an event says so, and reads only where no event comes.
            options: Those of `transfer`, for each target.

        Raises:
            InvalidArgumentError: An argument can't be sent; `field` names it.
            CallTransferError: The first target was refused for a reason that holds for all. Everything else, an
                unknown outcome too, is in the result.
        """
        if receiver is not None and self._native().api == "v1":
            from calltransfer._follow.first import run

            return run(self, call_id, targets, ring, receiver, options)
        from calltransfer._follow.status import first_of

        sent, timeout = encoded(options)
        request = self._native().transfer_to_first(call_id, list(targets), sent, ring, timeout)
        return self._wait(request, first_of)

    def list_calls(
        self,
        *,
        state: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        min_start_time: str | None = None,
        max_start_time: str | None = None,
        page_size: int | None = None,
    ) -> Iterator[Call]:
        """Lists the account's calls, page by page as needed. Nothing is sent before the first.

            for call in client.list_calls(state="active", to="+18385550199"):
                print(call.id, call.start_time)

        It is no snapshot: calls come in and end meanwhile. A call that moves from one page to the next
        is given once. An error ends the list.

        Args:
            state: Only calls in this state: in v1 `started`, `rejected`, `active`, `completed` or
                `transferring`, in v2 `queued`, `initiated`, `answered` or `disconnected`. The platform
                can't filter by it: the other calls are read too, and left out here.
            from_: Only calls from this number or SIP address. Errors name it `from`.
            to: Only calls to this number or SIP address.
            min_start_time: v2: only calls that began at this time or later, in ISO 8601, as
                `2026-01-31T08:00:00Z`. v2 lists calls that ended long ago too: without it, live calls are
                found among all of them.
            max_start_time: v2: only calls that began at this time or before.
            page_size: How many calls one request reads: 1 to 1,000, 1,000 by default. Each page is
                one request, with the client's timeout.

        Raises:
            InvalidArgumentError: A condition can't be sent; `field` names it.
        """
        pages = CallPages(
            self._native(),
            state=state,
            from_=from_,
            to=to,
            min_start_time=min_start_time,
            max_start_time=max_start_time,
            page_size=page_size,
        )
        return self._listed(pages)

    def _listed(self, pages: CallPages) -> Iterator[Call]:
        while pages.position is not None:
            yield from self._wait(self._native().read_page(pages.position), pages.read)

    def answer(self, call_id: str) -> None:
        """Answers an incoming call, so that it can be transferred.

        Example:
            client.answer("c-call123")
        """
        self._wait(self._native().answer(call_id), nothing)

    def hang_up(self, call_id: str) -> None:
        """Ends a call.

        Example:
            client.hang_up("c-call123")
        """
        self._wait(self._native().hang_up(call_id), nothing)

    def prepare(self) -> None:
        """Opens a connection, so that the transfer that follows takes one round trip.

        For the time between the arrival of a call and the decision where it goes: resolves the name,
        connects, agrees on TLS and, for v2, gets an access token. Does nothing where there is such a
        connection. Changes nothing at the platform, and never makes a later transfer fail. The
        connection can be used for as long as the server keeps it open, 50 seconds at most.

            client.prepare()
            # ... decide who gets the call ...
            client.transfer("c-call123", "+18382947878")

        Raises:
            CallTransferError: There is no connection, after one attempt; nothing was sent.
        """
        self._wait(self._native().prepare(), nothing)

    def check(self, call: str | CallTransferError | Transferred) -> Finding:
        """Looks at a call after an unknown outcome, and says what is known now.

        The call is read, and if its state is not conclusive also a list: of calls, one of which may be the new
        one, or in v1 of what happened to the call. The transfer is never sent again.

        With the error, only what can belong to that transfer counts, by its targets and by its time on the
        platform's clock, and not an earlier transfer of the same call; what can belong to several leaves it
        unknown. With an ID, or an error that was pickled, it is about any transfer of the call.

            try:
                client.transfer("c-call123", "+18382947878")
            except calltransfer.OutcomeUnknownError as error:
                finding = client.check(error)
                print(finding.outcome, finding.reason, finding.doubt)

        Args:
            call: The ID of the call that was to be transferred, or the error or result of the
                transfer.
        """
        return self._wait(self._native().check(subject_of(call)), finding_of)

    def _wait(self, request: _native.Request, result_of: Callable[[Any], _T]) -> _T:
        """Sends a request and waits. An exception that is raised meanwhile says how the request ended."""
        native = self._native()
        # The library leaves the response here before anything else can be raised.
        response: list[Any] = []
        try:
            with Log() as log:
                native.execute(request, log.notes, response)
                return result_of(response[0])
        except BaseException as stopped:
            if response:
                add_result(stopped, result_of(response[0]))
            raise

    def close(self) -> None:
        """Closes the client. It can't be used any more; closing it again does nothing.

        Example:
            client.close()
        """
        self._close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
