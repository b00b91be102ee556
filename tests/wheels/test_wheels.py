"""What `make wheels` has put into dist/, as someone gets it who installs it."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import tarfile
import zipfile

import pytest
from python_versions import lowest_and_highest
from sandbox_process import ROOT

DIST = ROOT / "dist"
WHEELS = sorted(DIST.glob("*.whl"))
SDISTS = sorted(DIST.glob("*.tar.gz"))
PYTHONS = lowest_and_highest()
MINE = [wheel for wheel in WHEELS if "manylinux" in wheel.name and "x86_64" in wheel.name]

pytestmark = pytest.mark.skipif(not WHEELS, reason="NO WHEEL IN dist/: `make wheels` builds them; nothing was tried")
each_wheel = pytest.mark.parametrize("wheel", WHEELS, ids=lambda path: path.name)

TRANSFER = """
import calltransfer
from calltransfer.sandbox import Sandbox
with Sandbox() as sandbox:
    call_id = sandbox.place_incoming_call()
    print(sandbox.client().transfer(call_id, "+18382947878", whisper_audio="Hello").outcome)
"""


def run(*command: object, folder: pathlib.Path) -> str:
    done = subprocess.run([*map(str, command)], cwd=folder, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def contents(wheel: pathlib.Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@each_wheel
def test_one_wheel_is_for_every_python_from_3_10(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert "-cp310-abi3-" in wheel.name
    run(sys.executable, "-m", "abi3audit", "--strict", wheel, folder=tmp_path)


@pytest.mark.parametrize("wheel", [wheel for wheel in WHEELS if "manylinux" in wheel.name], ids=lambda path: path.name)
def test_wheel_needs_no_newer_system_than_it_says(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert "manylinux_2_17_" in wheel.name
    shown = run(sys.executable, "-m", "auditwheel", "show", wheel, folder=tmp_path)
    assert re.search(
        r'consistent with the following platform tag:\s+"manylinux_2_(5|12|17)_(x86_64|aarch64)"', shown
    ), shown


@each_wheel
def test_wheel_holds_types_licences_parts_and_commands(wheel: pathlib.Path) -> None:
    files = contents(wheel)
    info = next(name.partition("/")[0] for name in files if ".dist-info/" in name)
    assert {
        "calltransfer/py.typed",
        "calltransfer/_native.pyi",
        *(f"calltransfer/cli/completion/completion.{shell}" for shell in ("bash", "zsh", "fish")),
        f"{info}/licenses/LICENSE-MIT",
        f"{info}/licenses/LICENSE-APACHE",
        f"{info}/sboms/calltransfer-python.cyclonedx.json",
        f"{info}/entry_points.txt",
    } <= set(files)
    assert b"License-Expression: MIT OR Apache-2.0" in files[f"{info}/METADATA"]
    assert b"calltransfer=calltransfer.cli:main" in files[f"{info}/entry_points.txt"]


@each_wheel
def test_wheel_doesnt_report_whose_machine_built_it(wheel: pathlib.Path) -> None:
    home = str(pathlib.Path.home()).encode()
    for name, data in contents(wheel).items():
        for path in (str(ROOT).encode(), home + b"/."):
            assert path not in data, name


@pytest.mark.skipif(
    len(PYTHONS) < 2, reason="ONLY ONE PYTHON FOUND (python3.X on the PATH, or PYENV_ROOT): the others were not tried"
)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("wheel", MINE, ids=lambda path: path.name)
def test_wheel_works_in_the_lowest_and_highest_python(python: str, wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    run(python, "-m", "venv", tmp_path / "venv", folder=tmp_path)
    bin_folder = tmp_path / "venv" / "bin"
    run(bin_folder / "pip", "install", "--no-index", "--disable-pip-version-check", wheel, folder=tmp_path)
    assert run(bin_folder / "python", "-c", TRANSFER, folder=tmp_path) == "applied\n"
    assert run(bin_folder / "calltransfer", "--version", folder=tmp_path).startswith("calltransfer ")


def test_sdist_holds_every_crate_that_it_is_made_of() -> None:
    [sdist] = SDISTS
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "PKG-INFO",
        "Cargo.lock",
        "core/Cargo.toml",
        "sandbox/Cargo.toml",
        "python/Cargo.toml",
        "LICENSE-MIT",
        "LICENSE-APACHE",
    } <= names


def test_sdist_builds_in_a_clean_environment(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As quick as it can be built: the release profile is the wheel's business.
    monkeypatch.setenv("CARGO_PROFILE_RELEASE_LTO", "off")
    monkeypatch.setenv("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
    monkeypatch.setenv("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
    [sdist] = SDISTS
    run(sys.executable, "-m", "venv", tmp_path / "venv", folder=tmp_path)
    bin_folder = tmp_path / "venv" / "bin"
    run(bin_folder / "pip", "install", "--disable-pip-version-check", sdist, folder=tmp_path)
    assert run(bin_folder / "python", "-c", TRANSFER, folder=tmp_path) == "applied\n"
