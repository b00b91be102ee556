//! Many transfers at once: how many are in progress, how fast they begin, and what stopping reports.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use calltransfer::background::{Client, Limits};
use calltransfer::{Config, ConfigBuilder, ErrorKind, Outcome, Transfer};
use calltransfer_outcomes::{Connection, ScriptedServer, last_response};

fn settings(server: &ScriptedServer) -> ConfigBuilder {
    Config::builder()
        .user_id("u-abc123")
        .token("t")
        .secret("s")
        .base_url(server.url())
        .max_retries(0)
        .keep_alive(false) // the server closes behind each response
}

fn client(server: &ScriptedServer) -> Client {
    Client::new(settings(server).build().unwrap())
}

fn silent() -> ScriptedServer {
    ScriptedServer::start_repeating(vec![Connection::silent()])
}

fn item(number: usize) -> Transfer {
    Transfer::new(format!("c-{number}"), "+18382947878")
}

fn limits(concurrency: usize) -> Limits {
    Limits::new(concurrency).unwrap()
}

#[test]
fn every_transfer_is_reported_under_its_number() {
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let reported: BTreeMap<_, _> = client(&server)
        .transfer_many((0..100).map(item), limits(8))
        .map(|(number, result)| (number, result.unwrap().call_id))
        .collect();
    assert_eq!(reported, (0..100).map(|n| (n, format!("c-{n}"))).collect());
    assert_eq!(
        server.finish().iter().filter(|one| one.complete).count(),
        100
    );
}

#[test]
fn failed_item_does_not_end_the_batch() {
    let words = r#"{"category":"not-found","code":"call-not-found"}"#;
    let refused = Connection::replying(last_response(404, &[], words));
    let server = ScriptedServer::start_repeating(vec![refused, Connection::transferring()]);
    let items = (0..10).map(|n| {
        if n == 4 {
            Transfer::new("c-4", "nobody")
        } else {
            item(n)
        }
    });
    let mut kinds = BTreeMap::new();
    for (_, result) in client(&server).transfer_many(items, limits(1)) {
        *kinds
            .entry(result.err().map(|e| e.kind().as_str()))
            .or_insert(0) += 1;
    }
    let expected = [
        (None, 8),
        (Some("call_not_found"), 1),
        (Some("invalid_argument"), 1),
    ];
    assert_eq!(kinds, BTreeMap::from(expected));
}

#[test]
fn concurrency_is_limited_and_stop_reports_each() {
    let server = silent();
    let (client, reported) = (client(&server), Arc::new(std::sync::Mutex::new(Vec::new())));
    let report = Arc::clone(&reported);
    let batch = client.batch(limits(3), move |number, result| {
        report.lock().unwrap().push((number, result.unwrap_err()));
    });
    for number in 0..10 {
        batch.add(number, item(number)).unwrap();
    }
    server.wait_for_requests(3);
    std::thread::sleep(Duration::from_millis(200)); // a fourth would have come
    assert_eq!(server.arrivals().len(), 3);
    assert!(!batch.has_room() && !batch.is_idle());
    batch.stop();
    while !batch.is_idle() {
        std::thread::yield_now();
    }
    let mut reported = std::mem::take(&mut *reported.lock().unwrap());
    reported.sort_by_key(|(number, _)| *number);
    let ended: Vec<_> = reported
        .iter()
        .map(|(number, error)| (*number, error.kind(), error.outcome()))
        .collect();
    let unknown = (ErrorKind::OutcomeUnknown, Outcome::Unknown);
    let not_sent = (ErrorKind::Cancelled, Outcome::NotSent);
    let expected: Vec<_> = (0..10)
        .map(|n| {
            if n < 3 {
                (n, unknown.0, unknown.1)
            } else {
                (n, not_sent.0, not_sent.1)
            }
        })
        .collect();
    assert_eq!(ended, expected);
    assert_eq!(reported[9].1.call_id(), Some("c-9"));
    let refused = batch.add(10, item(10)).unwrap_err();
    assert_eq!(refused.outcome(), Outcome::NotSent);
    assert_eq!(server.finish().len(), 3);
}

#[test]
fn items_are_read_only_when_there_is_room() {
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let endless = (0..).map(move |number| {
        count.fetch_add(1, Ordering::Relaxed);
        item(number)
    });
    let mut many = client(&server).transfer_many(endless, limits(4));
    assert_eq!(
        many.by_ref().take(20).filter(|(_, r)| r.is_ok()).count(),
        20
    );
    many.stop();
    let rest = many.count();
    let taken = taken.load(Ordering::Relaxed);
    assert_eq!(20 + rest, taken, "each is reported once");
    // Under way, waiting for its turn, and ended but not asked for yet.
    assert!(taken <= 20 + 4 + 4 + 20, "{taken}");
}

#[test]
fn rate_limit_pauses_the_whole_batch() {
    let limited = Connection::replying(last_response(429, &[("Retry-After", "1")], ""));
    let server = ScriptedServer::start_repeating(vec![limited, Connection::transferring()]);
    let begin = Instant::now();
    let outcomes: Vec<_> = client(&server)
        .transfer_many((0..3).map(item), limits(1))
        .map(|(_, result)| result.map_or_else(|e| e.kind().as_str(), |_| "applied"))
        .collect();
    assert_eq!(outcomes, ["rate_limited", "applied", "applied"]);
    assert!(begin.elapsed() >= Duration::from_secs(1));
}

#[test]
fn transfers_begin_no_faster_than_the_rate() {
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let begin = Instant::now();
    let limits = limits(8).rate(20.0).unwrap();
    assert_eq!(
        client(&server)
            .transfer_many((0..11).map(item), limits)
            .count(),
        11
    );
    assert!(begin.elapsed() >= Duration::from_millis(450)); // ten gaps, less the slack
}

#[test]
fn observer_that_panics_ends_no_batch() {
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let config = settings(&server).on_attempt(|_| panic!("on purpose"));
    let client = Client::new(config.build().unwrap());
    let kinds: Vec<_> = client
        .transfer_many((0..9).map(item), limits(2))
        .map(|(_, result)| result.unwrap_err().kind())
        .collect();
    assert_eq!(kinds, [ErrorKind::Internal; 9]);
}

#[test]
fn invalid_limits_are_refused_by_name() {
    assert_eq!(Limits::new(0).unwrap_err().field(), Some("concurrency"));
    assert_eq!(
        Limits::new(10_001).unwrap_err().field(),
        Some("concurrency")
    );
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(limits(1).rate(rate).unwrap_err().field(), Some("rate"));
    }
}
