"""The pytest plugin, as a stranger's test suite meets it."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

SUITE = """
import os

import calltransfer
import pytest

urls = []


@pytest.mark.parametrize("time", [1, 2])
def test_environment_is_enough_and_each_test_has_its_own(calltransfer_sandbox, time):
    call_id = calltransfer_sandbox.place_incoming_call(call_id="c-1")
    calltransfer.transfer(call_id, "+18382947878")
    assert calltransfer_sandbox.call(call_id)["state"] == "transferring"
    assert len(calltransfer_sandbox.calls()) == 2
    urls.append(calltransfer_sandbox.url)


def test_client_is_the_sandboxs(calltransfer_sandbox, calltransfer_client):
    assert calltransfer_sandbox.url in repr(calltransfer_client)
    calltransfer_client.transfer(calltransfer_sandbox.place_incoming_call(), "+18382947878")


def test_nothing_is_left_behind():
    assert len(set(urls)) == 2
    assert "CALLTRANSFER_BASE_URL" not in os.environ
    assert "BANDWIDTH_API_TOKEN" not in os.environ
"""

SETTINGS = """
import pytest


@pytest.fixture(scope="session")
def calltransfer_sandbox_settings():
    return {"user_id": "u-mine"}
"""


def pytest_in(directory: pathlib.Path, *arguments: str, **variables: str) -> str:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BANDWIDTH_", "BW_", "CALLTRANSFER_", "PYTEST_"))
    }
    environment = {**kept, **variables}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(directory), *arguments]
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_strangers_suite_finds_the_fixtures_by_itself(tmp_path: pathlib.Path) -> None:
    (tmp_path / "test_program.py").write_text(SUITE, encoding="utf-8")
    assert "4 passed" in pytest_in(tmp_path)


def test_real_account_in_the_environment_is_not_used(tmp_path: pathlib.Path) -> None:
    test = """import calltransfer, os
def test_it(calltransfer_sandbox):
    calltransfer.transfer(calltransfer_sandbox.place_incoming_call(), "+18382947878")
    assert len(calltransfer_sandbox.requests()) == 1
    assert "BW_CLIENT_SECRET" not in os.environ
def test_environment_is_restored_afterwards():
    assert os.environ["BW_CLIENT_SECRET"] == "real"
"""
    (tmp_path / "test_program.py").write_text(test, encoding="utf-8")
    real = {"BW_ACCOUNT_ID": "5500099", "BW_CLIENT_ID": "real", "BW_CLIENT_SECRET": "real", "CALLTRANSFER_API": "v2"}
    assert "2 passed" in pytest_in(tmp_path, **real)


def test_settings_can_be_overridden(tmp_path: pathlib.Path) -> None:
    (tmp_path / "conftest.py").write_text(SETTINGS, encoding="utf-8")
    test = "def test_it(calltransfer_sandbox):\n    assert calltransfer_sandbox.user_id == 'u-mine'\n"
    (tmp_path / "test_program.py").write_text(test, encoding="utf-8")
    assert "1 passed" in pytest_in(tmp_path)


def test_fixtures_are_explained(tmp_path: pathlib.Path) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--fixtures"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False).stdout
    for name in ("calltransfer_sandbox", "calltransfer_client", "calltransfer_sandbox_settings"):
        assert re.search(rf"^{name}\b.*\n\s+\S", said, re.MULTILINE), said


def test_suite_without_them_pays_nothing(tmp_path: pathlib.Path) -> None:
    test = """import sys
def test_it():
    assert [name for name in sys.modules if name.partition(".")[0] == "calltransfer"] == []
    assert "calltransfer_pytest" in sys.modules
"""
    (tmp_path / "test_program.py").write_text(test, encoding="utf-8")
    assert "1 passed" in pytest_in(tmp_path)


def test_plugin_named_by_hand_gives_the_same_fixtures(tmp_path: pathlib.Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["calltransfer.pytest_plugin"]\n', encoding="utf-8")
    (tmp_path / "test_program.py").write_text(SUITE, encoding="utf-8")
    assert "4 passed" in pytest_in(tmp_path)
    assert "4 passed" in pytest_in(tmp_path, "-p", "no:calltransfer")
