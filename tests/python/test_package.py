"""The package as people meet it: import, help, version."""

from __future__ import annotations

import inspect
import os
import pathlib
import re
import shutil
import subprocess
import sys
from importlib.metadata import version

import calltransfer
import pytest
from python_versions import lowest_and_highest

EXAMPLE = re.compile(r"^ *(>>> |print\(|import |with |client\.)", re.MULTILINE)
PUBLIC = [name for name in calltransfer.__all__ if not name.startswith("_")]


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


def test_importing_is_cheap() -> None:
    heavy = "asyncio dataclasses inspect json logging re typing"
    assert run(f"import sys, calltransfer; print([m for m in {heavy.split()} if m in sys.modules])") == "[]"


def test_importing_takes_no_ten_milliseconds() -> None:
    # Of the processor: how busy the machine is doesn't count.
    timed = "import time, os; begin = time.process_time(); import calltransfer; print(time.process_time() - begin)"
    best = min(float(run(timed)) for _ in range(5))
    print(f"import calltransfer: {best * 1000:.1f} ms")
    assert best < 0.010


def test_importing_needs_no_account() -> None:
    run("import os; os.environ.clear(); import calltransfer")


def test_version_is_the_packages() -> None:
    assert calltransfer.__version__ == version("calltransfer")


def test_public_names_exist_and_are_listed() -> None:
    assert set(calltransfer.__all__) <= set(dir(calltransfer))
    for name in calltransfer.__all__:
        assert getattr(calltransfer, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        calltransfer.nonsense  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PUBLIC)
def test_everything_public_explains_itself(name: str) -> None:
    thing = getattr(calltransfer, name)
    assert inspect.getdoc(thing)
    if inspect.isclass(thing) and issubclass(thing, calltransfer.CallTransferError):
        return
    methods = [thing]
    if inspect.isclass(thing):
        methods += [
            method
            for attribute, method in vars(thing).items()
            if inspect.isfunction(method) and not attribute.startswith("_")
        ]
    for method in methods:
        assert EXAMPLE.search(method.__doc__ or ""), f"{method.__qualname__} has no example"


def test_help_shows_the_options() -> None:
    shown = run("import calltransfer; help(calltransfer.transfer)")
    assert "caller_id" in shown and "whisper_audio" in shown


def test_installed_package_has_types_licences_sbom_and_command() -> None:
    from importlib.metadata import distribution

    installed = distribution("calltransfer")
    files = {str(file).partition(".dist-info/")[2] or str(file) for file in installed.files or ()}
    assert {
        "calltransfer/py.typed",
        "licenses/LICENSE-MIT",
        "licenses/LICENSE-APACHE",
        "sboms/calltransfer-python.cyclonedx.json",
    } <= files
    assert installed.metadata["License-Expression"] == "MIT OR Apache-2.0"
    assert set(installed.metadata.get_all("Provides-Extra") or ()) == {
        "bulk",
        "notebook",
        "opentelemetry",
        "phone",
        "prometheus",
    }
    assert [need for need in installed.requires or () if "extra ==" not in need] == []
    assert {point.name for point in installed.entry_points} == {"calltransfer"}


def test_native_module_uses_the_stable_abi_of_3_10() -> None:
    from calltransfer import _native

    command = [sys.executable, "-m", "abi3audit", "--strict", "--assume-minimum-abi3", "3.10", _native.__file__]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


PYTHONS = lowest_and_highest()
SOMEWHERE_ELSE = """
import pickle, calltransfer
from calltransfer.sandbox import Sandbox
with Sandbox() as sandbox:
    client, call_id = sandbox.client(), sandbox.place_incoming_call()
    print(client.transfer(call_id, "+18382947878", whisper_audio="Hello").outcome)
    try:
        client.transfer(call_id, "+18382947878")
    except calltransfer.CallNotActiveError as error:
        print(pickle.loads(pickle.dumps(error)).code)
    sandbox.script({"status": 502})
    try:
        client.transfer(call_id, "+18382947878")
    except calltransfer.OutcomeUnknownError as error:
        # An earlier transfer of this call went to the same target: which of them made the new call is not known.
        print(client.check(error).outcome, len(error.__notes__))
"""


@pytest.mark.skipif(
    len(PYTHONS) < 2, reason="ONLY ONE PYTHON FOUND (python3.X on the PATH, or PYENV_ROOT): the others were not tried"
)
@pytest.mark.parametrize("python", PYTHONS)
def test_one_wheel_works_in_lowest_and_highest_python(python: str, tmp_path: pathlib.Path) -> None:
    shutil.copytree(
        pathlib.Path(calltransfer.__file__).parent,
        tmp_path / "calltransfer",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    command = [python, "-W", "error", "-c", SOMEWHERE_ELSE]
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("applied\ncall-invalid-state\nunknown 1\n", "")
