"""Every vector of an event, through the C++ interface: what C is held to."""

from __future__ import annotations

import pathlib

import pytest
from c.compiler import compile_driver
from c.test_event_vectors import test_event_is_read_as_the_vector_says  # noqa: F401
from cpp.conftest import DRIVERS, HERE


@pytest.fixture(scope="module", params=DRIVERS)
def event_driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    standard, options = DRIVERS[request.param]
    return compile_driver(HERE / "event_driver.cpp", tmp_path_factory.mktemp("cpp"), standard, options)
