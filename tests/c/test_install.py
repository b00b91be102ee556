"""`make install` as strangers use it: pkg-config, CMake, names and links, the manual page, and gone again."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import tomllib
from c.compiler import LIBRARIES, ROOT, RUNS_LIBRARIES, STATIC_LIBRARIES, TARGET, install_variable
from sandbox_process import SandboxProcess

VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
SONAME = f"libcalltransfer.so.{VERSION.split('.')[0]}"
PAGE = ROOT / "docs/linking.md"
# What was built is old enough: a test compiles no library.
LIBRARY = "libcalltransfer.so"
BUILT = ["-o", str(TARGET / "release/.built"), "-o", str(LIBRARIES / LIBRARY), "-o", str(RUNS_LIBRARIES / LIBRARY)]
OF_RUNS = {"runs.h", "runs.hpp", "run_error.hpp", "run_rows.hpp", "run_state.hpp", "run_summary.hpp"}
MANUAL = ROOT / "ffi-c/install/calltransfer.3"


def output_of(command: list[str | os.PathLike[str]], timeout: float = 300, **more: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **more)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def make(target: str, *variables: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    target_folder = f"TARGET={TARGET}"
    output_of(["make", "-C", ROOT, "--no-print-directory", *BUILT, target, target_folder, *variables], env=environment)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("installed")
    make("install", f"PREFIX={folder}")
    return folder


@pytest.fixture(scope="module")
def prefix_with_runs(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("installed-with-runs")
    make("install", f"PREFIX={folder}", "RUNS=1")
    return folder


def environment_of(prefix: pathlib.Path, sandbox: SandboxProcess | None = None) -> dict[str, str]:
    more = sandbox.environment() if sandbox else {}
    return (
        os.environ
        | more
        | {
            "PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig"),
            "LD_LIBRARY_PATH": str(prefix / "lib"),
        }
    )


def pkg_config(prefix: pathlib.Path, *arguments: str) -> list[str]:
    if shutil.which("pkg-config") is None:
        pytest.skip("NO PKG-CONFIG ON PATH: calltransfer.pc was not tried")
    return output_of(["pkg-config", *arguments, "calltransfer"], env=environment_of(prefix)).split()


def transfers(program: pathlib.Path, prefix: pathlib.Path, sandbox: SandboxProcess) -> None:
    sandbox.place_incoming_call("c-1")
    output = output_of([program, "c-1"], env=environment_of(prefix, sandbox))
    new_call = next(call["id"] for call in sandbox.calls() if call["transferred_from"] == "c-1")
    assert output == f"the new call is {new_call}\n"


def test_commands_of_the_page_lead_to_a_transfer(tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    if shutil.which("pkg-config") is None:
        pytest.skip("NO PKG-CONFIG ON PATH: the page's commands were not tried")
    [commands] = re.findall(
        r"^From installation to a running program.*?^```sh\n(.*?)^```$",
        PAGE.read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    environment = (
        os.environ
        | sandbox.environment()
        | {
            "HOME": str(tmp_path),
            "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
        }
    )
    sandbox.place_incoming_call("c-1")
    builds_nothing = shlex.join(["make", *BUILT, f"TARGET={TARGET}"])
    output = output_of(
        ["sh", "-ec", f'make() {{ command {builds_nothing} "$@"; }}\n{commands}'], cwd=ROOT, env=environment
    )
    assert output.splitlines()[-1].startswith("the new call is ")


def needs(file: pathlib.Path) -> str:
    return output_of(["readelf", "-d", file])


def test_library_is_named_and_linked_as_loaders_look_for_it(prefix: pathlib.Path) -> None:
    library = prefix / "lib"
    whole = library / f"libcalltransfer.so.{VERSION}"
    assert os.readlink(library / "libcalltransfer.so") == SONAME
    assert os.readlink(library / SONAME) == whole.name
    assert not whole.is_symlink() and os.access(whole, os.X_OK)
    dynamic = needs(whole)
    assert f"Library soname: [{SONAME}]" in dynamic
    assert "NODELETE" in dynamic, "a host that unloads it would pull the code from under its threads"
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic


def builders_paths(file: pathlib.Path) -> list[str]:
    """The paths of this machine that a file contains: of the checkout, cargo's and rustup's homes, and builds."""
    home = str(pathlib.Path.home())
    sysroot = output_of(["rustc", "--print", "sysroot"]).strip()
    folders = [ROOT, TARGET, sysroot, f"{home}/.cargo", f"{home}/.rustup", os.environ.get("CARGO_HOME")]
    # Cargo names the folder of a registry after its host.
    folders += ["registry/src/", "index.crates.io"]
    data = file.read_bytes()
    return [str(folder) for folder in folders if folder and str(folder).encode() in data]


def test_no_path_of_the_build_is_in_the_libraries(prefix: pathlib.Path, prefix_with_runs: pathlib.Path) -> None:
    for folder in (prefix, prefix_with_runs):
        for name in ("libcalltransfer.so", "libcalltransfer.a"):
            library = folder / "lib" / name
            # The names of its own files are there, so panics can be understood: nothing was merely left out.
            assert b"core/src/transport/" in library.read_bytes()
            assert builders_paths(library) == [], library


@pytest.mark.parametrize("with_runs", [False, True])
@pytest.mark.parametrize(
    "changed", ["core/src/lib.rs", "ffi-c/src/lib.rs", "Cargo.lock", "tests/abi/ledger.txt", "ffi-c/install/build.sh"]
)
def test_make_builds_the_library_again_after_a_change(changed: str, with_runs: bool) -> None:
    folder = RUNS_LIBRARIES if with_runs else LIBRARIES
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    # Nothing is built: it says what it would do if the file were new.
    command = ["make", "-C", ROOT, "-n", "-W", changed, f"TARGET={TARGET}", folder / LIBRARY]
    assert f"build.sh {folder}" in output_of(command, env=environment)


def test_library_is_not_where_cargo_writes() -> None:
    """`cargo build` must not change what programs are linked with."""
    for folder in (LIBRARIES, RUNS_LIBRARIES):
        assert folder.parent == TARGET / "c"
        # Not a link to a file of cargo's, which it writes again.
        for name in ("libcalltransfer.a", SONAME):
            assert (folder / name).stat().st_nlink == 1 and not (folder / name).is_symlink()


@pytest.mark.parametrize("linked", ["shared", "static"])
def test_program_is_built_by_pkg_config(
    linked: str, prefix: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    flags = pkg_config(prefix, "--cflags", "--libs", *(["--static"] if linked == "static" else []))
    if linked == "static":
        flags = ["-l:libcalltransfer.a" if flag == "-lcalltransfer" else flag for flag in flags]
    program = tmp_path / "minimal"
    output_of(["cc", ROOT / "examples/c/minimal.c", "-o", program, *flags])
    assert (f"[{SONAME}]" in needs(program)) == (linked == "shared")
    transfers(program, prefix, sandbox)


def test_fully_static_program_is_built_as_the_page_says(
    prefix: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    [line] = re.findall(r"^\| fully static \| `(.*?)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    command = line.replace("app.c", str(ROOT / "examples/c/minimal.c")).replace("PREFIX", str(prefix)).split()
    program = tmp_path / "minimal"
    done = subprocess.run([*command, "-o", program], capture_output=True, text=True, timeout=300, check=False)
    if "cannot find -lc" in done.stderr:
        pytest.skip("NO STATIC LIBC: no fully static program was built")
    assert done.returncode == 0, done.stderr
    assert "There is no dynamic section" in needs(program)
    transfers(program, prefix, sandbox)


def test_pkg_config_reports_the_version_and_follows_a_move(prefix: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert pkg_config(prefix, "--modversion") == [VERSION]
    moved = tmp_path / "elsewhere"
    shutil.copytree(prefix, moved, symlinks=True)
    assert pkg_config(moved, "--define-prefix", "--cflags") == [f"-I{moved}/include"]


@pytest.mark.parametrize("linked", ["shared", "static"])
def test_project_is_built_by_cmake_from_a_moved_package(
    linked: str, prefix: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(prefix, moved, symlinks=True)
    cmake = pathlib.Path(sys.executable).with_name("cmake")
    build = tmp_path / "build"
    output_of([cmake, "-S", ROOT / "examples/cmake", "-B", build, f"-DCMAKE_PREFIX_PATH={moved}", f"-DLINK={linked}"])
    output_of([cmake, "--build", build])
    for language in ("c", "cpp"):
        program = build / f"transfer_{language}"
        assert (f"[{SONAME}]" in needs(program)) == (linked == "shared")
        output = subprocess.run(
            [program, "c-none"], capture_output=True, text=True, timeout=60, check=False, env=sandbox.environment()
        )
        assert output.returncode == 1 and output.stderr.startswith("not_applied: "), output.stderr
    transfers(build / "transfer_cpp", moved, sandbox)


@pytest.mark.parametrize(("asked", "found"), [("0.1", True), (VERSION, True), ("0.99", False), ("1.0", False)])
def test_cmake_finds_the_versions_that_it_is_compatible_with(
    asked: str, found: bool, prefix: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(asks LANGUAGES NONE)\n"
        f"find_package(CallTransfer {asked})\n"
        'file(WRITE "${CMAKE_BINARY_DIR}/found" "${CallTransfer_FOUND}")\n',
        encoding="utf-8",
    )
    cmake = pathlib.Path(sys.executable).with_name("cmake")
    output_of([cmake, "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}"])
    assert ((tmp_path / "build/found").read_text(encoding="utf-8") in ("1", "TRUE")) == found


def test_staged_install_names_its_final_paths(tmp_path: pathlib.Path) -> None:
    where = ["PREFIX=/usr", "LIBDIR=/usr/lib/x86_64-linux-gnu", f"DESTDIR={tmp_path}"]
    make("install", *where)
    library = tmp_path / "usr/lib/x86_64-linux-gnu"
    for file in ["pkgconfig/calltransfer.pc", "cmake/CallTransfer/CallTransferConfig.cmake"]:
        text = (library / file).read_text(encoding="utf-8")
        assert str(tmp_path) not in text and "@" not in text
    assert "libdir=${prefix}/lib/x86_64-linux-gnu\n" in (library / "pkgconfig/calltransfer.pc").read_text()
    config = (library / "cmake/CallTransfer/CallTransferConfig.cmake").read_text()
    assert '"${calltransfer_libdir}/../../include"' in config
    make("uninstall", *where)
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


def test_install_relative_libdir_goes_below_prefix(tmp_path: pathlib.Path) -> None:
    make("install", f"PREFIX={tmp_path}", "LIBDIR=lib64")
    assert (tmp_path / "lib64/libcalltransfer.a").exists()
    assert "libdir=${prefix}/lib64\n" in (tmp_path / "lib64/pkgconfig/calltransfer.pc").read_text(encoding="utf-8")


def test_install_prefix_with_space_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(AssertionError, match="has a space"):
        make("install", f"PREFIX={tmp_path}/a b")
    assert list(tmp_path.iterdir()) == []


def test_uninstall_removes_only_our_files(tmp_path: pathlib.Path) -> None:
    other = tmp_path / "lib/pkgconfig/other.pc"
    other.parent.mkdir(parents=True)
    other.write_text("another library's", encoding="utf-8")
    make("install", f"PREFIX={tmp_path}")
    assert len([path for path in tmp_path.rglob("*") if not path.is_dir()]) > 9
    make("uninstall", f"PREFIX={tmp_path}")
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == [other]
    assert not (tmp_path / "include/calltransfer").exists()
    assert not (tmp_path / "lib/cmake/CallTransfer").exists()


def test_static_link_line_is_that_of_rustc() -> None:
    command = [
        "cargo",
        "rustc",
        "--locked",
        "-p",
        "calltransfer-c",
        "--crate-type",
        "staticlib",
        "--message-format",
        "json",
        "--",
        "--print",
        "native-static-libs",
    ]
    messages = [json.loads(line) for line in output_of(command, cwd=ROOT).splitlines()]
    notes = [message["message"]["message"] for message in messages if message["reason"] == "compiler-message"]
    [output] = [note.removeprefix("native-static-libs: ") for note in notes if "native-static-libs" in note]
    assert list(dict.fromkeys(output.split())) == STATIC_LIBRARIES, "mend STATIC_LIBS in ffi-c/install/install.mk"
    assert install_variable("STATIC_LIBS").split() == STATIC_LIBRARIES


def test_static_link_line_with_runs_is_the_same() -> None:
    """Else programs would need another one for RUNS=1."""
    archive = RUNS_LIBRARIES / "libcalltransfer.a"
    source = "#include <calltransfer/runs.h>\nint main(void) { return calltransfer_run_view(0, 0, 0) == 0; }\n"
    command = [
        "cc",
        "-x",
        "c",
        "-",
        f"-I{ROOT / 'include'}",
        "-x",
        "none",
        archive,
        *STATIC_LIBRARIES,
        "-o",
        os.devnull,
    ]
    output_of(command, input=source)


def test_install_with_runs_says_so(prefix: pathlib.Path, prefix_with_runs: pathlib.Path) -> None:
    for folder, runs in ((prefix, "no"), (prefix_with_runs, "yes")):
        assert pkg_config(folder, "--variable=runs") == [runs]
        headers = {path.name for path in (folder / "include/calltransfer").iterdir()}
        source = {path.name for path in (ROOT / "include/calltransfer").iterdir()}
        assert source - headers == (set() if runs == "yes" else OF_RUNS)


@pytest.mark.parametrize("linked", ["shared", "static"])
@pytest.mark.parametrize("language", ["c", "cpp"])
def test_run_is_built_by_pkg_config(
    language: str, linked: str, prefix_with_runs: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess
) -> None:
    flags = pkg_config(prefix_with_runs, "--cflags", "--libs", *(["--static"] if linked == "static" else []))
    if linked == "static":
        flags = ["-l:libcalltransfer.a" if flag == "-lcalltransfer" else flag for flag in flags]
    compiler = ["cc"] if language == "c" else ["c++", "-std=c++20"]
    program = tmp_path / "run"
    output_of([*compiler, ROOT / f"examples/{language}/run.{language}", "-o", program, *flags])
    sandbox.place_incoming_call("c-1")
    output = output_of(
        [program, tmp_path / "evac.db", "+18382947878"],
        env=environment_of(prefix_with_runs, sandbox),
        input="c-1\n",
    )
    assert output == "1 of 1 calls were transferred, 0 are not known\n"


def test_plain_install_over_one_with_runs_leaves_no_header(tmp_path: pathlib.Path) -> None:
    make("install", f"PREFIX={tmp_path}", "RUNS=1")
    make("install", f"PREFIX={tmp_path}")
    assert not any((tmp_path / "include/calltransfer" / name).exists() for name in OF_RUNS)
    make("uninstall", f"PREFIX={tmp_path}")
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


@pytest.mark.parametrize("with_runs", [False, True])
def test_cmake_component_says_whether_there_are_runs(
    with_runs: bool, prefix: pathlib.Path, prefix_with_runs: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(asks LANGUAGES NONE)\n"
        "find_package(CallTransfer COMPONENTS runs)\n"
        'file(WRITE "${CMAKE_BINARY_DIR}/found" "${CallTransfer_FOUND} ${CallTransfer_RUNS}")\n',
        encoding="utf-8",
    )
    cmake = pathlib.Path(sys.executable).with_name("cmake")
    place = prefix_with_runs if with_runs else prefix
    output_of([cmake, "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={place}"])
    found = (tmp_path / "build/found").read_text(encoding="utf-8").split()
    assert found in (["1", "ON"], ["TRUE", "ON"]) if with_runs else found[-1] == "OFF" and found[0] in ("0", "FALSE")


def test_archive_with_runs_exports_only_functions_of_the_headers(prefix_with_runs: pathlib.Path) -> None:
    output = output_of(["nm", "--extern-only", "--defined-only", prefix_with_runs / "lib/libcalltransfer.a"])
    shown = [line.split()[2] for line in output.splitlines() if len(line.split()) == 3]
    assert "calltransfer_run_open" in shown and all(name.startswith("calltransfer_") for name in shown)


OTHER_ARCHIVE = """
#[unsafe(no_mangle)]
pub extern "C" fn other_answer() -> i32 {
    std::panic::catch_unwind(|| "x".parse::<i32>().unwrap()).unwrap_or(42)
}
"""

TWO_ARCHIVES = """
#include <calltransfer/calltransfer.h>
int other_answer(void);
int main(void)
{
    return calltransfer_config_set_user_id(NULL, "x") == CALLTRANSFER_E_INVALID_ARGUMENT && other_answer() == 42 ? 0 : 1;
}
"""


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_two_rust_archives_are_one_program(first: str, prefix: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "other.rs").write_text(OTHER_ARCHIVE, encoding="utf-8")
    (tmp_path / "main.c").write_text(TWO_ARCHIVES, encoding="utf-8")
    other = tmp_path / "libother.a"
    output_of(["rustc", "--edition", "2024", "--crate-type", "staticlib", tmp_path / "other.rs", "-o", other], cwd=ROOT)
    archives = [prefix / "lib/libcalltransfer.a", other]
    if first == "theirs":
        archives.reverse()
    program = tmp_path / "program"
    output_of(["cc", f"-I{prefix}/include", tmp_path / "main.c", *archives, *STATIC_LIBRARIES, "-o", program])
    output_of([program])


def test_archive_exports_only_functions_of_the_header(prefix: pathlib.Path) -> None:
    output = output_of(["nm", "--extern-only", "--defined-only", prefix / "lib/libcalltransfer.a"])
    shown = [line.split()[2] for line in output.splitlines() if len(line.split()) == 3]
    assert shown and all(name.startswith("calltransfer_") for name in shown)


def test_manual_page_is_well_formed(prefix: pathlib.Path) -> None:
    assert (prefix / "share/man/man3/calltransfer.3").read_bytes() == MANUAL.read_bytes()
    if shutil.which("mandoc") is not None:
        output = output_of(["mandoc", "-T", "lint", "-W", "warning", MANUAL])
        assert output == ""
    elif shutil.which("man") is not None:
        done = subprocess.run(
            ["man", "--warnings", "-l", "-Tutf8", "-Z", MANUAL], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
    else:
        pytest.skip("NEITHER MANDOC NOR MAN ON PATH: the manual page was not checked")


def test_manual_pages_program_transfers(prefix: pathlib.Path, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    [program] = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", MANUAL.read_text(), re.MULTILINE | re.DOTALL)
    source = tmp_path / "program.c"
    source.write_text(program.replace("\\e", "\\"), encoding="utf-8")
    flags = pkg_config(prefix, "--cflags", "--libs")
    output_of(["cc", "-Wall", "-Wextra", "-Werror", source, "-o", tmp_path / "program", *flags])
    transfers(tmp_path / "program", prefix, sandbox)


def test_manual_page_names_only_what_the_header_has() -> None:
    header = (ROOT / "include/calltransfer/calltransfer.h").read_text(encoding="utf-8")
    for name in set(re.findall(r"\b(?:calltransfer|CALLTRANSFER)_\w+", MANUAL.read_text(encoding="utf-8"))):
        if name not in ("CALLTRANSFER_BASE_URL", "CALLTRANSFER_E_"):
            assert re.search(rf"\b{name}\b", header), name


def test_licenses_are_installed(prefix: pathlib.Path) -> None:
    for name in ("LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY.txt"):
        assert (prefix / "share/doc/calltransfer" / name).read_bytes() == (ROOT / name).read_bytes()
    assert not (prefix / "share/doc/calltransfer/THIRD-PARTY-RUNS.txt").exists()


def test_licenses_of_runs_are_installed(prefix_with_runs: pathlib.Path) -> None:
    for name in ("LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-RUNS.txt"):
        assert (prefix_with_runs / "share/doc/calltransfer" / name).read_bytes() == (ROOT / name).read_bytes()
    assert not (prefix_with_runs / "share/doc/calltransfer/THIRD-PARTY.txt").exists()


def test_suppressions_are_installed(prefix: pathlib.Path) -> None:
    for file in (ROOT / "packaging/suppressions").iterdir():
        assert (prefix / "share/calltransfer" / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("libc", ["gnu", "musl"])
@pytest.mark.parametrize(
    ("notices", "features"), [("THIRD-PARTY.txt", []), ("THIRD-PARTY-RUNS.txt", ["--features=runs-postgres"])]
)
def test_third_party_names_every_crate_of_the_library(
    notices: str, features: list[str], machine: str, libc: str
) -> None:
    command = ["cargo", "tree", "--locked", "-p", "calltransfer-c", *features, "--edges", "normal", "--prefix", "none"]
    tree = output_of([*command, "--format", "{p}", "--target", f"{machine}-unknown-linux-{libc}"], cwd=ROOT)
    crates = {" ".join(line.split()[:2]).replace(" v", " ") for line in tree.splitlines() if line}
    text = (ROOT / notices).read_text(encoding="utf-8")
    assert crates == set(re.findall(r"^- (.*)$", text, re.MULTILINE)), "write it again with: make notices"
