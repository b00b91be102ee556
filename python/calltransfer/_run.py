"""A durable bulk transfer: it survives crashes, and several workers share it."""

from __future__ import annotations

import os
import random
import time
from itertools import islice

# The native module takes `_run_errors` when a run fails: there may be no descriptor left to load it then.
from calltransfer import _native, _run_errors  # noqa: F401
from calltransfer._items import iter_items, parts
from calltransfer._log import log, wanted
from calltransfer._optional_import import optional_import
from calltransfer._redaction import redact_place
from calltransfer._run_account import account_of
from calltransfer._run_progress import Reporter
from calltransfer._run_records import COLUMNS, STATES, RunCheck, RunRetry, RunSummary, row_of
from calltransfer._supply import check as check_items
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
    from calltransfer._run_records import RunRow

_PAGE = 500
_ADDING = 60.0
"""Seconds for which other processes that add the same calls are waited for."""


class Run:
    """A durable bulk transfer. It survives crashes, several workers share it, and no call is sent
    twice by itself.

    It lives in a file, or in a PostgreSQL database where several machines share it. Each row is
    written to disk before its request can leave, and again with its outcome. A process that dies, or
    is killed, leaves nothing undone that the next one can't find: open the run at the same place and
    go on. Rows that were being sent then become `unknown`; `check` reads their calls.

        with calltransfer.Run("evac.db", rate=20) as run:
            run.add([("c-1", "+18382947878"), ("c-2", "+18382947878")])
            run.execute()
            run.check()
            print(run.summary())

    May be used by many threads and opened by many processes at once: each `execute` is one worker.
    In a forked child it is refused; open it there. A notebook shows its counts, and the rows that
    need a person.

    Args:
        place: The path of a file, which is made where there is none and which only its owner may
            read, or a `postgresql://` URL.
        rate: Most transfers a second of all workers together: 0.001 to 1,000,000. Without it the pace
            finds the account's limit by itself.
        deadline: Seconds that the run may take, from its making on: 30 days at most. Rows that were
            not sent by then are not sent any more.
        lease: Seconds for which a worker that is silent keeps its rows: 1 to 300, 10 by default.
            The rows that it was sending become `unknown` then.
        max_attempts: How many times a row is tried that could not be sent, or that the platform could
            not take yet: 1 to 1,000, 10 by default.
        client: A client of the account; else one is made of `settings`.
        **settings: Those of `Client`.

    Rate, deadline, lease and attempts belong to the run and are stored when it is made. Where it
    exists they are left out, or must be the same.

    Raises:
        InvalidArgumentError: A setting is out of range, or the place is not valid.
        ConfigurationError: The account is missing something.
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
        """Opens a run that exists, to look at it: needs no account, and can neither send nor check.

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
        """The API that the run is for: `"v1"` or `"v2"`."""
        return self._native().api

    @property
    def account(self) -> str:
        """The account that the run is for: the user id of v1, the account id of v2."""
        return self._native().account

    @property
    def created(self) -> datetime:
        """When the run was made, in UTC."""
        return self._native().created

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._native().is_stopped

    def add(self, items: Iterable[Any], *, region: str | None = None) -> int:
        """Adds rows: all of them, or none where one is refused. Gives how many are new.

        A call may be in a run once. A row that is there already is left as it is; where its target or
        its options differ it is refused. Workers see the new rows when the last one is stored.

            new = run.add([("c-1", "+18382947878"), {"call_id": "c-2", "to": "+18382947878", "caller_id": "private"}])
            print(new)

        Args:
            items: As for `Client.transfer_many`: tuples, dicts or a DataFrame. Any number of them:
                they are stored in blocks.
            region: The country whose rules numbers without `+` follow, as `"US"`. Needs
                phonenumbers, as in `calltransfer[phone]`.

        Raises:
            RunError: Rows are refused; `refused` lists the first 1,000 with their places, from 0.
            InvalidArgumentError: A DataFrame has columns that can't be sent.
            TypeError: `items` is one item, a text or a column.
        """
        check_items(items)
        rules = None
        if region is not None:
            from calltransfer._region import Region

            rules = Region(region)
        # An iterator is used up.
        return self._add(lambda: _rows(iter_items(items), rules), can_begin_again=iter(items) is not items)

    def _add(self, rows: Callable[[], Iterator[tuple[Any, ...] | str]], *, can_begin_again: bool = True) -> int:
        """Adds rows as `_rows` gives them."""
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
        """Sends the rows that are planned, as one worker, until none of the run is left to send.

        Rows that other workers are sending have ended then too, or those workers' leases have passed.
        Ctrl-C begins no more rows and waits for those in progress, then raises; call it again to go on.

            summary = run.execute(concurrency=8)
            print(summary.applied, "of", summary.total)

        Args:
            concurrency: How many may be in progress at once, 1 to 10,000. Each has a connection.
            progress: Whether a bar is shown, which needs tqdm, as in `calltransfer[bulk]`; or a
                function that is called with a `RunSummary` about four times a second. What it raises
                stops the work, as Ctrl-C does.
            name: By what people know this worker; the process id by default.

        Raises:
            RunError: The platform refuses the credentials, or the ledger fails; `unwritten` has the
                outcomes that are known and could not be stored.
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

        A row takes the state that was found, with its reason and its doubts beside it. Sends nothing
        but reads. Rows of workers whose lease has passed become `unknown` first.

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
        """Plans rows again that have ended; `execute` then sends them. A decision of a person.

        Of the unknown ones only those that `check` has read, and of which no finding says that the
        transfer was made. A transfer may then be made twice.

            print(run.retry("not_sent").planned)

        Raises:
            RunError: There are such rows, and none may be sent again; `refused` says why.
        """
        return RunRetry(**self._native().retry(which))

    def stop(self, *, everywhere: bool = False) -> None:
        """Ends every `execute` and `check` of this `Run` soon, from any thread, for good.

        No row is begun any more, and what is in progress comes to its end. To go on open the run again.

            run.stop()
            print(run.is_stopped)

        Args:
            everywhere: Whether all processes and machines that work on the run end too, within about
                a second, and begin nothing before `resume`.

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
        """How many rows are in each state, how fast they are sent, and how long that will take.

        Example:
            print(run.summary().planned)
        """
        return RunSummary(**self._native().summary())

    def rows(self, *states: str) -> Iterator[RunRow]:
        """The rows in these states, or all, in the order in which they were added.

        They are read in pages as they are looked at, so a run of any size takes little memory.

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
        """A pandas DataFrame with a line for each row in these states, or all.

        Needs pandas, as in `calltransfer[bulk]`. Numbers are whole: it is the caller's own data.

            print(run.to_pandas().groupby("state").size())
        """
        pandas = optional_import("pandas", "to_pandas", "bulk")
        return pandas.DataFrame([row.to_dict() for row in self.rows(*states)], columns=list(COLUMNS))

    def close(self) -> None:
        """Closes the run, which stays as it is at its place; closing it again does nothing.

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
        from calltransfer import _display_run

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
        """The same for what asks for HTML alone."""
        return self._repr_mimebundle_()["text/html"]

    def _native(self) -> _native.Run:
        if self._open is None:
            raise RuntimeError("run: is closed; open it again")
        return self._open

    def _want_log(self) -> None:
        if self._client is not None:
            self._client._asking().want_log(wanted())

    def _log(self) -> None:
        if self._client is not None and wanted():
            log(self._client._asking().take_log())


def _rows(items: Iterator[Any], region: Any) -> Iterator[tuple[Any, ...] | str]:
    """The rows as the library takes them; a str says why an item can't be one."""
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
