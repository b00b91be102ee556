"""Followed transfers through the C++ interface: what C is held to."""

from __future__ import annotations

import pathlib

import pytest
from c.compiler import compile_driver
from c.test_follow import (  # noqa: F401
    test_first_target_that_answers_gets_the_call,
    test_invalid_target_is_named_before_anything_is_sent,
    test_limits_are_the_vectors,
    test_list_of_a_calls_events_is_read,
    test_status_is_the_vectors_in_any_sequence,
    test_unknown_outcome_stops_the_sequence,
    test_wait_ends_with_the_result_of_the_number,
)
from cpp.conftest import DRIVERS, HERE


@pytest.fixture(scope="module", params=DRIVERS)
def follow_driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    standard, options = DRIVERS[request.param]
    return compile_driver(HERE / "follow_driver.cpp", tmp_path_factory.mktemp("cpp"), standard, options)
