"""The library inside another CMake project: add_subdirectory and FetchContent, with what is built already."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from c.compiler import LIBRARIES, ROOT
from c.test_install import SONAME, needs, output_of
from sandbox_process import SandboxProcess

LONG = bool(os.environ.get("CALLTRANSFER_TEST_LONG"))
CMAKE = pathlib.Path(sys.executable).with_name("cmake")
INCLUDED = {
    "add_subdirectory": f'add_subdirectory("{ROOT}" calltransfer EXCLUDE_FROM_ALL)',
    "FetchContent": f"""include(FetchContent)
FetchContent_Declare(calltransfer SOURCE_DIR "{ROOT}")
FetchContent_MakeAvailable(calltransfer)""",
}
PROJECT = """cmake_minimum_required(VERSION 3.16)
project(host LANGUAGES C CXX)
{included}
foreach(kind IN ITEMS shared static)
  add_executable(minimal_${{kind}} "{root}/examples/c/minimal.c")
  target_link_libraries(minimal_${{kind}} PRIVATE CallTransfer::${{kind}})
  add_executable(minimal_cpp_${{kind}} "{root}/examples/cpp/minimal.cpp")
  target_compile_features(minimal_cpp_${{kind}} PRIVATE cxx_std_20)
  target_link_libraries(minimal_cpp_${{kind}} PRIVATE CallTransfer::${{kind}})
endforeach()
"""


def recorder(folder: pathlib.Path) -> pathlib.Path:
    """A cargo that records what it is given, and reports the archive that was built already."""
    program = folder / "cargo"
    built = json.dumps({"filenames": [str(LIBRARIES / "libcalltransfer.a")]}, separators=(",", ":"))
    program.write_text(
        f"#!/bin/sh\necho \"$@\" > {folder}/given\nenv > {folder}/environment\necho '{built}'\n", encoding="utf-8"
    )
    program.chmod(0o755)
    return program


def versions(library: pathlib.Path) -> list[str]:
    """The exported symbols, each with its version."""
    listed = output_of(["nm", "-D", "--defined-only", "--with-symbol-versions", library])
    return [line.split()[-1] for line in listed.splitlines()]


def configured(folder: pathlib.Path, included: str, *options: str) -> pathlib.Path:
    text = PROJECT.format(included=INCLUDED[included], root=ROOT)
    (folder / "CMakeLists.txt").write_text(text, encoding="utf-8")
    output_of([CMAKE, "-S", folder, "-B", folder / "build", *options])
    return folder / "build"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Where cargo builds. Both projects have the same flags: it compiles once."""
    return tmp_path_factory.mktemp("target")


@pytest.mark.parametrize("included", INCLUDED)
def test_host_is_built_with_the_library(
    included: str, target: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    options = [f"-DCALLTRANSFER_TARGET_DIR={target}"]
    if not LONG:
        options.append(f"-DCALLTRANSFER_CARGO={recorder(tmp_path)}")
    build = configured(tmp_path, included, *options)
    # A real cargo compiles all crates.
    output_of([CMAKE, "--build", build], timeout=3000)
    library = target / "c/lib" / SONAME
    assert library.is_file() and not library.is_symlink(), "a host can't install it"
    assert versions(library) == versions(LIBRARIES / SONAME)
    linked = library.stat().st_mtime_ns
    output_of([CMAKE, "--build", build])
    assert library.stat().st_mtime_ns == linked, "linked again though nothing has changed"
    for name in ("minimal", "minimal_cpp"):
        for kind in ("shared", "static"):
            call = f"{name}-{kind}".replace("_", "-")
            sandbox.place_incoming_call(call)
            program = build / f"{name}_{kind}"
            assert (f"[{SONAME}]" in needs(program)) == (kind == "shared")
            assert output_of([program, call], env=os.environ | sandbox.environment()).startswith("the new call is ")


@pytest.mark.parametrize(
    ("build_type", "profile"),
    [("", "release"), ("Debug", "dev"), ("Release", "release"), ("RelWithDebInfo", "release")],
)
def test_build_type_selects_the_profile(build_type: str, profile: str, tmp_path: pathlib.Path) -> None:
    options = [f"-DCALLTRANSFER_CARGO={recorder(tmp_path)}", f"-DCALLTRANSFER_TARGET_DIR={tmp_path}/t"]
    build = configured(tmp_path, "add_subdirectory", *options, f"-DCMAKE_BUILD_TYPE={build_type}")
    output_of([CMAKE, "--build", build, "--target", "calltransfer_cargo"])
    assert f"--profile {profile}" in (tmp_path / "given").read_text(encoding="utf-8")
    environment = (tmp_path / "environment").read_text(encoding="utf-8")
    assert ("CARGO_PROFILE_RELEASE_DEBUG=line-tables-only" in environment) == (build_type == "RelWithDebInfo")
    assert ("--remap-path-prefix" in environment) == (build_type in ("", "Release"))
    built = tmp_path / "t/c" / ("lib-debug" if profile == "dev" else "lib")
    assert versions(built / SONAME) == versions(LIBRARIES / SONAME)
    links = (build / "CMakeFiles/minimal_shared.dir/link.txt").read_text(encoding="utf-8")
    assert f"{built}/{SONAME}" in links


def given(tmp_path: pathlib.Path, *options: str) -> str:
    """What cargo is given by a project with these options."""
    more = [f"-DCALLTRANSFER_CARGO={recorder(tmp_path)}", f"-DCALLTRANSFER_TARGET_DIR={tmp_path}/t"]
    build = configured(tmp_path, "add_subdirectory", *more, *options)
    output_of([CMAKE, "--build", build, "--target", "calltransfer_cargo"])
    return (tmp_path / "given").read_text(encoding="utf-8")


def test_other_machine_is_built_for_with_its_compiler(tmp_path: pathlib.Path) -> None:
    target = "aarch64-unknown-linux-gnu"
    # The system is this one: what is tried is what cargo is given.
    system = ["-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64"]
    with pytest.raises(AssertionError, match="CALLTRANSFER_RUST_TARGET: missing"):
        given(tmp_path, *system)
    shutil.rmtree(tmp_path / "build")
    assert f" --target {target}" in given(tmp_path, *system, f"-DCALLTRANSFER_RUST_TARGET={target}")
    environment = (tmp_path / "environment").read_text(encoding="utf-8")
    assert f"\nCC_{target.replace('-', '_')}=/" in environment
    assert (tmp_path / f"t/c/lib-{target}" / SONAME).is_file()


def test_library_is_built_with_runs(tmp_path: pathlib.Path) -> None:
    # The archive that the recorder names has no runs: the linker is not asked for their functions.
    assert " --features calltransfer-c/runs-postgres" in given(tmp_path, "-DCALLTRANSFER_RUNS=ON")
    versions_file = (tmp_path / "t/c/lib-runs/libcalltransfer.map").read_text(encoding="utf-8")
    assert "calltransfer_run_open;" in versions_file


def test_missing_cargo_is_reported(tmp_path: pathlib.Path) -> None:
    text = PROJECT.format(included=INCLUDED["add_subdirectory"], root=ROOT)
    (tmp_path / "CMakeLists.txt").write_text(text, encoding="utf-8")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cc", "c++", "make", "ld", "ar", "as"):
        (tools / name).symlink_to(shutil.which(name) or "")
    done = subprocess.run(
        [CMAKE, "-S", tmp_path, "-B", tmp_path / "build", "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": str(tools), "HOME": str(tmp_path)},
    )
    assert done.returncode != 0
    assert "CALLTRANSFER_CARGO: no cargo found" in done.stderr
