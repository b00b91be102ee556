"""What the tests of the C interface share."""

from __future__ import annotations

import pathlib

import pytest
from c.compiler import HERE, compile_program


@pytest.fixture(scope="session")
def list_driver(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that lists calls, as its arguments say."""
    return compile_program(HERE / "list_driver.c", tmp_path_factory.mktemp("c") / "list_driver")


@pytest.fixture(scope="session")
def check_driver(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that checks a transfer whose outcome is unknown."""
    return compile_program(HERE / "check_driver.c", tmp_path_factory.mktemp("c") / "check_driver")


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that makes one transfer, reported on its standard input."""
    return compile_program(HERE / "transfer_driver.c", tmp_path_factory.mktemp("c") / "transfer_driver")
