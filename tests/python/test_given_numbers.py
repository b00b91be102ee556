"""Numbers that no setting and no option can have: an error of the library that names the field."""

from __future__ import annotations

import decimal
import fractions
from typing import Any

import calltransfer
import pytest
from calltransfer.sandbox import Sandbox

TARGET = "+18382947878"
NAN, INFINITY, HUGE = float("nan"), float("inf"), 10**400
NO_TIMES = [
    0,
    -1,
    0.0,
    -0.5,
    3601,
    1e300,
    NAN,
    INFINITY,
    -INFINITY,
    HUGE,
    -HUGE,
    2**63,
    True,
    "5",
    b"5",
    [5],
    decimal.Decimal(5),
    fractions.Fraction(5),
]
NO_COUNTS = [-1, 2**32, HUGE, -HUGE, 1.0, NAN, True, "2", decimal.Decimal(2)]


@pytest.mark.parametrize("timeout", NO_TIMES, ids=lambda value: repr(value)[:12])
def test_client_timeout_out_of_range_is_configuration_error(timeout: Any) -> None:
    for make in (calltransfer.Client, calltransfer.AsyncClient):
        with pytest.raises(calltransfer.ConfigurationError) as caught:
            make(user_id="u-1", token="t", secret="s", timeout=timeout)
        assert (caught.value.field, caught.value.outcome, caught.value.kind) == ("timeout", "not_sent", "configuration")
        assert str(caught.value).startswith("timeout: ") and len(str(caught.value)) < 120


@pytest.mark.parametrize("count", NO_COUNTS, ids=lambda value: repr(value)[:12])
def test_max_retries_out_of_range_is_a_configuration_error(count: Any) -> None:
    with pytest.raises(calltransfer.ConfigurationError) as caught:
        calltransfer.Client(user_id="u-1", token="t", secret="s", max_retries=count)
    assert caught.value.field == "max_retries"


@pytest.mark.parametrize(
    ("name", "value"), [("token", 5), ("base_url", b"x"), ("keep_alive", 1), ("ca_file", 5), ("api", 1)]
)
def test_setting_of_another_type_is_a_configuration_error(name: str, value: Any) -> None:
    settings: dict[str, Any] = {"user_id": "u-1", "token": "t", "secret": "s", name: value}
    with pytest.raises(calltransfer.ConfigurationError) as caught:
        calltransfer.Client(**settings)
    assert caught.value.field == name


@pytest.mark.parametrize("timeout", NO_TIMES, ids=lambda value: repr(value)[:12])
def test_transfer_timeout_out_of_range_is_invalid_argument(timeout: Any, sandbox: Sandbox) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        sandbox.client().transfer("c-1", TARGET, timeout=timeout)
    assert (caught.value.field, caught.value.outcome) == ("timeout", "not_sent")
    assert sandbox.requests() == []


@pytest.mark.parametrize(
    "rate",
    [0, -1, NAN, INFINITY, HUGE, -HUGE, 1e300, True, "5", decimal.Decimal(5)],
    ids=lambda value: repr(value)[:12],
)
def test_rate_out_of_range_is_an_invalid_argument(rate: Any, sandbox: Sandbox) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        sandbox.client().transfer_many([("c-1", TARGET)], rate=rate)
    assert caught.value.field == "rate"


@pytest.mark.parametrize("concurrency", [0, *NO_COUNTS], ids=lambda value: repr(value)[:12])
def test_concurrency_out_of_range_is_an_invalid_argument(concurrency: Any, sandbox: Sandbox) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        sandbox.client().transfer_many([("c-1", TARGET)], concurrency=concurrency)
    assert caught.value.field == "concurrency"


@pytest.mark.parametrize(
    "seconds", [0, 0.99, 300.5, -1, NAN, INFINITY, HUGE, True, "20"], ids=lambda value: repr(value)[:12]
)
def test_call_timeout_out_of_range_is_an_invalid_argument(seconds: Any) -> None:
    with pytest.raises(calltransfer.InvalidArgumentError) as caught:
        calltransfer.bxml("c-1", TARGET, call_timeout=seconds)
    assert caught.value.field == "call_timeout"


@pytest.mark.parametrize(("seconds", "sent"), [(1, "1"), (20.5, "20.5"), (20.0, "20"), (300.0, "300")])
def test_call_timeout_is_sent_with_its_decimals(seconds: float, sent: str) -> None:
    assert f'callTimeout="{sent}"' in calltransfer.bxml("c-1", TARGET, call_timeout=seconds)
