"""Many transfers at once: what goes in, what comes back, and the way between."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass

from calltransfer import errors
from calltransfer._client import whisper_of
from calltransfer._results import Transferred, _masked
from calltransfer.errors import CallTransferError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from typing import Any, Literal, overload

    from calltransfer import _native

_OUTCOMES = ("applied", "not_applied", "not_sent", "unknown")
# A run of items that can't be sent is told of in pieces.
_PIECE = 256


@dataclass(frozen=True)
class TransferRow:
    """What became of one of many transfers. The repr masks the number.

        for row in client.transfer_as_completed([("c-1", "+18382947878")]):
            print(row.call_id, row.outcome, row.result or row.error)
    """

    __slots__ = ("index", "call_id", "to", "result", "error")

    index: int
    """The item's place among the items, from 0."""
    call_id: str | None
    """The call that was to be transferred; `None` where the item named none."""
    to: str | None
    """Where it was to go."""
    result: Transferred | None
    """The transfer, where it was made."""
    error: CallTransferError | None
    """The error, where it was not, or where nobody can say."""

    @property
    def outcome(self) -> Literal["applied", "not_applied", "not_sent", "unknown"]:
        """What became of the call."""
        if self.result is not None:
            return "applied"
        return "unknown" if self.error is None else self.error.outcome

    def to_dict(self) -> dict[str, Any]:
        """The row flat, as a table wants it. Numbers are whole: it is the caller's own data.

            print(results[0].to_dict()["outcome"])
        """
        done, error = self.result, self.error
        return {
            "index": self.index,
            "call_id": self.call_id,
            "to": self.to,
            "outcome": self.outcome,
            "new_call_id": None if done is None else done.call_id,
            "kind": None if error is None else error.kind,
            "message": None if error is None else str(error),
            "http_status": done.http_status if done is not None else error and error.http_status,
            "attempts": done.attempts if done is not None else error and error.attempts,
            "elapsed": done.elapsed if done is not None else error and error.elapsed,
        }

    def __reduce__(self) -> tuple[Any, ...]:
        return (TransferRow, (self.index, self.call_id, self.to, self.result, self.error))

    def __repr__(self) -> str:
        told = self.result if self.error is None else self.error
        to = _masked(self.to) if isinstance(self.to, str) else self.to
        return f"TransferRow(index={self.index}, call_id={self.call_id!r}, to={to!r}, outcome={self.outcome!r}, {told!r})"


class TransferResults(Sequence[TransferRow]):
    """The rows of many transfers, in the order of the items.

        results = client.transfer_many([("c-1", "+18382947878")])
        print(results.summary())
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: Iterable[TransferRow]) -> None:
        self._rows = sorted(rows, key=lambda row: row.index)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, place: int) -> TransferRow: ...
        @overload
        def __getitem__(self, place: slice) -> TransferResults: ...

    def __getitem__(self, place: int | slice) -> TransferRow | TransferResults:
        if isinstance(place, slice):
            return TransferResults(self._rows[place])
        return self._rows[place]

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TransferResults) and self._rows == other._rows

    def __repr__(self) -> str:
        counts = ", ".join(f"{number} {name}" for name, number in self._counts().items() if number)
        return f"TransferResults({counts or 'none'})"

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict for each row, for csv, json or a DataFrame of any kind.

            print(results.to_dicts()[0]["outcome"])
        """
        return [row.to_dict() for row in self._rows]

    def to_pandas(self) -> Any:
        """A pandas DataFrame with a line for each row. Needs pandas, as in `calltransfer[bulk]`.

            print(results.to_pandas().groupby("outcome").size())
        """
        pandas = _needed("pandas", "to_pandas", "bulk")
        columns = list(TransferRow(0, None, None, None, None).to_dict())
        return pandas.DataFrame(self.to_dicts(), columns=columns)

    def summary(self) -> dict[str, Any]:
        """Counts of each outcome and of each kind of error, and latencies in seconds.

        `p50`, `p95` and `max` are of the transfers that were tried, and `None` where none was.

            print(results.summary()["unknown"])
        """
        kinds: dict[str, int] = {}
        for row in self._rows:
            if row.error is not None:
                kinds[row.error.kind] = kinds.get(row.error.kind, 0) + 1
        took = self._latencies()
        return {
            "total": len(self._rows),
            **self._counts(),
            "kinds": dict(sorted(kinds.items(), key=lambda kind: -kind[1])),
            "p50": _rank(took, 0.50),
            "p95": _rank(took, 0.95),
            "max": took[-1] if took else None,
        }

    def plot(self) -> Any:
        """A matplotlib figure of outcomes and latencies. Needs `calltransfer[notebook]`.

            results.plot().savefig("transfers.png")
            print("drawn")
        """
        _needed("matplotlib", "plot", "notebook")
        from importlib import import_module

        from calltransfer import _display

        figure = import_module("matplotlib.figure").Figure(figsize=(9, 3.2), layout="constrained")
        bars, times = figure.subplots(1, 2)
        counts = self._counts()
        drawn = bars.barh(list(counts), list(counts.values()), color=[_display.COLOURS[name] for name in counts])
        bars.bar_label(drawn, padding=3)
        bars.margins(x=0.15)  # room for the numbers
        bars.invert_yaxis()
        bars.set_title(f"{len(self._rows)} transfers")
        times.hist([1000 * took for took in self._latencies()], bins=30, color="#0969da")
        times.set_title("latency")
        times.set_xlabel("ms")
        return _display.drawn(figure)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer import _display

        told = [row for row in self._rows if row.error is not None]
        rows = [(row.call_id or "", row.to or "", row.outcome, str(row.error)) for row in told]
        return _display.batch(self._counts(), rows, len(self._rows), plain=repr(self))

    def _counts(self) -> dict[str, int]:
        counts = dict.fromkeys(_OUTCOMES, 0)
        for row in self._rows:
            counts[row.outcome] += 1
        return counts

    def _latencies(self) -> list[float]:
        told = ((row.result if row.error is None else row.error) for row in self._rows)
        return sorted(one.elapsed for one in told if one is not None and one.attempts)


def _rank(values: list[float], share: float) -> float | None:
    return values[max(0, -int(-share * len(values) // 1) - 1)] if values else None


def _needed(module: str, what: str, extra: str) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as missing:
        raise ImportError(f"{what}: needs {module}; pip install 'calltransfer[{extra}]'") from missing


class Feed:
    """Takes items as there is room for them, and makes rows of what comes back. Private."""

    def __init__(self, batch: _native.Batch, items: Iterable[Any], keep: bool, log: Callable[[], None]) -> None:
        self.total = len(items) if isinstance(items, Sized) else None
        self._batch = batch
        self._log = log
        self._items = enumerate(_items(items))
        self._open: dict[int, tuple[Any, Any]] = {}
        self._rows: list[TransferRow] = []
        self._keep = keep
        self._given = 0
        self._is_over = False

    def arrived(self) -> Iterator[TransferRow]:
        """Rows, as they come; waits on this thread."""
        while True:
            rows = self._step()
            yield from self._give(rows)
            if not rows:
                if self._is_over and not self._open:
                    return
                self._batch.wait()

    def everything(self) -> TransferResults:
        """All rows that are kept."""
        return TransferResults(self._rows[self._given :])

    def stop(self) -> None:
        """Stops what has not ended, and makes rows of what is known of it."""
        self._batch.stop()
        while True:
            last = self._batch.is_idle()
            self._take()
            if last:
                break
            self._batch.wait()
        self._end()

    def abandon(self) -> None:
        """Stops, for nobody who listens."""
        self._batch.stop()
        self._batch.close()

    def note(self, stopped: BaseException, results: TransferResults) -> None:
        """Says on the exception what became of the items."""
        stopped.results = results  # type: ignore[attr-defined]
        counts = ", ".join(f"{number} {name}" for name, number in results._counts().items() if number)
        rest = "" if self._is_over or self.total is not None else "; items that were not taken were not begun"
        if hasattr(stopped, "add_note"):  # Python 3.11
            stopped.add_note(f"calltransfer: {counts or 'nothing was begun'}{rest}; `results` of this exception has the rows")

    def _step(self) -> list[TransferRow]:
        """New rows: of items that can't be sent, and of what has ended."""
        before = len(self._rows)
        while not self._is_over and len(self._rows) - before < _PIECE and self._batch.has_room():
            self._add()
        self._take()
        self._log()
        return self._rows[before:]

    def _give(self, rows: list[TransferRow]) -> Iterator[TransferRow]:
        for row in rows:
            if not self._keep:
                # What an exception tells is what the caller has not seen.
                self._given += 1
            yield row
        if self._given == len(self._rows):
            self._rows.clear()
            self._given = 0

    def _add(self) -> None:
        try:
            index, item = next(self._items)
        except StopIteration:
            self._is_over = True
            return
        call_id: Any = None
        to: Any = None
        try:
            call_id, to, options = _parts(item)
            timeout = options.pop("timeout", None)
            self._open[index] = (call_id, to)
            self._batch.add(index, call_id, to, options, timeout)
        except CallTransferError as error:
            self._open.pop(index, None)
            self._rows.append(TransferRow(index, call_id, to, None, error))

    def _take(self) -> None:
        for index, done, error in self._batch.take():
            call_id, to = self._open.pop(index)
            result = None if done is None else Transferred(*done)
            self._rows.append(TransferRow(index, call_id, to, result, error))

    def _end(self) -> None:
        self._batch.close()
        # An interrupt that came just as an answer was taken: never silent about a transfer.
        for index, (call_id, to) in self._open.items():
            lost = "the interrupt came as its answer was read"
            error = errors.make("outcome_unknown", lost, {"outcome": "unknown", "call_id": call_id})
            self._rows.append(TransferRow(index, call_id, to, None, error))
        self._open.clear()
        if self.total is None:
            return  # nobody knows how many more there are
        for index, item in self._items:
            try:
                call_id, to, _ = _parts(item)
            except CallTransferError as refused:
                self._rows.append(TransferRow(index, None, None, None, refused))
                continue
            known = {"outcome": "not_sent", "safe_to_repeat": True, "call_id": call_id}
            error = errors.make("cancelled", "stopped before it was begun", known)
            self._rows.append(TransferRow(index, call_id, to, None, error))
        self._is_over = True


class LoopFeed(Feed):
    """The same for an event loop. Private."""

    def __init__(
        self,
        batch: _native.Batch,
        items: Iterable[Any],
        keep: bool,
        log: Callable[[], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(batch, items, keep, log)
        self._loop = loop

    async def arriving(self) -> AsyncIterator[TransferRow]:
        """Rows, as they come."""
        while True:
            news = self._loop.create_future()
            self._batch.wait_on(news)  # before the look, so that nothing comes unseen
            rows = self._step()
            for row in self._give(rows):
                yield row
            if not rows:
                if self._is_over and not self._open:
                    self._batch.close()
                    return
                await news

    async def stop_in_loop(self) -> None:
        """As `stop`, and others run meanwhile."""
        from asyncio import sleep

        self._batch.stop()
        while True:
            last = self._batch.is_idle()
            self._take()
            if last:
                break
            await sleep(0.001)
        self._end()


class Progress:
    """A bar by tqdm, in a notebook or a terminal, where it is wanted. Private."""

    def __init__(self, feed: Feed, wanted: bool) -> None:
        self._bar = None
        if wanted:
            auto = _needed("tqdm.auto", "progress", "bulk")
            self._bar = auto.tqdm(total=feed.total, unit="call", desc="transfers")

    def step(self) -> None:
        if self._bar is not None:
            self._bar.update()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._bar is not None:
            self._bar.close()


def _items(items: Any) -> Iterator[Any]:
    """One by one: an iterable as it is, a DataFrame by its lines."""
    if hasattr(items, "columns"):
        if hasattr(items, "iter_rows"):  # polars
            return iter(items.iter_rows(named=True))
        if hasattr(items, "itertuples"):  # pandas
            names = [str(name) for name in items.columns]
            return (dict(zip(names, line)) for line in items.itertuples(index=False, name=None))
    return iter(items)


def _parts(item: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Call, target and options of an item."""
    if isinstance(item, (tuple, list)) and 2 <= len(item) <= 3:
        call_id, to, *rest = item
        given = rest[0] if rest else None
    elif hasattr(item, "keys"):
        given = dict(item)
        try:
            call_id, to = given.pop("call_id"), given.pop("to")
        except KeyError as missing:
            raise _invalid(str(missing.args[0]), "is missing") from None
    else:
        raise _invalid("item", f"is of type {type(item).__name__}; allowed is (call_id, to), (call_id, to, options) or a dict")
    options = {} if given is None else given
    if not hasattr(options, "keys"):
        raise _invalid("options", f"is of type {type(options).__name__}; allowed is a dict")
    options = {name: value for name, value in dict(options).items() if _is_given(value)}
    if "whisper_audio" in options:
        options["whisper_audio"] = whisper_of(options["whisper_audio"])
    return call_id, to, options


def _is_given(value: Any) -> bool:
    if value is None:
        return False
    try:
        # A table says NaN where it means nothing: it alone differs from itself.
        return bool(value == value)
    except (TypeError, ValueError):  # pandas' NA isn't even that
        return False


def _invalid(field: str, reason: str) -> CallTransferError:
    known = {"field": field, "outcome": "not_sent", "safe_to_repeat": True}
    return errors.make("invalid_argument", f"{field}: {reason}", known)
