//! The programs of other languages, where `make` puts them.

use std::path::PathBuf;

/// The program that a variable names, or the one that `make` has built.
pub(crate) fn program(variable: &str) -> Option<PathBuf> {
    if let Some(given) = std::env::var_os(variable) {
        return Some(given.into());
    }
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let target = root.join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into()));
    // Each with what exists once it is built.
    let (program, built) = match variable {
        "CALLTRANSFER_TEST_C" => (target.join("release/examples-c/driver"), None),
        "CALLTRANSFER_TEST_CPP" => (target.join("release/examples-cpp/driver"), None),
        _ => (
            root.join(".venv/bin/python"),
            Some(root.join(".venv/installed")),
        ),
    };
    let is_built = program.exists() && built.is_none_or(|file| file.exists());
    is_built.then_some(program)
}
