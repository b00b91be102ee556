"""`program.py ENTRY RESOURCE AMOUNT`: transfers through one entry point while a resource is short."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import os
import pathlib
import resource
import sys
import tempfile
from typing import Any

import calltransfer
import calltransfer.cli

CALLS = ["c-1", "c-2", "c-3"]
LATER = "c-later"
TO = "+18382947878"

fillers: list[int] = []
out = sys.stdout


def report(call_id: str, error: BaseException | None) -> None:
    row = {"call_id": call_id, "outcome": "applied"}
    if error is not None:
        if not isinstance(error, calltransfer.CallTransferError):
            raise error
        row |= {"outcome": str(error.outcome), "kind": str(error.kind), "message": str(error)}
    print(json.dumps(row), file=out, flush=True)


def starve(what: str, amount: int) -> None:
    if what == "descriptors":
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        with contextlib.suppress(OSError):
            while True:
                fillers.append(os.open("/dev/null", os.O_RDONLY))
        for _ in range(amount):
            os.close(fillers.pop())
    elif what == "memory":
        pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(
            resource.RLIMIT_AS, (pages * resource.getpagesize() + (amount << 20), resource.RLIM_INFINITY)
        )


def relieve() -> None:
    for filler in fillers:
        os.close(filler)
    fillers.clear()
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os.environ.pop("NO_THREADS_AFTER", None)


def items() -> list[dict[str, Any]]:
    return [{"call_id": call_id, "to": TO} for call_id in CALLS]


def client_transfer(what: str, amount: int) -> None:
    with calltransfer.Client() as client:
        starve(what, amount)
        for call_id in CALLS:
            one(client, call_id)
        relieve()
        one(client, LATER)


def one(client: calltransfer.Client, call_id: str) -> None:
    try:
        client.transfer(call_id, TO)
        report(call_id, None)
    except calltransfer.CallTransferError as error:
        report(call_id, error)


def transfer_many(what: str, amount: int) -> None:
    with calltransfer.Client() as client:
        list(client.transfer_many([]))  # what Python loads for it is there before
        starve(what, amount)
        for row in client.transfer_many(items()):
            report(row.call_id, row.error)
        relieve()
        one(client, LATER)


def transfer_as_completed(what: str, amount: int) -> None:
    with calltransfer.Client() as client:
        list(client.transfer_many([]))  # what Python loads for it is there before
        starve(what, amount)
        for row in client.transfer_as_completed(items()):
            report(row.call_id, row.error)
        relieve()
        for row in client.transfer_as_completed([{"call_id": LATER, "to": TO}]):
            report(row.call_id, row.error)


def run(main: Any) -> None:
    # The loop has its own descriptors before they run out.
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main)
    loop.close()


async def one_async(client: calltransfer.AsyncClient, call_id: str) -> None:
    try:
        await client.transfer(call_id, TO)
        report(call_id, None)
    except calltransfer.CallTransferError as error:
        report(call_id, error)


def async_transfer(what: str, amount: int) -> None:
    async def main() -> None:
        async with calltransfer.AsyncClient() as client:
            starve(what, amount)
            await asyncio.gather(*(one_async(client, call_id) for call_id in CALLS))
            relieve()
            await one_async(client, LATER)

    run(main())


def async_transfer_many(what: str, amount: int) -> None:
    async def main() -> None:
        async with calltransfer.AsyncClient() as client:
            await client.transfer_many([])
            starve(what, amount)
            for row in await client.transfer_many(items()):
                report(row.call_id, row.error)
            relieve()
            await one_async(client, LATER)

    run(main())


def async_transfer_as_completed(what: str, amount: int) -> None:
    async def main() -> None:
        async with calltransfer.AsyncClient() as client:
            await client.transfer_many([])
            starve(what, amount)
            async for row in client.transfer_as_completed(items()):
                report(row.call_id, row.error)
            relieve()
            async for row in client.transfer_as_completed([{"call_id": LATER, "to": TO}]):
                report(row.call_id, row.error)

    run(main())


def command_many(what: str, amount: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = pathlib.Path(folder, "first.csv"), pathlib.Path(folder, "second.csv")
        for file, calls in (first, CALLS), (second, [LATER]):
            with file.open("w", newline="") as text:
                csv.writer(text).writerows([("call_id", "to"), *((call_id, TO) for call_id in calls)])
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
            calltransfer.cli.main(["many", str(first), "--dry-run"])
        starve(what, amount)
        command(first, CALLS)
        relieve()
        command(second, [LATER])


def command(file: pathlib.Path, calls: list[str]) -> None:
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        try:
            calltransfer.cli.main(["many", str(file), "--json", "--no-progress"])
        except SystemExit:
            pass
    rows = {row.get("call_id"): row for row in map(json.loads, text.getvalue().splitlines())}
    for call_id in calls:
        # A file that can't be opened has no rows: nothing was sent.
        row = rows.get(call_id, {"outcome": "not_sent"})
        error = row.get("error") or {}
        reported = {"call_id": call_id, "outcome": row["outcome"]}
        if "kind" in error:
            reported |= {"kind": error["kind"]}
        print(json.dumps(reported), file=out, flush=True)


ENTRIES = [
    client_transfer,
    transfer_many,
    transfer_as_completed,
    async_transfer,
    async_transfer_many,
    async_transfer_as_completed,
    command_many,
]

if __name__ == "__main__":
    entry, what, amount = sys.argv[1:]
    {one.__name__: one for one in ENTRIES}[entry](what, int(amount))
