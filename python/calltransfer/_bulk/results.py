"""The results of many transfers: one row for each, and the rows together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calltransfer import _records
from calltransfer._optional_import import optional_import
from calltransfer._redaction import redact_number, redact_text
from calltransfer._results import Transferred
from calltransfer.errors import CallTransferError

# What a notebook shows is imported where it is used: a batch should begin soon.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Literal, overload

_OUTCOMES = ("applied", "not_applied", "not_sent", "unknown")


@dataclass(frozen=True)
class TransferRow:
    """The result of one of many transfers. The repr shows only the last two digits of phone numbers.

    Example:
        for row in client.transfer_as_completed([("c-1", "+18382947878")]):
            print(row.call_id, row.outcome, row.result or row.error)
    """

    __slots__ = ("call_id", "error", "index", "result", "to")

    index: int
    """The position of the item, from 0."""
    call_id: str | None
    """The ID of the call that was to be transferred; `None` if the item had none."""
    to: str | None
    """The target, as it was given."""
    result: Transferred | None
    """The transfer, if it was made; otherwise `None`."""
    error: CallTransferError | None
    """The error, if the call was not transferred or the outcome is unknown; otherwise `None`."""

    @property
    def outcome(self) -> Literal["applied", "not_applied", "not_sent", "unknown"]:
        """The outcome of the transfer."""
        if self.result is not None:
            return "applied"
        return "unknown" if self.error is None else self.error.outcome

    def to_dict(self) -> dict[str, Any]:
        """Returns the row as a dict for JSON, which `from_dict` reads.

        It has the keys of `TransferResults.to_dicts`, and `result` and `error` with all their fields. Phone
        numbers are whole, because they are the caller's own data.

            print(results[0].to_dict()["outcome"])
        """
        return {
            **_records.head("TransferRow"),
            **_flat(self),
            "result": None if self.result is None else self.result.to_dict(),
            "error": None if self.error is None else self.error.to_dict(),
        }

    __json__ = to_dict
    """For JSON encoders that use this method, such as Celery's."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> TransferRow:
        """Returns a row that is equal to the one of `to_dict`.

            row = TransferRow.from_dict(json.loads(line))

        Raises:
            ValueError: The dict is not one of `to_dict`; the message names the key.
        """
        known = _records.read("TransferRow", document)
        result, error = known["result"], known["error"]
        return TransferRow(
            known["index"],
            document.get("call_id"),
            document.get("to"),
            None if result is None else Transferred.from_dict(result),
            None if error is None else CallTransferError.from_dict(error),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (TransferRow, (self.index, self.call_id, self.to, self.result, self.error))

    def __repr__(self) -> str:
        ended = self.result if self.error is None else self.error
        return f"TransferRow(index={self.index}, call_id={self.call_id!r}, to={_redact_target(self.to)!r}, outcome={self.outcome!r}, {ended!r})"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import bulk as _display_bulk

        ended = self.result if self.error is None else self.error
        shown = None if ended is None else ended._repr_mimebundle_()["text/html"]
        return _display_bulk.row(repr(self), self.index, self.call_id, self.to, self.outcome, shown)


class TransferResults(Sequence[TransferRow]):
    """The rows of many transfers, in the order of the items.

    Example:
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
        """Returns a flat dict for each row, for csv, json or any DataFrame library.

        Example:
            print(results.to_dicts()[0]["outcome"])
        """
        return [_flat(row) for row in self._rows]

    def __json__(self) -> list[dict[str, Any]]:
        """For JSON encoders that use this method, such as Celery's."""
        return [row.to_dict() for row in self._rows]

    def to_pandas(self) -> Any:
        """Returns a pandas DataFrame with one line for each row. Needs pandas, as in `calltransfer[bulk]`.

        Example:
            print(results.to_pandas().groupby("outcome").size())
        """
        pandas = optional_import("pandas", "to_pandas", "bulk")
        columns = list(TransferResults([TransferRow(0, None, None, None, None)]).to_dicts()[0])
        return pandas.DataFrame(self.to_dicts(), columns=columns)

    def summary(self) -> dict[str, Any]:
        """Returns the number of each outcome and of each kind of error, and latencies in seconds.

        `p50`, `p95` and `max` are the latencies of the transfers that were tried; they are `None` if none was. A
        notebook shows the summary with units, and one line for each reason.

            print(results.summary()["unknown"])
        """
        kinds: dict[str, int] = {}
        for row in self._rows:
            if row.error is not None:
                kinds[row.error.kind] = kinds.get(row.error.kind, 0) + 1
        took = self._latencies()
        values = {
            "total": len(self._rows),
            **self._counts(),
            "kinds": dict(sorted(kinds.items(), key=lambda kind: -kind[1])),
            "p50": _rank(took, 0.50),
            "p95": _rank(took, 0.95),
            "max": took[-1] if took else None,
        }
        from calltransfer._notebook.bulk import Summary

        return Summary(values, self._reasons())

    def plot(self) -> Any:
        """Returns a matplotlib figure of outcomes and latencies. Needs matplotlib, as in `calltransfer[notebook]`.

        Example:
            results.plot().savefig("transfers.png")
            print("drawn")
        """
        optional_import("matplotlib", "plot", "notebook")
        from importlib import import_module

        from calltransfer._notebook import bulk as _display_bulk
        from calltransfer._notebook import display as _display

        figure = import_module("matplotlib.figure").Figure(figsize=(9, 3.2), layout="constrained")
        bars, times = figure.subplots(1, 2)
        counts = self._counts()
        drawn = bars.barh(list(counts), list(counts.values()), color=[_display.COLOURS[name] for name in counts])
        bars.bar_label(drawn, padding=3)
        bars.margins(x=0.15)  # room for the numbers
        bars.invert_yaxis()
        bars.set_title(f"{len(self._rows)} transfers")
        took = self._latencies()
        unit, factor = ("s", 1) if took and took[-1] >= 10 else ("ms", 1000)
        times.hist([factor * seconds for seconds in took], bins=30, color="#0969da")
        times.set_title("latency")
        times.set_xlabel(unit)
        return _display.drawn(_display_bulk.themed(figure))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import display as _display

        ended = [row for row in self._rows if row.error is not None]
        rows = [(row.call_id or "", row.to or "", row.outcome, str(row.error)) for row in ended]
        return _display.batch(self._counts(), rows, len(self._rows), repr(self))

    def _counts(self) -> dict[str, int]:
        counts = dict.fromkeys(_OUTCOMES, 0)
        for row in self._rows:
            counts[row.outcome] += 1
        return counts

    def _reasons(self) -> dict[tuple[str, str], list[str]]:
        """The calls of each outcome and reason; most calls first."""
        reasons: dict[tuple[str, str], list[str]] = {}
        for row in self._rows:
            if row.error is not None:
                reason = (row.outcome, redact_text(str(row.error)))
                reasons.setdefault(reason, []).append(str(row.call_id or "no call named"))
        return dict(sorted(reasons.items(), key=lambda reason: -len(reason[1])))

    def _latencies(self) -> list[float]:
        ended = ((row.result if row.error is None else row.error) for row in self._rows)
        return sorted(one.elapsed for one in ended if one is not None and one.attempts)


def _flat(row: TransferRow) -> dict[str, Any]:
    """A row as a line of a table."""
    done, error = row.result, row.error
    return {
        "index": row.index,
        "call_id": _plain(row.call_id),
        "to": _plain(row.to),
        "outcome": row.outcome,
        "new_call_id": None if done is None else done.new_call_id,
        "kind": None if error is None else error.kind,
        "message": None if error is None else str(error),
        "http_status": done.http_status if done is not None else error and error.http_status,
        "attempts": done.attempts if done is not None else error and error.attempts,
        "elapsed": done.elapsed if done is not None else error and error.elapsed,
    }


def _plain(value: Any) -> Any:
    """A call ID or target as JSON can hold it, whatever the item gave in its place."""
    if value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return f"<{type(value).__name__}>"


def _redact_target(to: Any) -> Any:
    """A target with its numbers redacted, whatever type the item gave."""
    if to is None:
        return None
    if isinstance(to, (list, tuple)):
        return [_redact_target(one) for one in to]
    return redact_number(to if isinstance(to, str) else str(to))


def _rank(values: list[float], share: float) -> float | None:
    return values[max(0, -int(-share * len(values) // 1) - 1)] if values else None
