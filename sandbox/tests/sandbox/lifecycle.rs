//! Starting and stopping.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use calltransfer_sandbox::Sandbox;

use crate::client::{CALLS, Client, authorization, get, sandbox};

fn address(sandbox: &Sandbox) -> String {
    sandbox.url().strip_prefix("http://").unwrap().to_owned()
}

#[test]
fn sandbox_is_send_and_sync() {
    fn check<T: Send + Sync>() {}
    check::<Sandbox>();
}

#[test]
fn dropping_a_sandbox_closes_its_port_and_its_connections() {
    let sandbox = sandbox();
    let address = address(&sandbox);
    let mut idle = Client::new(&sandbox);
    idle.send("GET", CALLS, &authorization(), "");
    let mut half_sent = TcpStream::connect(&address).unwrap();
    half_sent
        .write_all(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx")
        .unwrap();
    half_sent
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let begun = Instant::now();
    drop(sandbox);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(
        TcpStream::connect(&address).unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
    assert!(matches!(half_sent.read(&mut [0; 1]), Ok(0) | Err(_)));
}

#[cfg(target_os = "linux")]
#[test]
fn dropping_a_sandbox_ends_its_thread() {
    // Counted in its own process: other tests run sandboxes at the same time.
    const INNER: &str = "CALLTRANSFER_SANDBOX_COUNTS_THREADS";
    if std::env::var_os(INNER).is_none() {
        let test = "lifecycle::dropping_a_sandbox_ends_its_thread";
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .env(INNER, "1")
            .stdout(std::process::Stdio::null())
            .status();
        assert!(status.unwrap().success());
        return;
    }
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    let sandbox = sandbox();
    get(&sandbox, CALLS);
    assert_eq!(threads(), before + 1);
    drop(sandbox);
    // A joined thread is in the list for a moment longer.
    let begun = Instant::now();
    while threads() != before {
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn many_sandboxes_live_side_by_side() {
    let sandboxes: Vec<_> = (0..8).map(|_| sandbox()).collect();
    for sandbox in &sandboxes {
        assert_eq!(get(sandbox, CALLS).status, 200);
        assert_eq!(sandbox.requests().len(), 1);
    }
}

#[test]
fn sandbox_starts_and_drops_inside_an_async_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let sandbox = sandbox();
        assert_eq!(get(&sandbox, CALLS).status, 200);
        drop(sandbox);
    });
}

#[test]
fn port_that_is_taken_is_an_error() {
    let sandbox = sandbox();
    let address = address(&sandbox).parse().unwrap();
    let error = Sandbox::builder().bind(address).start().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn invalid_account_is_an_error() {
    for builder in [
        Sandbox::builder().user("u/1", "t", "s"),
        Sandbox::builder().user("u", "t:1", "s"),
        Sandbox::builder().owned_number("8385550199"),
    ] {
        assert_eq!(builder.start().unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn defaults_are_those_that_are_documented() {
    let sandbox = Sandbox::builder().start().unwrap();
    assert_eq!(
        [sandbox.user_id(), sandbox.token(), sandbox.secret()],
        ["u-sandbox", "t-sandbox", "s-sandbox"]
    );
    assert!(sandbox.url().starts_with("http://127.0.0.1:"));
}

#[test]
fn debug_form_of_a_sandbox_holds_no_secret() {
    assert!(!format!("{:?}", sandbox()).contains("s-secret"));
}

#[test]
fn ten_thousand_calls_and_their_legs_last_side_by_side() {
    use crate::client::{CALLER, OWNED, call_path};
    let sandbox = sandbox();
    let headers = format!("{}Content-Type: application/json\r\n", authorization());
    let mut client = Client::new(&sandbox);
    let mut legs = Vec::new();
    for number in 0..10_000 {
        let id = format!("c-{number}");
        let call = calltransfer_sandbox::IncomingCall::new(CALLER, OWNED).id(&id);
        sandbox.place_incoming_call(call).unwrap();
        let body = r#"{"state":"transferring","transferTo":"+18382947878"}"#;
        let reply = client.send("POST", &call_path(&id), &headers, body);
        assert_eq!(reply.status, 201);
        legs.push(reply.new_id());
    }
    for leg in &legs {
        assert_eq!(sandbox.call(leg).unwrap().phase(), "connected");
    }
    for leg in &legs {
        sandbox.hang_up(leg).unwrap();
    }
    // The last ten thousand ended calls are kept.
    assert_eq!(sandbox.calls().len(), 10_001);
}
