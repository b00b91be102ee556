//! Random sequences of actions on calls, and the invariants that hold after each step.

use std::collections::BTreeMap;
use std::time::Duration;

use calltransfer_sandbox::{
    Call, CallState, Cause, Clock, Direction, EventKind, IncomingCall, Sandbox,
};
use proptest::prelude::*;
use serde_json::json;

use crate::client::{CALLER, CALLS, Client, OWNED, USER, authorization, call_path};

/// An action on one of the existing calls.
#[derive(Debug, Clone)]
enum Step {
    Incoming(bool),
    Create(usize),
    Update(usize, &'static str),
    Transfer(usize, usize, bool),
    Record(usize, bool),
    OtherAnswers(usize),
    OtherHangsUp(usize),
    Advance(u64),
    Clock(Clock),
}

/// An ordinary number, and test numbers of each behaviour.
const TARGETS: [&str; 9] = [
    "+18382947878",
    "+12025550101",
    "+12025550103",
    "+12025550104",
    "+12025550110",
    "+12025550111",
    "+12025550113",
    "+12025550120",
    "+12025550127",
];

fn step() -> impl Strategy<Value = Step> {
    let call = 0..8_usize;
    let target = 0..TARGETS.len();
    let state = prop::sample::select(vec!["active", "completed", "rejected"]);
    prop_oneof![
        1 => any::<bool>().prop_map(Step::Incoming),
        1 => target.clone().prop_map(Step::Create),
        1 => (call.clone(), state).prop_map(|(call, state)| Step::Update(call, state)),
        4 => (call.clone(), target, any::<bool>())
            .prop_map(|(call, target, whisper)| Step::Transfer(call, target, whisper)),
        1 => (call.clone(), any::<bool>()).prop_map(|(call, on)| Step::Record(call, on)),
        1 => call.clone().prop_map(Step::OtherAnswers),
        1 => call.prop_map(Step::OtherHangsUp),
        2 => (0..40_000_u64).prop_map(Step::Advance),
        1 => prop::sample::select(vec![Clock::Instant, Clock::Stepped]).prop_map(Step::Clock),
    ]
}

/// Whether an update is accepted in this state: the table of docs/sandbox/README.md.
fn is_taken(call: &Call, asked: &str) -> bool {
    let rings_in = call.state == CallState::Started && call.direction == Direction::In;
    match asked {
        "active" | "rejected" => rings_in,
        "transferring" => call.state == CallState::Active,
        _ => !call.state.is_ended(),
    }
}

/// The invariants of a call.
fn check(call: &Call, all: &BTreeMap<String, Call>) {
    let ended = call.state.is_ended();
    let hangups = call
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Hangup(_)))
        .count();
    assert_eq!(hangups, usize::from(ended), "{call:?}");
    assert_eq!(call.end_time.is_some(), ended, "{call:?}");
    if ended {
        let last = call.events.last().map(|event| event.kind);
        assert!(matches!(last, Some(EventKind::Hangup(_))), "{call:?}");
        assert!(
            call.recordings.iter().all(|it| it.end_time.is_some()),
            "{call:?}"
        );
    }
    let answers = call
        .events
        .iter()
        .filter(|event| event.kind == EventKind::Answer);
    assert_eq!(
        answers.count(),
        usize::from(call.active_time.is_some()),
        "{call:?}"
    );
    let times: Vec<_> = call.events.iter().map(|event| event.time).collect();
    assert!(times.is_sorted(), "{call:?}");
    let running = call
        .recordings
        .iter()
        .filter(|it| it.end_time.is_none())
        .count();
    assert!(running <= 1, "{call:?}");
    let talks = matches!(call.state, CallState::Active | CallState::Transferring);
    assert_eq!(running == 1, talks && call.recording_enabled, "{call:?}");
    if call.state == CallState::Transferring {
        let leg = call.transferred_to.as_ref().map(|id| &all[id]);
        assert!(leg.is_some_and(|leg| !leg.state.is_ended()), "{call:?}");
    }
    if let Some(from) = &call.transferred_from
        && !ended
    {
        // A leg in progress has a caller at the other end.
        assert_eq!(all[from].state, CallState::Transferring, "{call:?}");
        assert_eq!(all[from].transferred_to.as_ref(), Some(&call.id));
    }
    if call
        .events
        .iter()
        .any(|event| event.kind == EventKind::Timeout)
    {
        let last = call.events.last().map(|event| event.kind);
        assert_eq!(last, Some(EventKind::Hangup(Cause::NoAnswer)), "{call:?}");
    }
}

fn run(steps: &[Step]) {
    let sandbox = Sandbox::builder()
        .user(USER, "t-token", "s-secret")
        .owned_number(OWNED)
        .start()
        .unwrap();
    let mut client = Client::new(&sandbox);
    let headers = format!("{}Content-Type: application/json\r\n", authorization());
    for step in steps {
        let before = sandbox.calls();
        // Actions on the newest calls are the most likely to be possible.
        let pick = |index: usize| before.iter().rev().nth(index % before.len().max(1));
        let mut update = |call: &Call, asked: &str, body: serde_json::Value| {
            let reply = client.send("POST", &call_path(&call.id), &headers, &body.to_string());
            if !is_taken(call, asked) {
                assert_eq!(
                    reply.refusal(),
                    (403, "forbidden".into(), "call-invalid-state".into()),
                    "{step:?} {call:?}"
                );
                assert_eq!(sandbox.call(&call.id).as_ref(), Some(call), "{step:?}");
                return None;
            }
            Some(reply)
        };
        match step {
            Step::Incoming(rings) => {
                let state = if *rings {
                    CallState::Started
                } else {
                    CallState::Active
                };
                let call = IncomingCall::new(CALLER, OWNED).state(state);
                sandbox.place_incoming_call(call).unwrap();
            }
            Step::Create(target) => {
                let body = json!({"from": OWNED, "to": TARGETS[*target]}).to_string();
                let reply = client.send("POST", CALLS, &headers, &body);
                assert_eq!(reply.status == 201, *target < 7, "{step:?}");
            }
            Step::Update(index, state) => {
                if let Some(call) = pick(*index)
                    && let Some(reply) = update(call, state, json!({"state": state}))
                {
                    assert_eq!(reply.status, 200, "{step:?} {call:?}");
                }
            }
            Step::Transfer(index, target, whispers) => {
                let mut body = json!({"state": "transferring", "transferTo": TARGETS[*target]});
                if *whispers {
                    body["whisperAudio"] = json!({"sentence": "hello"});
                }
                if let Some(call) = pick(*index)
                    && let Some(reply) = update(call, "transferring", body)
                {
                    let expected = [201, 201, 201, 201, 201, 201, 201, 403, 503][*target];
                    assert_eq!(reply.status, expected, "{step:?} {call:?}");
                    let made = sandbox.calls().len() - before.len();
                    assert_eq!(made == 1, *target != 7, "{step:?}");
                }
            }
            Step::Record(index, on) => {
                if let Some(call) = pick(*index)
                    && let Some(reply) = update(call, "record", json!({"recordingEnabled": on}))
                {
                    assert_eq!(reply.status, 200, "{step:?} {call:?}");
                }
            }
            Step::OtherAnswers(index) => {
                if let Some(call) = pick(*index) {
                    let rings =
                        call.state == CallState::Started && call.direction == Direction::Out;
                    assert_eq!(sandbox.answer(&call.id).is_ok(), rings, "{step:?} {call:?}");
                }
            }
            Step::OtherHangsUp(index) => {
                if let Some(call) = pick(*index) {
                    let lasts = !call.state.is_ended();
                    assert_eq!(
                        sandbox.hang_up(&call.id).is_ok(),
                        lasts,
                        "{step:?} {call:?}"
                    );
                }
            }
            Step::Advance(ms) => sandbox.advance(Duration::from_millis(*ms)),
            Step::Clock(clock) => sandbox.set_clock(*clock).unwrap(),
        }
        let after = sandbox.calls();
        let all: BTreeMap<String, Call> = after
            .iter()
            .map(|call| (call.id.clone(), call.clone()))
            .collect();
        for call in &after {
            check(call, &all);
        }
        for old in &before {
            let new = &all[&old.id];
            assert!(
                !old.state.is_ended() || new == old,
                "an ended call changed: {old:?} {new:?}"
            );
            assert_eq!(
                new.events[..old.events.len()],
                old.events,
                "history changed"
            );
        }
    }
    // All remaining calls end.
    sandbox.advance(Duration::from_secs(3_600));
    for call in sandbox.calls() {
        assert_ne!(
            (call.state, call.direction),
            (CallState::Started, Direction::Out),
            "rings for ever"
        );
        let _ = sandbox.hang_up(&call.id);
    }
    assert!(sandbox.calls().iter().all(|call| call.state.is_ended()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_requests_keep_the_invariants_of_calls(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        run(&steps);
    }

    #[test]
    fn body_of_random_bytes_is_refused_as_documented(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let sandbox = crate::client::sandbox();
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: localhost\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            call_path(crate::client::CALL),
            authorization(),
            body.len()
        );
        let reply = Client::new(&sandbox).raw(&[head.into_bytes(), body].concat());
        prop_assert_eq!(reply.refusal().0, 400);
    }

    #[test]
    fn random_field_value_is_accepted_or_refused(
        name in prop::sample::select(vec![
            "state", "transferTo", "transferCallerId", "callbackUrl", "recordingEnabled",
            "recordingFileFormat", "whisperAudio", "diversionTreatment", "diversionReason",
        ]),
        value in "\\PC{0,40}",
        shape in 0..5_usize,
    ) {
        let sandbox = crate::client::sandbox();
        let value = match shape {
            0 => json!(value),
            1 => json!([value]),
            2 => json!({"sentence": value}),
            3 => json!({"fileUrl": value, "voice": value}),
            _ => json!(value.len()),
        };
        let mut body = json!({"state": "transferring", "transferTo": "+18382947878"});
        body[name] = value;
        let reply = crate::client::update(&sandbox, &body);
        prop_assert!(matches!(reply.status, 200 | 201 | 400 | 403), "{}", reply.status);
        if reply.status >= 400 {
            reply.refusal();
        }
    }
}
