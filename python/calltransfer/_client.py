"""The client, and the functions that use one made from the environment."""

from __future__ import annotations

import os
import sys

from calltransfer import _native
from calltransfer.errors import CallTransferError, ConfigurationError, InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Any, Literal, NoReturn

    from calltransfer._many import Feed, TransferResults, TransferRow
    from calltransfer._results import Call, Finding, Transferred
    from calltransfer._whisper_audio import WhisperAudio

    _Reason = Literal[
        "unknown",
        "user-busy",
        "no-answer",
        "unavailable",
        "unconditional",
        "time-of-day",
        "do-not-disturb",
        "deflection",
        "follow-me",
        "out-of-service",
        "away",
    ]


class Account:
    """The account of a client and its settings, in whatever way it waits. Private."""

    _background: _native.Background | None = None

    def __init__(
        self,
        *,
        user_id: str | None = None,
        token: str | None = None,
        secret: str | None = None,
        account_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        username: str | None = None,
        password: str | None = None,
        api: Literal["v1", "v2"] | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        keep_alive: bool | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        pickle_secrets: bool = False,
    ) -> None:
        settings: dict[str, Any] = {
            "user_id": user_id,
            "token": token,
            "secret": secret,
            "account_id": account_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "username": username,
            "password": password,
            "api": api,
            "base_url": base_url,
            "timeout": timeout,
            "max_retries": max_retries,
            "keep_alive": keep_alive,
            "ca_file": ca_file,
            "proxy": proxy,
        }
        self._open: _native.Client | None = _native.Client(settings)
        self._pickled = _pickled(settings, self._open, bool(pickle_secrets))

    def __reduce__(self) -> tuple[Any, ...]:
        self._native()  # a closed client is told here, not where it is unpickled
        return (_unpickled, (type(self), self._pickled()))

    def __repr__(self) -> str:
        name = type(self).__name__
        if self._open is None:
            return f"{name}(closed)"
        api, account, base_url = self._open.api, self._open.account, self._open.base_url
        account_name = "user_id" if api == "v1" else "account_id"
        return f"{name}(api={api!r}, {account_name}={account!r}, base_url={base_url!r})"

    def _close(self) -> None:
        self._open = None
        self._background = None

    def _asking(self) -> _native.Background:
        background = self._background
        if background is None:
            # Two threads may both make one; either will do.
            background = self._background = self._native().background()
        return background

    def _log(self) -> None:
        if self._background is not None and logs():
            log(self._background.take_log())

    def _native(self) -> _native.Client:
        if self._open is None:
            error = ConfigurationError("client: it is closed; make a new one")
            error.field = "client"
            raise error
        return self._open


_SECRETS = {"v1": ("token", "secret"), "v2": ("client_id", "client_secret", "username", "password")}


def _pickled(settings: dict[str, Any], made: _native.Client, secrets: bool) -> Callable[[], dict[str, Any]]:
    """What goes into a pickle. A function, so that no attribute holds a secret."""
    kept = {name: value for name, value in settings.items() if value is not None}
    kept.update(api=made.api, base_url=made.base_url)
    kept["user_id" if made.api == "v1" else "account_id"] = made.account
    mine = _SECRETS[made.api]
    given = any(settings[name] for name in mine)
    for name, variable in _native.VARIABLES:
        if name in mine and not secrets:
            kept.pop(name, None)
        elif name in mine and not given and os.environ.get(variable):
            kept[name] = os.environ[variable]  # where it is unpickled there may be none
    if secrets:
        kept["pickle_secrets"] = True
    elif "@" in kept.get("proxy", ""):
        del kept["proxy"]  # it holds a password
    return lambda: kept


def _unpickled(kind: type[Account], settings: dict[str, Any]) -> Account:
    return kind(**settings)


class Client(Account):
    """Transfers calls of one account. May be used by many threads at once, and after a fork.

    All settings are optional: what isn't given comes from the environment, `BANDWIDTH_USER_ID`,
    `BANDWIDTH_API_TOKEN`, `BANDWIDTH_API_SECRET` and `CALLTRANSFER_BASE_URL`; for the v2 API
    `BW_ACCOUNT_ID`, `BW_CLIENT_ID`, `BW_CLIENT_SECRET`, or `BW_USERNAME` and `BW_PASSWORD`.
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
        keep_alive: Whether a connection is used again, for up to 4 seconds: yes by default. A
            request that meets a connection just being closed can end unknown; `False` rules that
            out, at the price of a connection for each request.
        ca_file: A PEM file of certificates to trust instead of the system's.
        proxy: An http proxy for the https connection, as `http://user:password@proxy:3128`.
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
        diversion_reason: _Reason | None = None,
        caller_display_name: str | None = None,
        privacy: bool | None = None,
        call_timeout: int | None = None,
        tag: str | None = None,
        uui: str | None = None,
        transfer_answer_url: str | None = None,
        extra: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        **unknown: NoReturn,
    ) -> Transferred:
        """Asks the platform to connect a live call to someone else, and waits for the outcome.

        Sent at most once, unless the platform is known to have done nothing. Other threads run
        meanwhile, and Ctrl-C is answered: the KeyboardInterrupt's note says what became of the
        call.

            done = client.transfer("c-call123", "+18382947878", whisper_audio="Hello!")
            print(done.call_id)

        Args:
            call_id: The call to transfer; it must be active.
            to: An E.164 number (`+18382947878`) or a SIP address (`sip:user@host`); in v2 up to
                eight of them, which ring at once.
            caller_id: The number that the new party sees: `"private"` or an E.164 number, the
                incoming call's own or one of the account's.
            callback_url: Where the events of the new call go.
            recording_enabled: Whether the call is recorded; `False` ends a recording.
            recording_file_format: `"wav"` or `"mp3"`.
            whisper_audio: v1: what the new party hears first: a sentence, a `WhisperAudio`, or a dict
                with its fields.
            diversion_treatment: `"none"`, `"propagate"` or `"stack"`.
            diversion_reason: Why the call is diverted, as `"no-answer"`; only with `"stack"`.
            caller_display_name: v2: the name that the new party sees.
            privacy: v2: whether the caller's number is hidden.
            call_timeout: v2: seconds to let it ring: 1 to 300, 30 by default.
            tag: v2: a text that comes back with the events; an empty one clears an earlier tag.
            uui: v2: the User-To-User header for targets that are SIP addresses.
            transfer_answer_url: v2: where the platform asks what the new party is to hear first;
                `whisper_bxml` makes the answer.
            extra: v1: more fields of the body, under their names on the wire, sent unchecked.
            timeout: Seconds for this transfer instead of the client's.

        Raises:
            InvalidArgumentError: An argument can't be sent; `field` names it.
            OutcomeUnknownError: The transfer may have been made: look before you repeat.
            CallTransferError: Anything else; `outcome` says what became of the call.
        """
        options = options_of(locals())
        # Before anything is sent: what fails after it would hide what became of the call.
        from calltransfer._results import Transferred

        with _Log() as log:
            return Transferred(*self._native().transfer(call_id, to, options, timeout, log.attempts))

    def get_call(self, call_id: str) -> Call:
        """Reads a call. Changes nothing, so it is tried again whenever that may help.

            print(client.get_call("c-call123").state)
        """
        with _Log() as log:
            return call_of(self._native().get_call(call_id, log.attempts))

    def answer(self, call_id: str) -> None:
        """Answers an incoming call, so that it can be transferred.

            client.answer("c-call123")
        """
        with _Log() as log:
            self._native().answer(call_id, log.attempts)

    def hang_up(self, call_id: str) -> None:
        """Ends a call.

            client.hang_up("c-call123")
        """
        with _Log() as log:
            self._native().hang_up(call_id, log.attempts)

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
        call_id = id_of(call)
        with _Log() as log:
            outcome, reason, doubt, found = self._native().check(call_id, log.attempts)
        return finding_of((outcome, reason, doubt, found))

    def transfer_many(
        self, items: Iterable[Any], *, concurrency: int = 16, rate: float | None = None, progress: bool = False
    ) -> TransferResults:
        """Makes many transfers, and gives a row for each, in the order of the items.

        A failure is a row, not the end; so is an item that can't be sent. The work is done by
        threads of the library, without the interpreter's lock. Items are taken as there is room for
        them.

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

        Raises:
            InvalidArgumentError: `concurrency` or `rate` is out of range.
        """
        from calltransfer._many import Progress

        feed = self._feed(items, concurrency, rate)
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
        self, items: Iterable[Any], *, concurrency: int = 16, rate: float | None = None
    ) -> Iterator[TransferRow]:
        """Makes many transfers, and gives a row for each as it comes. None is kept.

        Items and limits are those of `transfer_many`; `row.index` is the item's place. Leaving the
        loop stops the rest, and nobody is told of what was under way. Ctrl-C within it raises with
        `results`, the rows that were not given yet.

            for row in client.transfer_as_completed([("c-1", "+18382947878")], rate=5):
                print(row.call_id, row.outcome)
        """
        return self._arriving(self._feed(items, concurrency, rate, keep=False))

    def _arriving(self, feed: Feed) -> Iterator[TransferRow]:
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

    def _feed(self, items: Iterable[Any], concurrency: int, rate: float | None, keep: bool = True) -> Feed:
        from calltransfer._many import Feed

        background = self._asking()
        background.want_log(logs())
        return Feed(background.batch(concurrency, rate), items, keep, self._log)

    def close(self) -> None:
        """Closes the client. It can't be used after; closing it again does nothing.

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


def transfer(
    call_id: str,
    to: str | Sequence[str],
    *,
    caller_id: str | None = None,
    callback_url: str | None = None,
    recording_enabled: bool | None = None,
    recording_file_format: Literal["wav", "mp3"] | None = None,
    whisper_audio: str | WhisperAudio | Mapping[str, Any] | None = None,
    diversion_treatment: Literal["none", "propagate", "stack"] | None = None,
    diversion_reason: _Reason | None = None,
    caller_display_name: str | None = None,
    privacy: bool | None = None,
    call_timeout: int | None = None,
    tag: str | None = None,
    uui: str | None = None,
    transfer_answer_url: str | None = None,
    extra: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    **unknown: NoReturn,
) -> Transferred:
    """Transfers a call of the account in the environment. See `Client.transfer` for the options.

        import calltransfer

        done = calltransfer.transfer("c-call123", "+18382947878", caller_id="private",
                                     whisper_audio="You have an incoming call")
        print(done.call_id)

    The client behind it is made at the first use, and anew after a fork and when the
    environment changes.
    """
    return _default_client().transfer(
        call_id,
        to,
        caller_id=caller_id,
        callback_url=callback_url,
        recording_enabled=recording_enabled,
        recording_file_format=recording_file_format,
        whisper_audio=whisper_audio,
        diversion_treatment=diversion_treatment,
        diversion_reason=diversion_reason,
        caller_display_name=caller_display_name,
        privacy=privacy,
        call_timeout=call_timeout,
        tag=tag,
        uui=uui,
        transfer_answer_url=transfer_answer_url,
        extra=extra,
        timeout=timeout,
        **unknown,
    )


def transfer_many(
    items: Iterable[Any], *, concurrency: int = 16, rate: float | None = None, progress: bool = False
) -> TransferResults:
    """Makes many transfers for the account in the environment. See `Client.transfer_many`.

        import calltransfer

        results = calltransfer.transfer_many([("c-1", "+18382947878"), ("c-2", "+18382947878")])
        print(results.summary())
    """
    return _default_client().transfer_many(items, concurrency=concurrency, rate=rate, progress=progress)


def payload(
    call_id: str,
    to: str | Sequence[str],
    *,
    caller_id: str | None = None,
    callback_url: str | None = None,
    recording_enabled: bool | None = None,
    recording_file_format: Literal["wav", "mp3"] | None = None,
    whisper_audio: str | WhisperAudio | Mapping[str, Any] | None = None,
    diversion_treatment: Literal["none", "propagate", "stack"] | None = None,
    diversion_reason: _Reason | None = None,
    caller_display_name: str | None = None,
    privacy: bool | None = None,
    call_timeout: int | None = None,
    tag: str | None = None,
    uui: str | None = None,
    transfer_answer_url: str | None = None,
    extra: Mapping[str, Any] | None = None,
    **unknown: NoReturn,
) -> str:
    """The JSON body that `transfer` would send to v1 for these arguments. Nothing is sent.

    >>> payload("c-call123", "+18382947878", caller_id="private")
    '{"state":"transferring","transferTo":"+18382947878","transferCallerId":"private"}'
    """
    audio = whisper_audio if type(whisper_audio) is str else whisper_of(whisper_audio)
    # In the order of _native.OPTIONS.
    options = (
        caller_id,
        callback_url,
        recording_enabled,
        recording_file_format,
        audio,
        diversion_treatment,
        diversion_reason,
        caller_display_name,
        privacy,
        call_timeout,
        tag,
        uui,
        transfer_answer_url,
        extra,
    )
    return _Body(_native.payload(call_id, to, options, unknown))


def options_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options among the arguments of a method, as the core takes them. Private."""
    options = {name: value for name in _native.OPTIONS if (value := given[name]) is not None}
    if "whisper_audio" in options:
        options["whisper_audio"] = whisper_of(options["whisper_audio"])
    if given["unknown"]:
        options.update(given["unknown"])
    return options


class _Body(str):
    """A str that a notebook shows with its numbers masked."""

    __slots__ = ()

    def _ipython_display_(self) -> None:
        # IPython has its own plain text for every str, which would put the whole numbers into the
        # notebook's file beside the masked ones.
        from calltransfer import _display

        _display.show_body(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer import _display

        return _display.body(self)


def bxml(
    call_id: str,
    to: str | Sequence[str],
    *,
    caller_id: str | None = None,
    callback_url: str | None = None,
    recording_enabled: bool | None = None,
    recording_file_format: Literal["wav", "mp3"] | None = None,
    whisper_audio: str | WhisperAudio | Mapping[str, Any] | None = None,
    diversion_treatment: Literal["none", "propagate", "stack"] | None = None,
    diversion_reason: _Reason | None = None,
    caller_display_name: str | None = None,
    privacy: bool | None = None,
    call_timeout: int | None = None,
    tag: str | None = None,
    uui: str | None = None,
    transfer_answer_url: str | None = None,
    extra: Mapping[str, Any] | None = None,
    **unknown: NoReturn,
) -> str:
    """The BXML document that `transfer` would send to v2 for these arguments. Nothing is sent.

    >>> bxml("c-call123", "+18382947878", call_timeout=20).partition("?>")[2]
    '<Bxml><Transfer callTimeout="20"><PhoneNumber>+18382947878</PhoneNumber></Transfer></Bxml>'
    """
    options: dict[str, Any] = {
        "caller_id": caller_id,
        "callback_url": callback_url,
        "recording_enabled": recording_enabled,
        "recording_file_format": recording_file_format,
        "whisper_audio": whisper_of(whisper_audio),
        "diversion_treatment": diversion_treatment,
        "diversion_reason": diversion_reason,
        "caller_display_name": caller_display_name,
        "privacy": privacy,
        "call_timeout": call_timeout,
        "tag": tag,
        "uui": uui,
        "transfer_answer_url": transfer_answer_url,
        "extra": extra,
    }
    if unknown:
        options.update(unknown)
    return _native.bxml(call_id, to, options)


def whisper_bxml(whisper_audio: str | WhisperAudio | Mapping[str, Any]) -> str:
    """The BXML document that whispers this in v2, where the platform asks for it.

    Serve it at the `transfer_answer_url` of the transfer, as `application/xml`. `loop_enabled`,
    `tag` and `volume` are v1's, and refused; locales and voices are v2's own, and not looked up.

    >>> whisper_bxml("You have an incoming call").partition("?>")[2]
    '<Bxml><SpeakSentence>You have an incoming call</SpeakSentence></Bxml>'

    Raises:
        InvalidArgumentError: A field can't be said; `field` names it.
    """
    return _native.whisper_bxml(whisper_of(whisper_audio))


class _Log:
    """Collects the attempts of a call and tells them to the logger `calltransfer` after it.

    After, and not meanwhile: a handler must not run in the middle of a transfer.
    """

    __slots__ = ("attempts",)

    def __enter__(self) -> _Log:
        self.attempts: list[tuple[bool, str]] | None = [] if logs() else None
        return self

    def __exit__(self, *raised: object) -> None:
        if self.attempts:
            log(self.attempts)


def logs() -> bool:
    """Whether anybody wants to know of attempts. Private."""
    # A program that logs has imported logging; for the others it isn't worth the time.
    logging = sys.modules.get("logging")
    return logging is not None and logging.getLogger("calltransfer").isEnabledFor(20)


def log(attempts: list[tuple[bool, str]]) -> None:
    """Tells attempts to the logger. Private."""
    logging = sys.modules["logging"]
    try:
        logger = logging.getLogger("calltransfer")
        for succeeded, line in attempts:
            logger.log(20 if succeeded else 30, "%s", line)  # INFO, WARNING
    except Exception:  # a filter or handler that fails must not hide what became of the call
        pass


_shared: tuple[tuple[object, ...], Client] | None = None


def _default_client() -> Client:
    global _shared
    made_for = (os.getpid(), *map(os.environ.get, _native.ENVIRONMENT))
    shared = _shared
    if shared is None or shared[0] != made_for:
        # Two threads may both make one; either will do.
        shared = _shared = (made_for, Client())
    return shared[1]


def whisper_of(audio: str | WhisperAudio | Mapping[str, Any] | None) -> Any:
    """The whisper as the core takes it. Private."""
    module = sys.modules.get("calltransfer._whisper_audio")  # without it there is no WhisperAudio
    if module is not None and isinstance(audio, module.WhisperAudio):
        return audio._fields()
    return audio


def id_of(call: str | CallTransferError | Transferred) -> str:
    """The id of the call that is to be looked at. Private."""
    from calltransfer._results import Transferred

    if isinstance(call, Transferred):
        return call.transferred_call_id
    if isinstance(call, CallTransferError):
        if call.call_id is None:
            refused = InvalidArgumentError("call: this error is about no call; give the call's id")
            refused.field = "call"
            raise refused
        return call.call_id
    return call


def finding_of(parts: tuple[Any, str, str | None, Any]) -> Finding:
    """What a look at a call says, of the core's parts. Private."""
    from calltransfer._results import Finding

    outcome, reason, doubt, found = parts
    return Finding(outcome, reason, doubt, None if found is None else call_of(found))


def call_of(parts: tuple[str, str, list[str | None], str]) -> Call:
    """A call of the core's parts. Private."""
    import json

    from calltransfer._results import Call

    call_id, state, told, fields = parts
    direction, from_, to, start_time, active_time, end_time = told
    return Call(
        call_id, state, direction, from_, to, start_time, active_time, end_time, json.loads(fields)
    )
