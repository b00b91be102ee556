"""What `make dist` has put into dist/: contents, licenses, no path of the machine that built it, oldest glibc."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

import pytest
from abi.ledger import exported, symbol_versions
from c.compiler import ROOT
from c.header import HEADER
from c.test_install import SONAME, builders_paths, needs, output_of
from sandbox_process import SandboxProcess

TARBALLS = sorted((ROOT / "dist").glob("calltransfer-*-linux-*.tar.xz"))
MACHINE = os.uname().machine
MINE = [tarball for tarball in TARBALLS if tarball.name.endswith(f"-{MACHINE}-unknown-linux-gnu.tar.xz")]
NEWEST_GLIBC = (2, 17)

pytestmark = pytest.mark.skipif(not TARBALLS, reason="NO TARBALL IN dist/: `make dist` builds them; nothing was tried")


@pytest.fixture(scope="module")
def unpacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(request.param) as archive:
        archive.extractall(folder, filter="data")
    [whole] = folder.iterdir()
    return whole


each = pytest.mark.parametrize("unpacked", TARBALLS, ids=lambda path: path.name, indirect=True)
mine = pytest.mark.parametrize("unpacked", MINE, ids=lambda path: path.name, indirect=True)


@each
def test_tarball_contents(unpacked: pathlib.Path) -> None:
    for name in (
        "include/calltransfer/calltransfer.h",
        "include/calltransfer/calltransfer.hpp",
        "lib/libcalltransfer.a",
        f"lib/{SONAME}",
        "lib/pkgconfig/calltransfer.pc",
        "lib/cmake/CallTransfer/CallTransferConfig.cmake",
        "share/man/man3/calltransfer.3",
        "share/doc/calltransfer/LICENSE-MIT",
        "share/doc/calltransfer/LICENSE-APACHE",
        "share/doc/calltransfer/THIRD-PARTY.txt",
        "share/calltransfer/tsan.supp",
        "share/calltransfer/valgrind.supp",
    ):
        assert (unpacked / name).is_file(), name


@each
def test_no_path_of_the_build_is_in_any_file(unpacked: pathlib.Path) -> None:
    for file in unpacked.rglob("*"):
        if file.is_file():
            assert builders_paths(file) == [], file


@each
def test_each_exported_symbol_has_its_version(unpacked: pathlib.Path) -> None:
    assert exported(unpacked / "lib" / SONAME) == symbol_versions(HEADER)


@each
def test_library_is_linked_as_loaders_look_for_it(unpacked: pathlib.Path) -> None:
    dynamic = needs(unpacked / "lib" / SONAME)
    assert f"Library soname: [{SONAME}]" in dynamic and "NODELETE" in dynamic
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic


@pytest.mark.parametrize(
    "unpacked", [path for path in TARBALLS if "-gnu." in path.name], ids=lambda path: path.name, indirect=True
)
def test_library_needs_no_newer_glibc(unpacked: pathlib.Path) -> None:
    versions = re.findall(r"GLIBC_(\d+)\.(\d+)", output_of(["readelf", "--version-info", unpacked / "lib" / SONAME]))
    assert max((int(major), int(minor)) for major, minor in versions) <= NEWEST_GLIBC


@mine
@pytest.mark.parametrize("linked", ["shared", "static"])
def test_program_is_built_by_pkg_config(
    linked: str, unpacked: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    if shutil.which("pkg-config") is None:
        pytest.skip("NO PKG-CONFIG ON PATH: calltransfer.pc was not tried")
    where = os.environ | {"PKG_CONFIG_PATH": str(unpacked / "lib/pkgconfig")}
    static = ["--static"] if linked == "static" else []
    flags = output_of(["pkg-config", "--cflags", "--libs", *static, "calltransfer"], env=where).split()
    if static:
        flags = ["-l:libcalltransfer.a" if flag == "-lcalltransfer" else flag for flag in flags]
    output_of(["cc", ROOT / "examples/c/minimal.c", "-o", tmp_path / "minimal", *flags])
    transfers(tmp_path / "minimal", unpacked, sandbox)


@mine
def test_project_is_built_by_cmake(unpacked: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    cmake = pathlib.Path(sys.executable).with_name("cmake")
    output_of([cmake, "-S", ROOT / "examples/cmake", "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={unpacked}"])
    output_of([cmake, "--build", tmp_path])
    transfers(tmp_path / "transfer_cpp", unpacked, sandbox)


def transfers(program: pathlib.Path, unpacked: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    environment = os.environ | sandbox.environment() | {"LD_LIBRARY_PATH": str(unpacked / "lib")}
    done = subprocess.run([program, "c-1"], capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert (done.returncode, done.stdout.startswith("the new call is ")) == (0, True), done.stderr
