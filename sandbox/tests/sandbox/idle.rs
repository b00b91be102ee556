//! Connections that send a request in part, or nothing at all, are closed after a while.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use calltransfer_sandbox::{CallState, IncomingCall, Sandbox};

use crate::client::{CALL, CALLER, OWNED, authorization, call_path};

/// A sandbox that closes connections after a tenth of a second.
fn hasty() -> Sandbox {
    let sandbox = Sandbox::builder()
        .user("u-abc123", "t-token", "s-secret")
        .idle_timeout(Duration::from_millis(100))
        .start()
        .unwrap();
    let call = IncomingCall::new(CALLER, OWNED).id(CALL);
    sandbox.place_incoming_call(call).unwrap();
    sandbox
}

/// Sends these bytes, waits for the end of the connection, and returns what was received.
fn send_and_wait(sandbox: &Sandbox, bytes: &[u8]) -> String {
    let address = sandbox.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let limit = Some(Duration::from_secs(60));
    stream.set_read_timeout(limit).unwrap();
    stream.write_all(bytes).unwrap();
    let mut response = Vec::new();
    if let Err(error) = stream.read_to_end(&mut response) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    String::from_utf8(response).unwrap()
}

#[test]
fn half_sent_head_is_closed() {
    let sandbox = hasty();
    let half = b"POST /v1/users/u-abc123/calls HTTP/1.1\r\nHost: localhost\r\nX: ";
    assert!(!send_and_wait(&sandbox, half).contains("201"));
    assert_eq!(send_and_wait(&sandbox, b""), "");
}

#[test]
fn half_sent_body_changes_nothing() {
    let sandbox = hasty();
    let path = call_path(CALL);
    let half = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{}Content-Type: application/json\r\n\
         Content-Length: 22\r\n\r\n{{\"state\":\"com",
        authorization()
    );
    let response = send_and_wait(&sandbox, half.as_bytes());
    assert!(response.starts_with("HTTP/1.1 400"), "{response}");
    assert_eq!(sandbox.call(CALL).unwrap().state, CallState::Active);
    let requests = sandbox.requests();
    assert_eq!((requests.len(), requests[0].complete), (1, false));
}
