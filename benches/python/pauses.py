"""Clients that wait, and are timed after each wait: what `make bench-distance` runs.

pauses.py NAME URL CA_FILE VARIANT SECONDS

NAME is one of clients.py, or `vendor-v2`; VARIANT is plain, prepare, keep_ready or idle; SECONDS is a
list with commas. It waits for a line of input, and prints what each transfer took as one line of JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from clients import ASYNC, CALL, OPTIONS, SETTINGS, SYNC

#: After so many seconds an idle client has opened what it keeps open.
SETTLED = 10.0
#: Seconds between `prepare()` and the transfer, and between a client with `keep_ready` and its first.
DECISION = 1.0

Act = Callable[[], Awaitable[object]]


def keeps_ready(variant: str) -> bool:
    return variant in ("keep_ready", "idle")


def vendor_v2(url: str, ca_file: str) -> Callable[[], object]:
    import bandwidth
    from bandwidth.models.bxml import Bxml, PhoneNumber, Transfer

    # A token that is there already: what is compared is the transfer.
    configuration = bandwidth.Configuration(
        access_token="t-token", host=url + "/api/v2", ignore_operation_servers=True, ssl_ca_cert=ca_file
    )
    calls = bandwidth.CallsApi(bandwidth.ApiClient(configuration))

    def once() -> object:
        targets = [PhoneNumber("+18382947878")]
        document = Bxml([Transfer(targets, transfer_caller_id="private")]).to_bxml()
        return calls.update_call_bxml_with_http_info("a-123", CALL, document).status_code

    return once


def sync_client(name: str, url: str, ca_file: str, variant: str) -> tuple[Callable[[], object], Callable[[], object]]:
    if name != "calltransfer":
        once = vendor_v2(url, ca_file) if name == "vendor-v2" else SYNC[name](url, ca_file)
        return (lambda: None), once
    import calltransfer

    client = calltransfer.Client(base_url=url, ca_file=ca_file, keep_ready=keeps_ready(variant), **SETTINGS)
    return client.prepare, lambda: client.transfer(CALL, "+18382947878", **OPTIONS).new_call_id


async def async_client(name: str, url: str, ca_file: str, variant: str, open_: AsyncExitStack) -> tuple[Act, Act]:
    if name != "calltransfer-async":
        once = await ASYNC[name](url, ca_file, 1, open_)
        return (lambda: asyncio.sleep(0)), once
    import calltransfer

    made = calltransfer.AsyncClient(base_url=url, ca_file=ca_file, keep_ready=keeps_ready(variant), **SETTINGS)
    client = await open_.enter_async_context(made)

    async def transfer() -> object:
        return (await client.transfer(CALL, "+18382947878", **OPTIONS)).new_call_id

    return client.prepare, transfer


def report(result: dict[str, object]) -> None:
    print(json.dumps(result), flush=True)
    sys.stdin.read()  # the end of a process takes time that others are measured in


async def run(variant: str, seconds: list[float], pause: Callable[[float], Awaitable[None]], prepare: Act, act: Act):
    """The same for all; of a client that blocks, nothing here ever waits for the loop."""
    if variant == "idle":
        await pause(SETTLED)
        print("begin", flush=True)
        before = time.process_time()
        await pause(seconds[0])
        report({"processor_seconds": time.process_time() - before})
        return
    if variant == "prepare":
        await prepare()
    if variant != "plain":
        await pause(DECISION)
    took = []
    for wait in [None] if variant == "prepare" else [None, *seconds]:
        if wait is not None:
            await pause(wait)
        begin = time.perf_counter()
        result = await act()
        took.append((time.perf_counter() - begin) * 1e3)
        assert result in ("c-new456", 201), result
    report({"ms": took})


async def run_async(name: str, url: str, ca_file: str, variant: str, seconds: list[float]) -> None:
    async with AsyncExitStack() as open_:
        prepare, transfer = await async_client(name, url, ca_file, variant, open_)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await run(variant, seconds, asyncio.sleep, prepare, transfer)


def run_sync(name: str, url: str, ca_file: str, variant: str, seconds: list[float]) -> None:
    def waiting(call: Callable[..., object]) -> Callable[..., Awaitable[object]]:
        async def awaited(*arguments: object) -> object:
            return call(*arguments)

        return awaited

    prepare, transfer = sync_client(name, url, ca_file, variant)
    print("ready", flush=True)
    sys.stdin.readline()
    steps = run(variant, seconds, waiting(time.sleep), waiting(prepare), waiting(transfer))
    try:
        steps.send(None)
    except StopIteration:
        return
    raise AssertionError("a blocking client waited for a loop")


def main() -> None:
    name, url, ca_file, variant, seconds = sys.argv[1:]
    waits = [float(one) for one in seconds.split(",")]
    if name in ASYNC:
        asyncio.run(run_async(name, url, ca_file, variant, waits))
    else:
        run_sync(name, url, ca_file, variant, waits)


if __name__ == "__main__":
    main()
