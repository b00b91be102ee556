//! Test numbers that are refused, test accounts, and rate limits.

use std::time::{SystemTime, UNIX_EPOCH};

use calltransfer_sandbox::{CallState, EventKind, Sandbox};
use serde_json::json;

use crate::client::{
    CALL, CALLS, Client, OWNED, admin, authorization, call_path, post, sandbox, update,
};

#[test]
fn number_that_the_platform_refuses_is_refused_as_documented() {
    for (number, status, category, code) in [
        (
            "+12025550120",
            403,
            "forbidden",
            "invalid-destination-number",
        ),
        (
            "+447700900120",
            403,
            "forbidden",
            "invalid-destination-number",
        ),
        ("+12025550121", 403, "forbidden", "invalid-call-to-number"),
        (
            "+12025550122",
            403,
            "credit",
            "insufficient-available-balance",
        ),
        ("+12025550123", 403, "limit", "call-rate-limit"),
        (
            "+12025550124",
            429,
            "too-many-requests",
            "rate-limit-reached",
        ),
        ("+12025550125", 503, "unavailable", "call-unavailable"),
        ("+12025550126", 503, "unavailable", "call-transfer-error"),
        ("+12025550128", 409, "conflict", "call-update-conflict"),
    ] {
        let sandbox = sandbox();
        let reported = (status, category.to_owned(), code.to_owned());
        let transfer = json!({"state": "transferring", "transferTo": number});
        assert_eq!(update(&sandbox, &transfer).refusal(), reported, "{number}");
        let create = json!({"from": OWNED, "to": number});
        assert_eq!(
            post(&sandbox, CALLS, &create).refusal(),
            reported,
            "{number}"
        );
        assert_eq!(sandbox.calls().len(), 1);
        assert_eq!(sandbox.call(CALL).unwrap().state, CallState::Active);
    }
}

/// The rows of the documentation's table of test numbers: number and behaviour.
fn documented_numbers() -> Vec<(&'static str, &'static str)> {
    let page = include_str!("../../../docs/sandbox/README.md");
    let rows = page.lines().filter_map(|line| {
        let (numbers, manner) = line.strip_prefix("| `+")?.split_once(" | ")?;
        let numbers = numbers.split(", ").map(|it| it.trim_matches(['`', '+']));
        Some(numbers.map(move |number| (number, manner)))
    });
    rows.flatten().collect()
}

#[test]
fn every_test_number_does_what_the_documentation_says() {
    let numbers = documented_numbers();
    assert_eq!(numbers.len(), 20);
    for (number, manner) in numbers {
        let sandbox = sandbox();
        let target = format!("+{number}");
        let like = json!({"number": "+19998887777", "like": target}).to_string();
        let set = admin(&sandbox, "POST", "/_sandbox/lines", &like);
        assert_eq!(set.status, 204, "{number} is no test number");
        let reply = update(
            &sandbox,
            &json!({"state": "transferring", "transferTo": target}),
        );
        // The text in code font is the cause of the hang-up, or the code of the refusal.
        let word = manner.split('`').nth(1);
        if manner.as_bytes()[0].is_ascii_digit() {
            let (status, _, code) = reply.refusal();
            assert!(
                manner.starts_with(&status.to_string()),
                "{number}: {status}"
            );
            assert_eq!(Some(code.as_str()), word, "{number}");
            continue;
        }
        let leg = sandbox.call(&reply.new_id()).unwrap();
        let last = leg.events.last().map(|event| event.kind);
        match last {
            Some(EventKind::Hangup(cause)) => assert!(manner.contains(cause.as_str()), "{number}"),
            Some(_) => assert!(manner.contains("answers") && word.is_none(), "{number}"),
            None => assert!(manner.contains("until you answer"), "{number}"),
        }
    }
}

#[test]
fn transfer_reported_as_failed_may_have_been_made() {
    let sandbox = sandbox();
    let body = json!({"state": "transferring", "transferTo": "+12025550127"});
    let reported = update(&sandbox, &body).refusal();
    assert_eq!(reported.2, "call-transfer-error");
    assert_eq!(sandbox.call(CALL).unwrap().state, CallState::Transferring);
    assert_eq!(sandbox.calls().len(), 2);
}

fn as_user(
    sandbox: &Sandbox,
    user: &str,
    method: &str,
    tail: &str,
    body: &str,
) -> crate::client::Reply {
    let headers = format!("{}Content-Type: application/json\r\n", authorization());
    let path = format!("/v1/users/{user}/calls{tail}");
    Client::new(sandbox).send(method, &path, &headers, body)
}

#[test]
fn account_without_credit_can_do_everything_but_call() {
    let sandbox = sandbox();
    let transfer = json!({"state": "transferring", "transferTo": "+12"}).to_string();
    let tail = format!("/{CALL}");
    let reply = as_user(&sandbox, "u-no-credit", "POST", &tail, &transfer);
    let reported = (
        403,
        "credit".into(),
        "insufficient-available-balance".into(),
    );
    assert_eq!(reply.refusal(), reported);
    let create = json!({"from": OWNED, "to": "+12"}).to_string();
    assert_eq!(
        as_user(&sandbox, "u-no-credit", "POST", "", &create).refusal(),
        reported
    );
    let read = as_user(&sandbox, "u-no-credit", "GET", &tail, "");
    assert_eq!(read.json()["state"], "active");
}

#[test]
fn account_with_wrong_credentials_is_always_refused() {
    let reply = as_user(&sandbox(), "u-wrong-credentials", "GET", "", "");
    assert_eq!(
        reply.refusal(),
        (401, "authentication".into(), "unauthorized".into())
    );
}

#[test]
fn name_similar_to_a_test_account_is_another_user() {
    for user in [
        "u-rate-limited-",
        "u-rate-limited-0",
        "u-rate-limited-01",
        "u-rate-limited-1001",
        "u-call-limited-x",
    ] {
        let reply = as_user(&sandbox(), user, "GET", "", "");
        assert_eq!(reply.refusal().2, "user-access-denied", "{user}");
    }
}

#[test]
fn rate_limit_is_reported_with_the_time_at_which_it_clears() {
    let sandbox = sandbox();
    // The window may end between two requests: three in a row can't all be in new ones.
    let replies: Vec<_> = (0..3)
        .map(|_| as_user(&sandbox, "u-rate-limited-1", "GET", "", ""))
        .collect();
    assert_eq!(replies[0].status, 200);
    let refused = replies.iter().find(|reply| reply.status == 429).unwrap();
    assert_eq!(
        refused.refusal(),
        (429, "too-many-requests".into(), "rate-limit-reached".into())
    );
    let reset: u128 = refused
        .header("x-ratelimit-reset")
        .unwrap()
        .parse()
        .unwrap();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis();
    assert!(
        reset <= now + 1_000 && reset + 60_000 > now,
        "{reset} {now}"
    );
    let others = as_user(&sandbox, crate::client::USER, "GET", "", "");
    assert_eq!(others.status, 200);
}

#[test]
fn new_calls_over_the_limit_are_refused_unchanged() {
    let sandbox = Sandbox::builder()
        .user(crate::client::USER, "t-token", "s-secret")
        .owned_number(OWNED)
        .call_rate_limit(1)
        .start()
        .unwrap();
    let create = json!({"from": OWNED, "to": "+12"});
    let statuses: Vec<_> = (0..21)
        .map(|_| post(&sandbox, CALLS, &create).status)
        .collect();
    assert_eq!(statuses[..10], [201; 10]);
    assert!(statuses.contains(&403));
    let made = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(sandbox.calls().len(), made);
    // Requests that make no new call are not counted.
    let id = sandbox.calls()[0].id.clone();
    assert_eq!(
        post(&sandbox, &call_path(&id), &json!({"state": "completed"})).status,
        200
    );
}
