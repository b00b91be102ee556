//! The shared vectors, over real sockets, through each of the clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::net::TcpListener;
use std::time::Duration;

use calltransfer::{Config, Error, Transfer, Transferred};
use calltransfer_sandbox::{IncomingCall, Sandbox};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use support::vectors::{CLIENTS, Send, rejected, reply, same, text, vectors};

fn main() {
    let mut trials = Vec::new();
    for (client, send) in CLIENTS {
        for vector in vectors("requests") {
            let name = format!("{client} request: {}", text(&vector["name"]));
            trials.push(Trial::test(name, move || request(&vector, send)));
        }
        for vector in vectors("responses") {
            let name = format!("{client} response: {}", text(&vector["name"]));
            trials.push(Trial::test(name, move || response(&vector, send)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn request(vector: &Value, send: Send) -> Result<(), Failed> {
    let sandbox = sandbox();
    let given = &vector["given"];
    let call_id = text(&given["call_id"]);
    let mut transfer = Transfer::new(call_id, text(&given["to"]));
    for (name, value) in given["options"].as_object().unwrap() {
        transfer = transfer.option(name, value.clone());
    }
    let config = config(&sandbox, text(&given["user_id"]));

    if let Some(field) = vector["refused"]["field"].as_str() {
        return rejected(field, &sandbox, send(config, transfer));
    }

    let call = IncomingCall::new("+19195550100", "+18385550199").id(call_id);
    sandbox.place_incoming_call(call).unwrap();
    let json = transfer.to_json().unwrap();
    send(config, transfer).map_err(|error| error.to_string())?;
    let expected = &vector["request"];
    let requests = sandbox.requests();
    same("requests", requests.len(), 1)?;
    same(
        "method",
        requests[0].method.as_str(),
        text(&expected["method"]),
    )?;
    same("path", requests[0].path.as_str(), text(&expected["path"]))?;
    same("bytes", requests[0].body.as_str(), json.as_str())?;
    let body: Value = serde_json::from_str(&requests[0].body).unwrap();
    same("body", &body, &expected["body"])
}

fn response(vector: &Value, send: Send) -> Result<(), Failed> {
    let sandbox = sandbox();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let replies = match &vector["replies"] {
        Value::Array(replies) => replies.clone(),
        _ => vec![vector["reply"].clone()],
    };
    let other_host = other.local_addr().unwrap().to_string();
    let scripted = replies.iter().map(|r| reply(r, &other_host)).collect();
    sandbox.script(scripted).unwrap();

    let result = send(
        config(&sandbox, "u-abc123"),
        Transfer::new("c-call123", "+18382947878"),
    );
    let expect = &vector["expect"];
    let attempts = expect["attempts"].as_u64().unwrap_or(replies.len() as u64);
    same("requests", sandbox.requests().len() as u64, attempts)?;
    same("outcome", outcome(&result), text(&expect["outcome"]))?;
    match result {
        Ok(done) => {
            same("kind", Value::Null, expect["kind"].clone())?;
            same(
                "new call",
                done.new_call_id.as_deref(),
                expect["new_call_id"].as_str(),
            )?;
            same("attempts", u64::from(done.attempts), attempts)?;
            same("note", done.note.is_some(), done.new_call_id.is_none())?;
        }
        Err(error) => {
            same("kind", error.kind().as_str(), text(&expect["kind"]))?;
            same("attempts", u64::from(error.attempts()), attempts)?;
            same(
                "status",
                error.http_status().map(u64::from),
                replies[0]["status"].as_u64(),
            )?;
            if let Some(code) = expect["code"].as_str() {
                same("code", error.platform().code.as_deref(), Some(code))?;
            }
        }
    }
    // A connection to the redirect's host would have arrived by now.
    std::thread::sleep(Duration::from_millis(20));
    same("connected elsewhere", other.accept().is_ok(), false)
}

fn outcome(result: &Result<Transferred, Error>) -> &'static str {
    match result {
        Ok(done) => done.outcome().as_str(),
        Err(error) => error.outcome().as_str(),
    }
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder()
        .user("u-abc123", "t-token", "s-secret")
        .owned_number("+19195551212");
    sandbox.start().unwrap()
}

fn config(sandbox: &Sandbox, user_id: &str) -> Config {
    let config = Config::builder()
        .user_id(user_id)
        .token("t-token")
        .secret("s-secret");
    config.base_url(sandbox.url()).build().unwrap()
}
