//! Callbacks that come twice, late, out of order, elsewhere or never, over real sockets.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calltransfer_sandbox::{Callback, CallbackFault, IncomingCall, Sandbox};
use serde_json::{Value, json};

use crate::client::{CALL, Client, admin, sandbox, update};
use crate::webhook::Webhook;

/// Transfers the call; its events are `answer`, `speak` twice, and `hangup`.
fn transfer(sandbox: &Sandbox, webhook: &Webhook) -> String {
    let body = json!({"state": "transferring", "transferTo": "+12", "whisperAudio": {"sentence": "hi"}, "callbackUrl": format!("{}/e", webhook.url)});
    let leg = update(sandbox, &body).new_id();
    sandbox.hang_up(&leg).unwrap();
    leg
}

fn names(webhook: &Webhook, count: usize) -> Vec<String> {
    let names = (0..count).map(|_| name(&webhook.next().event));
    names.collect()
}

fn name(event: &Value) -> String {
    let name = event["eventType"].as_str().unwrap();
    match event["status"].as_str() {
        Some(status) => format!("{name} {status}"),
        None => name.to_owned(),
    }
}

fn settled(sandbox: &Sandbox, done: impl Fn(&[Callback]) -> bool) -> Vec<Callback> {
    let begun = Instant::now();
    loop {
        let callbacks = sandbox.callbacks();
        if callbacks.iter().all(|it| it.state != "waiting") && done(&callbacks) {
            return callbacks;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{callbacks:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn with(faults: Vec<CallbackFault>) -> (Sandbox, Webhook) {
    let sandbox = sandbox();
    sandbox.inject_callbacks(faults).unwrap();
    (sandbox, Webhook::new())
}

#[test]
fn doubled_callback_comes_again_at_once() {
    let (sandbox, webhook) = with(vec![CallbackFault::new().copies(2)]);
    transfer(&sandbox, &webhook);
    let came = names(&webhook, 6);
    let expected = [
        "answer",
        "answer",
        "answer",
        "speak started",
        "speak done",
        "hangup",
    ];
    assert_eq!(came, expected);
    let shown = settled(&sandbox, |all| all[0].attempts.len() == 3);
    assert_eq!(shown[0].state, "delivered");
}

#[test]
fn late_copy_lets_others_go_ahead() {
    let delay = Duration::from_secs(1);
    let (sandbox, webhook) = with(vec![CallbackFault::new().copies(1).copy_delay(delay)]);
    transfer(&sandbox, &webhook);
    let came = names(&webhook, 5);
    assert_eq!((came[0].as_str(), came[4].as_str()), ("answer", "answer"));
}

#[test]
fn late_callback_lets_others_go_ahead() {
    let delay = Duration::from_secs(1);
    let fault = CallbackFault::new().delay(delay).for_event("answer");
    let (sandbox, webhook) = with(vec![fault]);
    transfer(&sandbox, &webhook);
    let came = names(&webhook, 4);
    assert_eq!(came, ["speak started", "speak done", "hangup", "answer"]);
}

#[test]
fn callback_after_the_next_one_changes_places_with_it() {
    let (sandbox, webhook) = with(vec![CallbackFault::new().after_next().times(1)]);
    transfer(&sandbox, &webhook);
    let came = names(&webhook, 4);
    assert_eq!(came, ["speak started", "answer", "speak done", "hangup"]);
}

#[test]
fn last_callback_is_not_held_back_for_ever() {
    let fault = CallbackFault::new().after_next().for_event("hangup");
    let (sandbox, webhook) = with(vec![fault]);
    transfer(&sandbox, &webhook);
    assert_eq!(names(&webhook, 4).last().unwrap(), "hangup");
    let shown = settled(&sandbox, |_| true);
    assert!(shown.iter().all(|it| it.state == "delivered"));
}

#[test]
fn held_callback_follows_the_next_event_however_late() {
    let fault = CallbackFault::new().after_next().for_event("answer");
    let (sandbox, webhook) = with(vec![fault]);
    let body = json!({"state": "transferring", "transferTo": "+12", "callbackUrl": format!("{}/e", webhook.url)});
    let leg = update(&sandbox, &body).new_id();
    sandbox.hang_up(&leg).unwrap();
    assert_eq!(names(&webhook, 2), ["hangup", "answer"]);
}

#[test]
fn lost_callback_is_recorded_and_never_sent() {
    let (sandbox, webhook) = with(vec![
        CallbackFault::new().lost().for_event("speak").times(2),
    ]);
    transfer(&sandbox, &webhook);
    assert_eq!(names(&webhook, 2), ["answer", "hangup"]);
    let shown = settled(&sandbox, |_| true);
    let states: Vec<_> = shown.iter().map(|it| it.state).collect();
    assert_eq!(states, ["delivered", "lost", "lost", "delivered"]);
    assert!(shown[1].attempts.is_empty());
}

#[test]
fn unreachable_callback_url_leaves_it_to_the_fallback() {
    let (sandbox, webhook) = with(Vec::new());
    let url = format!("{}/fallback", webhook.url);
    let fault = CallbackFault::new().unreachable().fallback_url(url);
    sandbox.inject_callbacks(vec![fault]).unwrap();
    transfer(&sandbox, &webhook);
    let first = webhook.next();
    assert_eq!(
        (first.path.as_str(), name(&first.event).as_str()),
        ("/fallback", "answer")
    );
    let shown = settled(&sandbox, |_| true);
    let tried: Vec<_> = shown[0].attempts.iter().map(|it| it.status).collect();
    assert_eq!(tried, [None, None, None, Some(200)]);
}

#[test]
fn get_has_the_fields_of_a_leg_in_its_query() {
    let (sandbox, webhook) = with(vec![CallbackFault::new().get()]);
    let leg = transfer(&sandbox, &webhook);
    let first = webhook.next();
    assert!(first.head.starts_with("get "), "{}", first.head);
    assert!(
        first.path.contains(&format!("callId={leg}")),
        "{}",
        first.path
    );
    assert!(webhook.next().head.starts_with("post "));
}

#[test]
fn slow_receiver_is_not_awaited_longer_than_the_timeout() {
    let fault = CallbackFault::new().timeout(Duration::from_millis(100));
    let (sandbox, _) = with(vec![fault]);
    // It accepts connections, and never responds.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let call = IncomingCall::new("+12", "+13").id("c-slow");
    let call = call.state(calltransfer_sandbox::CallState::Started);
    sandbox.place_incoming_call(call.callback_url(url)).unwrap();
    let shown = settled(&sandbox, |_| true);
    let errors: Vec<_> = shown[0]
        .attempts
        .iter()
        .map(|it| it.error.as_deref())
        .collect();
    assert_eq!(errors, [Some("no response in time"); 3]);
    assert_eq!(shown[0].state, "failed");
}

/// The state of each callback of 40 calls under one seed.
fn under_seed(seed: u64) -> Vec<(String, &'static str)> {
    let (sandbox, webhook) = with(vec![
        CallbackFault::new().lost().rate(0.3, seed),
        CallbackFault::new().copies(1).rate(0.3, seed + 1),
        CallbackFault::new().after_next().rate(0.3, seed + 2),
    ]);
    for place in 0..40 {
        let id = format!("c-{place}");
        let call = IncomingCall::new("+12", "+13").id(&id);
        let call = call.callback_url(format!("{}/e", webhook.url));
        sandbox.place_incoming_call(call).unwrap();
        sandbox.hang_up(&id).unwrap();
    }
    let shown = settled(&sandbox, |all| all.len() == 120);
    let states = shown.into_iter().map(|it| (it.call_id, it.state));
    states.collect()
}

#[test]
fn same_seed_chooses_the_same_callbacks() {
    let first = under_seed(7);
    let lost = first.iter().filter(|it| it.1 == "lost").count();
    assert!((15..60).contains(&lost), "{lost}");
    assert_eq!(first, under_seed(7));
    assert_ne!(first, under_seed(8));
}

#[test]
fn lost_whisper_request_of_v2_connects_without_one() {
    let (sandbox, webhook) = with(vec![
        CallbackFault::new().lost().for_event("transferAnswer"),
    ]);
    let url = &webhook.url;
    webhook.response(
        "/whisper",
        200,
        "<Bxml><SpeakSentence>hi</SpeakSentence></Bxml>",
    );
    let document = format!(
        "<Bxml><Transfer><PhoneNumber transferAnswerUrl=\"{url}/whisper\">+12025550101</PhoneNumber>\
         </Transfer></Bxml>"
    );
    let login = STANDARD.encode("user-sandbox:password-sandbox");
    let headers = format!("Authorization: Basic {login}\r\nContent-Type: application/xml\r\n");
    let path = format!("/api/v2/accounts/9900000/calls/{CALL}/bxml");
    let sent = Client::new(&sandbox).send("PUT", &path, &headers, &document);
    assert_eq!(sent.status, 204);
    assert_eq!(settled(&sandbox, |all| all.len() == 1)[0].state, "lost");
    let leg = sandbox.call(CALL).unwrap().transferred_to.unwrap();
    let leg = sandbox.call(&leg).unwrap();
    assert_eq!((leg.phase(), leg.whisper_audio), ("connected", None));
}

#[test]
fn faults_of_a_call_are_for_its_legs_too() {
    let (sandbox, webhook) = with(vec![CallbackFault::new().lost().for_call(CALL).times(9)]);
    let other = IncomingCall::new("+12", "+13").id("c-other");
    let other = other.callback_url(format!("{}/e", webhook.url));
    transfer(&sandbox, &webhook);
    sandbox.place_incoming_call(other).unwrap();
    assert_eq!(names(&webhook, 1), ["incomingcall"]);
    let mut states: HashMap<_, usize> = HashMap::new();
    for callback in settled(&sandbox, |_| true) {
        *states.entry(callback.state).or_default() += 1;
    }
    assert_eq!(states["lost"], 4);
}

#[test]
fn admin_interface_takes_shows_and_forgets_them() {
    let sandbox = sandbox();
    let path = "/_sandbox/callback-faults";
    let faults = json!({"faults": [
        {"copies": 1, "copy_delay_ms": 5, "rate": 0.25, "seed": 3},
        {"lost": true, "event_type": "hangup", "call_id": "c-1", "times": 2},
        {"unreachable": true, "fallback_url": "http://me:secret@127.0.0.1:1/", "get": true, "timeout_ms": 9},
    ]});
    let added = admin(&sandbox, "POST", path, &faults.to_string());
    assert_eq!((added.status, added.json()), (200, json!({"waiting": 3})));
    let shown = admin(&sandbox, "GET", path, "").json();
    let first = json!({"copies": 1, "copy_delay_ms": 5, "rate": 0.25, "seed": 3, "left": null, "happened": 0});
    assert_eq!(shown["faults"][0], first);
    assert_eq!(shown["faults"][1]["left"], 2);
    assert_eq!(
        shown["faults"][2]["fallback_url"],
        "http://me:****@127.0.0.1:1/"
    );
    assert_eq!(admin(&sandbox, "DELETE", path, "").status, 204);
    assert_eq!(
        admin(&sandbox, "GET", path, "").json(),
        json!({"faults": []})
    );
}

#[test]
fn invalid_callback_fault_is_refused_by_name() {
    let sandbox = sandbox();
    for (fault, says) in [
        (json!({"copies": 11}), "copies: must be at most 10, got 11"),
        (
            json!({"copy_delay_ms": 5}),
            "copy_delay_ms: requires copies",
        ),
        (json!({"delay_ms": 3_600_001}), "must be at most 1 hour"),
        (
            json!({"timeout_ms": 0}),
            "timeout_ms: must be 1 millisecond",
        ),
        (
            json!({"fallback_url": "x"}),
            "fallback_url: is not an absolute",
        ),
        (json!({"rate": 1.5}), "rate: must be 0 to 1, got 1.5"),
        (json!({"seed": 1}), "faults.seed: requires rate"),
        (
            json!({"late": true}),
            "faults.late: is not a known field; expected one of: lost, copies",
        ),
    ] {
        let body = json!({"faults": [{"lost": true}, fault]}).to_string();
        let refused = admin(&sandbox, "POST", "/_sandbox/callback-faults", &body);
        let message = refused.json()["message"].to_string();
        assert_eq!(refused.status, 400);
        assert!(message.contains(says), "{message}");
    }
    let shown = admin(&sandbox, "GET", "/_sandbox/callback-faults", "").json();
    assert_eq!(shown, json!({"faults": []}));
}
