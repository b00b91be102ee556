"""C's tests as CTest runs them: in this project, and against an installed library."""

from __future__ import annotations

import json
import pathlib

import pytest
from c.compiler import HERE, ROOT
from c.test_api import CASES
from c.test_install import make, output_of
from c.test_subproject import CMAKE, recorder

CTEST = CMAKE.with_name("ctest")


@pytest.fixture(params=["project", "installed"])
def build(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder in which the programs were built."""
    if request.param == "project":
        # A cargo that builds nothing, as in test_subproject.py.
        options = [f"-DCALLTRANSFER_TARGET_DIR={tmp_path / 'target'}", f"-DCALLTRANSFER_CARGO={recorder(tmp_path)}"]
        source = ROOT
    else:
        make("install", f"PREFIX={tmp_path / 'installed'}")
        options = [f"-DCMAKE_PREFIX_PATH={tmp_path / 'installed'}"]
        source = HERE
    output_of([CMAKE, "-S", source, "-B", tmp_path / "build", *options])
    output_of([CMAKE, "--build", tmp_path / "build"])
    return tmp_path / "build"


def test_every_case_is_a_test_that_passes(build: pathlib.Path) -> None:
    listed = json.loads(output_of([CTEST, "--test-dir", build, "--show-only=json-v1"]))
    names = {test["name"] for test in listed["tests"]}
    assert names == {f"{program}.{case}" for program, cases in CASES.items() for case in cases}
    output_of([CTEST, "--test-dir", build, "--output-on-failure", "--parallel", "2"])
    [name, *_] = sorted(names)
    assert "1/1" in output_of([CTEST, "--test-dir", build, "-R", f"^{name}$"])
