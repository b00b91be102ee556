//! Every value that is refused, and some that are accepted.

use calltransfer_sandbox::{CallState, Sandbox};
use serde_json::{Value, json};

use crate::client::{CALL, CALLS, OWNED, Reply, post, sandbox, update};

fn transfer_with(sandbox: &Sandbox, name: &str, value: Value) -> Reply {
    let mut body = json!({"state": "transferring", "transferTo": "+18382947878"});
    body[name] = value;
    update(sandbox, &body)
}

fn assert_refused(reply: &Reply, code: &str, field: &str) {
    let reported = (400, "bad-request".into(), code.into());
    assert_eq!(reply.refusal(), reported, "{field}");
    assert_eq!(reply.json()["details"][0]["name"], field);
}

#[test]
fn transfer_with_a_bad_value_is_refused_and_changes_nothing() {
    let sandbox = sandbox();
    for (field, value) in [
        ("transferTo", json!("")),
        ("transferTo", json!(null)),
        ("transferTo", json!("call mum")),
        ("transferTo", json!("8382947878")),
        ("transferTo", json!("+1234567890123456")),
        ("transferTo", json!("sip:user@")),
        ("transferTo", json!(18382947878_i64)),
        ("transferCallerId", json!("nobody")),
        ("transferCallerId", json!("Private")),
        ("transferCallerId", json!("+18380000000")),
        ("transferCallerId", json!("")),
        ("transferCallerId", json!(true)),
        ("recordingEnabled", json!("true")),
        ("recordingFileFormat", json!("ogg")),
        ("diversionTreatment", json!("bounce")),
        ("diversionTreatment", json!(1)),
        ("diversionReason", json!("bored")),
        ("whisperAudio", json!("hello")),
        ("whisperAudio", json!({})),
        ("whisperAudio", json!({"sentence": ""})),
        ("whisperAudio", json!({"voice": "Julie"})),
        (
            "whisperAudio",
            json!({"sentence": "x", "fileUrl": "https://example.com/a.mp3"}),
        ),
    ] {
        assert_refused(
            &transfer_with(&sandbox, field, value),
            "validation-error",
            field,
        );
    }
    assert_eq!(sandbox.calls().len(), 1);
    let call = sandbox.call(CALL).unwrap();
    assert_eq!(call.state, CallState::Active);
    assert!(!call.recording_enabled);
}

#[test]
fn transfer_without_target_is_refused() {
    let reply = update(&sandbox(), &json!({"state": "transferring"}));
    assert_refused(&reply, "validation-error", "transferTo");
}

#[test]
fn bad_whisper_is_refused_by_the_field_that_is_bad() {
    let sandbox = sandbox();
    for (field, value) in [
        ("sentence", json!("x".repeat(1001))),
        ("sentence", json!(["x"])),
        ("fileUrl", json!("hello.mp3")),
        ("fileUrl", json!(7)),
        ("gender", json!("robot")),
        ("locale", json!("xx_XX")),
        ("locale", json!("t")),
        ("voice", json!("Karen")),
        ("voice", json!(false)),
        ("loopEnabled", json!("yes")),
        ("volume", json!(5)),
        ("volume", json!(1.5)),
        ("tag", json!(1)),
    ] {
        let mut whisper = json!({"sentence": "x"});
        whisper[field] = value;
        let reply = transfer_with(&sandbox, "whisperAudio", whisper);
        assert_refused(&reply, "validation-error", &format!("whisperAudio.{field}"));
    }
    assert_eq!(sandbox.calls().len(), 1);
}

#[test]
fn every_documented_whisper_value_is_taken() {
    let mut whispers = vec![
        json!({"sentence": "é".repeat(1000)}),
        json!({"sentence": "Привет 😀 你好 é", "volume": -4, "loopEnabled": false}),
        json!({"sentence": "x", "voice": "kATRIN", "gender": "male"}),
        json!({"fileUrl": "https://example.com/hello.mp3", "sentence": null}),
    ];
    let locales = "en en_US en_UK es es_MX fr fr_FR de de_DE it it_IT";
    whispers.extend(
        locales
            .split(' ')
            .map(|it| json!({"sentence": "x", "locale": it})),
    );
    let voices = "Kate Susan Julie Dave Paul Bridget Esperanza Violeta Jorge Jolie Bernard Katrin \
                  Stefan Paola Luca";
    whispers.extend(
        voices
            .split(' ')
            .map(|it| json!({"sentence": "x", "voice": it})),
    );
    for whisper in whispers {
        let reply = transfer_with(&sandbox(), "whisperAudio", whisper.clone());
        assert_eq!(reply.status, 201, "{whisper}");
    }
}

#[test]
fn every_documented_diversion_is_taken() {
    let reasons = "unknown user-busy no-answer unavailable unconditional time-of-day do-not-disturb \
                   deflection follow-me out-of-service away";
    for reason in reasons.split(' ') {
        let body = json!({"state": "transferring", "transferTo": "+12", "diversionTreatment": "stack", "diversionReason": reason});
        assert_eq!(update(&sandbox(), &body).status, 201, "{reason}");
    }
}

#[test]
fn callback_url_that_is_not_a_web_address_has_its_own_code() {
    let sandbox = sandbox();
    for value in [
        json!("ftp://example.com/"),
        json!("example"),
        json!(""),
        json!(1),
    ] {
        let reply = transfer_with(&sandbox, "callbackUrl", value);
        assert_refused(&reply, "callback-invalid-url", "callbackUrl");
    }
}

#[test]
fn update_without_known_fields_is_refused() {
    let sandbox = sandbox();
    for body in [
        json!({}),
        json!({"state": null}),
        json!({"state": "started"}),
        json!({"state": "Active"}),
        json!({"state": 1}),
    ] {
        assert_refused(&update(&sandbox, &body), "validation-error", "state");
    }
}

#[test]
fn long_value_is_echoed_in_part() {
    let reply = transfer_with(&sandbox(), "transferTo", json!("ж".repeat(10_000)));
    let value = reply.json()["details"][0]["value"].clone();
    assert_eq!(value.as_str().unwrap().chars().count(), 200);
}

#[test]
fn outbound_call_with_a_bad_value_is_refused() {
    let sandbox = sandbox();
    for (field, value) in [
        ("from", json!("me")),
        ("from", json!(null)),
        ("to", json!("you")),
        ("to", json!(null)),
        ("callTimeout", json!("30")),
        ("callTimeout", json!(0)),
        ("callbackHttpMethod", json!("PUT")),
        ("callbackTimeout", json!(-1)),
        ("recordingEnabled", json!(1)),
        ("recordingFileFormat", json!("ogg")),
        ("recordingMaxDuration", json!(true)),
        ("tag", json!({})),
        ("sipHeaders", json!({"X-A": 1})),
        ("sipHeaders", json!([])),
    ] {
        let mut body = json!({"from": OWNED, "to": "+12"});
        body[field] = value;
        assert_refused(&post(&sandbox, CALLS, &body), "validation-error", field);
    }
    for field in ["callbackUrl", "fallbackUrl"] {
        let body = json!({"from": OWNED, "to": "+12", field: "nowhere"});
        assert_refused(&post(&sandbox, CALLS, &body), "callback-invalid-url", field);
    }
    assert_eq!(sandbox.calls().len(), 1);
}

#[test]
fn outbound_call_from_number_not_owned_is_denied() {
    let reply = post(
        &sandbox(),
        CALLS,
        &json!({"from": "+18380000000", "to": "+12"}),
    );
    let reported = (401, "authorization".into(), "number-access-denied".into());
    assert_eq!(reply.refusal(), reported);
    assert_eq!(reply.header("www-authenticate"), None);
}
