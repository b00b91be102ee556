//! A server that echoes each request: no client shows a secret that it knows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use calltransfer::{CallQuery, Client as AsyncClient, Config, blocking};
use calltransfer_outcomes::{
    ACCESS_TOKEN, Account, CLIENTS, Job, SECRET, ScriptedServer, TOKEN, USER, config, granted,
    last_response, reported, response_with, transfer,
};
use serde_json::json;

const ACCOUNTS: [Account; 3] = [Account::V1, Account::V2User, Account::V2Client];

fn job(account: Account, server: &ScriptedServer) -> Job {
    Job {
        account,
        timeout: Duration::from_secs(60),
        max_retries: 1,
        ..Job::at(server)
    }
}

/// The secrets of this account, in the forms in which servers repeat them.
fn secrets(account: Account) -> Vec<String> {
    let basic = STANDARD.encode(format!("{TOKEN}:{SECRET}"));
    let mut plain = vec![SECRET.to_owned()];
    match account {
        Account::V1 => plain.push(TOKEN.to_owned()),
        Account::V2User => {}
        Account::V2Client => plain.push(ACCESS_TOKEN.to_owned()),
    }
    let mut forms = vec![basic.trim_end_matches('=').to_owned()];
    for secret in plain {
        let utf16 = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        forms.extend([
            STANDARD.encode(&secret).trim_end_matches('=').to_owned(),
            secret.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            utf16.collect(),
            secret.replace('-', "%2d"),
            secret,
        ]);
    }
    forms
}

fn check(account: Account, shown: &str, where_from: &str) {
    let shown = shown.to_lowercase();
    for secret in secrets(account) {
        let secret = secret.to_lowercase();
        // The driver of another language prints JSON.
        for form in [secret.replace('\\', "\\\\"), secret] {
            assert!(!shown.contains(&form), "{where_from}: {form} in {shown}");
        }
    }
}

/// A refusal that has this text wherever a client reads one.
fn refusal(status: u16, echo: &str) -> Vec<u8> {
    let details: Vec<_> = secrets(Account::V1)
        .into_iter()
        .map(|secret| json!({"name": secret.to_uppercase(), "value": [echo, {(echo): secret}]}))
        .collect();
    let body = json!({
        "category": echo, "code": echo, "message": echo, "details": details,
        "type": echo, "description": echo, "id": echo, "error": echo, "error_description": echo,
    });
    let location = format!("http://{echo}.example.com/{echo}");
    let headers = [
        ("Location", location.as_str()),
        ("WWW-Authenticate", echo),
        ("Content-Type", "application/json"),
    ];
    last_response(status, &headers, &body.to_string())
}

/// Grants a token to a token request, and echoes every other request in the response.
fn echoing(status: u16, echo: String) -> ScriptedServer {
    ScriptedServer::responding(move |request| match request.is_for_token() {
        true => granted(ACCESS_TOKEN, 3600),
        false => refusal(status, &echo),
    })
}

#[test]
fn refusal_with_secrets_is_redacted_in_every_language() {
    for account in ACCOUNTS {
        // A field is cut at 200 characters: a few forms at a time.
        for forms in secrets(account).chunks(4) {
            for status in [401, 302] {
                let echo = forms.join(if status == 302 { "" } else { "_" });
                let server = echoing(status, echo);
                for client in CLIENTS.iter().filter(|client| client.is_here()) {
                    let reported = client.report(&job(account, &server));
                    assert_eq!(reported.outcome, "not_applied", "{reported:?}");
                    assert_eq!(reported.http_status, Some(status.into()), "{reported:?}");
                    check(account, &reported.shown, client.name);
                }
            }
        }
    }
}

#[test]
fn refusal_with_a_secret_is_redacted_for_every_status() {
    for account in ACCOUNTS {
        for secret in secrets(account) {
            for status in [301, 400, 401, 403, 404, 409, 500] {
                let server = echoing(status, format!("this is {secret}."));
                let reported = reported(
                    blocking::Client::new(config(&job(account, &server))).transfer(transfer()),
                );
                check(account, &reported.shown, &status.to_string());
                let hidden = reported.shown.contains("this is ***.");
                assert!(hidden || status == 301, "{reported:?}");
            }
        }
    }
}

#[test]
fn refused_token_request_is_shown_without_secrets() {
    // No access token was granted, so that the client knows what a user knows.
    for secret in secrets(Account::V2User) {
        for status in [302, 400, 401, 403, 500] {
            let echo = format!("this is {secret}.");
            let server = ScriptedServer::responding(move |_| refusal(status, &echo));
            let job = Job {
                max_retries: 0,
                ..job(Account::V2Client, &server)
            };
            let reported = reported(blocking::Client::new(config(&job)).transfer(transfer()));
            assert_eq!(reported.outcome, "not_sent", "{reported:?}");
            check(Account::V2User, &reported.shown, &status.to_string());
        }
    }
}

#[test]
fn location_with_a_secret_gives_no_call_id() {
    for secret in [
        SECRET.to_owned(),
        TOKEN.to_uppercase(),
        STANDARD.encode(TOKEN).replace('=', ""),
    ] {
        let path = format!("/v1/users/{USER}/calls/{secret}");
        let server =
            ScriptedServer::responding(move |_| response_with(201, &[("Location", &path)], ""));
        for client in CLIENTS.iter().filter(|client| client.is_here()) {
            let reported = client.report(&job(Account::V1, &server));
            assert_eq!(reported.outcome, "applied", "{reported:?}");
            assert_eq!(reported.call_id, None, "{reported:?}");
            check(Account::V1, &reported.shown, client.name);
        }
    }
}

#[test]
fn call_with_secrets_is_read_without_them() {
    for account in ACCOUNTS {
        for secret in secrets(account) {
            let fields = json!({
                "id": "c-1", "callId": "c-1", "state": secret, "direction": secret, "tag": secret,
                (secret.as_str()): [secret],
            });
            let server = ScriptedServer::responding(move |request| match request.is_for_token() {
                true => granted(ACCESS_TOKEN, 3600),
                false => response_with(200, &[], &fields.to_string()),
            });
            let client = blocking::Client::new(config(&job(account, &server)));
            let call = client.get_call("c-1").unwrap();
            assert_eq!(call.id, "c-1");
            check(account, &format!("{call:?} {:?}", call.fields), "get_call");
        }
    }
}

#[test]
fn list_with_secrets_is_read_without_them() {
    for account in ACCOUNTS {
        for secret in secrets(account) {
            let fields = json!([{
                "id": "c-1", "callId": "c-1", "state": "active", "from": secret, "tag": secret,
            }]);
            let link = format!("<?page={}>; rel=next", secret.replace(['"', '\\'], ""));
            let server = ScriptedServer::responding(move |request| match request.is_for_token() {
                true => granted(ACCESS_TOKEN, 3600),
                false if request.line().contains("page=") => refusal(403, &fields.to_string()),
                false => response_with(200, &[("Link", &link)], &fields.to_string()),
            });
            let client = blocking::Client::new(config(&job(account, &server)));
            let mut list = client.list_calls(CallQuery::new()).unwrap();
            let call = list.next().unwrap().unwrap();
            assert_eq!(call.id, "c-1");
            let error = list.next().unwrap().unwrap_err();
            let shown = format!("{call:?} {:?} {list:?} {error} {error:?}", call.fields);
            check(account, &shown, "list_calls");
        }
    }
}

#[test]
fn body_that_is_not_json_is_read_without_secrets() {
    // No part of it may be shown in another form either.
    let page = format!("<html><p title=\"{SECRET}\">no such user: {TOKEN}&amp;</p></html>");
    let server = ScriptedServer::responding(move |_| {
        last_response(403, &[("Content-Type", "text/html")], &page)
    });
    let reported =
        reported(blocking::Client::new(config(&job(Account::V1, &server))).transfer(transfer()));
    check(Account::V1, &reported.shown, "page");
}

#[test]
fn secret_that_is_part_of_a_known_word_changes_no_outcome() {
    for (secret, status, body, kind) in [
        (
            "invalid-state",
            403,
            r#"{"code":"call-invalid-state"}"#,
            "call_not_active",
        ),
        (
            "call-invalid-state",
            403,
            r#"{"code":"call-invalid-state"}"#,
            "call_not_active",
        ),
        (
            "authorization",
            401,
            r#"{"category":"authorization"}"#,
            "authorization",
        ),
        (
            "category",
            401,
            r#"{"category":"authorization"}"#,
            "authorization",
        ),
        (
            "rate-limit",
            403,
            r#"{"code":"call-rate-limit"}"#,
            "rate_limited",
        ),
        (
            "credit",
            403,
            r#"{"category":"credit"}"#,
            "insufficient_credit",
        ),
    ] {
        let server = ScriptedServer::responding(move |_| last_response(status, &[], body));
        let config = Config::builder()
            .user_id(USER)
            .token("t-0815-4711")
            .secret(secret)
            .max_retries(0)
            .base_url(server.url());
        let error = blocking::Client::new(config.build().unwrap())
            .transfer(transfer())
            .unwrap_err();
        assert_eq!(error.kind().to_string(), kind, "{error}");
    }
}

#[test]
fn expired_access_token_is_still_redacted() {
    let tokens = std::sync::atomic::AtomicUsize::new(0);
    let server = ScriptedServer::responding(move |request| {
        if request.is_for_token() {
            let number = tokens.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
            return granted(&format!("access-token-{number}"), 3600);
        }
        last_response(
            401,
            &[],
            r#"{"type":"access-token-0","description":"access-token-1"}"#,
        )
    });
    let runtime = calltransfer_outcomes::runtime();
    let client = AsyncClient::new(config(&job(Account::V2Client, &server)));
    let error = runtime.block_on(client.transfer(transfer())).unwrap_err();
    assert_eq!(error.attempts(), 2, "{error}");
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("access-token") && shown.contains("***"),
        "{shown}"
    );
}
