"""Writes the source of the C and C++ library alone, with its crates, so that it builds without a network.

    python packaging/source.py FOLDER                      # FOLDER/calltransfer-VERSION and its tarball
    python packaging/source.py FOLDER --without-crates     # no crates, no tarball: for a library that was built already
    python packaging/source.py FOLDER --trim               # makes a copy in FOLDER itself a workspace of the library alone

The Debian package is made of the first, the Conan package of the last.
"""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTS = [
    "core",
    "ffi-c",
    "include",
    "packaging",
    "docs/linking.md",
    "docs/abi.md",
    "docs/c-threads-and-memory.md",
    "tests/abi/ledger.txt",
    "tests/abi/ledger-runs.txt",
]
FILES = [
    "Makefile",
    "CMakeLists.txt",
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "THIRD-PARTY.txt",
]
CONFIG = """[source.crates-io]
replace-with = "vendored-sources"

[source.vendored-sources]
directory = "vendor"
"""
MEMBERS = ["core", "ffi-c"]


def output_of(*command: str | pathlib.Path, folder: pathlib.Path = ROOT) -> str:
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def copy(target: pathlib.Path) -> None:
    """The files that git knows, as they are now."""
    listed = output_of(
        "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PARTS, *FILES, "LICENSE-*"
    )
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    shutil.copytree(target / "packaging/debian", target / "debian")


def trim(target: pathlib.Path) -> None:
    """Leaves the crates of the plain library in the workspace, without what only their tests need."""
    workspace = target / "Cargo.toml"
    members = ", ".join(f'"{member}"' for member in MEMBERS)
    text, found = re.subn(r"(?m)^members = \[.*\]$", f"members = [{members}]", workspace.read_text(encoding="utf-8"))
    assert found == 1, "Cargo.toml: no line with the members of the workspace"
    workspace.write_text(text, encoding="utf-8")
    for member in MEMBERS:
        manifest = target / member / "Cargo.toml"
        text = re.sub(r"(?ms)^\[dev-dependencies\]\n.*?(?=^\[|\Z)", "", manifest.read_text(encoding="utf-8"))
        # The names of its features remain: the code has them.
        text = re.sub(r"(?m)^calltransfer-runs = .*\n", "", text)
        text = re.sub(r'"(dep:)?calltransfer-runs[^"]*"', "", text).replace('["runs", ]', '["runs"]')
        manifest.write_text(text, encoding="utf-8")


def locked(target: pathlib.Path) -> set[tuple[str, str]]:
    """The crates of the lock, each with its version."""
    text = (target / "Cargo.lock").read_text(encoding="utf-8")
    return set(re.findall(r'(?m)^name = "(.*)"\nversion = "(.*)"$', text))


def prune_lock(target: pathlib.Path) -> None:
    """Removes what is not needed any more from the lock, and changes no version."""
    before = locked(target)
    output_of("cargo", "update", "--quiet", "--workspace", folder=target)
    assert locked(target) < before, "Cargo.lock: a version was changed"


def main(folder: pathlib.Path, with_crates: bool) -> None:
    version = re.search(r'(?m)^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    assert version, "Cargo.toml: no version"
    target = folder.resolve() / f"calltransfer-{version[1]}"
    shutil.rmtree(target, ignore_errors=True)
    copy(target)
    trim(target)
    if with_crates:
        prune_lock(target)
        (target / ".cargo").mkdir()
        output_of("cargo", "vendor", "--quiet", "--locked", "vendor", folder=target)
        (target / ".cargo/config.toml").write_text(CONFIG, encoding="utf-8")
        output_of(
            "tar", f"--exclude={target.name}/debian", "-czf", f"{target}.tar.gz", target.name, folder=target.parent
        )
    print(target)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder, "--trim"]:
            trim(pathlib.Path(folder))
            prune_lock(pathlib.Path(folder))
        case [folder, "--without-crates"]:
            main(pathlib.Path(folder), with_crates=False)
        case [folder]:
            main(pathlib.Path(folder), with_crates=True)
        case _:
            sys.exit(__doc__)
