//! Responses that are not the platform's, and how an error describes them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use calltransfer::{Error, ErrorKind, Outcome, Request, Stage, blocking};
use calltransfer_outcomes::{
    Account, CALL, Connection, Job, SECRET, ScriptedServer, Step, TOKEN, config, response_with,
    transfer,
};

const HTML: (&str, &str) = ("Content-Type", "text/html");
const NGINX: &str = "<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

fn client_at(account: Account, address: &str, timeout_ms: u64, retries: u32) -> blocking::Client {
    blocking::Client::new(config(&Job {
        account,
        timeout: Duration::from_millis(timeout_ms),
        max_retries: retries,
        ..Job::to(format!("http://{address}"))
    }))
}

/// The error of a request with this response, and the host and port that sent it.
fn ended<T: std::fmt::Debug>(
    account: Account,
    reply: Vec<u8>,
    send: impl FnOnce(&blocking::Client) -> Result<T, Error>,
) -> (Error, String) {
    let server = ScriptedServer::start(vec![Connection::replying(reply)]);
    let address = server.address().to_string();
    let error = send(&client_at(account, &address, 10_000, 0)).unwrap_err();
    server.finish();
    (error, address)
}

fn refused(status: u16, headers: &[(&str, &str)], body: &str) -> String {
    let reply = response_with(status, headers, body);
    let (error, _) = ended(Account::V1, reply, |client| client.transfer(transfer()));
    assert_eq!(error.platform(), &calltransfer::PlatformError::default());
    error.to_string()
}

#[test]
fn error_of_other_server_quotes_type_size_and_first_words() {
    let plain = ("Content-Type", "text/plain; charset=UTF-8");
    let xml = ("Content-Type", "application/xml");
    for (status, header, body, expected) in [
        (
            400,
            HTML,
            NGINX,
            r#"(HTTP 400; the response is text/html, 150 bytes: "400 Bad Request nginx")"#,
        ),
        (
            403,
            HTML,
            "<p>Blocked by <b>policy</b> 7</p>",
            r#"(HTTP 403; the response is text/html, 33 bytes: "Blocked by policy 7")"#,
        ),
        (
            403,
            plain,
            "error code: 1015",
            r#"(HTTP 403; the response is text/plain, 16 bytes: "error code: 1015")"#,
        ),
        (
            502,
            xml,
            "<?xml version=\"1.0\"?><Error><Code>Down</Code></Error>",
            r#"(HTTP 502; the response is application/xml, 53 bytes: "Down")"#,
        ),
        (
            429,
            ("X", "y"),
            "slow\u{1b}[31m down",
            r#"(HTTP 429; the response is without a Content-Type, 14 bytes: "slow\u{1b}[31m down")"#,
        ),
        (409, HTML, "", "(HTTP 409)"),
    ] {
        let message = refused(status, &[header], body);
        assert!(message.ends_with(expected), "{message}");
    }
}

#[test]
fn secrets_and_numbers_in_body_of_other_server_are_redacted() {
    let body = format!("<p>no {TOKEN} {SECRET} for +1 (838) 294-7878 {TOKEN}</p>");
    let text = ("Content-Type", TOKEN);
    for (status, header) in [(200, HTML), (400, HTML), (404, text), (500, text)] {
        let message = refused(status, &[header], &body);
        assert!(message.contains(": \"no *** ***"), "{message}");
        for hidden in [TOKEN, SECRET, "838", "294"] {
            assert!(!message.contains(hidden), "{message}");
        }
    }
}

#[test]
fn web_page_with_status_200_is_unknown_and_names_host() {
    let page = "<!DOCTYPE html><title>Sign in</title><h1>Hotel &amp; Bar</h1>";
    for account in [Account::V1, Account::V2User] {
        let reply = || response_with(200, &[HTML], page);
        let transferred = ended(account, reply(), |client| client.transfer(transfer()));
        let hung_up = ended(account, reply(), |client| client.hang_up(CALL));
        for (error, address) in [transferred, hung_up] {
            let message = error.to_string();
            assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{message}");
            assert_eq!(error.outcome(), Outcome::Unknown);
            assert_eq!(error.http_status(), Some(200));
            assert!(!error.is_safe_to_repeat());
            assert_eq!(
                message,
                format!(
                    "{address} responded with a web page, which does not say whether the request was carried out; check base_url and the network (HTTP 200; the response is text/html, 61 bytes: \"Sign in Hotel &amp; Bar\")"
                )
            );
        }
    }
    let reply = response_with(200, &[HTML], page);
    let (error, _) = ended(Account::V1, reply, |client| client.answer(CALL));
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[test]
fn not_found_of_another_server_is_rejected() {
    let reply = || response_with(404, &[HTML], "<h1>404 Not Found</h1>nginx");
    for account in [Account::V1, Account::V2User] {
        let transferred = ended(account, reply(), |client| client.transfer(transfer()));
        let read = ended(account, reply(), |client| client.get_call(CALL));
        for (error, address) in [transferred, read] {
            let message = error.to_string();
            assert_eq!(error.kind(), ErrorKind::Rejected, "{message}");
            assert_eq!(error.outcome(), Outcome::NotApplied);
            assert!(message.starts_with(&address), "{message}");
            assert!(message.contains("check base_url"), "{message}");
            assert!(message.ends_with(": \"404 Not Found nginx\")"), "{message}");
        }
        // Another server knows nothing about the call.
        let (error, _) = ended(account, reply(), |client| client.check(CALL));
        assert_eq!(error.kind(), ErrorKind::Rejected);
    }
}

#[test]
fn call_under_another_id_is_an_error_and_decides_nothing() {
    let v1 = r#"{"id":"c-other","state":"active"}"#;
    let v2 = r#"{"callId":"c-other","state":"queued"}"#;
    for (account, body) in [(Account::V1, v1), (Account::V2User, v2)] {
        let reply = || response_with(200, &[("Content-Type", "application/json")], body);
        let read = ended(account, reply(), |client| client.get_call(CALL));
        let checked = ended(account, reply(), |client| client.check(CALL));
        for (error, _) in [read, checked] {
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert_eq!(error.outcome(), Outcome::NotApplied);
            assert!(error.to_string().contains("\"c-other\""), "{error}");
        }
    }
}

#[test]
fn read_responded_to_with_a_web_page_says_so() {
    let reply = response_with(200, &[HTML], "<title>Sign in</title>");
    let (error, _) = ended(Account::V1, reply, |client| client.get_call(CALL));
    assert_eq!(error.outcome(), Outcome::NotApplied);
    assert_eq!(
        error.to_string(),
        "the response describes no call (HTTP 200; the response is text/html, 22 bytes: \"Sign in\")"
    );
}

#[test]
fn read_of_a_host_that_takes_no_connection_is_not_sent() {
    let listener = ScriptedServer::full();
    for retries in [0, 2] {
        for account in [Account::V1, Account::V2User] {
            let client = client_at(account, &listener.address().to_string(), 600, retries);
            for error in [
                client.get_call(CALL).unwrap_err(),
                client.check(CALL).unwrap_err(),
            ] {
                assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
                assert_eq!(error.stage(), Some(Stage::Connect), "{error}");
            }
        }
    }
}

#[test]
fn read_that_was_sent_is_not_applied_for_any_response() {
    let silence = vec![Step::ReadRequest, Step::Hang];
    let reset = vec![Step::ReadRequest, Step::Reset];
    let closed = vec![Step::ReadRequest, Step::Close];
    for (steps, timeout, kind) in [
        (silence, 500, ErrorKind::Timeout),
        (reset, 10_000, ErrorKind::Connection),
        (closed, 10_000, ErrorKind::Connection),
    ] {
        for account in [Account::V1, Account::V2User] {
            let server = ScriptedServer::start(vec![Connection(steps.clone())]);
            let client = client_at(account, &server.address().to_string(), timeout, 0);
            let error = client.get_call(CALL).unwrap_err();
            let message = error.to_string();
            assert_eq!(error.outcome(), Outcome::NotApplied, "{message}");
            assert_eq!(error.kind(), kind, "{message}");
            assert!(message.contains("nothing was changed"), "{message}");
            drop(client);
            let arrivals = server.finish();
            let head = arrivals[0].head.to_lowercase();
            assert!(head.starts_with("get "), "{head}");
            for header in ["content-length", "transfer-encoding", "content-type"] {
                assert!(!head.contains(header), "{head}");
            }
        }
    }
}

#[test]
fn stopped_read_is_not_sent_or_not_applied() {
    let stopped = |address: &str| {
        let client = client_at(Account::V1, address, 10_000, 0);
        let begin = Instant::now();
        let mut watch = || match begin.elapsed() > Duration::from_millis(400) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let interval = Duration::from_millis(20);
        let request = Request::get_call(client.config(), CALL).unwrap();
        client
            .execute_interruptible(request, interval, &mut watch)
            .unwrap_err()
    };
    let listener = ScriptedServer::full();
    let error = stopped(&listener.address().to_string());
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.outcome(), Outcome::NotSent);
    let silent = vec![Connection::silent()];
    let server = ScriptedServer::start(silent);
    let error = stopped(&server.address().to_string());
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.outcome(), Outcome::NotApplied, "{error}");
    server.finish();
}
