//! Requests that ask for permission before their body is sent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use calltransfer::{Client, ErrorKind, Outcome, Request, SendPermit, background};
use calltransfer_outcomes::{
    Connection, Job, ScriptedServer, config, last_response, runtime, transfer,
};

#[test]
fn refused_permit_sends_no_byte_of_the_body() {
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let client = Client::new(config(&Job::at(&server)));
    let request = Request::transfer(client.config(), transfer()).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let permit = SendPermit::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        false
    });
    let error = runtime()
        .block_on(client.execute_with(request, permit))
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(
        error.to_string(),
        "the request was not sent: its permit was refused"
    );
    assert_eq!((error.attempts(), asked.load(Ordering::Relaxed)), (1, 1));
    let arrivals = server.finish();
    assert!(arrivals.iter().all(|arrival| !arrival.complete));
}

#[test]
fn given_permit_sends_once() {
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let client = Client::new(config(&Job::at(&server)));
    let request = Request::transfer(client.config(), transfer()).unwrap();
    let done = runtime().block_on(client.execute_with(request, SendPermit::new(|| true)));
    assert_eq!(done.unwrap().attempts, 1);
    assert_eq!(server.finish().iter().filter(|one| one.complete).count(), 1);
}

#[test]
fn permitted_request_is_not_retried() {
    let limited = Connection::replying(last_response(429, &[("Retry-After", "0")], ""));
    let server = ScriptedServer::start_repeating(vec![limited]);
    let client = background::Client::new(config(&Job {
        max_retries: 3,
        ..Job::at(&server)
    }));
    let request = Request::transfer(client.config(), transfer()).unwrap();
    let (sender, receiver) = mpsc::channel();
    let done = move |result: Result<_, calltransfer::Error>| sender.send(result).unwrap();
    client
        .execute_with(request, SendPermit::new(|| true), done)
        .unwrap();
    let error = receiver.recv().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!((error.attempts(), server.finish().len()), (1, 1));
}
