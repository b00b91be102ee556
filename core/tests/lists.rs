//! Lists of calls in the sandbox: whole, lazy, and the same calls that its record has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::{Arc, Mutex};

use calltransfer::{CallQuery, CallState, Client, Request, blocking};
use calltransfer_sandbox::{CallState as Placed, IncomingCall, Sandbox};
use support::{v1, v2};

const CALLED: &str = "+18385550199";

/// Calls of four callers to two numbers, every fifth of them ended.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().start().unwrap();
    for n in 0..57 {
        let to = if n % 3 == 0 { "+18385550188" } else { CALLED };
        let state = match n % 5 {
            0 => Placed::Completed,
            _ => Placed::Active,
        };
        let call = IncomingCall::new(format!("+1919555010{}", n % 4), to);
        let call = call.id(format!("c-{n}")).state(state);
        sandbox.place_incoming_call(call).unwrap();
    }
    sandbox
}

/// The IDs of the sandbox's calls that `wanted` chooses, sorted.
fn placed(sandbox: &Sandbox, wanted: impl Fn(&calltransfer_sandbox::Call) -> bool) -> Vec<String> {
    let calls = sandbox.calls().into_iter().filter(wanted);
    sorted(calls.map(|call| call.id).collect())
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

fn listed(client: &blocking::Client, query: CallQuery) -> Vec<String> {
    let calls = client.list_calls(query).unwrap();
    sorted(calls.map(|call| call.unwrap().id).collect())
}

#[test]
fn list_is_complete_with_any_page_size() {
    let sandbox = sandbox();
    for (config, active) in [(v1(), "active"), (v2(), "answered")] {
        let client = blocking::Client::new(config.base_url(sandbox.url()).build().unwrap());
        for size in [1, 7, 19, 57, 1000] {
            let query = || CallQuery::new().page_size(size);
            let all = listed(&client, query());
            assert_eq!(all, placed(&sandbox, |_| true), "{active} {size}");
            let wanted = query().state(active).to(CALLED).from("+1 919 555 0101");
            let expected = placed(&sandbox, |call| {
                call.state == Placed::Active && call.to == CALLED && call.from == "+19195550101"
            });
            assert!(expected.len() > 5);
            assert_eq!(listed(&client, wanted), expected, "{active} {size}");
        }
    }
}

#[test]
fn page_is_read_when_its_first_call_is_wanted() {
    let sandbox = sandbox();
    let client = blocking::Client::new(v1().base_url(sandbox.url()).build().unwrap());
    let mut calls = client.list_calls(CallQuery::new().page_size(10)).unwrap();
    assert_eq!(sandbox.requests().len(), 0);
    assert!(calls.by_ref().take(10).all(|call| call.is_ok()));
    assert_eq!(sandbox.requests().len(), 1);
    assert_eq!(calls.next().unwrap().unwrap().id, "c-46");
    assert_eq!(sandbox.requests().len(), 2);
    drop(calls);
    let last = client.list_calls(CallQuery::new().page_size(10)).unwrap();
    assert_eq!(last.last().unwrap().unwrap().id, "c-0");
    assert_eq!(sandbox.requests().len(), 2 + 6);
}

#[test]
fn calls_that_come_in_meanwhile_bring_no_call_twice() {
    let sandbox = sandbox();
    let client = blocking::Client::new(v1().base_url(sandbox.url()).build().unwrap());
    let before = placed(&sandbox, |_| true);
    let mut seen = Vec::new();
    for (n, call) in client
        .list_calls(CallQuery::new().page_size(10))
        .unwrap()
        .enumerate()
    {
        seen.push(call.unwrap().id);
        if n % 4 == 0 {
            let call = IncomingCall::new("+19195550107", CALLED).id(format!("c-new{n}"));
            sandbox.place_incoming_call(call).unwrap();
        }
    }
    assert_eq!(sorted(seen), before);
}

#[tokio::test]
async fn async_list_gives_pages_or_calls() {
    let sandbox = sandbox();
    let client = Client::new(v2().base_url(sandbox.url()).build().unwrap());
    let mut list = client.list_calls(CallQuery::new().page_size(20)).unwrap();
    assert_eq!(list.next().await.unwrap().unwrap().id, "c-0");
    let mut sizes = Vec::new();
    while let Some(page) = list.next_page().await {
        sizes.push(page.unwrap().len());
    }
    assert_eq!(sizes, [19, 20, 17]);
    assert!(list.next().await.is_none());
}

#[test]
fn call_of_a_list_is_the_call_that_get_call_reads() {
    let sandbox = sandbox();
    for config in [v1(), v2()] {
        let client = blocking::Client::new(config.base_url(sandbox.url()).build().unwrap());
        let found = client
            .list_calls(CallQuery::new())
            .unwrap()
            .find(|call| call.as_ref().is_ok_and(|call| call.id == "c-31"));
        let call = found.unwrap().unwrap();
        assert_eq!(call, client.get_call("c-31").unwrap());
        assert!([CallState::Active, CallState::Answered].contains(&call.state));
    }
}

#[test]
fn numbers_of_a_query_are_in_no_log_and_no_debug() {
    let sandbox = sandbox();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    let config = v1()
        .base_url(sandbox.url())
        .on_attempt(move |attempt| log.lock().unwrap().push(format!("{attempt} {attempt:?}")))
        .build()
        .unwrap();
    let query = CallQuery::new()
        .from("+19195550101")
        .to("sip:office@example.com");
    let request = Request::list_calls(&config, &query).unwrap();
    assert!(request.url().contains("from=%2B19195550101"));
    let client = blocking::Client::new(config);
    let mut list = client.list_calls(&query).unwrap();
    let shown = format!("{query:?} {request:?} {list:?}");
    assert!(list.next().is_none());
    let page = client
        .execute(Request::list_calls(client.config(), CallQuery::new().page_size(1)).unwrap());
    let shown = format!("{shown} {:?} {:?}", page.unwrap(), lines.lock().unwrap());
    for hidden in ["919555", "838555", "office", "s-sandbox"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
    assert!(shown.contains("list_calls at 127.0.0.1:"), "{shown}");
}

#[test]
fn list_of_many_pages_waits_for_the_limit_of_requests() {
    // v1 allows one request a second by default: every page but the first meets the limit.
    let sandbox = Sandbox::builder().rate_limit(1).start().unwrap();
    for n in 0..13 {
        let call = IncomingCall::new("+19195550100", CALLED).id(format!("c-{n}"));
        sandbox.place_incoming_call(call).unwrap();
    }
    let client = blocking::Client::new(v1().base_url(sandbox.url()).build().unwrap());
    let query = CallQuery::new().page_size(1);
    let listed = client
        .list_calls(query)
        .unwrap()
        .collect::<Result<Vec<_>, _>>();
    assert_eq!(listed.map(|calls| calls.len()).unwrap(), 13);
}

#[test]
fn v2_lists_the_calls_of_a_time() {
    let sandbox = sandbox();
    let client = blocking::Client::new(v2().base_url(sandbox.url()).build().unwrap());
    let at = sandbox.call("c-20").unwrap().start_time;
    let (since, until) = (
        placed(&sandbox, |call| call.start_time >= at),
        placed(&sandbox, |call| call.start_time <= at),
    );
    let query = || CallQuery::new().page_size(10);
    assert_eq!(
        listed(&client, query().min_start_time(at.to_string())),
        since
    );
    assert_eq!(
        listed(&client, query().max_start_time(at.to_string())),
        until
    );
    assert_eq!(
        listed(&client, query().max_start_time("2000-01-01")),
        [""; 0]
    );
}
