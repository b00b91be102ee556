//! Transfers by documents of BXML, and the webhooks that follow.

use std::time::Duration;

use calltransfer_sandbox::{CallState, Clock, EventKind, Progress};
use serde_json::json;

use super::{
    CALL, CALLS, OURS, PARTY, get, leg, put, sandbox, send, start, transfer_to, wait_until,
};
use crate::webhook::Webhook;

#[test]
fn transfer_makes_a_leg_and_connects_it() {
    let sandbox = sandbox();
    let steps = format!(
        "<StartRecording fileFormat=\"mp3\"/>\
         <Transfer transferCallerId=\"{OURS}\" diversionTreatment=\"stack\" \
         diversionReason=\"do-not-disturb\"><PhoneNumber>{PARTY}</PhoneNumber></Transfer>"
    );
    let made = put(&sandbox, CALL, &steps);
    assert_eq!(
        (made.status, made.body.len(), made.header("location")),
        (204, 0, None)
    );
    let call = sandbox.call(CALL).unwrap();
    assert_eq!(
        (call.state, call.phase()),
        (CallState::Transferring, "connected")
    );
    assert_eq!(call.recordings[0].file_format, "mp3");
    let leg = leg(&sandbox);
    assert_eq!((leg.from.as_str(), leg.to.as_str()), (OURS, PARTY));
    let reasons: Vec<_> = leg
        .diversion
        .iter()
        .map(|one| one.reason.as_str())
        .collect();
    assert_eq!(reasons, ["do-not-disturb", "no-answer"]);
    let shown = get(&sandbox, &leg.id);
    assert_eq!(shown["parentCallId"], CALL);
    assert_eq!(
        (&shown["state"], &shown["direction"]),
        (&json!("answered"), &json!("outbound"))
    );
    let shown = get(&sandbox, CALL);
    assert_eq!(
        (&shown["state"], &shown["direction"], &shown["to"]),
        (&json!("answered"), &json!("inbound"), &json!(OURS))
    );
}

#[test]
fn new_party_hears_the_webhooks_whisper_before_connection() {
    let sandbox = start(Clock::Stepped);
    let webhook = Webhook::new();
    webhook.response(
        "/whisper",
        200,
        "<Bxml><SpeakSentence>You have an incoming call</SpeakSentence></Bxml>",
    );
    let url = &webhook.url;
    let steps = format!(
        "<Transfer transferCallerId=\"Private\"><PhoneNumber transferAnswerUrl=\"{url}/whisper\" \
         username=\"u\" password=\"p\" tag=\"t-1\">{PARTY}</PhoneNumber></Transfer>"
    );
    assert_eq!(put(&sandbox, CALL, &steps).status, 204);
    assert_eq!(leg(&sandbox).phase(), "ringing");
    sandbox.advance(Duration::from_secs(3));
    let reported = webhook.next();
    assert_eq!(reported.path, "/whisper");
    assert!(
        reported.head.contains("authorization: basic dtpw"),
        "{}",
        reported.head
    ); // u:p
    let leg_id = leg(&sandbox).id;
    for (name, value) in [
        ("eventType", "transferAnswer"),
        ("accountId", "9900000"),
        ("callId", &leg_id),
        ("parentCallId", CALL),
        ("transferCallerId", "Private"),
        ("transferTo", PARTY),
        ("tag", "t-1"),
    ] {
        assert_eq!(reported.event[name], value, "{name}");
    }
    wait_until(|| leg(&sandbox).whisper_audio.is_some());
    assert_eq!(leg(&sandbox).phase(), "whispering");
    assert_eq!(sandbox.call(CALL).unwrap().phase(), "transferring");
    sandbox.advance(Duration::from_secs(5));
    assert_eq!(leg(&sandbox).phase(), "connected");
    let kinds: Vec<_> = leg(&sandbox)
        .events
        .iter()
        .map(|event| event.kind)
        .collect();
    let heard = [Progress::Started, Progress::Done].map(EventKind::Speak);
    assert_eq!(kinds, [EventKind::Answer, heard[0], heard[1]]);
}

#[test]
fn failed_or_invalid_webhook_ends_the_transfer() {
    for (status, body, cause) in [
        (404, "", "callback-error"),
        (200, "<Bxml><Nonsense/></Bxml>", "invalid-bxml"),
        (200, "hello", "invalid-bxml"),
    ] {
        let sandbox = sandbox();
        let webhook = Webhook::new();
        webhook.response("/whisper", status, body);
        let url = &webhook.url;
        let steps = format!(
            "<Transfer transferCompleteUrl=\"{url}/done\">\
             <PhoneNumber transferAnswerUrl=\"{url}/whisper\">{PARTY}</PhoneNumber></Transfer>"
        );
        assert_eq!(put(&sandbox, CALL, &steps).status, 204);
        assert_eq!(webhook.next().event["eventType"], "transferAnswer");
        let reported = webhook.next();
        assert_eq!(
            (&reported.event["eventType"], &reported.event["cause"]),
            (&json!("transferComplete"), &json!(cause))
        );
    }
}

#[test]
fn first_of_several_to_answer_has_the_call() {
    let sandbox = start(Clock::Stepped);
    let steps = "<Transfer><PhoneNumber>+12025550102</PhoneNumber>\
                 <SipUri uui=\"abc\">sip:handler@example.com</SipUri>\
                 <PhoneNumber>+12025550104</PhoneNumber></Transfer>";
    assert_eq!(put(&sandbox, CALL, steps).status, 204);
    let legs = || -> Vec<_> {
        let legs = sandbox.calls().into_iter().skip(1);
        legs.map(|leg| (leg.to.clone(), leg.phase())).collect()
    };
    assert!(legs().iter().all(|(_, phase)| *phase == "ringing"));
    sandbox.advance(Duration::from_secs(4));
    let phases: Vec<_> = legs().iter().map(|(_, phase)| *phase).collect();
    assert_eq!(phases, ["ended", "connected", "ended"]);
    assert_eq!(leg(&sandbox).to, "sip:handler@example.com");
    assert_eq!(sandbox.call(CALL).unwrap().phase(), "connected");
    let lost = &sandbox.calls()[1];
    assert_eq!(get(&sandbox, &lost.id)["disconnectCause"], "cancel");
}

#[test]
fn unanswered_transfer_continues_with_webhooks_document() {
    for (target, cause) in [
        ("+12025550110", "busy"),
        ("+12025550111", "timeout"),
        ("+12025550112", "rejected"),
        ("+12025550113", "error"),
        ("+12025550120", "error"),
        ("+12025550122", "account-limit"),
    ] {
        let sandbox = sandbox();
        let webhook = Webhook::new();
        webhook.response(
            "/done",
            200,
            &format!("<Bxml>{}</Bxml>", transfer_to(PARTY)),
        );
        let url = &webhook.url;
        let steps = format!(
            "<Transfer transferCompleteUrl=\"{url}/done\" tag=\"t-9\">\
             <PhoneNumber>{target}</PhoneNumber></Transfer>"
        );
        assert_eq!(put(&sandbox, CALL, &steps).status, 204);
        let reported = webhook.next().event;
        assert_eq!(
            (
                &reported["eventType"],
                &reported["callId"],
                &reported["cause"],
                &reported["tag"]
            ),
            (
                &json!("transferComplete"),
                &json!(CALL),
                &json!(cause),
                &json!("t-9")
            ),
            "{target}"
        );
        wait_until(|| sandbox.call(CALL).unwrap().phase() == "connected");
        assert_eq!(leg(&sandbox).to, PARTY);
    }
}

#[test]
fn call_without_webhook_ends_with_its_document() {
    let sandbox = sandbox();
    let steps = transfer_to("+12025550110") + "<SpeakSentence>No one is there</SpeakSentence>";
    assert_eq!(put(&sandbox, CALL, &steps).status, 204);
    let call = sandbox.call(CALL).unwrap();
    assert_eq!(call.state, CallState::Completed);
    let spoken = EventKind::Speak(Progress::Done);
    assert!(call.events.iter().any(|event| event.kind == spoken));
}

#[test]
fn hang_up_sends_transfer_complete_and_disconnect() {
    let sandbox = sandbox();
    let webhook = Webhook::new();
    let url = &webhook.url;
    let steps = format!(
        "<Transfer transferCompleteUrl=\"{url}/done\">\
         <PhoneNumber transferDisconnectUrl=\"{url}/gone\">{PARTY}</PhoneNumber></Transfer>"
    );
    assert_eq!(put(&sandbox, CALL, &steps).status, 204);
    let leg = leg(&sandbox).id;
    sandbox.hang_up(&leg).unwrap();
    let mut reported = [webhook.next(), webhook.next()];
    reported.sort_by(|a, b| b.path.cmp(&a.path));
    let [gone, done] = reported.map(|reported| reported.event);
    assert_eq!(
        (
            &gone["eventType"],
            &gone["callId"],
            &gone["parentCallId"],
            &gone["cause"]
        ),
        (
            &json!("transferDisconnect"),
            &json!(leg),
            &json!(CALL),
            &json!("hangup")
        )
    );
    assert_eq!(
        (&done["eventType"], &done["callId"], &done["transferTo"]),
        (&json!("transferComplete"), &json!(CALL), &json!(PARTY))
    );
    // No step is left.
    wait_until(|| sandbox.call(CALL).unwrap().state == CallState::Completed);
}

#[test]
fn caller_hang_up_ends_the_leg() {
    let sandbox = sandbox();
    assert_eq!(put(&sandbox, CALL, &transfer_to(PARTY)).status, 204);
    let leg = leg(&sandbox).id;
    sandbox.hang_up(CALL).unwrap();
    let shown = get(&sandbox, &leg);
    assert_eq!(
        (&shown["state"], &shown["disconnectCause"]),
        (&json!("disconnected"), &json!("hangup"))
    );
}

#[test]
fn repeat_interrupts_the_transfer_and_begins_again() {
    let sandbox = sandbox();
    assert_eq!(put(&sandbox, CALL, &transfer_to(PARTY)).status, 204);
    let first = leg(&sandbox).id;
    assert_eq!(put(&sandbox, CALL, &transfer_to(PARTY)).status, 204);
    let second = leg(&sandbox).id;
    assert_ne!(first, second);
    assert_eq!(sandbox.call(&first).unwrap().phase(), "ended");
    assert_eq!(sandbox.call(CALL).unwrap().phase(), "connected");
}

#[test]
fn document_can_hang_up_and_so_can_an_update() {
    let one = sandbox();
    assert_eq!(put(&one, CALL, "<Hangup/>").status, 204);
    assert_eq!(get(&one, CALL)["disconnectCause"], "hangup");
    let other = sandbox();
    let path = format!("{CALLS}/{CALL}");
    let update = json!({"state": "completed"}).to_string();
    assert_eq!(
        send(&other, "POST", &path, "application/json", &update).status,
        200
    );
    assert_eq!(get(&other, CALL)["state"], "disconnected");
}

#[test]
fn update_with_redirect_url_requests_a_document() {
    let sandbox = sandbox();
    let webhook = Webhook::new();
    webhook.response(
        "/next",
        200,
        &format!("<Bxml>{}</Bxml>", transfer_to(PARTY)),
    );
    let update = json!({"redirectUrl": format!("{}/next", webhook.url)}).to_string();
    let path = format!("{CALLS}/{CALL}");
    assert_eq!(
        send(&sandbox, "POST", &path, "application/json", &update).status,
        200
    );
    assert_eq!(webhook.next().event["eventType"], "redirect");
    wait_until(|| sandbox.call(CALL).unwrap().phase() == "connected");
}

#[test]
fn answered_outbound_call_requests_its_document() {
    let sandbox = sandbox();
    let webhook = Webhook::new();
    webhook.response(
        "/answer",
        200,
        &format!("<Bxml>{}</Bxml>", transfer_to(PARTY)),
    );
    let body = json!({
        "from": OURS, "to": "+12025550101", "applicationId": "app-1",
        "answerUrl": format!("{}/answer", webhook.url),
        "disconnectUrl": format!("{}/gone", webhook.url),
    });
    let placed = send(
        &sandbox,
        "POST",
        CALLS,
        "application/json",
        &body.to_string(),
    );
    assert_eq!(placed.status, 201);
    let id = placed.json()["callId"].as_str().unwrap().to_owned();
    let reported = webhook.next().event;
    assert_eq!(
        (
            &reported["eventType"],
            &reported["callId"],
            &reported["applicationId"]
        ),
        (&json!("answer"), &json!(id), &json!("app-1"))
    );
    wait_until(|| sandbox.call(&id).unwrap().phase() == "connected");
    sandbox.hang_up(&id).unwrap();
    assert_eq!(webhook.next().event["eventType"], "disconnect");
    let list = send(
        &sandbox,
        "GET",
        &format!("{CALLS}?to=%2B12025550101"),
        "x/y",
        "",
    );
    assert_eq!(list.json()[0]["callId"], json!(id));
}
