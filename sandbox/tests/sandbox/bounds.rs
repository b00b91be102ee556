//! Bounds of memory: how much is kept, and that the oldest is removed first.

use calltransfer_sandbox::{CallState, Error, IncomingCall, Line, Sandbox};
use serde_json::json;

use crate::client::{
    CALL, CALLER, CALLS, Client, OWNED, USER, authorization, call_path, get, post, sandbox, update,
};

/// An incoming call that has ended already.
fn place_ended(sandbox: &Sandbox, number: usize) {
    let call = IncomingCall::new(CALLER, OWNED).id(format!("c-{number}"));
    let call = call.state(CallState::Completed);
    sandbox.place_incoming_call(call).unwrap();
}

#[test]
fn last_ten_thousand_ended_calls_are_kept() {
    let sandbox = sandbox();
    update(&sandbox, &json!({"recordingEnabled": true}));
    let recording = sandbox.call(CALL).unwrap().recordings[0].id.clone();
    let recording = format!("/v1/users/{USER}/recordings/{recording}");
    sandbox.hang_up(CALL).unwrap();
    let lasts = IncomingCall::new(CALLER, OWNED).id("c-lasts");
    sandbox.place_incoming_call(lasts).unwrap();
    for number in 1..10_000 {
        place_ended(&sandbox, number);
    }
    assert_eq!(get(&sandbox, &recording).status, 200);
    place_ended(&sandbox, 10_000);
    assert!(sandbox.call(CALL).is_none());
    assert_eq!(get(&sandbox, &call_path(CALL)).status, 404);
    assert_eq!(get(&sandbox, &recording).status, 404);
    assert!(sandbox.call("c-1").is_some());
    // The call that is still in progress is not one of them, however old it is.
    assert_eq!(sandbox.calls().len(), 10_001);
    assert_eq!(sandbox.call("c-lasts").unwrap().state, CallState::Active);
}

#[test]
fn at_most_a_hundred_thousand_calls_are_in_progress() {
    let sandbox = sandbox();
    for _ in 1..100_000 {
        let call = IncomingCall::new(CALLER, OWNED);
        sandbox.place_incoming_call(call).unwrap();
    }
    let one_more = IncomingCall::new(CALLER, OWNED);
    let refused = sandbox.place_incoming_call(one_more);
    assert_eq!(refused, Err(Error::TooManyCalls));
    let transfer = json!({"state": "transferring", "transferTo": "+12"});
    assert_eq!(update(&sandbox, &transfer).status, 503);
    assert_eq!(sandbox.call(CALL).unwrap().state, CallState::Active);
    let create = json!({"from": OWNED, "to": "+12"});
    assert_eq!(post(&sandbox, CALLS, &create).status, 503);
    sandbox.hang_up(CALL).unwrap();
    assert_eq!(post(&sandbox, CALLS, &create).status, 201);
}

#[test]
fn events_and_recordings_of_a_call_are_limited() {
    let sandbox = sandbox();
    let mut client = Client::new(&sandbox);
    let headers = format!("{}Content-Type: application/json\r\n", authorization());
    for on in [true, false].into_iter().cycle().take(2 * 1_001) {
        let body = json!({"recordingEnabled": on}).to_string();
        let reply = client.send("POST", &call_path(CALL), &headers, &body);
        assert_eq!(reply.status, 200);
    }
    let call = sandbox.call(CALL).unwrap();
    assert_eq!((call.events.len(), call.recordings.len()), (1_000, 1_000));
}

#[test]
fn only_the_last_ten_thousand_requests_are_kept() {
    let sandbox = sandbox();
    let mut client = Client::new(&sandbox);
    for _ in 0..10_002 {
        client.send("GET", "/nowhere", "", "");
    }
    let log = sandbox.requests();
    assert_eq!(log.len(), 10_000);
    assert_eq!((log[0].number, log[9_999].number), (3, 10_002));
}

#[test]
fn of_long_requests_fewer_are_kept() {
    let sandbox = sandbox();
    let mut client = Client::new(&sandbox);
    let long = "x".repeat(60 * 1024);
    for _ in 0..1_200 {
        client.send("POST", CALLS, "", &long);
    }
    let log = sandbox.requests();
    let size: usize = log.iter().map(|request| request.body.len()).sum();
    assert!((1_000..1_120).contains(&log.len()), "{}", log.len());
    assert!(size <= 64 * 1024 * 1024, "{size}");
    assert_eq!(log.last().unwrap().number, 1_200);
}

#[test]
fn only_the_last_ten_thousand_callbacks_are_kept() {
    let sandbox = sandbox();
    for _ in 0..3_400 {
        let call = IncomingCall::new(CALLER, OWNED).callback_url("http://192.0.2.1/events");
        let call = call.state(CallState::Completed);
        sandbox.place_incoming_call(call).unwrap();
    }
    // Each call has three: incomingcall, answer, hangup.
    let callbacks = sandbox.callbacks();
    assert_eq!(callbacks.len(), 10_000);
    assert_eq!(callbacks[0].number, 201);
}

#[test]
fn only_ten_thousand_numbers_can_have_manners_of_their_own() {
    let sandbox = sandbox();
    let refused = (1_000_000..1_010_001).find_map(|number| {
        let set = sandbox.set_line(format!("+{number}"), Line::Waits);
        set.err().map(|error| (number, error))
    });
    // The 20 test numbers are among them.
    assert_eq!(refused, Some((1_009_980, Error::TooManyLines)));
    sandbox.set_line("+1000000", Line::NoAnswer).unwrap();
}
