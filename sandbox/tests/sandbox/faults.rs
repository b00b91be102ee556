//! Faults on demand: the bytes of the response, and the state of the call.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use calltransfer_sandbox::{CallState, Error, Fault, IncomingCall, Reply, Sandbox};
use serde_json::json;

use crate::client::{CALL, Client, admin, authorization, call_path, get, sandbox, update};

/// How a connection ended.
#[derive(Debug, PartialEq)]
enum Ended {
    Closed,
    Reset,
    /// Not within the time.
    Open,
}

fn hang_up_request() -> String {
    let body = r#"{"state": "completed"}"#;
    format!(
        "POST {} HTTP/1.1\r\nHost: sandbox.localhost\r\n{}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        call_path(CALL),
        authorization(),
        body.len()
    )
}

/// Requests a hang-up, and reads everything that is received.
fn hang_up(sandbox: &Sandbox, timeout: Duration) -> (String, Ended) {
    let mut stream = TcpStream::connect(sandbox.url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(timeout)).unwrap();
    stream.write_all(hang_up_request().as_bytes()).unwrap();
    let mut came = Vec::new();
    let mut part = [0; 65536];
    let ended = loop {
        match stream.read(&mut part) {
            Ok(0) => break Ended::Closed,
            Ok(length) => came.extend_from_slice(&part[..length]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break Ended::Reset,
            Err(_) => break Ended::Open,
        }
    };
    (String::from_utf8(came).unwrap(), ended)
}

fn with(fault: Fault) -> Sandbox {
    let sandbox = sandbox();
    sandbox.inject(vec![fault]).unwrap();
    sandbox
}

fn state(sandbox: &Sandbox) -> CallState {
    sandbox.call(CALL).unwrap().state
}

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

#[test]
fn response_cut_after_any_byte_still_ends_the_call() {
    let (whole, _) = hang_up(&sandbox(), SHORT);
    assert!(whole.starts_with("HTTP/1.1 200 "), "{whole}");
    for after in 0..whole.len() {
        let sandbox = with(Fault::new().cut_after(after as u64));
        let (came, ended) = hang_up(&sandbox, LONG);
        assert_eq!((came.len(), ended), (after, Ended::Closed));
        assert_eq!(state(&sandbox), CallState::Completed);
    }
}

#[test]
fn cut_by_reset_is_a_reset() {
    for after in [0, 1, 30] {
        let (came, ended) = hang_up(&with(Fault::new().cut_after(after).by_reset()), LONG);
        assert_eq!(ended, Ended::Reset);
        assert!(came.len() as u64 <= after); // what was in progress may be lost
    }
}

#[test]
fn unapplied_fault_changes_no_call() {
    let sandbox = with(Fault::new().cut_after(0).applied(false));
    assert_eq!(hang_up(&sandbox, LONG), (String::new(), Ended::Closed));
    assert_eq!(state(&sandbox), CallState::Active);
}

#[test]
fn request_without_a_response_keeps_its_connection() {
    let sandbox = with(Fault::new().no_response());
    assert_eq!(hang_up(&sandbox, SHORT), (String::new(), Ended::Open));
    assert_eq!(state(&sandbox), CallState::Completed);
    assert_eq!(sandbox.requests()[0].status, 0);
}

#[test]
fn interim_responses_come_first() {
    let sandbox = with(Fault::new().interim(100).interim(103));
    let (came, _) = hang_up(&sandbox, SHORT);
    let begin = "HTTP/1.1 100 Interim\r\n\r\nHTTP/1.1 103 Interim\r\n\r\nHTTP/1.1 200 OK\r\n";
    assert!(came.starts_with(begin), "{came}");
}

#[test]
fn any_status_or_redirect_replaces_the_response() {
    for status in [302, 401, 503, 600, 999] {
        let reply = Reply::new(status).header("Location", "http://127.0.0.1:9/");
        let sandbox = with(Fault::new().reply(reply));
        let response = update(&sandbox, &json!({"state": "completed"}));
        assert_eq!(response.status, status);
        assert_eq!(response.header("location"), Some("http://127.0.0.1:9/"));
        assert_eq!(state(&sandbox), CallState::Active);
        assert!(sandbox.requests()[0].scripted);
    }
    // A gateway that lost the platform's response.
    let sandbox = with(Fault::new().reply(Reply::new(502)).applied(true));
    assert_eq!(update(&sandbox, &json!({"state": "completed"})).status, 502);
    assert_eq!(state(&sandbox), CallState::Completed);
}

#[test]
fn raw_text_is_sent_unchanged() {
    let sandbox = with(Fault::new().raw("<h1>hello</h1>\r\n"));
    let (came, ended) = hang_up(&sandbox, LONG);
    assert_eq!(
        (came.as_str(), ended),
        ("<h1>hello</h1>\r\n", Ended::Closed)
    );
    assert_eq!(state(&sandbox), CallState::Active);
}

#[test]
fn heads_and_bodies_can_be_huge() {
    let sandbox = with(Fault::new().head_bytes(300_000).body_bytes(2_000_000));
    let response = get(&sandbox, &call_path(CALL));
    assert_eq!(response.header("x-padding").unwrap().len(), 300_000);
    assert!(response.body.len() > 2_000_000);
    assert!(response.body.starts_with(b"{"));
}

#[test]
fn delayed_or_dripping_response_takes_its_time() {
    let begin = Instant::now();
    let sandbox = with(Fault::new().delay(Duration::from_millis(200)));
    assert_eq!(update(&sandbox, &json!({"state": "completed"})).status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(200));
    let begin = Instant::now();
    let sandbox = with(Fault::new().drip(Duration::from_millis(3)));
    assert_eq!(update(&sandbox, &json!({"state": "completed"})).status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(3 * 50)); // the head alone is longer
}

#[test]
fn slow_response_delays_no_other_request() {
    let sandbox = sandbox();
    let slow = Fault::new().delay(Duration::from_secs(600)).for_call(CALL);
    sandbox.inject(vec![slow]).unwrap();
    let mut stream = TcpStream::connect(sandbox.url().strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(hang_up_request().as_bytes()).unwrap();
    assert_eq!(get(&sandbox, "/v1/users/u-abc123/calls").status, 200);
}

#[test]
fn connection_closes_after_its_response_unannounced() {
    let sandbox = with(Fault::new().close());
    let (came, ended) = hang_up(&sandbox, LONG);
    assert!(came.starts_with("HTTP/1.1 200 "), "{came}");
    assert!(!came.to_lowercase().contains("connection: close"), "{came}");
    assert_eq!(ended, Ended::Closed);
}

#[test]
fn fault_on_a_kept_connection_ends_with_its_response() {
    let sandbox = with(Fault::new().interim(102));
    let mut client = Client::new(&sandbox);
    let headers = authorization();
    assert_eq!(
        client.send("GET", &call_path(CALL), &headers, "").status,
        102
    );
    let mut client = Client::new(&sandbox);
    for _ in 0..3 {
        assert_eq!(
            client.send("GET", &call_path(CALL), &headers, "").status,
            200
        );
    }
}

#[test]
fn faults_happen_so_often_to_the_call_that_they_are_for() {
    let sandbox = sandbox();
    let other = IncomingCall::new("+19195551212", "+18385550199").id("c-other");
    sandbox.place_incoming_call(other).unwrap();
    let busy = Fault::new().reply(Reply::new(503)).for_call(CALL).times(2);
    sandbox.inject(vec![busy]).unwrap();
    let status = |id: &str| get(&sandbox, &call_path(id)).status;
    assert_eq!(status("c-other"), 200);
    assert_eq!(
        [status(CALL), status("c-other"), status(CALL)],
        [503, 200, 503]
    );
    assert_eq!(status(CALL), 200);
}

#[test]
fn same_seed_strikes_the_same_requests() {
    let struck = |seed: u64| {
        let sandbox = sandbox();
        let fault = Fault::new().reply(Reply::new(500)).rate(0.3, seed);
        sandbox.inject(vec![fault]).unwrap();
        let mut client = Client::new(&sandbox);
        let headers = authorization();
        (0..200)
            .map(|_| client.send("GET", &call_path(CALL), &headers, "").status == 500)
            .collect::<Vec<_>>()
    };
    let first = struck(7);
    assert_eq!(first, struck(7));
    assert_ne!(first, struck(8));
    let number = first.iter().filter(|it| **it).count();
    assert!((20..100).contains(&number), "{number} of 200");
}

#[test]
fn admin_interface_adds_shows_and_removes_faults() {
    let sandbox = sandbox();
    let faults = json!({"faults": [
        {"status": 429, "headers": {"Retry-After": "1"}, "body": "busy", "times": 2},
        {"cut_after": 5, "reset": true, "call_id": "c-other"},
        {"rate": 0.5, "seed": 3, "delay_ms": 1, "interim": [103]},
    ]});
    let response = admin(&sandbox, "POST", "/_sandbox/faults", &faults.to_string());
    assert_eq!(
        (response.status, response.json()),
        (200, json!({"waiting": 3}))
    );
    let response = update(&sandbox, &json!({"state": "completed"}));
    assert_eq!(
        (response.status, response.header("retry-after")),
        (429, Some("1"))
    );
    let shown = admin(&sandbox, "GET", "/_sandbox/faults", "").json();
    assert_eq!(
        shown["faults"][0],
        json!({"status": 429, "applied": false, "left": 1, "happened": 1})
    );
    assert_eq!(
        shown["faults"][1],
        json!({"applied": true, "cut_after": 5, "reset": true, "call_id": "c-other", "left": 1, "happened": 0})
    );
    assert_eq!(shown["faults"][2]["rate"], 0.5);
    assert_eq!(
        admin(&sandbox, "DELETE", "/_sandbox/faults", "").status,
        204
    );
    assert_eq!(update(&sandbox, &json!({"state": "completed"})).status, 200);
}

#[test]
fn invalid_fault_is_refused_by_its_name() {
    let sandbox = sandbox();
    for (fault, named) in [
        (json!({"status": 99}), "faults.status"),
        (json!({"body": "x"}), "faults.status"),
        (json!({"cut_at": 3}), "faults.cut_at"),
        (json!({"cut_after": -1}), "faults.cut_after"),
        (
            json!({"interim": [200]}),
            "interim: must be 100, 102 or 103, got 200",
        ),
        (
            json!({"interim": ["100"]}),
            "faults.interim: must be a list",
        ),
        (json!({"reset": true}), "reset: requires cut_after"),
        (json!({"rate": 1.5}), "rate: must be 0 to 1, got 1.5"),
        (json!({"seed": 1}), "faults.seed"),
        (json!({"times": 0}), "faults.times"),
        (
            json!({"head_bytes": 100_000_000}),
            "head_bytes: must be at most 67108864, got 100000000",
        ),
        (
            json!({"raw": "x", "body_bytes": 1}),
            "raw: head_bytes and body_bytes cannot be used with raw",
        ),
        (json!(7), "faults"),
    ] {
        let body = json!({"faults": [{"status": 500}, fault]}).to_string();
        let response = admin(&sandbox, "POST", "/_sandbox/faults", &body);
        let reported = String::from_utf8(response.body).unwrap();
        assert_eq!(response.status, 400, "{reported}");
        assert!(reported.contains(named), "{reported}");
    }
    let refused = sandbox.inject(vec![Fault::new(), Fault::new().interim(404)]);
    assert!(matches!(refused, Err(Error::InvalidFault { index: 1, .. })));
    assert_eq!(update(&sandbox, &json!({"state": "completed"})).status, 200);
}
