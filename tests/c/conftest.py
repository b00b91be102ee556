"""What the tests of the C interface share."""

from __future__ import annotations

import pathlib

import pytest
from c.compiler import HERE, compile_driver


@pytest.fixture(scope="session")
def list_driver(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that lists calls."""
    return compile_driver(HERE / "list_driver.c", tmp_path_factory.mktemp("c"))


@pytest.fixture(scope="session")
def check_driver(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that checks a transfer whose outcome is unknown."""
    return compile_driver(HERE / "check_driver.c", tmp_path_factory.mktemp("c"))


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The program that makes one transfer."""
    return compile_driver(HERE / "transfer_driver.c", tmp_path_factory.mktemp("c"))
