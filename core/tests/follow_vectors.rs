//! The shared vectors of followed transfers, each in several sequences.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use calltransfer::{Api, Call, CallEvent, Event, Follow, Seen};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

use support::vectors::{same, vectors};

fn main() {
    let trials = vectors("follow").into_iter().map(|vector| {
        let name = format!("follow: {}", vector["name"].as_str().unwrap());
        Trial::test(name, move || check(&vector))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn follow(vector: &Value) -> Follow {
    let api = match vector["api"].as_str() {
        Some("v1") => Api::V1,
        _ => Api::V2,
    };
    let call_id = vector["call_id"].as_str().unwrap();
    let mut follow = Follow::new(api, call_id, vector["new_call_id"].as_str()).unwrap();
    if let Some(targets) = vector["targets"].as_u64() {
        follow = follow.targets(u32::try_from(targets).unwrap());
    }
    if let Some(time) = vector["not_before"].as_str() {
        follow = follow.not_before(time.parse().unwrap());
    }
    follow
}

fn feed(follow: &mut Follow, item: &Value) -> Seen {
    let calls = |calls: &Value| {
        let calls = calls.as_array().unwrap().iter();
        calls
            .map(|call| Call::parse(follow.api(), call.clone()).unwrap())
            .collect::<Vec<_>>()
    };
    if let Some(event) = item.get("event") {
        return follow.event(&Event::parse(event.to_string(), Some("application/json")).unwrap());
    }
    if let Some(call) = item.get("call") {
        let call = Call::parse(follow.api(), call.clone()).unwrap();
        return follow.call(&call);
    }
    if let Some(list) = item.get("call_events") {
        let events = list["events"].as_array().unwrap().iter();
        let events: Vec<_> = events
            .map(|event| CallEvent::parse(event.clone()).unwrap())
            .collect();
        return follow.call_events(list["call_id"].as_str().unwrap(), &events);
    }
    let calls = calls(&item["calls"]);
    follow.listed(&calls, item["complete"].as_bool().unwrap())
}

fn check(vector: &Value) -> Result<(), Failed> {
    let items = vector["feed"].as_array().unwrap();
    let forwards: Vec<&Value> = items.iter().collect();
    let backwards: Vec<&Value> = items.iter().rev().collect();
    let twice: Vec<&Value> = items.iter().chain(items.iter().rev()).collect();
    let mut rotated = forwards.clone();
    rotated.rotate_left(usize::from(!items.is_empty()));
    for sequence in [&forwards, &backwards, &twice, &rotated] {
        let mut follow = follow(vector);
        for item in sequence {
            let seen = feed(&mut follow, item);
            same(
                "is of another call",
                seen == Seen::Other,
                vector["other"] == true || is_old(vector, item),
            )?;
        }
        same("status", &shown(&follow), &vector["status"])?;
        for item in items {
            let seen = feed(&mut follow, item);
            same("seen again", seen == Seen::New, false)?;
        }
        same("status, fed again", &shown(&follow), &vector["status"])?;
    }
    Ok(())
}

fn is_old(vector: &Value, item: &Value) -> bool {
    let (Some(limit), Some(time)) = (
        vector["not_before"].as_str(),
        item["event"]["eventTime"].as_str(),
    ) else {
        return false;
    };
    time < limit
}

fn shown(follow: &Follow) -> Value {
    let status = follow.status();
    assert!(!status.evidence.is_empty());
    json!({
        "result": status.result.map(|result| result.as_str()),
        "cause": status.cause.map(|cause| cause.as_str()),
        "cause_text": status.cause_text,
        "new_call_id": status.new_call_id,
        "answered_time": status.answered_time.map(|time| time.to_string()),
        "ended_time": status.ended_time.map(|time| time.to_string()),
        "is_ended": status.is_ended,
        "is_certainly_unanswered": status.is_certainly_unanswered,
        "caller": status.caller.as_str(),
        "has_doubt": status.doubt.is_some(),
    })
}
