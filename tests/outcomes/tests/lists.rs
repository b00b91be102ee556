//! Lists of calls from servers that fail: cut off, too long, without an end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use calltransfer::{CallQuery, Client, ErrorKind, Outcome, blocking};
use calltransfer_outcomes::{
    Connection, Job, ScriptedServer, Step, config, last_response, response_with,
};

fn call(id: &str) -> String {
    let long = "x".repeat(2000);
    format!(r#"{{"id":"{id}","state":"active","tag":"{long}"}}"#)
}

fn page(calls: usize) -> String {
    let calls: Vec<_> = (0..calls).map(|n| call(&format!("c-{n}"))).collect();
    format!("[{}]", calls.join(","))
}

#[test]
fn list_without_an_end_is_ended_after_10000_pages() {
    // Each page names another one, so that only the number of pages can end it.
    let server = ScriptedServer::responding(|request| {
        let number = request.line().split("page=").nth(1);
        let number = number.and_then(|rest| rest.split(' ').next()?.parse().ok());
        let link = format!("<?page={}>; rel=next", number.unwrap_or(0) + 1);
        response_with(200, &[("Link", &link)], "[]")
    });
    let client = blocking::Client::new(config(&Job::at(&server)));
    let mut list = client.list_calls(CallQuery::new()).unwrap();
    let error = list.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("10000 pages"), "{error}");
    assert_eq!(server.requests("GET").len(), 10_000);
    assert!(list.next().is_none());
}

#[test]
fn page_longer_than_other_responses_is_read_whole() {
    let server = ScriptedServer::responding(|_| response_with(200, &[], &page(1000)));
    let client = blocking::Client::new(config(&Job::at(&server)));
    let calls: Vec<_> = client.list_calls(CallQuery::new()).unwrap().collect();
    assert_eq!(calls.len(), 1000);
    assert!(calls.iter().all(Result::is_ok));
}

#[test]
fn page_beyond_the_limit_names_page_size() {
    let server = ScriptedServer::responding(|_| response_with(200, &[], &page(8500)));
    let client = blocking::Client::new(config(&Job::at(&server)));
    let mut list = client.list_calls(CallQuery::new()).unwrap();
    let error = list.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("page_size"), "{error}");
    assert_eq!(error.attempts(), 1);
}

#[test]
fn page_that_is_cut_off_is_read_again() {
    let whole = response_with(200, &[], &page(3));
    for end in [Step::Close, Step::Reset] {
        let cut = whole[..whole.len() - 1500].to_vec();
        let first = Connection(vec![Step::ReadRequest, Step::Send(cut), end]);
        let again = Connection::replying(last_response(200, &[], &page(3)));
        let server = ScriptedServer::start(vec![first, again]);
        let client = blocking::Client::new(config(&Job::at(&server)));
        let list = client.list_calls(CallQuery::new()).unwrap();
        let ids: Vec<_> = list.map(|call| call.unwrap().id).collect();
        assert_eq!(ids, ["c-0", "c-1", "c-2"]);
        assert_eq!(server.finish().len(), 2);
    }
}

#[test]
fn server_that_never_responds_leaves_no_outcome_unknown() {
    let server = ScriptedServer::silent();
    let job = Job {
        timeout: Duration::from_millis(200),
        ..Job::at(&server)
    };
    let client = blocking::Client::new(config(&job));
    let mut list = client.list_calls(CallQuery::new()).unwrap();
    let error = list.next().unwrap().unwrap_err();
    assert_ne!(error.outcome(), Outcome::Unknown, "{error}");
    assert!(list.next().is_none());
    drop(client);
    server.finish();
}

#[test]
fn page_whose_future_was_dropped_is_read_again() {
    let server = ScriptedServer::responding(|request| match request.line().contains("page=1") {
        true => response_with(200, &[], &page(2)),
        false => response_with(200, &[("Link", "<?page=1>; rel=next")], &page(1)),
    });
    let runtime = calltransfer_outcomes::runtime();
    runtime.block_on(async {
        let client = Client::new(config(&Job::at(&server)));
        let mut list = client.list_calls(CallQuery::new()).unwrap();
        assert!(list.next().await.unwrap().is_ok());
        {
            let mut next = Box::pin(list.next());
            let is_pending = poll_fn(|context| {
                let polled = next.as_mut().poll(context);
                Poll::Ready(polled.is_pending())
            });
            assert!(is_pending.await);
        }
        let mut ids = Vec::new();
        while let Some(call) = list.next().await {
            ids.push(call.unwrap().id);
        }
        // "c-0" was on the page before.
        assert_eq!(ids, ["c-1"]);
    });
}
