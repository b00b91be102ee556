//! A token endpoint that refuses, fails or is silent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use calltransfer::{Client, Error, ErrorKind, Outcome, Stage, blocking};
use calltransfer_outcomes::{ScriptedServer, admit, granted, response, response_with, runtime};

use crate::{BASIC, PUT, TOKEN_PATH, builder, config, storm, transfer};

/// A hundred transfers on one thread: all of them send before the first response.
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
fn token_that_is_refused_again_is_reported_as_authentication() {
    let server = ScriptedServer::responding(|request| match request.is_for_token() {
        true => granted("token-x", 3600),
        false => response(401),
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
fn refused_token_client_is_reported_once_to_all_waiters() {
    for status in [400, 401, 403] {
        let server = ScriptedServer::responding(move |_| {
            response_with(
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
        (response(500), ErrorKind::Unavailable, 3),
        (response(503), ErrorKind::Unavailable, 3),
        (response(404), ErrorKind::Rejected, 1),
        (
            response_with(307, &[("Location", "https://other.example/")], ""),
            ErrorKind::RedirectRefused,
            1,
        ),
        (
            response_with(429, &[("Retry-After", "0")], ""),
            ErrorKind::RateLimited,
            3,
        ),
        (response_with(200, &[], "{}"), ErrorKind::Unavailable, 1),
        (response_with(200, &[], "<html>"), ErrorKind::Unavailable, 1),
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
fn endpoint_that_recovers_gets_a_new_request() {
    let first = AtomicUsize::new(0);
    let server = ScriptedServer::responding(move |request| {
        match (request.is_for_token(), first.fetch_add(1, Ordering::AcqRel)) {
            (true, 0) => response(500),
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
fn unreachable_token_endpoint_is_not_sent() {
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
fn neither_token_nor_secret_is_shown_anywhere() {
    let shown = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&shown);
    let server = ScriptedServer::responding(|request| match request.is_for_token() {
        true => granted("tok3n-4711", 3600),
        false => response_with(401, &[], r#"{"type":"authentication","description":"no"}"#),
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
