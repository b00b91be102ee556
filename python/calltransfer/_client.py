"""The client that waits."""

from __future__ import annotations

from calltransfer._account import Account
from calltransfer._call_list import CallPages
from calltransfer._interrupts import add_result
from calltransfer._log import Log, logs
from calltransfer._translation import call_of, encode_whisper, finding_of, id_of, nothing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Any, Literal, NoReturn, TypeVar

    _T = TypeVar("_T")

    from calltransfer._batch_runner import BatchRunner
    from calltransfer._many import TransferResults, TransferRow
    from calltransfer._results import Call, Finding, Transferred
    from calltransfer._translation import Reason
    from calltransfer._whisper_audio import WhisperAudio
    from calltransfer.errors import CallTransferError


class Client(Account):
    """Transfers calls of one account. May be used by many threads at once, and after a fork.

    All settings are optional: what isn't given comes from the environment, `BANDWIDTH_USER_ID`,
    `BANDWIDTH_API_TOKEN`, `BANDWIDTH_API_SECRET`, `CALLTRANSFER_BASE_URL` and
    `CALLTRANSFER_PROXY`; for the v2 API `BW_ACCOUNT_ID`, `BW_CLIENT_ID`, `BW_CLIENT_SECRET`, or
    `BW_USERNAME` and `BW_PASSWORD`.
    The credentials choose the API; where both are there, `api` or `CALLTRANSFER_API` must.

        with calltransfer.Client(user_id="u-abc123", token="t-token", secret="s-secret") as client:
            done = client.transfer("c-call123", "+18382947878", caller_id="private")

    Args:
        user_id: v1: the account's user id, as `u-abc123`.
        token: v1: the API token.
        secret: v1: the API secret.
        account_id: v2: the account's id, as `5500099`.
        client_id: v2: the id of a client that may fetch OAuth2 tokens.
        client_secret: v2: its secret.
        username: v2: the name of an API user, instead of a client.
        password: v2: its password.
        api: `"v1"` or `"v2"`, where there are credentials of both.
        base_url: Where the platform is: https, or http to this machine. The platform's own by
            default.
        timeout: Seconds for one transfer, all attempts and waits included: more than 0, an hour
            at most, 10 by default.
        max_retries: How many times a transfer is tried again where that can't make it twice: 2 by
            default, 0 switches it off.
        keep_alive: Whether a connection is used again, for as long as the server keeps it open as
            far as is known, 50 seconds at most: yes by default. A request that meets a connection
            just being closed can end unknown; `False` rules that out, at the price of a connection
            for each request.
        keep_ready: Whether a connection is kept open while the client waits, and renewed, so that a
            transfer takes one round trip at any time: no by default. It costs a TLS handshake about
            every 40 seconds, and a thread; a token of v2 is renewed too. It ends with the client.
        ca_file: A PEM file of certificates to trust instead of the system's, or of those that
            `SSL_CERT_FILE` and `SSL_CERT_DIR` name. Read once, before the first https request.
        proxy: An http proxy for the https connection, as `http://user:password@proxy:3128`.
            `HTTPS_PROXY` is not read.
        pickle_secrets: Whether a pickle of the client holds its credentials and a proxy with its
            password: no by default, and where it is unpickled they come from the environment.

    Raises:
        ConfigurationError: Something is missing or wrong; `field` names it.
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

        Sent at most once, unless the platform is known to have done nothing. Other threads run
        meanwhile, and Ctrl-C is answered: the KeyboardInterrupt has the attributes `outcome` and
        `result` (the `Transferred`, if the response had come before), a note that says the same, and
        the error as its `__context__`. So has whatever else a signal handler raises.

            done = client.transfer("c-call123", "+18382947878", whisper_audio="Hello!")
            print(done.new_call_id)

        Args:
            call_id: The call to transfer; it must be active.
            to: An E.164 number (`+18382947878`, or `+1 (838) 294-7878`) or a SIP address
                (`sip:user@host`); in v2 up to eight of them, which ring at once.
            caller_id: The number that the new party sees: `"private"` or an E.164 number, the
                incoming call's own or one of the account's.
            callback_url: Where the events of the new call go.
            recording_enabled: Whether the call is recorded; `False` ends a recording.
            recording_file_format: `"wav"` or `"mp3"`.
            whisper_audio: v1: what the new party hears first: a sentence, a `WhisperAudio`, or a dict
                with its fields.
            diversion_treatment: `"none"`, `"propagate"` or `"stack"`; the vendor warns that an
                outgoing call may drop with `"stack"`.
            diversion_reason: Why the call is diverted, as `"no-answer"`; only with `"stack"`.
            caller_display_name: v2: the name that the new party sees.
            privacy: v2: whether the caller's number is hidden.
            call_timeout: v2: seconds to let it ring: 1 to 300, 30 by default; decimals count.
            tag: v2: a text that comes back with the events; an empty one clears an earlier tag.
            uui: v2: the User-To-User header for targets that are SIP addresses: a value and its
                encoding, as `bXktdXVp;encoding=base64`.
            transfer_answer_url: v2: where the platform asks what the new party is to hear first;
                `whisper_bxml` makes the answer.
            extra: v1: more fields of the body, under their names on the wire, sent unchecked.
            timeout: Seconds for this transfer instead of the client's.

        Raises:
            InvalidArgumentError: An argument can't be sent; `field` names it.
            OutcomeUnknownError: The transfer may have been made: look before you repeat.
            CallTransferError: Anything else; `outcome` says whether the call was transferred.
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
        return self._wait(self._native().transfer, self._transferred_of, call_id, to, options, timeout)

    def get_call(self, call_id: str) -> Call:
        """Reads a call. Changes nothing, so it is tried again whenever that may help.

        Example:
            print(client.get_call("c-call123").state)
        """
        return self._wait(self._native().get_call, call_of, call_id)

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
        """Lists the account's calls, page by page as they are wanted. Nothing is sent before the first.

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
            page_size: How many calls are asked for at once: 1 to 1,000, 1,000 by default. Each page is
                one request, with the client's timeout.

        Raises:
            InvalidArgumentError: A condition can't be sent; `field` names it.
        """
        conditions = {
            "state": state,
            "from_": from_,
            "to": to,
            "min_start_time": min_start_time,
            "max_start_time": max_start_time,
            "page_size": page_size,
        }
        return self._listed(CallPages(self._native().list_calls(conditions)))

    def _listed(self, pages: CallPages) -> Iterator[Call]:
        while pages.position is not None:
            yield from self._wait(self._native().read_page, pages.read, pages.position)

    def answer(self, call_id: str) -> None:
        """Answers an incoming call, so that it can be transferred.

        Example:
            client.answer("c-call123")
        """
        self._wait(self._native().answer, nothing, call_id)

    def hang_up(self, call_id: str) -> None:
        """Ends a call.

        Example:
            client.hang_up("c-call123")
        """
        self._wait(self._native().hang_up, nothing, call_id)

    def prepare(self) -> None:
        """Opens a connection, so that the transfer that follows takes one round trip.

        For the moment when a call comes in and nobody yet knows where it goes: resolves the name,
        connects, agrees on TLS and, for v2, gets an access token. Does nothing where there is such a
        connection. Changes nothing at the platform, and never makes a later transfer fail. The
        connection can be used for as long as the server keeps it open, 50 seconds at most.

            client.prepare()
            # ... decide who gets the call ...
            client.transfer("c-call123", "+18382947878")

        Raises:
            CallTransferError: There is no connection, after one attempt; nothing was sent.
        """
        self._wait(self._native().prepare, nothing)

    def check(self, call: str | CallTransferError | Transferred) -> Finding:
        """Looks at a call after an outcome that was unknown, and says what is now known.

        Reads the call once, and never sends the transfer again.

            try:
                client.transfer("c-call123", "+18382947878")
            except calltransfer.OutcomeUnknownError as error:
                finding = client.check(error)
                print(finding.outcome, finding.reason, finding.doubt)

        Args:
            call: The id of the call that was to be transferred, or the error or result of the
                transfer.
        """
        return self._wait(self._native().check, finding_of, id_of(call))

    def _start(self) -> None:
        self._native().start()

    def _wait(self, send: Callable[..., Any], result_of: Callable[[Any], _T], *arguments: Any) -> _T:
        """Sends a request and waits; whatever is raised meanwhile says how the request ended."""
        # The library leaves the response here before anything else can be raised.
        response: list[Any] = []
        try:
            with Log() as log:
                send(*arguments, log.attempts, response)
                return result_of(response[0])
        except BaseException as stopped:
            if response:
                add_result(stopped, result_of(response[0]))
            raise

    def transfer_many(
        self,
        items: Iterable[Any],
        *,
        concurrency: int = 16,
        rate: float | None = None,
        progress: bool = False,
        allow_repeated_calls: bool = False,
        region: str | None = None,
    ) -> TransferResults:
        """Makes many transfers, and gives a row for each, in the order of the items.

        A failure is a row, not the end; so is an item that can't be sent. The work is done by
        threads of the library, without the interpreter's lock. Items are taken as there is room for
        them; an iterable without a length may wait for its next item, and runs on a thread of its own.

            items = [
                ("c-1", "+18382947878"),
                ("c-2", "+18382947878", {"caller_id": "private"}),
                {"call_id": "c-3", "to": "+18382947878", "whisper_audio": "Hello!"},
            ]
            results = client.transfer_many(items, concurrency=8, rate=5)
            print(results.summary())

        Ctrl-C stops it, as does an error of the iterable: what has begun is stopped, and the
        exception's `results` has a row for each item that was taken, and for the others too where
        `items` has a length.

        Args:
            items: Tuples `(call_id, to)` or `(call_id, to, options)`, dicts with `call_id`, `to` and
                options, or a DataFrame with such columns. Options are those of `transfer`.
            concurrency: How many may be under way at once, 1 to 10,000. Each has a connection.
            rate: How many may begin a second. Where the platform says that it is too much, all wait
                until that clears and go on more slowly, whatever the rate.
            progress: Whether a bar is shown. Needs tqdm, as in `calltransfer[bulk]`.
            allow_repeated_calls: Whether a call may stand in several items. By default only the first
                is sent, and the row of another is an `InvalidArgumentError` that names it; the ids of
                all calls are kept for that.
            region: The country whose rules numbers without `+` follow, as `"US"`: `to` and `caller_id`
                may be `(838) 294-7878`. Needs phonenumbers, as in `calltransfer[phone]`. A row's `to` is
                what was given.

        Raises:
            InvalidArgumentError: `concurrency` or `rate` is out of range, or `region` is not a country.
            ImportError: `region` is given and phonenumbers is not installed.
            TypeError: `items` is one item, a text or a column.
        """
        from calltransfer._batch_runner import Progress

        feed = self._batch_runner(items, concurrency, rate, allow_repeated_calls, region)
        bar = Progress(feed, progress)
        try:
            with bar:
                for _ in feed.arrived():
                    bar.step()
        except BaseException as stopped:
            feed.stop()
            feed.note(stopped, feed.everything())
            raise
        finally:
            self._log()
        return feed.everything()

    def transfer_as_completed(
        self,
        items: Iterable[Any],
        *,
        concurrency: int = 16,
        rate: float | None = None,
        allow_repeated_calls: bool = False,
        region: str | None = None,
    ) -> Iterator[TransferRow]:
        """Makes many transfers, and gives a row for each as it comes. None is kept.

        Items and limits are those of `transfer_many`; `row.index` is the item's place. Leaving the
        loop stops the rest, and what was in flight is not reported. Ctrl-C within it raises with
        `results`, the rows that were not given yet.

            for row in client.transfer_as_completed([("c-1", "+18382947878")], rate=5):
                print(row.call_id, row.outcome)
        """
        return self._arriving(self._batch_runner(items, concurrency, rate, allow_repeated_calls, region, keep=False))

    def _arriving(self, feed: BatchRunner) -> Iterator[TransferRow]:
        try:
            yield from feed.arrived()
        except GeneratorExit:
            feed.abandon()
            raise
        except BaseException as stopped:
            feed.stop()
            feed.note(stopped, feed.everything())
            raise
        finally:
            self._log()

    def _batch_runner(
        self,
        items: Any,
        concurrency: int,
        rate: float | None,
        allow_repeated_calls: bool,
        region: str | None,
        keep: bool = True,
    ) -> BatchRunner:
        from calltransfer._batch_runner import BatchRunner

        background = self._asking()
        background.want_log(logs())
        return BatchRunner(background.batch(concurrency, rate), items, keep, self._log, allow_repeated_calls, region)

    def close(self) -> None:
        """Closes the client. It can't be used after; closing it again does nothing.

        Example:
            client.close()
        """
        self._close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
