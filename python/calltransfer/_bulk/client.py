"""Many transfers at once, of a blocking client."""

from __future__ import annotations

from calltransfer._account import Account
from calltransfer._log import wanted

# Batches and runs are imported where they are used: every program imports this file.

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator
    from typing import Any, overload

    from calltransfer._bulk.batch_runner import BatchRunner
    from calltransfer._bulk.results import TransferResults, TransferRow
    from calltransfer._runs.run import Run


class ManyTransfers(Account):
    """The methods of `Client` for many transfers."""

    if TYPE_CHECKING:

        @overload
        def transfer_many(
            self,
            items: Iterable[Any],
            *,
            concurrency: int = 16,
            rate: float | None = None,
            progress: bool = False,
            allow_repeated_calls: bool = False,
            region: str | None = None,
            run: None = None,
        ) -> TransferResults: ...
        @overload
        def transfer_many(
            self,
            items: Iterable[Any],
            *,
            concurrency: int = 16,
            rate: float | None = None,
            progress: bool = False,
            allow_repeated_calls: bool = False,
            region: str | None = None,
            run: Run | str | os.PathLike[str],
        ) -> Run: ...

    def transfer_many(
        self,
        items: Iterable[Any],
        *,
        concurrency: int = 16,
        rate: float | None = None,
        progress: bool = False,
        allow_repeated_calls: bool = False,
        region: str | None = None,
        run: Run | str | os.PathLike[str] | None = None,
    ) -> TransferResults | Run:
        """Makes many transfers, and returns a row for each, in the order of the items.

        A failure becomes a row and does not end the batch; so does an item that can't be sent. Threads of the
        library make the transfers, without holding the GIL. Items are taken only when there is room for them. An
        iterable without a length may block until it has another item; it runs on a thread of its own.

            items = [
                ("c-1", "+18382947878"),
                ("c-2", "+18382947878", {"caller_id": "private"}),
                {"call_id": "c-3", "to": "+18382947878", "whisper_audio": "Hello!"},
            ]
            results = client.transfer_many(items, concurrency=8, rate=5)
            print(results.summary())

        Ctrl-C or an error of the iterable stops the batch, and the transfers that are in progress. The
        exception's `results` then has a row for each item that was taken; if `items` has a length, also for the
        other items.

        Args:
            items: Tuples `(call_id, to)` or `(call_id, to, options)`, dicts with `call_id`, `to` and
                options, or a DataFrame with such columns. The options are those of `transfer`.
            concurrency: How many transfers may be in progress at the same time, 1 to 10,000. Each has a connection.
            rate: How many transfers may begin per second. If the platform reports a rate limit, all transfers
                wait until it clears and then continue more slowly, also without `rate`.
            progress: Whether a progress bar is shown. Needs tqdm, as in `calltransfer[bulk]`.
            allow_repeated_calls: Whether several items may have the same call ID. By default only the first of
                them is sent; the others become rows with an `InvalidArgumentError` that names the first. To
                check this, the IDs of all calls are kept in memory.
            region: The country whose rules apply to numbers without `+`, for example `"US"`: `to` and
                `caller_id` may then be `(838) 294-7878`. Needs phonenumbers, as in `calltransfer[phone]`. The `to`
                of a row is the number as it was given.
            run: A `Run`, or its place: the transfers become rows of it, and the run is returned. It survives a
                crash, and the same call again continues it.

        Raises:
            InvalidArgumentError: `concurrency` or `rate` is out of range, or `region` is not a country.
            ImportError: `region` is given and phonenumbers is not installed.
            TypeError: `items` is a single item, a string or a column.
        """
        if run is not None:
            from calltransfer._runs import many as _run_many

            return _run_many.transfer_many(self, items, run, concurrency, rate, progress, allow_repeated_calls, region)
        from calltransfer._bulk.batch_runner import Progress

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
        """Makes many transfers, and yields a row for each as soon as it ends. No rows are kept.

        Items and limits are those of `transfer_many`; `row.index` is the position of the item, from 0. Leaving
        the loop stops the rest, and transfers that are in progress are not reported. If Ctrl-C is pressed within
        the loop, the exception's `results` has the rows that were not yielded yet.

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
        from calltransfer._bulk.batch_runner import BatchRunner

        background = self._background_client()
        background.want_log(wanted())
        return BatchRunner(background.batch(concurrency, rate), items, keep, self._log, allow_repeated_calls, region)
