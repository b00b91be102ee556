//! The rate of a run, as the server sees it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "only for tests"
)]

mod common;

use std::time::{Duration, Instant};

use calltransfer_runs::{Execution, Run, RunOptions};
use calltransfer_sandbox::{Builder, Sandbox};

use common::{Folder, builder, config_at, place_calls, rows, sent_twice};

/// Most requests of the record within any ten seconds, refused ones included.
fn most_in_ten_seconds(sandbox: &Sandbox) -> usize {
    let ms = |time: &str| -> i64 {
        let time = time.split_once('T').unwrap().1.trim_end_matches('Z');
        let mut parts = time.splitn(3, ':');
        let mut next = || parts.next().unwrap();
        let (hours, minutes, seconds): (i64, i64, f64) = (
            next().parse().unwrap(),
            next().parse().unwrap(),
            next().parse().unwrap(),
        );
        #[allow(clippy::cast_possible_truncation)]
        let ms = (seconds * 1000.0) as i64;
        (hours * 60 + minutes) * 60_000 + ms
    };
    let times: Vec<_> = sandbox.requests().iter().map(|one| ms(&one.time)).collect();
    let within = |from: usize| {
        let end = times[from] + 10_000;
        times[from..].iter().take_while(|time| **time < end).count()
    };
    (0..times.len()).map(within).max().unwrap()
}

/// Sends `number` rows with so many workers, each with a connection of its own to the ledger.
fn send(name: &str, builder: Builder, options: RunOptions, number: usize, workers: usize) -> usize {
    let (folder, sandbox) = (Folder::new(), builder.start().unwrap());
    let ids = place_calls(&sandbox, number);
    let run = Run::open(folder.file("run.db"), &config_at(sandbox.url()), options).unwrap();
    run.add(rows(&ids)).unwrap();
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| run.execute(Execution::new()).unwrap());
        }
    });
    let took: Duration = begin.elapsed();
    let summary = run.summary().unwrap();
    assert_eq!(summary.applied, number as u64, "{summary:?}");
    assert!(sent_twice(&sandbox).is_empty());
    let refused = sandbox
        .requests()
        .iter()
        .filter(|one| one.status != 201)
        .count();
    let most = most_in_ten_seconds(&sandbox);
    println!(
        "{name}, {workers} workers: {number} rows in {:.2} s, at most {most} requests in 10 s, \
         {refused} refused, rate {:?}",
        took.as_secs_f64(),
        summary.rate
    );
    most
}

#[test]
fn given_rate_is_kept_by_one_worker() {
    let options = RunOptions::new().rate(20.0);
    assert!(send("rate 20", builder(), options, 240, 1) <= 210);
}

#[test]
fn given_rate_is_kept_by_eight_workers() {
    let options = RunOptions::new().rate(20.0);
    assert!(send("rate 20", builder(), options, 240, 8) <= 210);
}

#[test]
fn limit_is_found_by_one_worker() {
    let account = builder().rate_limit(20);
    assert!(send("limit of 20 requests", account, RunOptions::new(), 200, 1) <= 210);
}

#[test]
fn limit_is_found_by_eight_workers() {
    let account = builder().rate_limit(20);
    assert!(send("limit of 20 requests", account, RunOptions::new(), 200, 8) <= 210);
}

#[test]
fn limit_of_calls_is_found_by_one_worker() {
    let account = builder().call_rate_limit(20);
    assert!(send("limit of 20 calls", account, RunOptions::new(), 400, 1) <= 210);
}
