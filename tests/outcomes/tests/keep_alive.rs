//! The race of a request with a connection that is just being closed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::collections::HashMap;

use calltransfer::{Outcome, Transfer, blocking::Client};
use calltransfer_outcomes::{
    Connection, Job, ScriptedServer, Step, config, response_with, unknown_of,
};

/// Multiplied by the variable CALLTRANSFER_TEST_FACTOR.
const ROUNDS: usize = 40_000;

#[test]
fn server_closing_after_responses_gets_no_request_twice() {
    let (unknown, rounds) = race(true, false, ROUNDS);
    println!("keep-alive race: {rounds} transfers, 0 twice, {unknown} unknown");
}

#[test]
fn connection_that_was_closed_while_idle_is_not_used_again() {
    let (unknown, rounds) = race(true, true, ROUNDS / 20);
    println!("closed while idle: {rounds} transfers, 0 twice, {unknown} unknown");
    assert_eq!(unknown, 0);
}

#[test]
fn closing_server_without_keep_alive_leaves_nothing_unknown() {
    let (unknown, rounds) = race(false, false, ROUNDS / 10);
    println!("without kept connections: {rounds} transfers, 0 twice, {unknown} unknown");
    assert_eq!(unknown, 0);
}

/// The first sign of the end is a reset or a close behind the request, which was carried out: on a
/// connection that was idle before, this must not be taken for one that was closed while idle.
#[test]
fn request_that_was_read_is_never_not_sent() {
    let created = response_with(201, &[("Location", "/v1/users/u-abc123/calls/c-new1")], "");
    for end in [Step::Reset, Step::Close] {
        let steps = vec![
            Step::ReadRequest,
            Step::Send(created.clone()),
            Step::ReadRequest,
            end,
        ];
        let server = ScriptedServer::start_repeating(vec![Connection(steps)]);
        let mut job = Job::at(&server);
        job.max_retries = 0;
        let client = Client::new(config(&job));
        for round in 0..2_000 {
            let call_id = format!("c-{round}");
            let result = client.transfer(Transfer::new(&call_id, "+18382947878"));
            let outcome = result.map_or_else(|error| error.outcome(), |done| done.outcome());
            let expected = [Outcome::Applied, Outcome::Unknown][round % 2];
            assert_eq!(outcome, expected, "{call_id}");
        }
        drop(client);
        assert_eq!(
            server.finish().iter().filter(|one| one.complete).count(),
            2_000
        );
    }
}

/// Returns the numbers of unknown and of all transfers; panics if one was made twice or reported wrongly.
fn race(keep_alive: bool, patient: bool, rounds: usize) -> (usize, usize) {
    let factor = std::env::var("CALLTRANSFER_TEST_FACTOR").map_or(1, |text| text.parse().unwrap());
    let rounds = rounds * factor;
    let created = response_with(201, &[("Location", "/v1/users/u-abc123/calls/c-new1")], "");
    let twice = [
        Step::ReadRequest,
        Step::Send(created.clone()),
        Step::ReadRequest,
        Step::Send(created),
    ];
    let server = ScriptedServer::start_repeating(vec![Connection(twice.to_vec())]);
    let job = Job {
        keep_alive,
        ..Job::at(&server)
    };
    let client = Client::new(config(&job));
    let mut reported = HashMap::new();
    for round in 0..rounds {
        let call_id = format!("c-{round}");
        let outcome = match client.transfer(Transfer::new(&call_id, "+18382947878")) {
            Ok(done) => done.outcome().as_str(),
            Err(error) => error.outcome().as_str(),
        };
        reported.insert(call_id, outcome);
        // Patient: the server has closed the connection before the next request is made.
        while patient && round % 2 == 1 && server.open() > 0 {
            std::thread::yield_now();
        }
    }
    drop(client);
    (unknown_of(&reported, &server.finish()), rounds)
}
