//! Every state with every request, and the result of each.

use calltransfer_sandbox::{CallState, Cause, Direction, EventKind, Sandbox};
use serde_json::json;

use crate::client::{
    CALL, CALLS, Client, OWNED, authorization, call_path, get, post, sandbox, sandbox_with, update,
};

/// A call in a state: `c-call123` for `in`, a created one for `out`.
fn call_in(direction: Direction, state: CallState) -> (Sandbox, String) {
    if direction == Direction::In {
        return (sandbox_with(state), CALL.to_owned());
    }
    let sandbox = sandbox();
    let id = post(
        &sandbox,
        CALLS,
        &json!({"from": OWNED, "to": "+18382947878"}),
    )
    .new_id();
    if state == CallState::Active || state == CallState::Transferring {
        sandbox.answer(&id).unwrap();
    }
    if state == CallState::Transferring {
        post(
            &sandbox,
            &call_path(&id),
            &json!({"state": "transferring", "transferTo": "+12"}),
        );
    }
    if state == CallState::Completed {
        sandbox.hang_up(&id).unwrap();
    }
    assert_eq!(sandbox.call(&id).unwrap().state, state);
    (sandbox, id)
}

/// The result of each request in each state: answer, hang up, reject, transfer, record.
type Row = (Direction, CallState, [Option<CallState>; 5]);

const BAD: Option<CallState> = None;

#[rustfmt::skip]
fn table() -> [Row; 9] {
    use CallState::{Active, Completed, Rejected, Started, Transferring};
    use Direction::{In, Out};
    [
        //                     active        completed        rejected        transferring        recording
        (In, Started,         [Some(Active), Some(Completed), Some(Rejected), BAD,                Some(Started)]),
        (In, Active,          [BAD,          Some(Completed), BAD,            Some(Transferring), Some(Active)]),
        (In, Transferring,    [BAD,          Some(Completed), BAD,            BAD,                Some(Transferring)]),
        (In, Completed,       [BAD,          BAD,             BAD,            BAD,                BAD]),
        (In, Rejected,        [BAD,          BAD,             BAD,            BAD,                BAD]),
        (Out, Started,        [BAD,          Some(Completed), BAD,            BAD,                Some(Started)]),
        (Out, Active,         [BAD,          Some(Completed), BAD,            Some(Transferring), Some(Active)]),
        (Out, Transferring,   [BAD,          Some(Completed), BAD,            BAD,                Some(Transferring)]),
        (Out, Completed,      [BAD,          BAD,             BAD,            BAD,                BAD]),
    ]
}

#[test]
fn update_is_accepted_or_refused_by_state() {
    use CallState::{Active, Transferring};

    let updates = [
        json!({"state": "active"}),
        json!({"state": "completed"}),
        json!({"state": "rejected"}),
        json!({"state": "transferring", "transferTo": "+18382947878"}),
        json!({"recordingEnabled": true}),
    ];
    for (direction, before, row) in table() {
        for (body, after) in updates.iter().zip(row) {
            let (sandbox, id) = call_in(direction, before);
            let calls = sandbox.calls().len();
            let reply = post(&sandbox, &call_path(&id), body);
            let what = format!("{} {before}: {body}", direction.as_str());
            let call = sandbox.call(&id).unwrap();
            match after {
                Some(after) => {
                    let leg = after == Transferring && before == Active;
                    assert_eq!(reply.status, if leg { 201 } else { 200 }, "{what}");
                    assert_eq!(reply.header("location").is_some(), leg, "{what}");
                    assert!(reply.body.is_empty(), "{what}");
                    assert_eq!(call.state, after, "{what}");
                    assert_eq!(sandbox.calls().len(), calls + usize::from(leg), "{what}");
                    let records = body.get("recordingEnabled").is_some();
                    assert_eq!(call.recording_enabled, records, "{what}");
                }
                None => {
                    let refusal = (403, "forbidden".into(), "call-invalid-state".into());
                    assert_eq!(reply.refusal(), refusal, "{what}");
                    assert_eq!(call.state, before, "{what}");
                    assert!(!call.recording_enabled, "{what}");
                    assert_eq!(sandbox.calls().len(), calls, "{what}");
                }
            }
        }
    }
}

#[test]
fn documentation_has_the_same_table() {
    let page = include_str!("../../../docs/sandbox/README.md");
    for (direction, state, row) in table() {
        let word = match direction {
            Direction::In => "incoming",
            Direction::Out => "outbound",
        };
        let mut rows = page.lines().filter_map(|line| {
            let (first, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
            let other_way = first.contains(", incoming") || first.contains(", outbound");
            let fits =
                first.contains(&format!("`{state}`")) && (!other_way || first.ends_with(word));
            let cells: Vec<&str> = rest.trim_end_matches(" |").split(" | ").collect();
            (fits && cells.len() == row.len()).then_some(cells)
        });
        let shown = row.map(|after| match after {
            None => "403".to_owned(),
            Some(after) if after == state => "yes".to_owned(),
            Some(after) => format!("→ `{after}`"),
        });
        assert_eq!(rows.next().unwrap(), shown, "{word} {state}");
        assert!(rows.next().is_none(), "{word} {state} stands there twice");
    }
}

#[test]
fn every_state_can_be_read_and_reading_changes_nothing() {
    for (direction, state, _) in table() {
        let (sandbox, id) = call_in(direction, state);
        let before = sandbox.calls();
        for resource in ["", "/events", "/recordings", "/transcriptions"] {
            let path = format!("{}{resource}", call_path(&id));
            assert_eq!(get(&sandbox, &path).status, 200, "{state} {resource}");
            for method in ["PUT", "PATCH", "DELETE"] {
                let reply = Client::new(&sandbox).send(method, &path, &authorization(), "");
                assert_eq!(reply.status, 405, "{method} {state} {resource}");
            }
        }
        let read = get(&sandbox, &call_path(&id)).json();
        assert_eq!(read["state"], state.as_str());
        assert_eq!(read["direction"], direction.as_str());
        assert_eq!(sandbox.calls(), before, "{state}");
    }
}

#[test]
fn other_party_answers_and_hangs_up() {
    for (direction, state, [_, hang_up, ..]) in table() {
        let rings = (direction, state) == (Direction::Out, CallState::Started);
        let (sandbox, id) = call_in(direction, state);
        assert_eq!(sandbox.answer(&id).is_ok(), rings, "{direction:?} {state}");
        let (sandbox, id) = call_in(direction, state);
        let lasts = hang_up.is_some();
        assert_eq!(sandbox.hang_up(&id).is_ok(), lasts, "{direction:?} {state}");
        let after = if lasts { CallState::Completed } else { state };
        assert_eq!(sandbox.call(&id).unwrap().state, after);
    }
}

#[test]
fn call_that_is_not_active_cannot_be_transferred() {
    let sandbox = sandbox_with(CallState::Started);
    let reply = update(
        &sandbox,
        &json!({"state": "transferring", "transferTo": "+12"}),
    );
    assert_eq!(reply.refusal().0, 403);
    let details = &reply.json()["details"];
    assert_eq!(details[0], json!({"name": "callId", "value": CALL}));
    assert_eq!(details[1], json!({"name": "state", "value": "started"}));
}

#[test]
fn second_transfer_of_the_same_call_is_refused() {
    let sandbox = sandbox();
    let body = json!({"state": "transferring", "transferTo": "+18382947878"});
    assert_eq!(update(&sandbox, &body).status, 201);
    let second = update(&sandbox, &body).refusal();
    assert_eq!(
        second,
        (403, "forbidden".into(), "call-invalid-state".into())
    );
    assert_eq!(sandbox.calls().len(), 2);
}

#[test]
fn unknown_call_is_not_found() {
    let sandbox = sandbox();
    for body in [
        json!({"state": "completed"}),
        json!({"state": "transferring", "transferTo": "x"}),
    ] {
        let reply = post(&sandbox, &call_path("c-nowhere"), &body);
        assert_eq!(
            reply.refusal(),
            (404, "not-found".into(), "call-not-found".into())
        );
        assert_eq!(reply.json()["details"][0]["value"], "c-nowhere");
    }
}

fn last_cause(sandbox: &Sandbox, id: &str) -> Cause {
    match sandbox.call(id).unwrap().events.last().unwrap().kind {
        EventKind::Hangup(cause) => cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rejected_call_sends_hangup_with_state_completed() {
    let sandbox = sandbox_with(CallState::Started);
    update(&sandbox, &json!({"state": "rejected"}));
    let call = sandbox.call(CALL).unwrap();
    assert_eq!(call.state, CallState::Rejected);
    assert_eq!(last_cause(&sandbox, CALL), Cause::CallRejected);
    assert_eq!(call.events.last().unwrap().call_state, CallState::Completed);
    assert!(call.end_time.is_some() && call.active_time.is_none());
}

#[test]
fn hang_up_has_the_cause_that_fits_the_state() {
    let (sandbox, id) = call_in(Direction::Out, CallState::Started);
    post(&sandbox, &call_path(&id), &json!({"state": "completed"}));
    assert_eq!(last_cause(&sandbox, &id), Cause::OriginatorCancel);

    let (sandbox, id) = call_in(Direction::Out, CallState::Started);
    sandbox.hang_up(&id).unwrap();
    assert_eq!(last_cause(&sandbox, &id), Cause::CallRejected);

    let (sandbox, id) = call_in(Direction::In, CallState::Started);
    sandbox.hang_up(&id).unwrap();
    assert_eq!(last_cause(&sandbox, &id), Cause::OriginatorCancel);

    let (sandbox, id) = call_in(Direction::In, CallState::Active);
    update(&sandbox, &json!({"state": "completed"}));
    assert_eq!(last_cause(&sandbox, &id), Cause::NormalClearing);
}

#[test]
fn hang_up_ends_every_connected_leg() {
    let to = |number: &str| json!({"state": "transferring", "transferTo": number});
    for ends in 0..3 {
        let sandbox = sandbox();
        let second = update(&sandbox, &to("+12")).new_id();
        let third = post(&sandbox, &call_path(&second), &to("+13")).new_id();
        let ids = [CALL.to_owned(), second, third];
        sandbox.hang_up(&ids[ends]).unwrap();
        for id in &ids {
            assert_eq!(sandbox.call(id).unwrap().state, CallState::Completed);
            assert_eq!(last_cause(&sandbox, id), Cause::NormalClearing);
        }
    }
}

#[test]
fn recording_can_be_switched_on_and_off_again() {
    let sandbox = sandbox();
    let on = json!({"recordingEnabled": true, "recordingFileFormat": "mp3"});
    assert_eq!(update(&sandbox, &on).status, 200);
    let call = sandbox.call(CALL).unwrap();
    assert!(call.recording_enabled);
    assert_eq!(call.recording_file_format, "mp3");
    assert_eq!(
        update(&sandbox, &json!({"recordingEnabled": false})).status,
        200
    );
    assert!(!sandbox.call(CALL).unwrap().recording_enabled);
}
