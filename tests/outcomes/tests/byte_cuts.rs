//! The connection cut after every byte of the request and of the response: no cut may lead
//! to a false report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::collections::BTreeMap;

use calltransfer::blocking::Client;
use calltransfer_outcomes::{
    Arrival, ClientReport, Connection, Job, ScriptedServer, Step, check_invariants, config,
    reported, response_with, transfer,
};

const LOCATION: (&str, &str) = ("Location", "/v1/users/u-abc123/calls/c-new1");
const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn response_cut_after_any_byte_has_the_right_outcome() {
    let responses = [
        response_with(201, &[LOCATION], ""),
        response_with(201, &[LOCATION, JSON], r#"{"x":1}"#),
        response_with(
            403,
            &[JSON],
            r#"{"category":"forbidden","code":"call-invalid-state"}"#,
        ),
        response_with(
            503,
            &[JSON],
            r#"{"category":"unavailable","code":"call-unavailable"}"#,
        ),
        response_with(500, &[], "<h1>500</h1>"),
    ];
    let mut count = BTreeMap::new();
    for response in &responses {
        for end in [Step::Close, Step::Reset] {
            for cut in 0..=response.len() {
                let steps = vec![
                    Step::ReadRequest,
                    Step::Send(response[..cut].to_vec()),
                    end.clone(),
                ];
                check(
                    steps,
                    &format!("response cut after {cut} bytes by {end:?}"),
                    &end,
                    &mut count,
                );
            }
        }
    }
    println!(
        "responses cut: {count:?}, {} in all",
        count.values().sum::<u32>()
    );
}

#[test]
fn request_cut_after_any_byte_is_never_reported_as_made() {
    let whole = one(vec![
        Step::ReadRequest,
        Step::Send(response_with(201, &[LOCATION], "")),
    ])
    .1;
    let length = whole[0].head.len() + whole[0].body.len();
    let mut count = BTreeMap::new();
    for end in [Step::Close, Step::Reset] {
        for cut in 0..=length {
            let steps = vec![Step::ReadBytes(cut), end.clone()];
            check(
                steps,
                &format!("request cut after {cut} bytes by {end:?}"),
                &end,
                &mut count,
            );
        }
    }
    println!(
        "requests cut: {count:?}, {} in all",
        count.values().sum::<u32>()
    );
    assert_eq!(count.get("applied"), None);
}

fn check(steps: Vec<Step>, what: &str, end: &Step, count: &mut BTreeMap<String, u32>) {
    let (reported, mut arrivals) = one(steps);
    // A reset may overtake what was sent before it, so a clear response may not have been read.
    if matches!(end, Step::Reset) && reported.outcome == "unknown" {
        arrivals
            .iter_mut()
            .for_each(|arrival| arrival.response.clear());
    }
    check_invariants(&reported, &arrivals)
        .unwrap_or_else(|invariant| panic!("{what}: {invariant}\n{reported:?}\n{arrivals:?}"));
    *count.entry(reported.outcome).or_default() += 1;
}

fn one(steps: Vec<Step>) -> (ClientReport, Vec<Arrival>) {
    let server = ScriptedServer::start(vec![Connection(steps)]);
    let job = Job {
        max_retries: 0,
        ..Job::at(&server)
    };
    let reported = reported(Client::new(config(&job)).transfer(transfer()));
    (reported, server.finish())
}
