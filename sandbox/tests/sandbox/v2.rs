//! Voice v2: tokens, documents of BXML, and the webhooks that follow.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calltransfer_sandbox::{
    CallState, Clock, Diversion, EventKind, IncomingCall, Progress, Sandbox,
};
use serde_json::{Value, json};

use crate::client::{Client, Reply};
use crate::webhook::Webhook;

const CALLER: &str = "+19195551212";
const OURS: &str = "+18385550199";
const PARTY: &str = "+12025550100";
const CALL: &str = "c-1";
const CALLS: &str = "/api/v2/accounts/9900000/calls";

fn sandbox() -> Sandbox {
    start(Clock::Instant)
}

/// A sandbox in which `c-1` has come in and been answered.
fn start(clock: Clock) -> Sandbox {
    let sandbox = Sandbox::builder().clock(clock).owned_number(OURS);
    let sandbox = sandbox.start().unwrap();
    let call = IncomingCall::new(CALLER, OURS)
        .id(CALL)
        .diversion(Diversion::new("+18005550100", "no-answer"));
    sandbox.place_incoming_call(call).unwrap();
    sandbox
}

fn basic(name: &str, password: &str) -> String {
    let pair = STANDARD.encode(format!("{name}:{password}"));
    format!("Authorization: Basic {pair}\r\n")
}

fn login() -> String {
    basic("user-sandbox", "password-sandbox")
}

fn grant(sandbox: &Sandbox, authorization: &str, body: &str) -> Reply {
    let headers = format!("{authorization}Content-Type: application/x-www-form-urlencoded\r\n");
    Client::new(sandbox).send("POST", "/api/v1/oauth2/token", &headers, body)
}

fn token(sandbox: &Sandbox) -> String {
    let client = basic("client-sandbox", "client-secret-sandbox");
    let granted = grant(sandbox, &client, "grant_type=client_credentials");
    assert_eq!(granted.status, 200);
    let granted = granted.json();
    assert_eq!(granted["token_type"], "Bearer");
    granted["access_token"].as_str().unwrap().to_owned()
}

fn send(sandbox: &Sandbox, method: &str, path: &str, kind: &str, body: &str) -> Reply {
    let headers = format!("{}Content-Type: {kind}\r\n", login());
    Client::new(sandbox).send(method, path, &headers, body)
}

fn put(sandbox: &Sandbox, id: &str, steps: &str) -> Reply {
    let path = format!("{CALLS}/{id}/bxml");
    let document = format!("<?xml version=\"1.0\"?><Bxml>{steps}</Bxml>");
    send(sandbox, "PUT", &path, "application/xml", &document)
}

fn get(sandbox: &Sandbox, id: &str) -> Value {
    let reply = send(sandbox, "GET", &format!("{CALLS}/{id}"), "text/plain", "");
    assert_eq!(reply.status, 200);
    reply.json()
}

/// Status and type of a refusal.
fn refusal(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    assert!(
        body["description"].is_string() && body["id"].is_string(),
        "{body}"
    );
    (reply.status, body["type"].as_str().unwrap().to_owned())
}

fn transfer_to(target: &str) -> String {
    format!("<Transfer><PhoneNumber>{target}</PhoneNumber></Transfer>")
}

/// Waits for something that a webhook's answer brings about.
fn wait_until(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it didn't apply");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn leg(sandbox: &Sandbox) -> calltransfer_sandbox::Call {
    let id = sandbox.call(CALL).unwrap().transferred_to.unwrap();
    sandbox.call(&id).unwrap()
}

#[test]
fn a_token_is_granted_to_the_client_and_opens_the_calls() {
    let sandbox = sandbox();
    let token = token(&sandbox);
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let read = |authorization: &str| {
        let path = format!("{CALLS}/{CALL}");
        Client::new(&sandbox).send("GET", &path, authorization, "")
    };
    assert_eq!(read(&bearer).status, 200);
    assert_eq!(read(&login()).status, 200);
    let revoked = Client::new(&sandbox).send("DELETE", "/_sandbox/tokens", "", "");
    assert_eq!(revoked.status, 204);
    assert_eq!(refusal(&read(&bearer)).0, 401);
    for wrong in [
        "",
        "Authorization: Bearer nonsense\r\n",
        "Authorization: Bearer\r\n",
    ] {
        assert_eq!(refusal(&read(wrong)), (401, "unauthorized".to_owned()));
    }
    let v1 = basic("t-sandbox", "s-sandbox");
    assert_eq!(read(&v1).status, 401);
    // The log shows no token.
    let log = format!("{:?}", sandbox.requests());
    assert!(!log.contains(&token), "{log}");
}

#[test]
fn a_token_is_refused_to_others_and_ends_with_its_time() {
    let sandbox = Sandbox::builder().token_lifetime(0).start().unwrap();
    let wrong = basic("client-sandbox", "nonsense");
    let refused = grant(&sandbox, &wrong, "grant_type=client_credentials");
    assert_eq!(
        (refused.status, refused.json()),
        (401, json!({"error": "invalid_client"}))
    );
    let client = basic("client-sandbox", "client-secret-sandbox");
    let refused = grant(&sandbox, &client, "grant_type=password");
    assert_eq!(refused.json(), json!({"error": "unsupported_grant_type"}));
    let bearer = format!("Authorization: Bearer {}\r\n", token(&sandbox));
    let read = Client::new(&sandbox).send("GET", CALLS, &bearer, "");
    assert_eq!(read.status, 401);
}

#[test]
fn a_transfer_makes_a_leg_and_connects_it() {
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
    webhook.answer(
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
fn a_webhook_that_fails_or_says_nonsense_ends_the_transfer() {
    for (status, body, cause) in [
        (404, "", "callback-error"),
        (200, "<Bxml><Nonsense/></Bxml>", "invalid-bxml"),
        (200, "hello", "invalid-bxml"),
    ] {
        let sandbox = sandbox();
        let webhook = Webhook::new();
        webhook.answer("/whisper", status, body);
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
fn the_first_of_several_to_answer_has_the_call() {
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
        webhook.answer(
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
    // Nothing more is to be done.
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
fn a_repeat_interrupts_the_transfer_and_begins_again() {
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
fn a_document_can_hang_up_and_so_can_an_update() {
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
    webhook.answer(
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
    webhook.answer(
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

#[test]
fn impossible_v2_request_is_refused_with_its_status() {
    let sandbox = sandbox();
    let ringing = IncomingCall::new(CALLER, OURS)
        .id("c-rings")
        .state(CallState::Started);
    sandbox.place_incoming_call(ringing).unwrap();
    let ended = IncomingCall::new(CALLER, OURS)
        .id("c-over")
        .state(CallState::Completed);
    sandbox.place_incoming_call(ended).unwrap();
    let steps = transfer_to(PARTY);
    let status = |reply: Reply| refusal(&reply).0;
    assert_eq!(status(put(&sandbox, "c-rings", &steps)), 409);
    assert_eq!(status(put(&sandbox, "c-over", &steps)), 409);
    assert_eq!(status(put(&sandbox, "c-nobody", &steps)), 404);
    let path = format!("{CALLS}/{CALL}/bxml");
    assert_eq!(
        status(send(&sandbox, "PUT", &path, "application/json", "{}")),
        415
    );
    assert_eq!(
        status(send(&sandbox, "POST", &path, "application/xml", "")),
        405
    );
    let other = path.replace("9900000", "9900001");
    assert_eq!(
        status(send(&sandbox, "PUT", &other, "application/xml", "")),
        403
    );
    let headers = "Content-Type: application/xml\r\n";
    assert_eq!(
        status(Client::new(&sandbox).send("PUT", &path, headers, "")),
        401
    );
    let limited = put(&sandbox, CALL, &transfer_to("+12025550124"));
    assert_eq!(limited.header("retry-after"), Some("1"));
    assert_eq!(status(limited), 429);
    for (target, code) in [
        ("+12025550128", 409),
        ("+12025550125", 500),
        ("+12025550126", 500),
    ] {
        assert_eq!(status(put(&sandbox, CALL, &transfer_to(target))), code);
        assert_eq!(sandbox.call(CALL).unwrap().phase(), "active");
    }
    assert_eq!(
        status(put(&sandbox, CALL, &transfer_to("+12025550127"))),
        500
    );
    assert_eq!(sandbox.call(CALL).unwrap().phase(), "connected"); // made all the same
}

#[test]
fn invalid_document_is_refused_with_place_and_reason() {
    let sandbox = sandbox();
    for (steps, said) in [
        ("<Transfer>", "no XML"),
        ("<Gather/>", "<Gather> is not supported here"),
        ("<Transfer/>", "needs 1 to 8"),
        (
            "<Transfer><Number>1</Number></Transfer>",
            "<Number> is not a target",
        ),
        (
            "<Transfer><PhoneNumber>1</PhoneNumber></Transfer>",
            "is not a phone number",
        ),
        (
            "<Transfer><SipUri>handler</SipUri></Transfer>",
            "is not a SIP URI",
        ),
        ("<Transfer><PhoneNumber/></Transfer>", "has no number in it"),
        ("<Transfer callTimeout=\"0\"/>", "needs 1 to 8"),
        ("<Transfer odd=\"1\"/>", "has no attribute odd"),
        (
            "<Transfer transferCallerId=\"me\"/>",
            "transferCallerId: \"me\"",
        ),
        ("<SpeakSentence> </SpeakSentence>", "has no text to speak"),
        ("<PlayAudio>x.wav</PlayAudio>", "is not an http(s) URL"),
        (
            "<StartRecording fileFormat=\"ogg\"/>",
            "expected one of: wav, mp3",
        ),
        ("stray<Hangup/>", "text between its elements"),
    ] {
        let reply = put(&sandbox, CALL, steps);
        assert_eq!(refusal(&reply), (400, "validation".to_owned()), "{steps}");
        let reported = reply.json()["description"].as_str().unwrap().to_owned();
        assert!(reported.contains(said), "{reported}");
    }
    for (attributes, said) in [
        ("callTimeout=\"301\"", "callTimeout"),
        ("diversionTreatment=\"stacked\"", "diversionTreatment"),
        ("diversionReason=\"bored\"", "diversionReason"),
        ("transferCompleteUrl=\"ftp://x\"", "transferCompleteUrl"),
        ("transferCompleteMethod=\"PUT\"", "transferCompleteMethod"),
        ("privacy=\"maybe\"", "privacy"),
    ] {
        let steps = format!("<Transfer {attributes}><PhoneNumber>{PARTY}</PhoneNumber></Transfer>");
        let reply = put(&sandbox, CALL, &steps);
        let reported = reply.json()["description"].as_str().unwrap().to_owned();
        assert!(
            reported.contains(said) && reported.starts_with("line 1: <Transfer>"),
            "{reported}"
        );
    }
    let nine = format!("<PhoneNumber>{PARTY}</PhoneNumber>").repeat(9);
    assert_eq!(
        put(&sandbox, CALL, &format!("<Transfer>{nine}</Transfer>")).status,
        400
    );
    assert_eq!(sandbox.call(CALL).unwrap().phase(), "active");
}

#[test]
fn both_apis_see_the_same_calls() {
    let sandbox = sandbox();
    assert_eq!(put(&sandbox, CALL, &transfer_to(PARTY)).status, 204);
    let v1 = basic("t-sandbox", "s-sandbox");
    let path = format!("/v1/users/u-sandbox/calls/{CALL}");
    let shown = Client::new(&sandbox).send("GET", &path, &v1, "").json();
    assert_eq!(shown["state"], "transferring");
    // A transfer of v1 gives way to one of v2.
    let sandbox = self::sandbox();
    let headers = format!("{v1}Content-Type: application/json\r\n");
    let body = json!({"state": "transferring", "transferTo": PARTY}).to_string();
    let made = Client::new(&sandbox).send("POST", &path, &headers, &body);
    assert_eq!(made.status, 201);
    assert_eq!(
        put(&sandbox, CALL, &transfer_to("+12025550101")).status,
        204
    );
    assert_eq!(sandbox.call(CALL).unwrap().phase(), "connected");
    assert_eq!(leg(&sandbox).to, "+12025550101");
    assert_eq!(sandbox.call(&made.new_id()).unwrap().phase(), "ended");
}

/// The calls of a page, and the query of the next one.
fn page(sandbox: &Sandbox, query: &str) -> (Vec<String>, Option<String>) {
    let reply = send(sandbox, "GET", &format!("{CALLS}{query}"), "text/plain", "");
    assert_eq!(reply.status, 200);
    let link = reply.header("link").map(|link| {
        let start = format!("<http://sandbox.localhost{CALLS}");
        let rest = link.strip_prefix(&start).unwrap();
        rest.strip_suffix(">; rel=\"next\"").unwrap().to_owned()
    });
    let calls = reply.json();
    let ids = calls.as_array().unwrap().iter();
    (
        ids.map(|call| call["callId"].as_str().unwrap().to_owned())
            .collect(),
        link,
    )
}

#[test]
fn calls_are_listed_in_pages_by_token() {
    let sandbox = sandbox();
    for n in 2..=5 {
        let to = if n % 2 == 0 { OURS } else { PARTY };
        let call = IncomingCall::new(CALLER, to).id(format!("c-{n}"));
        sandbox.place_incoming_call(call).unwrap();
    }
    let (mut seen, mut query) = (Vec::new(), "?pageSize=2".to_owned());
    for expected in [vec!["c-1", "c-2"], vec!["c-3", "c-4"]] {
        let (ids, next) = page(&sandbox, &query);
        assert_eq!(ids, expected);
        seen.extend(ids);
        query = next.unwrap();
    }
    assert_eq!(page(&sandbox, &query), (vec!["c-5".to_owned()], None));
    let to = format!("?to=%2B{}", &PARTY[1..]);
    assert_eq!(page(&sandbox, &to).0, ["c-3", "c-5"]);
    assert_eq!(page(&sandbox, "?from=%2B1999").0, [""; 0]);
}

#[test]
fn calls_are_listed_by_time_and_cause() {
    let sandbox = sandbox();
    let start = sandbox.call(CALL).unwrap().start_time.to_string();
    sandbox.advance(Duration::from_secs(100));
    let call = IncomingCall::new(CALLER, OURS).id("c-2");
    sandbox.place_incoming_call(call).unwrap();
    sandbox.hang_up("c-2").unwrap();
    for (query, expected) in [
        ("?disconnectCause=hangup".to_owned(), vec!["c-2"]),
        ("?disconnectCause=busy".to_owned(), vec![]),
        (format!("?maxStartTime={start}"), vec!["c-1"]),
        (format!("?minStartTime={start}"), vec!["c-1", "c-2"]),
        ("?maxStartTime=2000-01-01".to_owned(), vec![]),
    ] {
        assert_eq!(page(&sandbox, &query).0, expected, "{query}");
    }
}

#[test]
fn a_list_that_cannot_be_is_refused() {
    let sandbox = sandbox();
    for query in [
        "pageSize=0",
        "pageSize=10001",
        "pageToken=2",
        "minStartTime=soon",
        "maxStartTime=",
    ] {
        let path = format!("{CALLS}?{query}");
        let reply = send(&sandbox, "GET", &path, "text/plain", "");
        assert_eq!(refusal(&reply), (400, "validation".to_owned()), "{query}");
    }
}
