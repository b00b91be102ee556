//! Background transfers: their completions, and what stopping does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::collections::HashSet;
use std::sync::mpsc;
use std::time::Duration;

use calltransfer::background::Client;
use calltransfer::{Config, ConfigBuilder, Error, ErrorKind, Outcome, Transfer, Transferred};
use calltransfer_outcomes::{
    CALL, Connection, Job, ScriptedServer, config, last_response, transfer,
};

#[test]
fn transfer_that_is_stopped_after_it_was_sent_is_unknown() {
    let server = ScriptedServer::silent();
    let client = Client::new(config(&Job::at(&server)));
    let (sender, receiver) = mpsc::channel();
    let ticket = client
        .transfer(transfer(), move |result| sender.send(result).unwrap())
        .unwrap();
    server.wait_for_requests(1);
    ticket.cancel();
    let error = receiver.recv().unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::OutcomeUnknown, Outcome::Unknown)
    );
    assert_eq!((error.call_id(), error.attempts()), (Some(CALL), 1));
    drop(client);
    assert_eq!(server.finish().len(), 1);
}

fn builder(server: &ScriptedServer) -> ConfigBuilder {
    Config::builder()
        .user_id("u-abc123")
        .token("t")
        .secret("s")
        .base_url(server.url())
}

/// The outcomes of this number of transfers, submitted together.
fn submitted(client: &Client, count: usize) -> Vec<Result<Transferred, Error>> {
    let (sender, receiver) = mpsc::channel();
    for _ in 0..count {
        let sender = sender.clone();
        let done = move |result| drop(sender.send(result));
        client.transfer(transfer(), done).unwrap();
    }
    receiver.iter().take(count).collect()
}

#[test]
fn transfer_without_a_turn_is_not_sent() {
    let silent = || Connection::silent();
    let server = ScriptedServer::start(vec![silent(), silent()]);
    let config = builder(&server).timeout(Duration::from_millis(500));
    let client = Client::new(config.max_connections(2).build().unwrap());
    let ended = submitted(&client, 9);
    let errors = ended.into_iter().map(Result::unwrap_err);
    let (unknown, not_sent): (Vec<_>, Vec<_>) =
        errors.partition(|error| error.outcome() == Outcome::Unknown);
    assert_eq!((unknown.len(), not_sent.len()), (2, 7));
    for error in not_sent {
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Timeout, Outcome::NotSent)
        );
        let text = "all 2 connections of the client were in use (max_connections)";
        assert!(error.to_string().contains(text), "{error}");
    }
    drop(client);
    assert_eq!(server.finish().len(), 2);
}

#[test]
fn transfer_beyond_the_rate_of_the_client_is_not_sent() {
    let server = ScriptedServer::silent();
    let config = builder(&server).timeout(Duration::from_millis(500));
    let client = Client::new(config.rate(0.001).build().unwrap());
    let mut outcomes: Vec<_> = submitted(&client, 5)
        .into_iter()
        .map(|result| result.unwrap_err().outcome().as_str())
        .collect();
    outcomes.sort_unstable();
    assert_eq!(
        outcomes,
        ["not_sent", "not_sent", "not_sent", "not_sent", "unknown"]
    );
    drop(client);
    assert_eq!(server.finish().len(), 1);
}

#[test]
fn limits_of_a_client_out_of_range_are_refused() {
    let server = ScriptedServer::silent();
    for (config, field) in [
        (builder(&server).max_connections(0), "max_connections"),
        (builder(&server).max_connections(10_001), "max_connections"),
        (builder(&server).rate(0.0), "rate"),
        (builder(&server).rate(f64::NAN), "rate"),
    ] {
        let error = config.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.field(), Some(field));
    }
    drop(server);
}

#[test]
fn transfer_that_is_stopped_between_attempts_is_not_applied() {
    let limited = last_response(429, &[("Retry-After", "5")], "");
    let server = ScriptedServer::start(vec![Connection::replying(limited)]);
    let (observed, seen) = mpsc::channel();
    let config = Config::builder()
        .user_id("u-abc123")
        .token("t")
        .secret("s")
        .base_url(server.url())
        .on_attempt(move |attempt| observed.send(attempt.number).unwrap());
    let client = Client::new(config.build().unwrap());
    let (sender, receiver) = mpsc::channel();
    let ticket = client
        .transfer(transfer(), move |result| sender.send(result).unwrap())
        .unwrap();
    assert_eq!(seen.recv().unwrap(), 1);
    ticket.cancel();
    let error = receiver.recv().unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Cancelled, Outcome::NotApplied)
    );
}

#[test]
fn cancelling_an_ended_request_changes_nothing() {
    let server = ScriptedServer::start(vec![Connection::transferring()]);
    let client = Client::new(config(&Job::at(&server)));
    let (sender, receiver) = mpsc::channel();
    let ticket = client
        .transfer(transfer(), move |result| sender.send(result).unwrap())
        .unwrap();
    assert!(receiver.recv().unwrap().is_ok());
    ticket.cancel();
    ticket.cancel();
    assert!(receiver.recv().is_err()); // reported once
}

#[test]
fn client_that_is_dropped_lets_its_transfers_end() {
    let server = ScriptedServer::start(vec![Connection::transferring()]);
    let client = Client::new(config(&Job::at(&server)));
    let (sender, receiver) = mpsc::channel();
    client
        .transfer(transfer(), move |result| sender.send(result).unwrap())
        .unwrap();
    drop(client);
    let done = receiver.recv().unwrap().unwrap();
    assert_eq!(done.new_call_id.as_deref(), Some("c-new1"));
    assert_eq!(server.finish().len(), 1); // waits for the connection's end
}

#[test]
fn argument_that_cannot_be_sent_is_reported_at_once() {
    let server = ScriptedServer::start(vec![]);
    let client = Client::new(config(&Job::at(&server)));
    let refused = client.transfer(Transfer::new(CALL, "nobody"), |_| {
        panic!("nothing was begun")
    });
    assert_eq!(refused.unwrap_err().field(), Some("to"));
    let refused = client.get_call("../other", |_| panic!("nothing was begun"));
    assert_eq!(refused.unwrap_err().field(), Some("call_id"));
    assert_eq!(server.connections(), 0);
}

#[test]
fn panicking_observer_leaves_no_request_waiting() {
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let config = Config::builder()
        .user_id("u-abc123")
        .token("t")
        .secret("s")
        .base_url(server.url())
        .on_attempt(|_| panic!("on purpose"));
    let client = Client::new(config.build().unwrap());
    for _ in 0..8 {
        let (sender, receiver) = mpsc::channel();
        client
            .transfer(transfer(), move |result| sender.send(result).unwrap())
            .unwrap();
        let error = receiver.recv().unwrap().unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Internal, Outcome::Unknown)
        );
    }
}

#[test]
fn transfers_in_progress_get_each_its_own_response() {
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let client = Client::new(config(&Job::at(&server)));
    let (sender, receiver) = mpsc::channel();
    let ids: HashSet<String> = (0..200).map(|number| format!("c-{number}")).collect();
    for id in &ids {
        let sender = sender.clone();
        client
            .transfer(Transfer::new(id, "+18382947878"), move |result| {
                sender.send(result).unwrap();
            })
            .unwrap();
    }
    drop((client, sender));
    let answered: HashSet<String> = receiver
        .into_iter()
        .map(|result| result.unwrap().call_id)
        .collect();
    assert_eq!(answered, ids);
    let complete = server.finish();
    assert_eq!(complete.iter().filter(|one| one.complete).count(), 200);
}

#[test]
fn no_signal_handler_of_the_host_runs_on_a_worker() {
    let server = ScriptedServer::start(vec![Connection::transferring()]);
    let client = Client::new(config(&Job::at(&server)));
    let (sender, receiver) = mpsc::channel();
    client
        .transfer(transfer(), move |_| {
            let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
            sender.send(status).unwrap();
        })
        .unwrap();
    let status = receiver.recv().unwrap();
    let Some(mask) = status.lines().find_map(|line| line.strip_prefix("SigBlk:")) else {
        return; // not on Linux
    };
    let mask = u64::from_str_radix(mask.trim(), 16).unwrap();
    for signal in [1, 2, 13, 14, 15, 17] {
        assert_ne!(mask & (1 << (signal - 1)), 0, "signal {signal}");
    }
    assert_eq!(mask & (1 << (11 - 1)), 0, "its own faults"); // SIGSEGV
}
