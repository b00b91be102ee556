"""Limits of a client: connections open at once, and transfers begun a second."""

from __future__ import annotations

import asyncio
from typing import Any

import calltransfer
import pytest
from python_program import TARGET, silent_server, url
from sandbox_process import SECRET, TOKEN, USER_ID

ACCOUNT = {"user_id": USER_ID, "token": TOKEN, "secret": SECRET}


@pytest.mark.parametrize("kind", [calltransfer.Client, calltransfer.AsyncClient])
@pytest.mark.parametrize(
    "setting", [{"max_connections": 0}, {"max_connections": 10_001}, {"rate": 0}, {"rate": 2e6}, {"rate": "much"}]
)
def test_limit_out_of_range_is_a_configuration_error(kind: Any, setting: dict[str, Any]) -> None:
    with pytest.raises(calltransfer.ConfigurationError) as caught:
        kind(**ACCOUNT, **setting)
    assert caught.value.field == next(iter(setting))


@pytest.mark.parametrize("setting", [{"max_connections": 1}, {"rate": 0.01}])
def test_transfer_beyond_the_limit_is_not_sent(setting: dict[str, Any]) -> None:
    async def transfer_three(base_url: str) -> list[Any]:
        async with calltransfer.AsyncClient(**ACCOUNT, base_url=base_url, timeout=0.5, **setting) as client:
            transfers = [client.transfer(f"c-{number}", TARGET) for number in range(3)]
            return await asyncio.gather(*transfers, return_exceptions=True)

    with silent_server() as server:
        errors = asyncio.run(transfer_three(url(server)))
    assert sorted(error.outcome for error in errors) == ["not_sent", "not_sent", "unknown"]
