"""What the tests of the C++ interface share."""

from __future__ import annotations

import pathlib

import pytest
from c.compiler import ROOT, compile_driver

HERE = ROOT / "tests" / "cpp"

# What throws, and what doesn't.
DRIVERS = {"throwing": ("c++17", ()), "without exceptions": ("c++20", ("-fno-exceptions",))}


@pytest.fixture(scope="session", params=DRIVERS)
def list_driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that lists calls."""
    standard, options = DRIVERS[request.param]
    return compile_driver(HERE / "list_driver.cpp", tmp_path_factory.mktemp("cpp"), standard, options)


@pytest.fixture(scope="session", params=DRIVERS)
def check_driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that checks a transfer whose outcome is unknown."""
    standard, options = DRIVERS[request.param]
    return compile_driver(HERE / "check_driver.cpp", tmp_path_factory.mktemp("cpp"), standard, options)


@pytest.fixture(scope="session", params=DRIVERS)
def driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that makes one transfer."""
    standard, options = DRIVERS[request.param]
    return compile_driver(HERE / "transfer_driver.cpp", tmp_path_factory.mktemp("cpp"), standard, options)
