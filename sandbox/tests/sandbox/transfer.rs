//! The result of a transfer.

use calltransfer_sandbox::{Call, CallState, Direction, Sandbox};
use serde_json::{Value, json};

use crate::client::{CALL, CALLER, CALLS, OWNED, USER, call_path, get, post, sandbox, update};

fn transfer(sandbox: &Sandbox, mut body: Value) -> Call {
    body["state"] = json!("transferring");
    let reply = update(sandbox, &body);
    assert_eq!(
        reply.status,
        201,
        "{}",
        String::from_utf8_lossy(&reply.body)
    );
    assert!(reply.body.is_empty());
    sandbox.call(&reply.new_id()).unwrap()
}

#[test]
fn first_reference_example_shows_the_callers_number() {
    let sandbox = sandbox();
    let leg = transfer(&sandbox, json!({"transferTo": "+19192223333"}));
    assert_eq!(leg.direction, Direction::Out);
    assert_eq!(leg.state, CallState::Active);
    assert_eq!(
        (leg.from.as_str(), leg.to.as_str()),
        (CALLER, "+19192223333")
    );
    assert_eq!(leg.whisper_audio, None);
    assert_eq!(leg.diversion_treatment, None);
    assert_eq!(leg.diversion_reason, None);
}

#[test]
fn second_reference_example_is_private_with_whisper() {
    let whispers = [
        json!({"sentence": "Hello! You have an incoming call"}),
        json!({"sentence": "You have an incoming call", "gender": "female", "voice": "julie", "locale": "en"}),
    ];
    for whisper in whispers {
        let sandbox = sandbox();
        let leg = transfer(
            &sandbox,
            json!({"transferTo": "+18382947878", "transferCallerId": "private", "whisperAudio": whisper}),
        );
        assert_eq!(leg.from, "Private");
        assert_eq!(leg.whisper_audio.map(Value::Object), Some(whisper));
    }
}

#[test]
fn third_reference_example_has_its_diversion() {
    let sandbox = sandbox();
    let leg = transfer(
        &sandbox,
        json!({"transferTo": "+19195554444", "diversionTreatment": "stack", "diversionReason": "do-not-disturb"}),
    );
    assert_eq!(leg.diversion_treatment, Some("stack"));
    assert_eq!(leg.diversion_reason, Some("do-not-disturb"));
}

#[test]
fn location_is_the_url_of_the_leg_on_the_host_that_was_asked() {
    let sandbox = sandbox();
    let reply = update(
        &sandbox,
        &json!({"state": "transferring", "transferTo": "+12"}),
    );
    let location = reply.header("location").unwrap();
    let id = location
        .strip_prefix(&format!(
            "http://sandbox.localhost/v1/users/{USER}/calls/c-"
        ))
        .unwrap();
    assert_eq!(id.len(), 26);
    assert!(
        id.bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
    );
}

#[test]
fn both_calls_of_a_transfer_know_each_other() {
    let sandbox = sandbox();
    let leg = transfer(&sandbox, json!({"transferTo": "+12"}));
    let old = sandbox.call(CALL).unwrap();
    assert_eq!(old.state, CallState::Transferring);
    assert_eq!(old.transferred_to.as_deref(), Some(leg.id.as_str()));
    assert_eq!(leg.transferred_from.as_deref(), Some(CALL));
}

#[test]
fn reason_counts_only_with_stack() {
    for (treatment, given, kept) in [
        (Some("stack"), None, Some("unknown")),
        (Some("propagate"), Some("away"), None),
        (Some("none"), Some("away"), None),
        (None, Some("away"), None),
    ] {
        let sandbox = sandbox();
        let leg = transfer(
            &sandbox,
            json!({"transferTo": "+12", "diversionTreatment": treatment, "diversionReason": given}),
        );
        assert_eq!(leg.diversion_treatment, treatment);
        assert_eq!(leg.diversion_reason, kept, "{treatment:?}");
    }
}

#[test]
fn caller_id_of_caller_or_account_is_accepted() {
    for number in [CALLER, OWNED] {
        let sandbox = sandbox();
        let leg = transfer(
            &sandbox,
            json!({"transferTo": "+12", "transferCallerId": number}),
        );
        assert_eq!(leg.from, number);
    }
}

#[test]
fn outbound_call_with_called_number_as_caller_id_is_refused() {
    let sandbox = sandbox();
    let id = post(&sandbox, CALLS, &json!({"from": OWNED, "to": CALLER})).new_id();
    sandbox.answer(&id).unwrap();
    let mut body =
        json!({"state": "transferring", "transferTo": "+12", "transferCallerId": CALLER});
    let refusal = post(&sandbox, &call_path(&id), &body);
    assert_eq!(refusal.refusal().2, "validation-error");
    assert_eq!(refusal.json()["details"][0]["name"], "transferCallerId");
    body["transferCallerId"] = json!(OWNED);
    assert_eq!(post(&sandbox, &call_path(&id), &body).status, 201);
}

#[test]
fn leg_with_first_caller_as_caller_id_is_refused() {
    let sandbox = sandbox();
    let leg = transfer(&sandbox, json!({"transferTo": "+12"}));
    assert_eq!(leg.from, CALLER);
    let mut body =
        json!({"state": "transferring", "transferTo": "+13", "transferCallerId": CALLER});
    let refusal = post(&sandbox, &call_path(&leg.id), &body).refusal();
    assert_eq!(refusal.2, "validation-error");
    body["transferCallerId"] = Value::Null;
    let next = post(&sandbox, &call_path(&leg.id), &body).new_id();
    assert_eq!(sandbox.call(&next).unwrap().from, CALLER);
}

#[test]
fn callback_url_applies_to_leg_and_recording_to_call() {
    let sandbox = sandbox();
    let url = "https://hook:s3cret@example.com/cb?a=1&b=%20";
    let leg = transfer(
        &sandbox,
        json!({"transferTo": "+12", "callbackUrl": url, "recordingEnabled": true, "recordingFileFormat": "mp3"}),
    );
    assert_eq!(leg.callback_url.as_deref(), Some(url));
    assert!(!leg.recording_enabled);
    let old = sandbox.call(CALL).unwrap();
    assert_eq!(old.callback_url, None);
    assert!(old.recording_enabled);
    assert_eq!(old.recording_file_format, "mp3");
}

#[test]
fn leg_sends_events_of_answer_and_whisper() {
    for (whisper, name) in [
        (json!({"sentence": "x", "tag": "hello"}), "speak"),
        (
            json!({"fileUrl": "https://example.com/hello.mp3", "tag": "hello"}),
            "playback",
        ),
    ] {
        let sandbox = sandbox();
        let leg = transfer(
            &sandbox,
            json!({"transferTo": "+12", "whisperAudio": whisper}),
        );
        let events = get(&sandbox, &format!("{}/events", call_path(&leg.id))).json();
        let reported: Vec<_> = events.as_array().unwrap().iter().collect();
        let names: Vec<_> = reported
            .iter()
            .map(|event| event["eventType"].clone())
            .collect();
        assert_eq!(names, ["answer", name, name]);
        assert_eq!(reported[0]["callState"], "active");
        assert_eq!(reported[1]["status"], "started");
        assert_eq!(reported[2]["status"], "done");
        assert_eq!(reported[2]["tag"], "hello");
        let spoken = (name == "speak").then_some("PLAYBACK_STOP");
        assert_eq!(reported[2]["state"], json!(spoken));
    }
}

#[test]
fn unknown_field_is_ignored_and_null_counts_as_absent() {
    let sandbox = sandbox();
    let leg = transfer(
        &sandbox,
        json!({"transferTo": "sip:user@example.com", "transferCallerId": null, "whisperAudio": null, "colour": [1]}),
    );
    assert_eq!(leg.to, "sip:user@example.com");
    assert_eq!(leg.from, CALLER);
}
