//! The lists that are written out in the documentation of each language are those of core.

#![allow(clippy::panic)] // a test may stop at what it did not expect

use std::path::Path;

use calltransfer::{CallState, Cause, Config, ErrorKind, EventKind, Outcome, Stage};

/// The part of a file between two texts.
fn part(file: &str, start: &str, end: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let from = text
        .find(start)
        .unwrap_or_else(|| panic!("{file}: no {start:?}"));
    let rest = &text[from..];
    let to = rest
        .find(end)
        .unwrap_or_else(|| panic!("{file}: no {end:?} after {start:?}"));
    rest[..to].to_owned()
}

/// Fails for each word that the part doesn't contain as a whole word.
fn lists<'w>(file: &str, start: &str, end: &str, words: impl IntoIterator<Item = &'w str>) {
    let part = part(file, start, end);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let found: Vec<_> = part.split(|c| !is_word(c)).collect();
    let missing: Vec<_> = words
        .into_iter()
        .filter(|word| !found.contains(word))
        .collect();
    assert!(
        missing.is_empty(),
        "{file}: {missing:?} not listed in: {part}"
    );
}

/// Fails for each word that the file doesn't contain.
fn whole_file_lists<'w>(file: &str, words: impl IntoIterator<Item = &'w str>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let missing: Vec<_> = words
        .into_iter()
        .filter(|word| !text.contains(word))
        .collect();
    assert!(missing.is_empty(), "{file}: {missing:?} not listed");
}

#[test]
fn every_environment_variable_is_documented() {
    let variables = || Config::ENVIRONMENT.iter().map(|(_, variable)| *variable);
    let header = "include/calltransfer/calltransfer.h";
    let function = "calltransfer_config_use_environment(calltransfer_config";
    lists(
        header,
        "Read the settings that aren't set from the environment",
        function,
        variables(),
    );
    lists(
        "core/src/config/mod.rs",
        "Reads the configuration from the environment",
        "pub fn from_env",
        variables(),
    );
    whole_file_lists("docs/options.md", variables());
}

#[test]
fn every_stage_is_documented() {
    let stages = || Stage::ALL.iter().map(|stage| stage.as_str());
    let header = "include/calltransfer/calltransfer.h";
    lists(
        header,
        "Return how far the request had come",
        "calltransfer_error_stage(",
        stages(),
    );
    let headers = "include/calltransfer/error.hpp";
    lists(
        headers,
        "How far the request had come",
        "stage() const",
        stages(),
    );
    lists(
        "python/calltransfer/errors.py",
        "stage: str | None",
        "http_status: int",
        stages(),
    );
}

#[test]
fn every_call_state_is_documented() {
    let states = || CallState::KNOWN.iter().map(CallState::as_str);
    let header = "include/calltransfer/calltransfer.h";
    lists(
        header,
        "Return the call's state",
        "calltransfer_call_state(",
        states(),
    );
    lists(
        "include/calltransfer/call.hpp",
        "copy_or_empty(calltransfer_call_id",
        "state() const",
        states(),
    );
    lists(
        "python/calltransfer/_results.py",
        "    state: str",
        "direction: str",
        states(),
    );
}

#[test]
fn every_outcome_is_documented() {
    let outcomes = || Outcome::ALL.iter().map(|outcome| outcome.as_str());
    whole_file_lists("docs/outcomes.md", outcomes());
}

#[test]
fn every_kind_of_error_is_documented() {
    let kinds = || ErrorKind::ALL.iter().map(|kind| kind.as_str());
    whole_file_lists("docs/outcomes.md", kinds());
    lists(
        "include/calltransfer/outcome.hpp",
        "enum class error_kind",
        "};",
        kinds(),
    );
}

#[test]
fn every_kind_and_cause_of_an_event_is_documented() {
    let kinds = EventKind::KINDS.iter().map(|(_, name)| *name);
    lists("docs/events.md", "### Kinds", "### Causes", kinds.clone());
    lists(
        "python/calltransfer/_events/event.py",
        "@dataclass",
        "CLASSES",
        kinds,
    );
    let causes = || Cause::ALL.iter().map(|cause| cause.as_str());
    lists("docs/events.md", "### Causes", "### Errors", causes());
    let (start, end) = ("    cause: ", "    cause_text");
    lists("python/calltransfer/_events/event.py", start, end, causes());
}
