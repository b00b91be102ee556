//! The life cycle of a transfer, with a clock that the test advances.

use std::time::Duration;

use calltransfer_sandbox::{
    Call, CallState, Cause, Clock, Diversion, EventKind, IncomingCall, Line, Sandbox,
};
use serde_json::{Value, json};

use crate::client::{CALL, CALLER, CALLS, OWNED, admin, call_path, get, post, sandbox, update};

/// `c-call123` is active, and the clock is stepped.
pub(crate) fn stepped() -> Sandbox {
    let sandbox = sandbox();
    sandbox.set_clock(Clock::Stepped).unwrap();
    sandbox
}

fn transfer(sandbox: &Sandbox, mut body: Value) -> String {
    body["state"] = json!("transferring");
    let reply = update(sandbox, &body);
    assert_eq!(reply.status, 201);
    reply.new_id()
}

fn kinds(call: &Call) -> Vec<EventKind> {
    call.events.iter().map(|event| event.kind).collect()
}

pub(crate) fn names(call: &Call) -> Vec<&'static str> {
    kinds(call).iter().map(|kind| kind.as_str()).collect()
}

fn cause(call: &Call) -> Cause {
    match call.events.last().unwrap().kind {
        EventKind::Hangup(cause) => cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn leg_rings_hears_whisper_and_connects_in_time() {
    let sandbox = stepped();
    let whisper = json!({"sentence": "You have an incoming call"});
    let leg = transfer(
        &sandbox,
        json!({"transferTo": "+18382947878", "whisperAudio": whisper}),
    );
    let phases = |ms: u64| {
        sandbox.advance(Duration::from_millis(ms));
        [CALL, &leg].map(|id| sandbox.call(id).unwrap().phase())
    };
    assert_eq!(phases(0), ["transferring", "ringing"]);
    assert_eq!(phases(1_999), ["transferring", "ringing"]);
    assert_eq!(phases(1), ["transferring", "whispering"]);
    // 25 characters of 70 ms each.
    assert_eq!(phases(1_749), ["transferring", "whispering"]);
    assert_eq!(phases(1), ["connected", "connected"]);
    let call = sandbox.call(&leg).unwrap();
    assert_eq!(names(&call), ["answer", "speak", "speak"]);
    let after = |time: jiff::Timestamp| time.as_millisecond() - call.start_time.as_millisecond();
    let times: Vec<_> = call.events.iter().map(|event| after(event.time)).collect();
    assert_eq!(times, [2_000, 2_000, 3_750]);
    assert_eq!(call.connected_time.map(after), Some(3_750));
    // The caller did not hear it.
    assert_eq!(
        names(&sandbox.call(CALL).unwrap()),
        ["incomingcall", "answer"]
    );
}

#[test]
fn one_long_step_does_what_many_short_ones_do() {
    let times = |steps: &[u64]| {
        let sandbox = stepped();
        let whisper = json!({"fileUrl": "https://example.com/hello.wav"});
        let leg = transfer(
            &sandbox,
            json!({"transferTo": "+12025550103", "whisperAudio": whisper}),
        );
        for step in steps {
            sandbox.advance(Duration::from_millis(*step));
        }
        let call = sandbox.call(&leg).unwrap();
        let begun = call.start_time.as_millisecond();
        let events = call.events.iter();
        events
            .map(|event| (event.kind, event.time.as_millisecond() - begun))
            .collect::<Vec<_>>()
    };
    let long = times(&[60_000]);
    assert_eq!(long, times(&[1; 20_000]));
    // Answered at 2 s, a file of 5 s, and 10 s of talk.
    assert_eq!(long[3], (EventKind::Hangup(Cause::NormalClearing), 17_000));
}

#[test]
fn unanswered_leg_ends_alone_and_caller_can_be_transferred() {
    for (number, expected, reported) in [
        ("+12025550110", Cause::UserBusy, vec!["hangup"]),
        ("+12025550111", Cause::NoAnswer, vec!["timeout", "hangup"]),
        ("+12025550112", Cause::CallRejected, vec!["hangup"]),
        ("+12025550113", Cause::UnallocatedNumber, vec!["hangup"]),
        (
            "+12025550114",
            Cause::NormalTemporaryFailure,
            vec!["hangup"],
        ),
    ] {
        for clock in [Clock::Instant, Clock::Stepped] {
            let sandbox = sandbox();
            sandbox.set_clock(clock).unwrap();
            let leg = transfer(&sandbox, json!({"transferTo": number}));
            if clock == Clock::Stepped {
                sandbox.advance(Duration::from_secs(30));
            }
            let call = sandbox.call(&leg).unwrap();
            assert_eq!(cause(&call), expected, "{number}");
            assert_eq!(names(&call), reported, "{number}");
            assert!(call.active_time.is_none());
            assert_eq!(sandbox.call(CALL).unwrap().state, CallState::Active);
            let again = transfer(&sandbox, json!({"transferTo": "+12025550101"}));
            sandbox.advance(Duration::ZERO);
            assert_eq!(sandbox.call(&again).unwrap().phase(), "connected");
        }
    }
}

#[test]
fn caller_hang_up_while_ringing_ends_the_leg() {
    let sandbox = stepped();
    let leg = transfer(&sandbox, json!({"transferTo": "+12"}));
    sandbox.hang_up(CALL).unwrap();
    assert_eq!(cause(&sandbox.call(&leg).unwrap()), Cause::OriginatorCancel);
    assert_eq!(cause(&sandbox.call(CALL).unwrap()), Cause::NormalClearing);
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(names(&sandbox.call(&leg).unwrap()), ["hangup"]);
}

#[test]
fn hang_up_during_whisper_ends_both_and_stops_the_whisper() {
    let sandbox = stepped();
    let leg = transfer(
        &sandbox,
        json!({"transferTo": "+12", "whisperAudio": {"sentence": "hello"}}),
    );
    sandbox.advance(Duration::from_millis(2_100));
    sandbox.hang_up(&leg).unwrap();
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(
        names(&sandbox.call(&leg).unwrap()),
        ["answer", "speak", "hangup"]
    );
    assert_eq!(sandbox.call(CALL).unwrap().state, CallState::Completed);
}

#[test]
fn outbound_call_rings_until_its_timeout() {
    let sandbox = stepped();
    let id = post(
        &sandbox,
        CALLS,
        &json!({"from": OWNED, "to": "+12", "callTimeout": 5}),
    )
    .new_id();
    sandbox.advance(Duration::from_millis(4_999));
    assert_eq!(sandbox.call(&id).unwrap().state, CallState::Started);
    sandbox.advance(Duration::from_millis(1));
    let call = sandbox.call(&id).unwrap();
    assert_eq!(names(&call), ["timeout", "hangup"]);
    assert_eq!(cause(&call), Cause::NoAnswer);
}

#[test]
fn instant_clock_reaches_limits_only_when_advanced() {
    let sandbox = sandbox();
    let create = |to: &str| post(&sandbox, CALLS, &json!({"from": OWNED, "to": to})).new_id();
    let (waits, talks) = (create("+12"), create("+12025550103"));
    assert_eq!(sandbox.call(&waits).unwrap().state, CallState::Started);
    assert_eq!(sandbox.call(&talks).unwrap().state, CallState::Active);
    sandbox.advance(Duration::from_secs(31));
    assert_eq!(cause(&sandbox.call(&waits).unwrap()), Cause::NoAnswer);
    assert_eq!(cause(&sandbox.call(&talks).unwrap()), Cause::NormalClearing);
}

#[test]
fn any_number_can_be_given_a_manner() {
    let sandbox = Sandbox::builder()
        .line("+13", Line::Waits)
        .clock(Clock::Stepped)
        .start()
        .unwrap();
    let call = IncomingCall::new("+12", "+14").id("c-1");
    sandbox.place_incoming_call(call).unwrap();
    let path = "/v1/users/u-sandbox/calls/c-1";
    let headers = format!(
        "Authorization: Basic {}\r\nContent-Type: application/json\r\n",
        base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            "t-sandbox:s-sandbox"
        )
    );
    let body = json!({"state": "transferring", "transferTo": "+13"}).to_string();
    let leg = crate::client::Client::new(&sandbox)
        .send("POST", path, &headers, &body)
        .new_id();
    sandbox.advance(Duration::from_secs(29));
    assert_eq!(sandbox.call(&leg).unwrap().phase(), "ringing");
    sandbox.answer(&leg).unwrap();
    assert_eq!(sandbox.call("c-1").unwrap().phase(), "connected");
}

#[test]
fn running_clock_passes_time_by_itself() {
    let sandbox = stepped();
    let leg = transfer(&sandbox, json!({"transferTo": "+12"}));
    let body = r#"{"mode": "running", "factor": 20}"#;
    let clock = admin(&sandbox, "POST", "/_sandbox/clock", body).json();
    assert_eq!(
        (&clock["mode"], &clock["factor"]),
        (&json!("running"), &json!(20.0))
    );
    // No request is sent meanwhile: the change itself ends the wait.
    let mut reported = json!({"version": 0});
    for _ in 0..4 {
        let path = format!(
            "/_sandbox/changes?since={}&wait_ms=20000",
            reported["version"]
        );
        reported = admin(&sandbox, "GET", &path, "").json();
        let calls = reported["calls"].as_array().unwrap();
        if calls.iter().any(|call| call["phase"] == "connected") {
            break;
        }
    }
    assert_eq!(sandbox.call(&leg).unwrap().state, CallState::Active);
    let clock = admin(
        &sandbox,
        "POST",
        "/_sandbox/clock",
        r#"{"mode": "stepped"}"#,
    )
    .json();
    assert_eq!(clock["next_due"], Value::Null);
}

#[test]
fn invalid_clock_is_refused() {
    let sandbox = sandbox();
    for body in [
        r#"{"mode": "backwards"}"#,
        r#"{"mode": "running", "factor": 0}"#,
        r#"{"mode": "stepped", "factor": 2}"#,
        r#"{"factor": 2}"#,
        r#"{"advance_ms": -1}"#,
        r#"{"advance_ms": "1"}"#,
    ] {
        assert_eq!(
            admin(&sandbox, "POST", "/_sandbox/clock", body).status,
            400,
            "{body}"
        );
    }
    assert!(sandbox.set_clock(Clock::Running(-1.0)).is_err());
}

#[test]
fn diversion_headers_go_out_as_the_treatment_says() {
    let own = Diversion::new("+15550100", "no-answer");
    let header = "<sip:+15550100@sandbox.invalid>;reason=no-answer";
    let stacked = format!("<sip:{OWNED}@sandbox.invalid>;reason=away;counter=1");
    for (treatment, came_with, expected) in [
        (None, true, vec![]),
        (Some("none"), true, vec![]),
        (Some("propagate"), false, vec![]),
        (Some("propagate"), true, vec![header.to_owned()]),
        (Some("stack"), false, vec![stacked.clone()]),
        (
            Some("stack"),
            true,
            vec![stacked.clone(), header.to_owned()],
        ),
    ] {
        let sandbox = sandbox();
        let mut call = IncomingCall::new(CALLER, OWNED).id("c-2");
        if came_with {
            call = call.diversion(own.clone());
        }
        sandbox.place_incoming_call(call).unwrap();
        let body = json!({"state": "transferring", "transferTo": "+12", "diversionTreatment": treatment, "diversionReason": "away"});
        let leg = post(&sandbox, &call_path("c-2"), &body).new_id();
        let headers = sandbox.call(&leg).unwrap().diversion;
        let headers: Vec<_> = headers.iter().map(Diversion::header).collect();
        assert_eq!(headers, expected, "{treatment:?}");
    }
}

#[test]
fn incoming_diversion_is_reported_unless_private() {
    let sandbox = sandbox();
    let body = json!({
        "id": "c-2", "from": CALLER, "to": OWNED,
        "diversion": {"origTo": "+15550100", "reason": "user-busy", "counter": 2, "limit": 5, "privacy": "full", "screen": "yes"},
    });
    let reply = admin(
        &sandbox,
        "POST",
        "/_sandbox/incoming-calls",
        &body.to_string(),
    );
    assert_eq!(reply.status, 201);
    let events = get(&sandbox, &format!("{}/events", call_path("c-2"))).json();
    let expected = json!({"origTo": "Anonymous", "reason": "user-busy", "counter": 2, "limit": 5, "privacy": "full", "screen": "yes"});
    assert_eq!(events[0]["diversion"], expected);
}

#[test]
fn changes_report_what_is_new_and_which_request_caused_it() {
    let sandbox = sandbox();
    let all = admin(&sandbox, "GET", "/_sandbox/changes", "").json();
    assert_eq!(all["calls"].as_array().unwrap().len(), 1);
    let version = all["version"].as_u64().unwrap();
    let leg = transfer(&sandbox, json!({"transferTo": "+12"}));
    let new = admin(
        &sandbox,
        "GET",
        &format!("/_sandbox/changes?since={version}"),
        "",
    )
    .json();
    assert_eq!(new["calls"].as_array().unwrap().len(), 2);
    assert_eq!(new["requests"][0]["call_id"], CALL);
    assert_eq!(new["requests"][0]["new_call_id"], leg);
    let number = &new["requests"][0]["number"];
    assert_eq!(&new["calls"][1]["events"][0]["request"], number);
    let version = new["version"].as_u64().unwrap();
    let none = admin(
        &sandbox,
        "GET",
        &format!("/_sandbox/changes?since={version}"),
        "",
    )
    .json();
    assert_eq!(
        (&none["calls"], &none["requests"]),
        (&json!([]), &json!([]))
    );
}

#[test]
fn waiting_request_is_notified_of_a_change() {
    let sandbox = sandbox();
    let version = admin(&sandbox, "GET", "/_sandbox/calls", "").json()["version"].clone();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let path = format!("/_sandbox/changes?since={version}&wait_ms=20000");
            admin(&sandbox, "GET", &path, "").json()
        });
        sandbox.hang_up(CALL).unwrap();
        let reported = waiting.join().unwrap();
        assert_eq!(reported["calls"][0]["state"], "completed");
    });
}
