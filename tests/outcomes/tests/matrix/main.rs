//! The outcome table, row by row, through every language, against a scripted server.
//!
//! The oracle is the server's own log: what was reported to the caller must agree with what arrived.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

mod rows;

use std::collections::BTreeMap;

use calltransfer_outcomes::CLIENTS;
use libtest_mimic::{Arguments, Trial};

use rows::Row;

fn main() {
    let arguments = Arguments::from_args();
    let rows = rows::all();
    let mut trials = Vec::new();
    for client in CLIENTS.iter().copied() {
        for row in &rows {
            let row: Row = row.clone();
            let name = format!("{}: {}", client.name, row.name);
            let trial = Trial::test(name, move || row.run(client).map_err(Into::into));
            trials.push(trial.with_ignored_flag(!client.is_here()));
        }
    }
    let missing: Vec<_> = CLIENTS
        .iter()
        .filter(|client| !client.is_here())
        .map(|client| client.name)
        .collect();
    let left_out = format!(
        "LEFT OUT, SINCE THEIR PROGRAMS ARE NOT BUILT (make test-rust builds them) - {}",
        missing.join(", ")
    );
    if !missing.is_empty() {
        // A test of this name, so that every runner shows it.
        trials.push(Trial::test(left_out.clone(), || Ok(())));
    }
    if arguments.list {
        libtest_mimic::run(&arguments, trials).exit();
    }
    let mut count = BTreeMap::new();
    for client in CLIENTS.iter().filter(|client| client.is_here()) {
        count.insert(client.name, rows.len());
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    eprintln!(
        "outcome matrix: {count:?}, {} cases in all",
        count.values().sum::<usize>()
    );
    if !missing.is_empty() {
        eprintln!("{left_out}");
    }
    conclusion.exit();
}
