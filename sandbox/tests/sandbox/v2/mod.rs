//! Voice v2: tokens, documents of BXML, and the webhooks that follow.

mod lists;
mod requests;
mod transfers;

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calltransfer_sandbox::{Clock, Diversion, IncomingCall, Sandbox};
use serde_json::Value;

use crate::client::{Client, Reply};

const CALLER: &str = "+19195551212";
const OURS: &str = "+18385550199";
const PARTY: &str = "+12025550100";
const CALL: &str = "c-1";
const CALLS: &str = "/api/v2/accounts/9900000/calls";

fn sandbox() -> Sandbox {
    start(Clock::Instant)
}

/// A sandbox with the incoming call `c-1`, which was answered.
fn start(clock: Clock) -> Sandbox {
    let sandbox = Sandbox::builder().clock(clock).owned_number(OURS);
    let sandbox = sandbox.start().unwrap();
    let call = IncomingCall::new(CALLER, OURS)
        .id(CALL)
        .diversion(Diversion::new("+18005550100", "no-answer"));
    sandbox.place_incoming_call(call).unwrap();
    sandbox
}

fn basic(name: &str, password: &str) -> String {
    let pair = STANDARD.encode(format!("{name}:{password}"));
    format!("Authorization: Basic {pair}\r\n")
}

fn login() -> String {
    basic("user-sandbox", "password-sandbox")
}

fn grant(sandbox: &Sandbox, authorization: &str, body: &str) -> Reply {
    let headers = format!("{authorization}Content-Type: application/x-www-form-urlencoded\r\n");
    Client::new(sandbox).send("POST", "/api/v1/oauth2/token", &headers, body)
}

fn token(sandbox: &Sandbox) -> String {
    let client = basic("client-sandbox", "client-secret-sandbox");
    let granted = grant(sandbox, &client, "grant_type=client_credentials");
    assert_eq!(granted.status, 200);
    let granted = granted.json();
    assert_eq!(granted["token_type"], "Bearer");
    granted["access_token"].as_str().unwrap().to_owned()
}

fn send(sandbox: &Sandbox, method: &str, path: &str, kind: &str, body: &str) -> Reply {
    let headers = format!("{}Content-Type: {kind}\r\n", login());
    Client::new(sandbox).send(method, path, &headers, body)
}

fn put(sandbox: &Sandbox, id: &str, steps: &str) -> Reply {
    let path = format!("{CALLS}/{id}/bxml");
    let document = format!("<?xml version=\"1.0\"?><Bxml>{steps}</Bxml>");
    send(sandbox, "PUT", &path, "application/xml", &document)
}

fn get(sandbox: &Sandbox, id: &str) -> Value {
    let reply = send(sandbox, "GET", &format!("{CALLS}/{id}"), "text/plain", "");
    assert_eq!(reply.status, 200);
    reply.json()
}

/// Status and type of a refusal.
fn refusal(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    assert!(
        body["description"].is_string() && body["id"].is_string(),
        "{body}"
    );
    (reply.status, body["type"].as_str().unwrap().to_owned())
}

fn transfer_to(target: &str) -> String {
    format!("<Transfer><PhoneNumber>{target}</PhoneNumber></Transfer>")
}

/// Waits for something that a webhook's response causes.
fn wait_until(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it didn't apply");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn leg(sandbox: &Sandbox) -> calltransfer_sandbox::Call {
    let id = sandbox.call(CALL).unwrap().transferred_to.unwrap();
    sandbox.call(&id).unwrap()
}
