"""A durable bulk transfer: it survives crashes, and several workers share it."""

from __future__ import annotations

import os
import random
import time
from itertools import islice

from calltransfer import _native
from calltransfer._bulk.items import iter_items, parts
from calltransfer._bulk.supply import check as check_items
from calltransfer._log import log, wanted
from calltransfer._optional_import import optional_import
from calltransfer._redaction import redact_place

# The native module takes `errors` when a run fails: there may be no descriptor left to load it then.
from calltransfer._runs import errors  # noqa: F401
from calltransfer._runs.account import account_of
from calltransfer._runs.progress import Reporter
from calltransfer._runs.records import COLUMNS, STATES, RunCheck, RunRetry, RunSummary, row_of
from calltransfer.errors import CallTransferError, RunError

# What a notebook shows is imported where it is used: a run should begin soon.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from types import TracebackType
    from typing import Any, Literal

    from typing_extensions import Self

    from calltransfer._account import Account
    from calltransfer._runs.records import RunRow

_PAGE = 500
_ADDING = 60.0
"""Seconds for which other processes that add the same calls are waited for."""


class Run:
    """A durable bulk transfer. It continues after crashes, several workers share it, and no transfer is sent
    twice unless you say so.

    It is stored in a file, or in a PostgreSQL database that several machines share. Each row is written to
    disk before its request can leave, and again with its outcome. If a process dies or is killed, open the
    run at the same place and continue. Rows that were being sent become `unknown`; `check` reads their calls.

        with calltransfer.Run("evac.db", rate=20) as run:
            run.add([("c-1", "+18382947878"), ("c-2", "+18382947878")])
            run.execute()
            run.check()
            print(run.summary())

    May be used by many threads and opened by many processes at the same time: each `execute` is one worker.
    In a forked child its methods raise an error; open the run again there. A notebook shows its counts, and
    the rows that a person has to check.

    Args:
        place: The path of a file, or a `postgresql://` URL. A file is created if there is none; only its
            owner may read it.
        rate: How many transfers per second all workers begin together at most: 0.001 to 1,000,000. Without
            it, the run finds the account's limit by itself.
        deadline: Seconds that the run may take from its creation, at most 30 days. Rows that were not sent by
            then are not sent any more.
        lease: Seconds for which a worker keeps its rows without renewing its claim: 1 to 300, by default 10.
            After that, the rows that it was sending become `unknown`.
        max_attempts: How many times a row is tried that could not be sent, or whose call was still being set
            up: 1 to 1,000, by default 10.
        client: A client of the account; without it, one is created from `settings`.
        **settings: Those of `Client`.

    Rate, deadline, lease and attempts are stored when the run is created. For an existing run leave them out,
    or pass the same values.

    Raises:
        InvalidArgumentError: A setting is out of range, or the place is not valid.
        ConfigurationError: A setting of the account is missing or wrong.
        RunError: The run belongs to another account, has other settings or is damaged, or the ledger
            can't be reached; `kind` says which.
    """

    _open: _native.Run | None = None
    _client: Account | None = None

    def __init__(
        self,
        place: str | os.PathLike[str],
        *,
        rate: float | None = None,
        deadline: float | None = None,
        lease: float | None = None,
        max_attempts: int | None = None,
        client: Account | None = None,
        **settings: Any,
    ) -> None:
        try:
            self._client = client = account_of("Run", client, settings)
        finally:
            settings = {}  # a traceback keeps this frame; see `Account.__init__`
        try:
            self._set_up(place, client, rate, deadline, lease, max_attempts)
        finally:
            del place  # a URL may hold a password

    @classmethod
    def view(cls, place: str | os.PathLike[str]) -> Self:
        """Opens an existing run to read it: needs no account, and can neither send nor check.

        Example:
            calltransfer.Run("evac.db").close()
            with calltransfer.Run.view("evac.db") as run:
                print(run.summary())
        """
        run = object.__new__(cls)
        run._set_up(place, None, None, None, None, None)
        return run

    def _set_up(self, place: Any, client: Account | None, *settings: Any) -> None:
        self._place = os.fspath(place)
        del place
        self._open = _native.Run(self._place, None if client is None else client._native(), *settings)

    @property
    def api(self) -> str:
        """The API of the run: `"v1"` or `"v2"`."""
        return self._native().api

    @property
    def account(self) -> str:
        """The account of the run: the user ID of v1, the account ID of v2."""
        return self._native().account

    @property
    def created(self) -> datetime:
        """When the run was created, in UTC."""
        return self._native().created

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._native().is_stopped

    def add(self, items: Iterable[Any], *, region: str | None = None) -> int:
        """Adds rows: all of them, or none if one is refused. Returns how many are new.

        A call can be in a run only once. A row that is there already is not changed; if its target or options
        differ, it is refused. Workers see the new rows when the last one is stored.

            new = run.add([("c-1", "+18382947878"), {"call_id": "c-2", "to": "+18382947878", "caller_id": "private"}])
            print(new)

        Args:
            items: As for `Client.transfer_many`: tuples, dicts or a DataFrame, in any number. They are stored
                in blocks.
            region: The country whose rules numbers without `+` follow, such as `"US"`. Needs
                phonenumbers, as in `calltransfer[phone]`.

        Raises:
            RunError: Rows are refused; `refused` lists the first 1,000 with their positions, from 0.
            InvalidArgumentError: A DataFrame has columns that can't be sent.
            TypeError: `items` is one item, a text or a column.
        """
        check_items(items)
        rules = None
        if region is not None:
            from calltransfer._bulk.region import Region

            rules = Region(region)
        # An iterator is used up.
        return self._add(lambda: _rows(iter_items(items), rules), can_begin_again=iter(items) is not items)

    def _add(self, rows: Callable[[], Iterator[tuple[Any, ...] | str]], *, can_begin_again: bool = True) -> int:
        """Adds rows as `_rows` returns them."""
        until = time.monotonic() + _ADDING
        while True:
            try:
                return self._native().add(rows())
            except RunError as error:
                # Another process is adding the same calls: they are there soon.
                is_race = error.kind == "rows_refused" and not error.refused and can_begin_again
                if not is_race or time.monotonic() > until:
                    raise
            time.sleep(random.uniform(0.05, 0.5))

    def execute(
        self,
        *,
        concurrency: int = 16,
        progress: bool | Callable[[RunSummary], object] = False,
        name: str | None = None,
    ) -> RunSummary:
        """Sends the planned rows, as one worker, until no row of the run is left to send.

        When it returns, rows of other workers have ended too, or the leases of those workers have expired.
        After Ctrl-C it begins no more rows, waits for those in progress, and then raises; call it again to
        continue.

            summary = run.execute(concurrency=8)
            print(summary.applied, "of", summary.total)

        Args:
            concurrency: How many transfers may be in progress at the same time, 1 to 10,000. Each has a
                connection.
            progress: Whether a bar is shown, which needs tqdm, as in `calltransfer[bulk]`; or a
                function that is called with a `RunSummary` about four times a second. Its exceptions stop the
                work, as Ctrl-C does.
            name: A name for this worker, for people; by default the process ID.

        Raises:
            RunError: The platform refuses the credentials, or the ledger fails; `unwritten` has the known
                outcomes that could not be stored.
            InvalidArgumentError: `concurrency` is out of range.
        """
        with Reporter(self.summary, progress) as reporter:
            return self._execute(concurrency, name, reporter.each)

    def _execute(
        self, concurrency: int, name: str | None, each: Callable[[list[dict[str, Any]]], object] | None
    ) -> RunSummary:
        """`each` gets the rows that have ended since: number, call_id, state, error_kind, message, new_call_id."""
        self._want_log()

        def look(ended: list[dict[str, Any]]) -> None:
            self._log()
            if each is not None:
                each(ended)

        try:
            return RunSummary(**self._native().execute(concurrency, name, look))
        finally:
            self._log()

    def check(self) -> RunCheck:
        """Reads the call of every row that is `unknown`, and stores what that shows.

        First, rows of workers whose lease has expired become `unknown`. Then each row takes the state of its
        finding, which is stored with its reason and doubt. Sends only reads.

            found = run.check()
            print(found.applied, found.not_applied, found.unknown)

        Raises:
            RunError: The platform refuses the credentials, or the ledger fails.
        """
        self._want_log()
        try:
            return RunCheck(**self._native().check())
        finally:
            self._log()

    def retry(self, which: Literal["not_sent", "not_applied", "unknown"]) -> RunRetry:
        """Plans ended rows again, by decision of a person; `execute` then sends them.

        Unknown rows are planned only if `check` has read them and no finding says that the transfer was made.
        They may then be transferred twice.

            print(run.retry("not_sent").planned)

        Raises:
            RunError: There are such rows, and none may be sent again; `refused` says why.
        """
        return RunRetry(**self._native().retry(which))

    def stop(self, *, everywhere: bool = False) -> None:
        """Ends every `execute` and `check` of this `Run` soon and permanently, from any thread.

        No further row is begun, and rows in progress end. To continue, open the run again.

            run.stop()
            print(run.is_stopped)

        Args:
            everywhere: Whether all other workers of the run, on all machines, stop too, within about a
                second, and begin nothing before `resume`.

        Raises:
            RunError: The ledger can't be reached.
        """
        if everywhere:
            self._native().set_stopped(True)
        self._native().stop()

    def resume(self) -> None:
        """Lets workers work again after `stop(everywhere=True)`. It starts none: `execute` does.

        Example:
            run.resume()
            print(run.summary().notes)
        """
        self._native().set_stopped(False)

    def summary(self) -> RunSummary:
        """How many rows are in each state, how fast they are sent, and how long the rest will take.

        Example:
            print(run.summary().planned)
        """
        return RunSummary(**self._native().summary())

    def rows(self, *states: str) -> Iterator[RunRow]:
        """The rows in these states, or all rows, in the order in which they were added.

        They are read in pages during the iteration, so a run of any size takes little memory.

            for row in run.rows("unknown", "not_applied"):
                print(row.call_id, row.message)
        """
        wanted = list(states or STATES)
        return self._pages(wanted, self._native().rows(0, wanted, _PAGE))

    def __iter__(self) -> Iterator[RunRow]:
        return self.rows()

    def _pages(self, states: list[str], page: list[dict[str, Any]]) -> Iterator[RunRow]:
        while page:
            yield from map(row_of, page)
            if len(page) < _PAGE:
                return
            page = self._native().rows(page[-1]["number"], states, _PAGE)

    def to_pandas(self, *states: str) -> Any:
        """A pandas DataFrame with a line for each row in these states, or for all rows.

        Needs pandas, as in `calltransfer[bulk]`. It contains whole numbers, because they are the caller's own
        data.

            print(run.to_pandas().groupby("state").size())
        """
        pandas = optional_import("pandas", "to_pandas", "bulk")
        return pandas.DataFrame([row.to_dict() for row in self.rows(*states)], columns=list(COLUMNS))

    def close(self) -> None:
        """Closes the run; its ledger is not changed. Closing it again does nothing.

        Example:
            run.close()
            print(run)
        """
        if self._open is not None:
            self._open.close()
            self._open = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        name = type(self).__name__
        if self._open is None:
            return f"{name}(closed)"
        return f"{name}({redact_place(self._place)!r}, api={self.api!r}, account={self.account!r})"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        from calltransfer._notebook import run as _display_run

        if self._open is None:
            return _display_run.not_open(repr(self))
        try:
            now = self.summary()
            first = islice(self.rows(*_display_run.NEEDS_A_PERSON), _display_run.LISTED)
            rows = [row.to_dict(numbers=False) for row in first]
        except Exception as error:  # a display that raises shows nothing at all
            return _display_run.failed(repr(self), error)
        return _display_run.run(repr(self), str(now), now.to_dict(), rows)

    def _repr_html_(self) -> str:
        """The same for displays that take only HTML."""
        return self._repr_mimebundle_()["text/html"]

    def _native(self) -> _native.Run:
        if self._open is None:
            raise RuntimeError("run: is closed; open it again")
        return self._open

    def _want_log(self) -> None:
        if self._client is not None:
            self._client._background_client().want_log(wanted())

    def _log(self) -> None:
        if self._client is not None and wanted():
            log(self._client._background_client().take_log())


def _rows(items: Iterator[Any], region: Any) -> Iterator[tuple[Any, ...] | str]:
    """The rows as the library takes them; a str says why an item is not valid."""
    for item in items:
        try:
            call_id, to, options = parts(item)
            timeout = options.pop("timeout", None)
            if region is not None:
                to, options = region.applied(to, options)
        except CallTransferError as error:
            yield str(error)
        else:
            yield call_id, to, options, timeout
