//! OAuth2 tokens of the v2 API: fetched once for all waiting requests, renewed in time and after a 401.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use calltransfer::{
    Client, Config, ConfigBuilder, Error, ErrorKind, Outcome, Stage, Transfer, background, blocking,
};
use calltransfer_outcomes::{ScriptedServer, admit, answer, answer_with, granted};

const TOKEN_PATH: &str = "POST /api/v1/oauth2/token ";
const PUT: &str = "PUT /api/v2/accounts/5500099/calls/";
const THREADS: usize = 1000;
/// base64 of `client-1:s3cret-0815`
const BASIC: &str = "Basic Y2xpZW50LTE6czNjcmV0LTA4MTU=";

fn builder(server: &ScriptedServer) -> ConfigBuilder {
    Config::builder()
        .account_id("5500099")
        .client_id("client-1")
        .client_secret("s3cret-0815")
        .timeout(Duration::from_secs(60))
        .base_url(server.url())
}

fn config(server: &ScriptedServer) -> Config {
    builder(server).build().unwrap()
}

fn transfer() -> Transfer {
    Transfer::new("c-1", "+18382947878")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A server whose first token ends after so many transfers, and which grants another then.
fn renewing(good_for: usize) -> ScriptedServer {
    let (granted_so_far, used) = (AtomicUsize::new(0), AtomicUsize::new(0));
    ScriptedServer::responding(move |request| {
        if request.is_for_token() {
            let number = granted_so_far.fetch_add(1, Ordering::AcqRel) + 1;
            return granted(&format!("token-{number}"), 3600);
        }
        match used.fetch_add(1, Ordering::AcqRel) < good_for {
            true => admit(request, "token-1"),
            false => admit(request, "token-2"),
        }
    })
}

/// From many threads at once, through one client; small stacks, so that a thousand fit.
fn storm(client: &blocking::Client, threads: usize, each: usize) -> Vec<Result<u32, Error>> {
    let start = std::sync::Barrier::new(threads);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let body = || {
                start.wait();
                for _ in 0..each {
                    let result = client.transfer(transfer()).map(|done| done.attempts);
                    results.lock().unwrap().push(result);
                }
            };
            let thread = std::thread::Builder::new().stack_size(512 * 1024);
            thread.spawn_scoped(scope, body).unwrap();
        }
    });
    results.into_inner().unwrap()
}

#[test]
fn a_thousand_threads_ask_for_one_token() {
    let server = renewing(usize::MAX);
    let client = blocking::Client::new(config(&server));
    let results = storm(&client, THREADS, 1);
    assert!(results.iter().all(|result| matches!(result, Ok(1))));
    let tokens = server.requests(TOKEN_PATH);
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].header("authorization"), BASIC);
    assert_eq!(tokens[0].body, b"grant_type=client_credentials");
    assert_eq!(server.requests(PUT).len(), THREADS);
}

#[test]
fn every_kind_of_client_of_one_configuration_shares_the_token() {
    let server = renewing(usize::MAX);
    let config = config(&server);
    blocking::Client::new(config.clone())
        .transfer(transfer())
        .unwrap();
    runtime()
        .block_on(Client::new(config.clone()).transfer(transfer()))
        .unwrap();
    let (sender, receiver) = mpsc::channel();
    background::Client::new(config)
        .transfer(transfer(), move |result| sender.send(result).unwrap())
        .unwrap();
    receiver.recv().unwrap().unwrap();
    assert_eq!(server.requests(TOKEN_PATH).len(), 1);
    assert_eq!(server.requests(PUT).len(), 3);
}

#[test]
fn a_token_that_ends_in_the_middle_of_a_batch_is_renewed_once() {
    let server = renewing(500);
    let client = blocking::Client::new(config(&server));
    let results = storm(&client, 16, 64);
    assert!(
        results.iter().all(|result| matches!(result, Ok(1 | 2))),
        "{results:?}"
    );
    let again = results
        .iter()
        .filter(|result| matches!(result, Ok(2)))
        .count();
    assert!((1..=16).contains(&again), "{again}"); // those that were in progress
    assert_eq!(server.requests(TOKEN_PATH).len(), 2);
}

#[test]
fn a_thousand_threads_whose_token_was_revoked_ask_for_one_other() {
    let server = renewing(1);
    let client = blocking::Client::new(config(&server));
    client.transfer(transfer()).unwrap();
    let results = storm(&client, THREADS, 1);
    assert!(results.iter().all(|result| matches!(result, Ok(1 | 2))));
    assert_eq!(server.requests(TOKEN_PATH).len(), 2);
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    let grants = AtomicUsize::new(0);
    let server = ScriptedServer::responding(move |request| match request.is_for_token() {
        true => granted(
            &format!("token-{}", grants.fetch_add(1, Ordering::AcqRel)),
            1,
        ),
        false => answer(204),
    });
    let client = blocking::Client::new(config(&server));
    client.transfer(transfer()).unwrap();
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(client.transfer(transfer()).unwrap().attempts, 1);
    let used: Vec<_> = server
        .requests(PUT)
        .into_iter()
        .map(|request| request.header("authorization").to_owned())
        .collect();
    assert_eq!(used, ["Bearer token-0", "Bearer token-1"]);
}

#[test]
fn a_token_that_is_refused_again_is_reported_as_authentication() {
    let server = ScriptedServer::responding(|request| match request.is_for_token() {
        true => granted("token-x", 3600),
        false => answer(401),
    });
    let error = blocking::Client::new(config(&server))
        .transfer(transfer())
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Authentication, Outcome::NotApplied)
    );
    assert_eq!((error.attempts(), error.stage()), (2, Some(Stage::Status)));
    assert_eq!(
        (
            server.requests(TOKEN_PATH).len(),
            server.requests(PUT).len()
        ),
        (2, 2)
    );
}

#[test]
fn without_retries_the_next_transfer_has_a_new_token() {
    let server = renewing(1);
    let client = blocking::Client::new(builder(&server).max_retries(0).build().unwrap());
    client.transfer(transfer()).unwrap();
    let error = client.transfer(transfer()).unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Authentication, 1)
    );
    client.transfer(transfer()).unwrap();
}

/// A hundred transfers on one thread: all of them ask before anything is answered.
fn hundred(server: &ScriptedServer) -> Vec<Error> {
    runtime().block_on(async {
        let client = Client::new(config(server));
        let tasks = tokio::task::LocalSet::new();
        let waiting: Vec<_> = (0..100)
            .map(|_| {
                let client = client.clone();
                tasks.spawn_local(async move { client.transfer(transfer()).await.unwrap_err() })
            })
            .collect();
        tasks.await;
        let mut errors = Vec::new();
        for task in waiting {
            errors.push(task.await.unwrap());
        }
        errors
    })
}

#[test]
fn refused_token_client_is_reported_once_to_all_waiters() {
    for status in [400, 401, 403] {
        let server = ScriptedServer::responding(move |_| {
            answer_with(
                status,
                &[],
                r#"{"error":"invalid_client","error_description":"who?"}"#,
            )
        });
        for error in hundred(&server) {
            assert_eq!(
                (error.kind(), error.outcome()),
                (ErrorKind::Authentication, Outcome::NotSent)
            );
            assert_eq!(
                (error.stage(), error.http_status()),
                (Some(Stage::Token), Some(status))
            );
            assert_eq!(error.platform().code.as_deref(), Some("invalid_client"));
            let begin = "no access token: the token endpoint rejected this client_id";
            assert!(error.to_string().starts_with(begin), "{error}");
        }
        assert_eq!(server.requests(TOKEN_PATH).len(), 1);
        assert!(server.requests(PUT).is_empty());
    }
}

#[test]
fn token_error_depends_on_the_endpoints_response() {
    for (reply, kind, requests) in [
        (answer(500), ErrorKind::Unavailable, 3),
        (answer(503), ErrorKind::Unavailable, 3),
        (answer(404), ErrorKind::Rejected, 1),
        (
            answer_with(307, &[("Location", "https://other.example/")], ""),
            ErrorKind::RedirectRefused,
            1,
        ),
        (
            answer_with(429, &[("Retry-After", "0")], ""),
            ErrorKind::RateLimited,
            3,
        ),
        (answer_with(200, &[], "{}"), ErrorKind::Unavailable, 1),
        (answer_with(200, &[], "<html>"), ErrorKind::Unavailable, 1),
    ] {
        let server = ScriptedServer::responding(move |_| reply.clone());
        let error = blocking::Client::new(config(&server))
            .transfer(transfer())
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (kind, Outcome::NotSent),
            "{error}"
        );
        assert_eq!(
            (error.stage(), u64::from(error.attempts())),
            (Some(Stage::Token), requests),
            "{error}"
        );
        assert_eq!(server.requests(TOKEN_PATH).len() as u64, requests);
        assert!(server.requests(PUT).is_empty());
    }
}

#[test]
fn an_endpoint_that_recovers_is_asked_again() {
    let first = AtomicUsize::new(0);
    let server = ScriptedServer::responding(move |request| {
        match (request.is_for_token(), first.fetch_add(1, Ordering::AcqRel)) {
            (true, 0) => answer(500),
            (true, _) => granted("token-1", 3600),
            _ => admit(request, "token-1"),
        }
    });
    let done = blocking::Client::new(config(&server))
        .transfer(transfer())
        .unwrap();
    assert_eq!(done.attempts, 2);
}

#[test]
fn silent_token_endpoint_ends_at_the_deadline() {
    let server = ScriptedServer::responding(|_| Vec::new());
    let config = builder(&server)
        .timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let client = blocking::Client::new(config);
    for result in storm(&client, 4, 1) {
        let error = result.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Timeout, Outcome::NotSent)
        );
        assert_eq!(error.stage(), Some(Stage::Token));
    }
    assert!(server.requests(PUT).is_empty());
}

#[test]
fn an_endpoint_that_is_not_there_is_not_sent() {
    let server = ScriptedServer::responding(|_| Vec::new());
    let config = config(&server);
    drop(server);
    let error = blocking::Client::new(config)
        .transfer(transfer())
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Connection, Outcome::NotSent)
    );
    assert_eq!(error.stage(), Some(Stage::Token));
}

#[test]
fn waiting_request_takes_over_an_abandoned_token_fetch() {
    let first = AtomicUsize::new(0);
    let server = ScriptedServer::responding(move |request| {
        match (request.is_for_token(), first.fetch_add(1, Ordering::AcqRel)) {
            (true, 0) => Vec::new(), // never
            (true, _) => granted("token-1", 3600),
            _ => admit(request, "token-1"),
        }
    });
    runtime().block_on(async {
        let client = Client::new(config(&server));
        let mut fetching = Box::pin(client.transfer(transfer()));
        while server.requests(TOKEN_PATH).is_empty() {
            let waiting = tokio::time::timeout(Duration::from_millis(5), &mut fetching);
            assert!(waiting.await.is_err());
        }
        let mut waiting = Box::pin(client.transfer(transfer()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(waiting.as_mut().poll(&mut context), Poll::Pending));
        drop(fetching);
        assert_eq!(waiting.await.unwrap().attempts, 1);
    });
}

#[test]
fn neither_token_nor_secret_is_shown_anywhere() {
    let shown = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&shown);
    let server = ScriptedServer::responding(|request| match request.is_for_token() {
        true => granted("tok3n-4711", 3600),
        false => answer_with(401, &[], r#"{"type":"authentication","description":"no"}"#),
    });
    let config = builder(&server)
        .on_attempt(move |attempt| {
            log.lock()
                .unwrap()
                .push_str(&format!("{attempt} {attempt:?}"))
        })
        .build()
        .unwrap();
    let reported = format!("{config:?}");
    let client = blocking::Client::new(config);
    let error = client.transfer(transfer()).unwrap_err();
    let shown = format!(
        "{reported} {client:?} {error} {error:?} {}",
        shown.lock().unwrap()
    );
    assert!(
        shown.contains("api: v2") && shown.contains("attempt 2"),
        "{shown}"
    );
    for secret in ["tok3n-4711", "s3cret-0815", &BASIC[6..26]] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn basic_authentication_needs_no_token() {
    let server = ScriptedServer::responding(|_| answer(204));
    let config = Config::builder()
        .account_id("5500099")
        .username("client-1")
        .password("s3cret-0815")
        .base_url(server.url());
    let client = blocking::Client::new(config.build().unwrap());
    client.transfer(transfer()).unwrap();
    client.hang_up("c-1").unwrap();
    assert!(server.requests(TOKEN_PATH).is_empty());
    let requests = server.requests(PUT);
    assert!(
        requests
            .iter()
            .all(|one| one.header("authorization") == BASIC)
    );
    let body = String::from_utf8_lossy(&requests[1].body);
    assert!(body.ends_with("<Bxml><Hangup/></Bxml>"), "{body}");
    let error = client.answer("c-1").unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (ErrorKind::Configuration, Some("api"))
    );
}
