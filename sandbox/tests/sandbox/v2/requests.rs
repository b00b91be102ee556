//! Requests that are accepted, and requests that are refused.

use calltransfer_sandbox::{CallState, IncomingCall, Sandbox};
use serde_json::json;

use super::{
    CALL, CALLER, CALLS, OURS, PARTY, basic, grant, leg, login, put, refusal, sandbox, send, token,
    transfer_to,
};
use crate::client::{Client, Reply};

#[test]
fn token_is_granted_to_the_client_and_opens_the_calls() {
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
fn token_is_refused_to_others_and_ends_with_its_time() {
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
        ("<Transfer>", "not valid XML"),
        ("<Gather/>", "<Gather> is not supported here"),
        ("<Transfer/>", "must have 1 to 8"),
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
        (
            "<Transfer><PhoneNumber/></Transfer>",
            "is empty; expected a number",
        ),
        ("<Transfer callTimeout=\"0\"/>", "must have 1 to 8"),
        (
            "<Transfer odd=\"1\"/>",
            "does not support the attribute odd",
        ),
        (
            "<Transfer transferCallerId=\"me\"/>",
            "transferCallerId: \"me\"",
        ),
        (
            "<SpeakSentence> </SpeakSentence>",
            "is empty; expected a sentence",
        ),
        (
            "<PlayAudio>x.wav</PlayAudio>",
            "is not an absolute http or https URL",
        ),
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
    // A transfer of v2 replaces one of v1.
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
