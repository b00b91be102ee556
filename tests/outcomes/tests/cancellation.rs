//! Requests that are stopped while they wait, and the threads and runtimes that clients work on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use calltransfer::{Client, ErrorKind, Outcome, Request, blocking};
use calltransfer_outcomes::{
    CALL, Connection, Job, ScriptedServer, config, last_response, runtime, transfer,
};

/// What a check returns that stops a request at its `last` turn.
fn break_after(last: u32, turns: &mut u32) -> ControlFlow<()> {
    *turns += 1;
    match *turns < last {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    }
}

#[test]
fn dropped_future_ends_the_connection() {
    let server = ScriptedServer::silent();
    let client = Client::new(config(&Job::at(&server)));
    runtime().block_on(async {
        let waiting = client.transfer(transfer());
        assert!(
            tokio::time::timeout(Duration::from_millis(200), waiting)
                .await
                .is_err()
        );
    });
    let begin = Instant::now();
    let arrivals = server.finish(); // waits for the connection's end
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(arrivals.len(), 1);
}

#[test]
fn check_that_breaks_after_the_request_is_unknown() {
    let server = ScriptedServer::silent();
    let client = blocking::Client::new(config(&Job::at(&server)));
    let mut turns = 0;
    let mut check = || break_after(5, &mut turns);
    let request = Request::transfer(client.config(), transfer()).unwrap();
    let stopped = client.execute_interruptible(request, Duration::from_millis(20), &mut check);
    let error = stopped.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::OutcomeUnknown, Outcome::Unknown)
    );
    assert_eq!((error.call_id(), error.attempts()), (Some(CALL), 1));
    assert_eq!(turns, 5);
    drop(client);
    assert_eq!(server.finish().len(), 1);
}

#[test]
fn check_that_breaks_between_attempts_is_not_applied() {
    let limited = last_response(429, &[("Retry-After", "5")], "");
    let server = ScriptedServer::start(vec![Connection::replying(limited)]);
    let client = blocking::Client::new(config(&Job::at(&server)));
    let mut turns = 0;
    let mut check = || break_after(10, &mut turns);
    let request = Request::transfer(client.config(), transfer()).unwrap();
    let stopped = client.execute_interruptible(request, Duration::from_millis(20), &mut check);
    let error = stopped.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Cancelled, Outcome::NotApplied)
    );
}

#[test]
fn blocking_client_works_inside_an_async_runtime() {
    let server = ScriptedServer::start(vec![Connection::transferring()]);
    runtime().block_on(async {
        let client = blocking::Client::new(config(&Job::at(&server)));
        assert_eq!(
            client.transfer(transfer()).unwrap().new_call_id.as_deref(),
            Some("c-new1")
        );
    });
}

#[test]
fn async_client_without_runtime_is_refused_with_advice() {
    let server = ScriptedServer::start(vec![]);
    let client = Client::new(config(&Job::at(&server)));
    let mut waiting = std::pin::pin!(client.transfer(transfer()));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = waiting.as_mut().poll(&mut context) else {
        panic!("it should be refused at once");
    };
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Configuration, Outcome::NotSent)
    );
    assert!(error.to_string().contains("blocking::Client"), "{error}");
}

#[test]
fn client_shared_by_threads_gives_each_its_own_response() {
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let client = blocking::Client::new(config(&Job::at(&server)));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|number| {
                let transfer = calltransfer::Transfer::new(format!("c-{number}"), "+18382947878");
                let client = &client;
                scope.spawn(move || client.transfer(transfer).unwrap().call_id)
            })
            .collect();
        for (number, thread) in threads.into_iter().enumerate() {
            assert_eq!(thread.join().unwrap(), format!("c-{number}"));
        }
    });
    drop(client);
    assert_eq!(
        server
            .finish()
            .iter()
            .filter(|arrival| arrival.complete)
            .count(),
        64
    );
}

#[test]
fn each_attempt_is_observed_with_its_outcome() {
    let busy = last_response(503, &[], r#"{"code":"call-unavailable"}"#);
    let server =
        ScriptedServer::start(vec![Connection::replying(busy), Connection::transferring()]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let observed = Arc::clone(&seen);
    let builder = calltransfer::Config::builder()
        .user_id("u-abc123")
        .token("t")
        .secret("s")
        .base_url(server.url())
        .on_attempt(move |attempt| observed.lock().unwrap().push(attempt.clone()));
    blocking::Client::new(builder.build().unwrap())
        .transfer(transfer())
        .unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(
        (seen[0].number, seen[0].outcome, seen[0].http_status),
        (1, Outcome::NotApplied, Some(503))
    );
    assert_eq!(
        (seen[1].number, seen[1].outcome, seen[1].kind),
        (2, Outcome::Applied, None)
    );
    let line = seen[0].to_string();
    let host = server.address();
    let begin =
        format!("transfer of c-call123 at {host}: attempt 1 not_applied (unavailable), HTTP 503, ");
    assert!(line.starts_with(&begin), "{line}");
}

#[test]
fn transfer_has_its_own_timeout() {
    let listener = ScriptedServer::full();
    let mut job = Job::at(&ScriptedServer::start(vec![]));
    job.base_url = format!("http://{}", listener.address());
    let client = blocking::Client::new(config(&job));
    let error = client
        .transfer(transfer().timeout(Duration::from_millis(200)))
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Timeout, Outcome::NotSent)
    );
    assert!(error.elapsed() < Duration::from_secs(3)); // the client's own time is 10
}

#[test]
fn connection_that_is_not_established_is_retried_in_time() {
    let listener = ScriptedServer::full();
    let mut job = Job::at(&ScriptedServer::start(vec![]));
    job.base_url = format!("http://{}", listener.address());
    job.timeout = Duration::from_millis(1500);
    let client = blocking::Client::new(config(&job));
    let error = client.transfer(transfer()).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.attempts() >= 2, "{error:?}");
}
