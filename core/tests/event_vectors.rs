//! The shared vectors of events.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use calltransfer::{ErrorKind, Event, Outcome};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Map, Value, json};

use support::vectors::{same, vectors};

fn main() {
    let trials = vectors("events").into_iter().map(|vector| {
        let name = format!("event: {}", vector["name"].as_str().unwrap());
        Trial::test(name, move || check(&vector))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn check(vector: &Value) -> Result<(), Failed> {
    let parsed = Event::parse(body(vector), vector["content_type"].as_str());
    let Some(expected) = vector["event"].as_object() else {
        let error = parsed.expect_err("refused");
        same("kind", error.kind(), ErrorKind::InvalidArgument)?;
        same("outcome", error.outcome(), Outcome::NotSent)?;
        return same("field", error.field(), vector["refused"]["field"].as_str());
    };
    let event = parsed.map_err(|error| error.to_string())?;
    let details: Map<String, Value> = event
        .details()
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    let shown = json!({
        "api": event.api.as_str(),
        "kind": event.kind.as_str(),
        "event_type": event.event_type,
        "call_id": event.call_id,
        "parent_call_id": event.parent_call_id,
        "from": event.from,
        "to": event.to,
        "time": event.time.map(|time| time.to_string()),
        "time_text": event.time_text,
        "cause": event.cause.map(|cause| cause.as_str()),
        "cause_text": event.cause_text,
        "tag": event.tag,
        "call_state": event.call_state.as_ref().map(|state| state.as_str()),
        "details": details,
    });
    for name in expected.keys() {
        same("a name of the vector", shown.get(name).is_some(), true)?;
    }
    for (name, value) in shown.as_object().unwrap() {
        same(name, value, expected.get(name).unwrap_or(&Value::Null))?;
    }
    Ok(())
}

/// The body's text, or its bytes where it is none.
fn body(vector: &Value) -> Vec<u8> {
    let Some(hex) = vector["body_hex"].as_str() else {
        return vector["body"].as_str().unwrap().into();
    };
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
