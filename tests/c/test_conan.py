"""The Conan package, created in a home of its own and used by the recipe's test_package."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess

import pytest
from abi.ledger import exported, symbol_versions
from c.compiler import ROOT, TARGET
from c.header import HEADER
from c.test_install import BUILT, SONAME, builders_paths, output_of

CONAN = ROOT / ".venv/conan/bin/conan"
LONG = bool(os.environ.get("CALLTRANSFER_TEST_LONG"))
pytestmark = pytest.mark.skipif(
    not CONAN.exists(), reason="NO CONAN (`make .venv/conan/tools` installs it): no Conan package was built"
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "CARGO_TARGET"))}
    cmake = ROOT / ".venv/bin"
    home = {"CONAN_HOME": str(tmp_path_factory.mktemp("conan")), "PATH": f"{cmake}:{os.environ['PATH']}"}
    # From source it is built only where there is time.
    built = {} if LONG else {"BUILT": " ".join([f"TARGET={TARGET}", *BUILT])}
    whole = kept | home | built
    output_of([CONAN, "profile", "detect"], env=whole)
    return whole


@pytest.mark.parametrize("shared", [True, False])
def test_package_is_created_and_used(shared: bool, environment: dict[str, str], tmp_path: pathlib.Path) -> None:
    # Conan builds the test beside its source: in a copy.
    for name in ("conan/test_package", "debian/tests"):
        shutil.copytree(ROOT / "packaging" / name, tmp_path / name)
    option = f"calltransfer/*:shared={shared}"
    command = [
        CONAN,
        "create",
        ROOT / "packaging/conan",
        "-o",
        option,
        "--test-folder",
        tmp_path / "conan/test_package",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3000, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    listed = output_of(
        [CONAN, "list", "calltransfer/*:*", "--format=compact", "-p", f"shared={shared}"], env=environment
    )
    assert "calltransfer/" in listed


def test_each_package_has_licenses_and_one_kind_of_library(environment: dict[str, str]) -> None:
    folders = list(pathlib.Path(environment["CONAN_HOME"]).glob("p/b/*/p"))
    kinds = []
    for folder in folders:
        assert {"LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY.txt"} <= {
            file.name for file in (folder / "licenses").iterdir()
        }
        kinds.append(sorted({file.name.split(".")[1] for file in (folder / "lib").iterdir()}))
        assert not list(folder.rglob("*.pc")) and not list(folder.rglob("*.cmake"))
        for library in (folder / "lib").glob(SONAME):
            assert exported(library) == symbol_versions(HEADER)
        if LONG:
            for library in (folder / "lib").iterdir():
                assert environment["CONAN_HOME"].encode() not in library.read_bytes(), library
                assert builders_paths(library) == [], library
    assert sorted(kinds) == [["a"], ["so"]]


def test_build_type_and_compiler_do_not_change_the_package(environment: dict[str, str]) -> None:
    ids = set()
    for setting in ("build_type=Debug", "build_type=Release", "compiler.version=11"):
        command = [CONAN, "graph", "info", ROOT / "packaging/conan", "-s", setting, "--format=json"]
        nodes = json.loads(output_of(command, env=environment))["graph"]["nodes"]
        ids |= {node["package_id"] for node in nodes.values()}
    assert len(ids) == 1 and None not in ids
