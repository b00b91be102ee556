"""What the tests of the C++ interface share."""

from __future__ import annotations

import pathlib

import pytest
from c.compiler import ROOT, compile_program

HERE = ROOT / "tests" / "cpp"

# What throws, and what doesn't.
DRIVERS = {"throwing": ("c++17", ()), "without exceptions": ("c++20", ("-fno-exceptions",))}


@pytest.fixture(scope="session", params=DRIVERS)
def list_driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that lists calls, as its arguments say."""
    standard, options = DRIVERS[request.param]
    program = tmp_path_factory.mktemp("cpp") / "list_driver"
    return compile_program(HERE / "list_driver.cpp", program, standard, options=options)


@pytest.fixture(scope="session", params=DRIVERS)
def check_driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that checks a transfer whose outcome is unknown."""
    standard, options = DRIVERS[request.param]
    program = tmp_path_factory.mktemp("cpp") / "check_driver"
    return compile_program(HERE / "check_driver.cpp", program, standard, options=options)


@pytest.fixture(scope="session", params=DRIVERS)
def driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that makes one transfer, reported on its standard input."""
    standard, options = DRIVERS[request.param]
    program = tmp_path_factory.mktemp("cpp") / "transfer_driver"
    return compile_program(HERE / "transfer_driver.cpp", program, standard, options=options)
