//! The shared vectors of limits: how long a transfer is followed, how long targets ring, and how many there are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use calltransfer::{Error, FollowUntil, Transfer, TransferToFirst};
use calltransfer_sandbox::Sandbox;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use support::vectors::{same, text, vectors};
use support::{client, place, v1, v2};

const ANSWERS: &str = "+12025550101";

fn main() {
    // No `Duration` is negative.
    let is_time = |vector: &Value| vector["seconds"].as_f64().is_none_or(|it| it >= 0.0);
    let all = vectors("limits").into_iter().filter(is_time);
    let trials = all.map(|vector| {
        let name = text(&vector["name"]).to_owned();
        let check = match text(&vector["verb"]) {
            "follow" => follow,
            _ => transfer_to_first,
        };
        Trial::test(name, move || check(&vector))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn seconds(vector: &Value) -> Option<Duration> {
    vector["seconds"].as_f64().map(Duration::from_secs_f64)
}

fn follow(vector: &Value) -> Result<(), Failed> {
    let sandbox = Sandbox::builder().start().unwrap();
    let client = client(&sandbox, v1());
    let transfer = Transfer::new(place(&sandbox), text(&vector["to"]));
    let mut follow = client.follow(&client.transfer(transfer).unwrap()).unwrap();
    let status = follow.wait(FollowUntil::Answered, seconds(vector).unwrap());
    let sent = sandbox.requests();
    let reads = sent.iter().filter(|sent| sent.method == "GET").count();
    if let Ok(status) = &status {
        let result = status.result.map(|result| result.as_str());
        same("result", result, vector["result"].as_str())?;
    }
    let expected = vector["reads"].as_u64().unwrap_or(reads as u64);
    same("reads", reads as u64, expected)?;
    refused(vector, status.err().as_ref(), reads)
}

fn transfer_to_first(vector: &Value) -> Result<(), Failed> {
    let sandbox = Sandbox::builder().start().unwrap();
    let api = text(&vector["api"]);
    let client = client(&sandbox, if api == "v1" { v1() } else { v2() });
    let count = vector["targets"].as_u64().unwrap();
    let transfer = Transfer::new(place(&sandbox), "");
    let targets = (0..count).map(|_| ANSWERS.to_owned());
    let mut first = TransferToFirst::of_list(transfer, targets);
    if let Some(ring) = seconds(vector) {
        first = first.ring(ring);
    }
    let result = client.transfer_to_first(first);
    if let Ok(result) = &result {
        same("is answered", result.answered.is_some(), true)?;
    }
    refused(vector, result.err().as_ref(), sandbox.requests().len())
}

fn refused(vector: &Value, error: Option<&Error>, requests: usize) -> Result<(), Failed> {
    let expected = &vector["refused"];
    let message = error.map(ToString::to_string);
    same("message", message.as_deref(), expected["message"].as_str())?;
    let field = error.and_then(Error::field);
    same("field", field, expected["field"].as_str())?;
    same("is sent", requests > 0, error.is_none())
}
