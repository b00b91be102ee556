"""docs/rust.md: its dependencies resolve, and its features are those of the crates. `cargo test --doc` compiles the rest."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import subprocess

import pytest
from sandbox_process import ROOT

PAGE = (ROOT / "docs/rust.md").read_text(encoding="utf-8")
PACKAGE = '[package]\nname = "page"\nversion = "0.0.0"\nedition = "2024"\n\n'


def test_dependencies_resolve_and_the_features_are_all(tmp_path: pathlib.Path) -> None:
    if shutil.which("cargo") is None:
        pytest.skip("NO CARGO: nothing of docs/rust.md was resolved")
    [dependencies] = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "Cargo.toml").write_text(PACKAGE + dependencies.replace("../calltransfer/", f"{ROOT}/"))
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.rs").write_text("fn main() {}\n")
    shutil.copy(ROOT / "Cargo.lock", tmp_path)
    command = ["cargo", "metadata", "--offline", "--format-version", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    packages = {package["name"]: package for package in json.loads(done.stdout)["packages"]}
    table = re.findall(r"^\| `(calltransfer[\w-]*)` \| `(\w+)` \|", PAGE, re.MULTILINE)
    features = {(name, one) for name in ("calltransfer", "calltransfer-runs") for one in packages[name]["features"]}
    assert set(table) == features
    assert f"Rust {packages['calltransfer']['rust_version']} or newer" in PAGE


def test_rustdoc_reads_the_page() -> None:
    assert 'include_str!("../../docs/rust.md")' in (ROOT / "runs/src/lib.rs").read_text(encoding="utf-8")
    assert re.findall(r"^```rust(.*)$", PAGE, re.MULTILINE) == [""] * PAGE.count("```rust")
