//! Creating, reading and listing calls.

use calltransfer_sandbox::{CallState, Sandbox};
use serde_json::{Value, json};

use crate::client::{
    CALL, CALLER, CALLS, OWNED, call_path, get, post, sandbox, sandbox_with, update,
};

fn ids(sandbox: &Sandbox, query: &str) -> Vec<String> {
    let calls = get(sandbox, &format!("{CALLS}{query}")).json();
    let calls = calls.as_array().unwrap().iter();
    calls
        .map(|call| call["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn call_is_read_with_its_documented_fields() {
    let sandbox = sandbox();
    let reply = get(&sandbox, &call_path(CALL));
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let mut call = reply.json();
    for time in ["startTime", "activeTime"] {
        let time = call.as_object_mut().unwrap().remove(time).unwrap();
        let time = time.as_str().unwrap();
        assert_eq!((time.len(), &time[10..11], &time[23..]), (24, "T", "Z"));
    }
    let url = format!("http://sandbox.localhost{CALLS}/{CALL}");
    let expected = json!({
        "id": CALL, "direction": "in", "from": CALLER, "to": OWNED, "state": "active",
        "recordingEnabled": false, "recordingFileFormat": "wav", "transcriptionEnabled": false,
        "events": format!("{url}/events"), "recordings": format!("{url}/recordings"),
        "transcriptions": format!("{url}/transcriptions"),
    });
    assert_eq!(call, expected);
}

#[test]
fn ended_call_has_an_end_and_a_chargeable_duration() {
    let sandbox = sandbox();
    update(&sandbox, &json!({"state": "completed"}));
    let call = get(&sandbox, &call_path(CALL)).json();
    assert_eq!(call["state"], "completed");
    assert!(call["endTime"].is_string());
    assert!(call["chargeableDuration"].as_i64().unwrap() <= 20);
}

#[test]
fn unanswered_call_has_no_active_time_and_no_charge() {
    let sandbox = sandbox_with(CallState::Rejected);
    let call = get(&sandbox, &call_path(CALL)).json();
    assert_eq!(call["state"], "rejected");
    assert_eq!(
        (&call["activeTime"], &call["chargeableDuration"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn outbound_call_keeps_its_settings() {
    let sandbox = sandbox();
    let given = json!({
        "from": OWNED, "to": "sip:user@example.com", "callTimeout": 30, "callbackUrl": "https://example.com/cb",
        "callbackHttpMethod": "get", "callbackTimeout": 1000, "fallbackUrl": "https://example.com/fb",
        "recordingEnabled": true, "recordingFileFormat": "mp3", "recordingMaxDuration": 60, "tag": "mine",
        "sipHeaders": {"X-A": "b"},
    });
    let reply = post(&sandbox, CALLS, &given);
    assert_eq!(reply.status, 201);
    assert!(reply.body.is_empty());
    let call = get(&sandbox, &call_path(&reply.new_id())).json();
    for (name, value) in given.as_object().unwrap() {
        assert_eq!(&call[name], value, "{name}");
    }
    assert_eq!(
        (&call["state"], &call["direction"]),
        (&json!("started"), &json!("out"))
    );
}

#[test]
fn unknown_call_can_be_read_nowhere() {
    let sandbox = sandbox();
    for tail in ["", "/events", "/recordings", "/transcriptions"] {
        let reply = get(&sandbox, &format!("{}{tail}", call_path("c-nowhere")));
        assert_eq!(
            reply.refusal(),
            (404, "not-found".into(), "call-not-found".into())
        );
    }
}

#[test]
fn recordings_and_transcriptions_are_empty_lists() {
    let sandbox = sandbox();
    for tail in ["recordings", "transcriptions"] {
        let reply = get(&sandbox, &format!("{}/{tail}", call_path(CALL)));
        assert_eq!((reply.status, reply.json()), (200, json!([])));
    }
}

#[test]
fn events_are_listed_with_the_fields_of_their_callbacks() {
    let sandbox = sandbox();
    update(&sandbox, &json!({"state": "completed"}));
    let events = get(&sandbox, &format!("{}/events", call_path(CALL))).json();
    let events = events.as_array().unwrap();
    let reported: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event["eventType"].as_str().unwrap(),
                event["callState"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        reported,
        [
            ("incomingcall", "started"),
            ("answer", "active"),
            ("hangup", "completed")
        ]
    );
    assert_eq!(events[2]["cause"], "NORMAL_CLEARING");
    for event in events {
        assert_eq!(event["callId"], CALL);
        assert_eq!(
            event["callUri"],
            format!("http://sandbox.localhost{CALLS}/{CALL}")
        );
        assert_eq!(
            (&event["from"], &event["to"]),
            (&json!(CALLER), &json!(OWNED))
        );
        assert_eq!(event["name"], event["eventType"]);
        assert!(event["time"].is_string() && event["id"].is_string());
    }
}

#[test]
fn calls_are_listed_newest_first_in_pages() {
    let sandbox = sandbox();
    let made: Vec<_> = (0..26)
        .map(|n| {
            post(
                &sandbox,
                CALLS,
                &json!({"from": OWNED, "to": format!("+1{n:03}")}),
            )
            .new_id()
        })
        .collect();
    let first = ids(&sandbox, "");
    assert_eq!(first.len(), 25);
    assert_eq!(first[0], made[25]);
    assert_eq!(ids(&sandbox, "?page=1"), [&made[0], CALL]);
    assert_eq!(ids(&sandbox, "?page=2"), [""; 0]);
    assert_eq!(ids(&sandbox, "?size=2&sortOrder=asc"), [CALL, &made[0]]);
    assert_eq!(ids(&sandbox, "?to=%2B1007"), [made[7].as_str()]);
    assert_eq!(
        ids(&sandbox, &format!("?from=%2B{}&colour=red", &CALLER[1..])),
        [CALL]
    );
}

#[test]
fn each_page_links_to_the_others() {
    let sandbox = sandbox();
    for n in 0..4 {
        let body = json!({"from": OWNED, "to": format!("+1{n:03}")});
        post(&sandbox, CALLS, &body).new_id();
    }
    let from = format!("from=%2B{}", &OWNED[1..]);
    let link = |page: usize, word: &str| {
        let path = format!("http://sandbox.localhost{CALLS}?page={page}&size=2&{from}");
        format!("<{path}>; rel=\"{word}\"")
    };
    for (page, words) in [
        (0, vec![(0, "first"), (1, "next"), (1, "last")]),
        (1, vec![(0, "first"), (0, "previous"), (1, "last")]),
    ] {
        let reply = get(&sandbox, &format!("{CALLS}?{from}&size=2&page={page}"));
        let links: Vec<_> = words.iter().map(|(page, word)| link(*page, word)).collect();
        assert_eq!(reply.header("link"), Some(links.join(", ").as_str()));
    }
}

#[test]
fn invalid_page_is_refused() {
    let sandbox = sandbox();
    for (query, field) in [
        ("page=-1", "page"),
        ("size=0", "size"),
        ("size=1001", "size"),
        ("sortOrder=up", "sortOrder"),
    ] {
        let reply = get(&sandbox, &format!("{CALLS}?{query}"));
        assert_eq!(
            reply.refusal(),
            (400, "bad-request".into(), "validation-error".into())
        );
        assert_eq!(reply.json()["details"][0]["name"], field);
    }
    assert_eq!(ids(&sandbox, "?page=18446744073709551615"), [""; 0]);
}

#[test]
fn one_event_can_be_read_by_its_id() {
    let sandbox = sandbox();
    let events = format!("{}/events", call_path(CALL));
    let listed = get(&sandbox, &events).json();
    for event in listed.as_array().unwrap() {
        let id = event["id"].as_str().unwrap();
        let shown = get(&sandbox, &format!("{events}/{id}"));
        assert_eq!((shown.status, &shown.json()), (200, event));
    }
    let missing = get(&sandbox, &format!("{events}/ce-none"));
    assert_eq!(
        missing.refusal(),
        (404, "not-found".into(), "event-not-found".into())
    );
}
