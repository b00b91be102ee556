"""The Debian packages, installed in a clean root and used from there. `make test-long` builds them from source."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

import pytest
from abi.ledger import exported, symbol_versions
from c.compiler import ROOT, TARGET
from c.header import HEADER
from c.test_install import BUILT, SONAME, VERSION, builders_paths, needs, output_of
from sandbox_process import SandboxProcess

LONG = bool(os.environ.get("CALLTRANSFER_TEST_LONG"))
TOOLS = ("dpkg-buildpackage", "dh", "dpkg-deb")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason="NO DEBHELPER (Debian: dpkg-dev, debhelper): no Debian package was built"
)


def environment(**more: str) -> dict[str, str]:
    """Cargo and rustc are rustup's, or the system's: debhelper changes HOME, by which rustup finds its toolchains."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "CARGO_TARGET"))}
    home = pathlib.Path.home()
    return {"RUSTUP_HOME": str(home / ".rustup")} | kept | more


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("debian")
    with_crates = [] if LONG else ["--without-crates"]
    output_of(["python3", ROOT / "packaging/source.py", folder, *with_crates], env=environment())
    [source] = [path for path in folder.iterdir() if path.is_dir()]
    # Build dependencies are not checked: cargo may be rustup's.
    build = ["dpkg-buildpackage", "--no-check-builddeps", "--no-sign"]
    if LONG:
        (folder / f"{source.name}.tar.gz").rename(folder / f"{source.name.replace('-', '_')}.orig.tar.gz")
        done = subprocess.run(
            [*build, "--build=full"],
            cwd=source,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=3000,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    else:
        target = [f"TARGET={TARGET}", *BUILT]
        output_of(
            [*build, "--build=binary"],
            cwd=source,
            env=environment(BUILT=" ".join(target), DPKG_DEB_COMPRESSOR_TYPE="none"),
        )
    return folder


@pytest.fixture(scope="module")
def root(packages: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("root")
    files = [package for package in packages.glob("*.deb") if "dbgsym" not in package.name]
    if os.geteuid() != 0:
        for package in files:
            output_of(["dpkg-deb", "--extract", package, folder])
        return folder
    for name in ("info", "updates"):
        (folder / "var/lib/dpkg" / name).mkdir(parents=True)
    (folder / "var/lib/dpkg/status").touch()
    # The root has no libc: programs are run with this system's.
    output_of(["dpkg", f"--root={folder}", "--force-depends", "--install", *files])
    return folder


def field(packages: pathlib.Path, package: str, name: str) -> str:
    [file] = packages.glob(f"{package}_*.deb")
    return output_of(["dpkg-deb", "--field", file, name]).strip()


def test_packages_need_libc_and_each_other(packages: pathlib.Path) -> None:
    assert "libc6 (>= " in field(packages, "libcalltransfer0", "Depends")
    version = field(packages, "libcalltransfer0", "Version")
    assert f"libcalltransfer0 (= {version})" in field(packages, "libcalltransfer-dev", "Depends")
    [shared] = packages.glob("libcalltransfer0_*.deb")
    control = output_of(["dpkg-deb", "--info", shared, "shlibs"])
    assert f"libcalltransfer 0 libcalltransfer0 (>= {version.partition('-')[0]})" in control


def test_program_needs_the_version_that_brought_its_functions(packages: pathlib.Path) -> None:
    [shared] = packages.glob("libcalltransfer0_*.deb")
    first, *lines = output_of(["dpkg-deb", "--info", shared, "symbols"]).splitlines()
    assert first == "libcalltransfer.so.0 libcalltransfer0 #MINVER#"
    functions = dict(line.split()[0].split("@") for line in lines if "calltransfer_" in line)
    assert functions == symbol_versions(HEADER)
    assert all(line.split()[1] == "0.1.0" for line in lines if "calltransfer_" in line)


def test_each_package_has_its_licenses(root: pathlib.Path) -> None:
    for package in ("libcalltransfer0", "libcalltransfer-dev"):
        text = (root / "usr/share/doc" / package / "copyright").read_text(encoding="utf-8")
        assert "License: Expat" in text and "License: Apache-2.0" in text
        assert "Files: vendor/*" in text
    third_party = root / "usr/share/doc/libcalltransfer0/THIRD-PARTY.txt"
    assert third_party.read_bytes() == (ROOT / "THIRD-PARTY.txt").read_bytes()


def test_library_has_versions_of_symbols(root: pathlib.Path) -> None:
    [library] = root.glob(f"usr/lib/*/{SONAME}")
    assert exported(library) == symbol_versions(HEADER)


def test_suppressions_are_installed(root: pathlib.Path) -> None:
    for file in (ROOT / "packaging/suppressions").iterdir():
        assert (root / "usr/share/calltransfer" / file.name).read_bytes() == file.read_bytes()


def test_packages_own_test_passes(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    if shutil.which("pkg-config") is None:
        pytest.skip("NO PKG-CONFIG ON PATH: debian/tests was not run")
    shutil.copytree(ROOT / "packaging/debian", tmp_path / "debian")
    control = (ROOT / "packaging/debian/tests/control").read_text(encoding="utf-8")
    [command] = re.findall(r"^Test-Command: (.*)$", control, re.MULTILINE)
    [library] = root.glob("usr/lib/*/libcalltransfer.so")
    # In place of an installation: the root's files with this system's compiler.
    where = {"PKG_CONFIG_SYSROOT_DIR": str(root), "PKG_CONFIG_LIBDIR": str(library.parent / "pkgconfig")}
    more = where | {"LD_LIBRARY_PATH": str(library.parent), "AUTOPKGTEST_TMP": str(tmp_path)}
    assert output_of(["sh", "-ec", command], cwd=tmp_path, env=os.environ | more).strip() == VERSION


@pytest.mark.parametrize("linked", ["shared", "static"])
def test_program_is_built_from_the_root(
    linked: str, root: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    [library] = root.glob("usr/lib/*/libcalltransfer.so")
    folder = library.parent
    where = os.environ | {"PKG_CONFIG_SYSROOT_DIR": str(root), "PKG_CONFIG_LIBDIR": str(folder / "pkgconfig")}
    if shutil.which("pkg-config") is None:
        pytest.skip("NO PKG-CONFIG ON PATH: the development package was not tried")
    static = ["--static"] if linked == "static" else []
    flags = output_of(["pkg-config", "--cflags", "--libs", *static, "calltransfer"], env=where).split()
    if static:
        flags = ["-l:libcalltransfer.a" if flag == "-lcalltransfer" else flag for flag in flags]
    program = tmp_path / "minimal"
    output_of(["cc", ROOT / "examples/c/minimal.c", "-o", program, *flags])
    assert (f"[{SONAME}]" in needs(program)) == (linked == "shared")
    sandbox.place_incoming_call("c-1")
    run = os.environ | sandbox.environment() | {"LD_LIBRARY_PATH": str(folder)}
    assert output_of([program, "c-1"], env=run).startswith("the new call is ")


@pytest.mark.skipif(not LONG, reason="NOT BUILT FROM SOURCE: `make test-long` does, and looks for paths")
def test_no_path_of_the_build_is_in_the_libraries(packages: pathlib.Path, root: pathlib.Path) -> None:
    for library in [*root.glob("usr/lib/*/libcalltransfer.a"), *root.glob("usr/lib/*/libcalltransfer.so.0.*")]:
        assert str(packages).encode() not in library.read_bytes(), library
        assert builders_paths(library) == [], library


@pytest.mark.skipif(not LONG, reason="NOT CHECKED BY LINTIAN: `make test-long` does, since it takes long")
def test_lintian_finds_no_error(packages: pathlib.Path) -> None:
    if shutil.which("lintian") is None:
        pytest.skip("NO LINTIAN ON PATH: the packages' policy was not checked")
    command = ["lintian", "--allow-root", "--fail-on", "error", *packages.glob("lib*.deb")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
