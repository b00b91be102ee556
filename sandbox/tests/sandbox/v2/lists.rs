//! Lists of calls.

use std::time::Duration;

use calltransfer_sandbox::{IncomingCall, Sandbox};

use super::{CALL, CALLER, CALLS, OURS, PARTY, refusal, sandbox, send};

/// The calls of a page, and the query of the next one.
fn page(sandbox: &Sandbox, query: &str) -> (Vec<String>, Option<String>) {
    let reply = send(sandbox, "GET", &format!("{CALLS}{query}"), "text/plain", "");
    assert_eq!(reply.status, 200);
    let link = reply.header("link").map(|link| {
        let start = format!("<http://sandbox.localhost{CALLS}");
        let rest = link.strip_prefix(&start).unwrap();
        rest.strip_suffix(">; rel=\"next\"").unwrap().to_owned()
    });
    let calls = reply.json();
    let ids = calls.as_array().unwrap().iter();
    (
        ids.map(|call| call["callId"].as_str().unwrap().to_owned())
            .collect(),
        link,
    )
}

#[test]
fn calls_are_listed_in_pages_by_token() {
    let sandbox = sandbox();
    for n in 2..=5 {
        let to = if n % 2 == 0 { OURS } else { PARTY };
        let call = IncomingCall::new(CALLER, to).id(format!("c-{n}"));
        sandbox.place_incoming_call(call).unwrap();
    }
    let (mut seen, mut query) = (Vec::new(), "?pageSize=2".to_owned());
    for expected in [vec!["c-1", "c-2"], vec!["c-3", "c-4"]] {
        let (ids, next) = page(&sandbox, &query);
        assert_eq!(ids, expected);
        seen.extend(ids);
        query = next.unwrap();
    }
    assert_eq!(page(&sandbox, &query), (vec!["c-5".to_owned()], None));
    let to = format!("?to=%2B{}", &PARTY[1..]);
    assert_eq!(page(&sandbox, &to).0, ["c-3", "c-5"]);
    assert_eq!(page(&sandbox, "?from=%2B1999").0, [""; 0]);
}

#[test]
fn calls_are_listed_by_time_and_cause() {
    let sandbox = sandbox();
    let start = sandbox.call(CALL).unwrap().start_time.to_string();
    sandbox.advance(Duration::from_secs(100));
    let call = IncomingCall::new(CALLER, OURS).id("c-2");
    sandbox.place_incoming_call(call).unwrap();
    sandbox.hang_up("c-2").unwrap();
    for (query, expected) in [
        ("?disconnectCause=hangup".to_owned(), vec!["c-2"]),
        ("?disconnectCause=busy".to_owned(), vec![]),
        (format!("?maxStartTime={start}"), vec!["c-1"]),
        (format!("?minStartTime={start}"), vec!["c-1", "c-2"]),
        ("?maxStartTime=2000-01-01".to_owned(), vec![]),
    ] {
        assert_eq!(page(&sandbox, &query).0, expected, "{query}");
    }
}

#[test]
fn invalid_list_query_is_refused() {
    let sandbox = sandbox();
    for query in [
        "pageSize=0",
        "pageSize=10001",
        "pageToken=2",
        "minStartTime=soon",
        "maxStartTime=",
    ] {
        let path = format!("{CALLS}?{query}");
        let reply = send(&sandbox, "GET", &path, "text/plain", "");
        assert_eq!(refusal(&reply), (400, "validation".to_owned()), "{query}");
    }
}
