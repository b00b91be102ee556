//! One token for all requests, until it ends.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use calltransfer::{Client, Config, ErrorKind, background, blocking};
use calltransfer_outcomes::{ScriptedServer, admit, granted, response, runtime};

use crate::{BASIC, PUT, THREADS, TOKEN_PATH, builder, config, storm, transfer};

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

#[test]
fn thousand_threads_request_one_token() {
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
fn token_that_ends_in_the_middle_of_a_batch_is_renewed_once() {
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
fn thousand_threads_with_revoked_token_request_one_new_token() {
    let server = renewing(1);
    let client = blocking::Client::new(config(&server));
    client.transfer(transfer()).unwrap();
    let results = storm(&client, THREADS, 1);
    assert!(results.iter().all(|result| matches!(result, Ok(1 | 2))));
    assert_eq!(server.requests(TOKEN_PATH).len(), 2);
}

#[test]
fn token_is_renewed_before_it_ends() {
    let grants = AtomicUsize::new(0);
    let server = ScriptedServer::responding(move |request| match request.is_for_token() {
        true => granted(
            &format!("token-{}", grants.fetch_add(1, Ordering::AcqRel)),
            1,
        ),
        false => response(204),
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
fn basic_authentication_needs_no_token() {
    let server = ScriptedServer::responding(|_| response(204));
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
