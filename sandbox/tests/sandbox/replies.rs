//! Scripted replies.

use std::time::{SystemTime, UNIX_EPOCH};

use calltransfer_sandbox::{CallState, Error, Reply};
use serde_json::json;

use crate::client::{CALL, CALLS, admin, get, sandbox, update};

fn now_ms() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis()
}

#[test]
fn scripted_replies_answer_in_turn_and_touch_no_call() {
    let sandbox = sandbox();
    let busy = Reply::new(429).header("Retry-After", "1").body("busy");
    sandbox.script(vec![busy, Reply::new(503)]).unwrap();
    let hang_up = json!({"state": "completed"});
    let first = update(&sandbox, &hang_up);
    assert_eq!(
        (first.status, first.body.as_slice()),
        (429, b"busy".as_slice())
    );
    assert_eq!(first.header("retry-after"), Some("1"));
    assert_eq!(update(&sandbox, &hang_up).status, 503);
    assert_eq!(sandbox.call(CALL).unwrap().state, CallState::Active);
    assert_eq!(update(&sandbox, &hang_up).status, 200);
    let scripted: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|it| (it.scripted, it.status))
        .collect();
    assert_eq!(scripted, [(true, 429), (true, 503), (false, 200)]);
    assert_eq!(sandbox.requests()[0].call_id.as_deref(), Some(CALL));
}

#[test]
fn scripted_reply_sends_no_header_that_was_not_given() {
    let sandbox = sandbox();
    sandbox
        .script(vec![Reply::new(500).body("<h1>500</h1>")])
        .unwrap();
    let reply = get(&sandbox, CALLS);
    let mut names: Vec<_> = reply
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    // The server adds Date and Content-Length.
    assert_eq!(names, ["content-length", "date"]);
}

#[test]
fn placeholders_become_the_host_and_the_time() {
    let sandbox = sandbox();
    let reply = Reply::new(201)
        .header("Location", "http://{host}/v1/x")
        .header("X-RateLimit-Reset", "{now_ms+5000}")
        .header("X-Other", "{other} {now_ms-1} {host")
        .body("{host}");
    sandbox.script(vec![reply]).unwrap();
    let before = now_ms();
    let reply = get(&sandbox, CALLS);
    let location = format!("{}/v1/x", sandbox.url());
    assert_eq!(reply.header("location"), Some(location.as_str()));
    let reset: u128 = reply.header("x-ratelimit-reset").unwrap().parse().unwrap();
    assert!((before + 5000..=now_ms() + 5000).contains(&reset));
    assert_eq!(reply.header("x-other"), Some("{other} {now_ms-1} {host"));
    assert_eq!(reply.body, b"{host}");
}

#[test]
fn body_can_go_out_as_latin_1() {
    let sandbox = sandbox();
    let body = r#"{"replies":[{"status":400,"headers":{"Content-Type":"application/json","x-body-encoding":"latin1"},"body":"{\"message\":\"ÿþ\"}"}]}"#;
    assert_eq!(
        admin(&sandbox, "POST", "/_sandbox/replies", body).status,
        200
    );
    let reply = get(&sandbox, CALLS);
    assert_eq!(reply.body, b"{\"message\":\"\xff\xfe\"}");
    assert_eq!(reply.header("x-body-encoding"), None);
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[test]
fn replies_can_be_scripted_over_http_and_cleared() {
    let sandbox = sandbox();
    let body = json!({"replies": [{"status": 599}, {"status": 200, "headers": {"X-A": ["1", "2"]}, "body": "x"}]}).to_string();
    let reply = admin(&sandbox, "POST", "/_sandbox/replies", &body);
    assert_eq!((reply.status, reply.json()), (200, json!({"waiting": 2})));
    assert_eq!(admin(&sandbox, "GET", "/_sandbox/health", "").status, 200);
    assert_eq!(get(&sandbox, "/nowhere").status, 599);
    let reply = get(&sandbox, CALLS);
    let values: Vec<_> = reply
        .headers
        .iter()
        .filter(|(name, _)| name == "x-a")
        .collect();
    assert_eq!(values.len(), 2);
    admin(&sandbox, "POST", "/_sandbox/replies", &body);
    assert_eq!(
        admin(&sandbox, "DELETE", "/_sandbox/replies", "").status,
        204
    );
    assert_eq!(get(&sandbox, "/nowhere").status, 404);
}

#[test]
fn every_status_from_200_to_599_can_be_sent() {
    let sandbox = sandbox();
    sandbox
        .script((200..=599).map(Reply::new).collect())
        .unwrap();
    for status in 200..=599 {
        assert_eq!(get(&sandbox, CALLS).status, status);
    }
}

#[test]
fn reply_that_cannot_be_sent_is_refused_with_all_others() {
    let sandbox = sandbox();
    for bad in [
        Reply::new(100),
        Reply::new(600),
        Reply::new(200).header("a b", "x"),
        Reply::new(200).header("X-A", "a\r\nb"),
        Reply::new(200).header("Content-Length", "5"),
        Reply::new(200).header("Transfer-Encoding", "chunked"),
        Reply::new(200).header("x-body-encoding", "utf-16"),
        Reply::new(200)
            .header("x-body-encoding", "latin1")
            .body("ж"),
    ] {
        let error = sandbox.script(vec![Reply::new(503), bad]).unwrap_err();
        assert!(
            matches!(error, Error::InvalidReply { index: 1, .. }),
            "{error}"
        );
    }
    assert_eq!(
        sandbox.script(vec![Reply::new(200); 10_001]),
        Err(Error::TooManyReplies)
    );
    assert_eq!(get(&sandbox, CALLS).status, 200);
}

#[test]
fn nonsense_over_http_is_refused() {
    let sandbox = sandbox();
    for body in [
        "",
        "[]",
        "{}",
        r#"{"replies":[7]}"#,
        r#"{"replies":[{}]}"#,
        r#"{"replies":[{"status":"200"}]}"#,
        r#"{"replies":[{"status":150}]}"#,
        r#"{"replies":[{"status":200,"body":7}]}"#,
        r#"{"replies":[{"status":200,"headers":{"a":1}}]}"#,
    ] {
        assert_eq!(
            admin(&sandbox, "POST", "/_sandbox/replies", body).status,
            400,
            "{body}"
        );
    }
    assert_eq!(get(&sandbox, CALLS).status, 200);
}
