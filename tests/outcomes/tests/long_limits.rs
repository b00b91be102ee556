//! Limits of the platform: reported as they were given, and waited for where there is time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use calltransfer::background::{self, Limits};
use calltransfer::{Config, ConfigBuilder, Error, ErrorKind, Outcome, Transfer, blocking};
use calltransfer_outcomes::{ScriptedServer, response_with};

const UNAVAILABLE: &str = r#"{"category":"unavailable","code":"call-unavailable"}"#;

fn settings(url: String) -> ConfigBuilder {
    let account = Config::builder().user_id("u-1").token("t").secret("s");
    account.base_url(url)
}

fn transfer(call: &str) -> Transfer {
    Transfer::new(call, "+18382947878")
}

/// The error of a transfer if every response is this one.
fn refused(status: u16, headers: &'static [(&'static str, &'static str)]) -> Error {
    let server = ScriptedServer::responding(move |_| response_with(status, headers, UNAVAILABLE));
    let client = blocking::Client::new(settings(server.url()).build().unwrap());
    client.transfer(transfer("c-1")).unwrap_err()
}

#[test]
fn limit_longer_than_the_deadline_is_reported_whole() {
    for (header, seconds) in [("90", 90), ("3600", 3600), ("172800", 172_800)] {
        let headers: &[(&str, &str)] = match header {
            "90" => &[("Retry-After", "90")],
            "3600" => &[("Retry-After", "3600")],
            _ => &[("Retry-After", "172800")],
        };
        let error = refused(429, headers);
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
        assert_eq!(error.attempts(), 1);
    }
}

#[test]
fn call_unavailable_beyond_deadline_reports_the_wait() {
    let error = refused(503, &[("Retry-After", "40")]);
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.outcome(), Outcome::NotApplied);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(40)));
    assert_eq!(error.attempts(), 1);
}

#[test]
fn call_unavailable_with_retry_after_is_sent_again_after_that() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    let server = ScriptedServer::responding(move |_| {
        let mut seen = seen.lock().unwrap();
        seen.push(Instant::now());
        match seen.len() {
            1 => response_with(503, &[("Retry-After", "3")], UNAVAILABLE),
            _ => response_with(201, &[], ""),
        }
    });
    let config = settings(server.url()).timeout(Duration::from_secs(60));
    let client = blocking::Client::new(config.build().unwrap());
    assert_eq!(client.transfer(transfer("c-1")).unwrap().attempts, 2);
    let times = times.lock().unwrap();
    assert!(times[1] - times[0] >= Duration::from_secs(3));
}

#[test]
fn batch_retry_waits_for_limit_of_another_transfer() {
    let limited_at = Arc::new(Mutex::new(None));
    let retried_at = Arc::new(Mutex::new(None));
    let (limited, retried) = (Arc::clone(&limited_at), Arc::clone(&retried_at));
    let (sender, receiver) = channel();
    let receiver = Mutex::new(receiver);
    let unavailable = Mutex::new(true);
    let server = ScriptedServer::responding(move |request| {
        if request.line().contains("c-limited") {
            let mut limited = limited.lock().unwrap();
            if limited.replace(Instant::now()).is_some() {
                return response_with(201, &[], "");
            }
            sender.send(()).unwrap();
            return response_with(429, &[("Retry-After", "5")], "");
        }
        if std::mem::take(&mut *unavailable.lock().unwrap()) {
            // Until the other has read its response.
            receiver.lock().unwrap().recv().unwrap();
            std::thread::sleep(Duration::from_secs(1));
            return response_with(503, &[], UNAVAILABLE);
        }
        retried.lock().unwrap().get_or_insert(Instant::now());
        response_with(201, &[], "")
    });
    let config = settings(server.url()).timeout(Duration::from_secs(60));
    let client = background::Client::new(config.build().unwrap());
    let items = ["c-unavailable", "c-limited"].map(transfer);
    let begin = Instant::now();
    for (_, result) in client.transfer_many(items, Limits::new(2).unwrap()) {
        result.unwrap();
    }
    assert!(limited_at.lock().unwrap().is_some());
    let retried = retried_at.lock().unwrap().unwrap();
    assert!(retried - begin >= Duration::from_secs(5));
}
