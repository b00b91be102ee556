//! The admin interface: incoming calls, and actions of other parties.

use std::collections::BTreeSet;

use calltransfer_sandbox::{CallState, Error, IncomingCall, Sandbox};
use serde_json::{Value, json};

use crate::client::{CALL, CALLER, CALLS, OWNED, admin, post, sandbox, update};

#[test]
fn incoming_call_without_state_is_placed_active() {
    let sandbox = sandbox();
    let place = |body: Value| {
        admin(
            &sandbox,
            "POST",
            "/_sandbox/incoming-calls",
            &body.to_string(),
        )
    };
    let reply = place(json!({"from": "+12", "to": "sip:me@example.com"}));
    assert_eq!(reply.status, 201);
    let id = reply.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((id.len(), &id[..2]), (28, "c-"));
    assert_eq!(sandbox.call(&id).unwrap().state, CallState::Active);
    for state in CallState::ALL {
        let id = format!("c-{state}");
        let reply = place(json!({"from": "+12", "to": "+13", "id": id, "state": state.as_str()}));
        assert_eq!((reply.status, reply.json()), (201, json!({"id": id})));
        assert_eq!(sandbox.call(&id).unwrap().state, state);
    }
}

#[test]
fn invalid_incoming_call_is_refused() {
    let sandbox = sandbox();
    for (body, status, field) in [
        (json!({"to": "+13"}), 400, "from"),
        (json!({"from": "+12"}), 400, "to"),
        (json!({"from": "x", "to": "+13"}), 400, "from"),
        (json!({"from": "+12", "to": 1}), 400, "to"),
        (
            json!({"from": "+12", "to": "+13", "state": "asleep"}),
            400,
            "state",
        ),
        (json!({"from": "+12", "to": "+13", "id": "a/b"}), 400, "id"),
        (json!({"from": "+12", "to": "+13", "id": ".."}), 400, "id"),
        (json!({"from": "+12", "to": "+13", "id": CALL}), 409, "id"),
    ] {
        let reply = admin(
            &sandbox,
            "POST",
            "/_sandbox/incoming-calls",
            &body.to_string(),
        );
        assert_eq!(reply.status, status, "{body}");
        assert_eq!(reply.json()["details"][0]["name"], field, "{body}");
    }
    assert_eq!(sandbox.calls().len(), 1);
}

#[test]
fn placing_from_code_has_the_same_rules() {
    let sandbox = sandbox();
    let place = |call| sandbox.place_incoming_call(call).unwrap_err();
    let call = IncomingCall::new("+12", "+13");
    assert_eq!(place(call.clone().id(CALL)), Error::IdTaken(CALL.into()));
    assert_eq!(place(call.id("")), Error::InvalidId(String::new()));
    let value = "x".to_owned();
    assert_eq!(
        place(IncomingCall::new("x", "+13")),
        Error::InvalidAddress {
            field: "from",
            value
        }
    );
}

#[test]
fn the_other_party_answers_and_hangs_up() {
    let sandbox = sandbox();
    let id = post(&sandbox, CALLS, &json!({"from": OWNED, "to": "+12"})).new_id();
    let act = |what: &str| {
        admin(
            &sandbox,
            "POST",
            &format!("/_sandbox/calls/{id}/{what}"),
            "",
        )
    };
    let answered = act("answer");
    assert_eq!(
        (answered.status, &answered.json()["state"]),
        (200, &json!("active"))
    );
    assert_eq!(
        act("answer").refusal(),
        (409, "forbidden".into(), "call-invalid-state".into())
    );
    let ended = act("hang-up").json();
    assert_eq!(
        (&ended["state"], &ended["events"][1]["cause"]),
        (&json!("completed"), &json!("NORMAL_CLEARING"))
    );
    assert_eq!(act("hang-up").status, 409);
}

#[test]
fn answer_by_the_other_party_of_wrong_call_is_refused() {
    let sandbox = sandbox();
    let call = IncomingCall::new("+12", "+13")
        .id("c-rings")
        .state(CallState::Started);
    sandbox.place_incoming_call(call).unwrap();
    assert!(matches!(
        sandbox.answer("c-rings"),
        Err(Error::InvalidState { .. })
    ));
    assert_eq!(
        admin(&sandbox, "POST", "/_sandbox/calls/c-no/answer", "").status,
        404
    );
    assert_eq!(
        sandbox.hang_up("c-no"),
        Err(Error::NoSuchCall("c-no".into()))
    );
}

#[test]
fn all_calls_are_shown_with_their_legs() {
    let sandbox = sandbox();
    let whisper = json!({"sentence": "x", "voice": "julie"});
    let body = json!({"state": "transferring", "transferTo": "+12", "whisperAudio": whisper, "diversionTreatment": "stack"});
    let leg = update(&sandbox, &body).new_id();
    let shown = admin(&sandbox, "GET", "/_sandbox/calls", "").json();
    let [old, new] = &shown["calls"].as_array().unwrap()[..] else {
        panic!("{shown}");
    };
    let expect = |call: &Value, fields: Value| {
        for (name, value) in fields.as_object().unwrap() {
            assert_eq!(&call[name], value, "{name}");
        }
    };
    expect(
        old,
        json!({
            "id": CALL, "direction": "in", "from": CALLER, "to": OWNED, "state": "transferring",
            "transferred_from": null, "transferred_to": leg, "whisper_audio": null,
            "diversion_treatment": null, "diversion_reason": null,
        }),
    );
    expect(
        new,
        json!({
            "id": leg, "direction": "out", "from": CALLER, "to": "+12", "state": "active",
            "transferred_from": CALL, "transferred_to": null, "whisper_audio": whisper,
            "diversion_treatment": "stack", "diversion_reason": "unknown",
        }),
    );
    assert_eq!(new["events"].as_array().unwrap().len(), 3);
    assert_eq!(new["events"][1]["eventType"], "speak");
}

#[test]
fn health_is_reported_without_credentials() {
    assert_eq!(
        admin(&sandbox(), "GET", "/_sandbox/health", "").json(),
        json!({"status": "ok"})
    );
}

#[test]
fn admin_interface_shows_the_account() {
    let sandbox = sandbox();
    assert_eq!(
        admin(&sandbox, "GET", "/_sandbox/account", "").json(),
        json!({
            "user_id": sandbox.user_id(),
            "token": sandbox.token(),
            "secret": sandbox.secret(),
            "account_id": sandbox.account_id(),
            "client_id": sandbox.client_id(),
            "client_secret": sandbox.client_secret(),
            "username": sandbox.username(),
            "password": sandbox.password(),
            "owned_numbers": [OWNED],
        })
    );
}

#[test]
fn last_entries_of_a_list_can_be_requested() {
    let sandbox = sandbox();
    let id = sandbox
        .place_incoming_call(IncomingCall::new("+12", "+13"))
        .unwrap();
    let shown = admin(&sandbox, "GET", "/_sandbox/calls?last=1", "").json();
    assert_eq!(shown["calls"].as_array().unwrap().len(), 1);
    assert_eq!(shown["calls"][0]["id"], id);
    for path in ["/_sandbox/calls?last=9", "/_sandbox/calls"] {
        let shown = admin(&sandbox, "GET", path, "").json();
        assert_eq!(shown["calls"].as_array().unwrap().len(), 2, "{path}");
    }
    let refused = admin(&sandbox, "GET", "/_sandbox/requests?last=x", "");
    assert_eq!(refused.status, 400);
}

#[test]
fn admin_interface_responds_alike_in_process_and_over_http() {
    let sandbox = sandbox();
    for (method, path, body) in [
        ("GET", "calls?last=1", ""),
        ("GET", "nonsense", ""),
        ("DELETE", "requests", ""),
        ("POST", "incoming-calls", r#"{"from": "x"}"#),
        ("PATCH", "calls", ""),
    ] {
        let outside = admin(&sandbox, method, &format!("/_sandbox/{path}"), body);
        let within = sandbox.admin(method, path, body);
        assert_eq!(
            (within.0, within.1.into_bytes()),
            (outside.status, outside.body),
            "{method} {path}"
        );
    }
    assert_eq!(sandbox.admin("no method", "calls", "").0, 400);
}

#[test]
fn one_call_can_be_read_by_its_id() {
    let sandbox = sandbox();
    let shown = admin(&sandbox, "GET", &format!("/_sandbox/calls/{CALL}"), "");
    let all = admin(&sandbox, "GET", "/_sandbox/calls", "").json();
    assert_eq!((shown.status, shown.json()), (200, all["calls"][0].clone()));
    let missing = admin(&sandbox, "GET", "/_sandbox/calls/c-none", "");
    assert_eq!(
        (missing.status, missing.json()["code"].as_str()),
        (404, Some("call-not-found"))
    );
}

#[test]
fn number_can_behave_like_a_test_number() {
    let sandbox = sandbox();
    let set = |body: &str| admin(&sandbox, "POST", "/_sandbox/lines", body);
    let transfer = json!({"state": "transferring", "transferTo": "+18382947878"});
    assert_eq!(
        set(r#"{"number":"+18382947878","like":"+12025550123"}"#).status,
        204
    );
    assert_eq!(update(&sandbox, &transfer).refusal().2, "call-rate-limit");
    assert_eq!(
        set(r#"{"number":"+18382947878","like":"+12025550110"}"#).status,
        204
    );
    let leg = update(&sandbox, &transfer).new_id();
    assert_eq!(sandbox.call(&leg).unwrap().phase(), "ended");
    for bad in [
        "{}",
        r#"{"number":"+18382947878"}"#,
        r#"{"number":"you","like":"+12025550110"}"#,
        r#"{"number":"+18382947878","like":"busy"}"#,
    ] {
        assert_eq!(set(bad).status, 400, "{bad}");
    }
    assert_eq!(admin(&sandbox, "DELETE", "/_sandbox/lines", "").status, 204);
    let leg = update(&sandbox, &transfer).new_id();
    assert_eq!(sandbox.call(&leg).unwrap().phase(), "connected");
}

/// The `next` and the number of calls of one page.
fn page(sandbox: &Sandbox, query: &str) -> (Value, Vec<Value>) {
    let shown = admin(sandbox, "GET", &format!("/_sandbox/calls{query}"), "").json();
    let calls = shown["calls"].as_array().unwrap();
    (
        shown["next"].clone(),
        calls.iter().map(|call| call["id"].clone()).collect(),
    )
}

#[test]
fn calls_come_in_pages() {
    let sandbox = sandbox();
    let mut placed = vec![json!(CALL)];
    for _ in 0..2_100 {
        let call = IncomingCall::new("+12", "+13");
        placed.push(json!(sandbox.place_incoming_call(call).unwrap()));
    }
    let (mut next, mut calls) = page(&sandbox, "");
    assert_eq!(calls.len(), 1_000);
    while !next.is_null() {
        let (after, more) = page(&sandbox, &format!("?after={next}"));
        assert!(!more.is_empty() && more.len() <= 1_000);
        (next, calls) = (after, [calls, more].concat());
    }
    assert_eq!(calls, placed);

    let (next, few) = page(&sandbox, "?after=2&limit=3");
    assert_eq!((few.len(), next.is_null()), (3, false));
    assert_eq!(
        page(&sandbox, "?last=2"),
        (Value::Null, placed[2_099..].to_vec())
    );
    for query in ["limit=0", "limit=1001", "last=1001", "after=x"] {
        let refused = admin(&sandbox, "GET", &format!("/_sandbox/calls?{query}"), "");
        assert_eq!(refused.status, 400, "{query}");
    }
}

#[test]
fn changes_of_many_calls_come_in_parts_and_none_is_missed() {
    let sandbox = sandbox();
    let mut placed = BTreeSet::from([CALL.to_owned()]);
    for _ in 0..2_100 {
        let call = IncomingCall::new("+12", "+13");
        placed.insert(sandbox.place_incoming_call(call).unwrap());
    }
    let (mut seen, mut since) = (BTreeSet::new(), json!(0));
    loop {
        let path = format!("/_sandbox/changes?since={since}");
        let shown = admin(&sandbox, "GET", &path, "").json();
        let calls = shown["calls"].as_array().unwrap();
        if calls.is_empty() {
            break;
        }
        assert!(calls.len() <= 1_000);
        seen.extend(
            calls
                .iter()
                .map(|call| call["id"].as_str().unwrap().to_owned()),
        );
        since = shown["version"].clone();
    }
    assert_eq!(seen, placed);
}
