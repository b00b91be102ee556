//! Reads the shared vectors, sends what they say, and compares.

use std::fs;
use std::path::Path;
use std::sync::mpsc;

use calltransfer::{Client, Config, Error, Transfer, Transferred, background, blocking};
use calltransfer_sandbox::{Reply, Sandbox};
use libtest_mimic::Failed;
use serde_json::Value;

/// A way to send a transfer.
pub(crate) type Send = fn(Config, Transfer) -> Result<Transferred, Error>;

/// Every way, and what it is called in the tests' names.
pub(crate) const CLIENTS: [(&str, Send); 3] = [
    ("async", send_async),
    ("blocking", send_blocking),
    ("background", send_in_background),
];

fn send_async(config: Config, transfer: Transfer) -> Result<Transferred, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(Client::new(config).transfer(transfer))
}

fn send_blocking(config: Config, transfer: Transfer) -> Result<Transferred, Error> {
    blocking::Client::new(config).transfer(transfer)
}

fn send_in_background(config: Config, transfer: Transfer) -> Result<Transferred, Error> {
    let (sender, receiver) = mpsc::channel();
    let done = move |result| sender.send(result).unwrap();
    background::Client::new(config).transfer(transfer, done)?;
    receiver.recv().unwrap()
}

/// A transfer that is rejected for this field before anything is sent.
pub(crate) fn rejected(
    field: &str,
    sandbox: &Sandbox,
    result: Result<Transferred, Error>,
) -> Result<(), Failed> {
    let error = result.expect_err("refused");
    same("field", error.field(), Some(field))?;
    same("kind", error.kind().as_str(), "invalid_argument")?;
    same("outcome", error.outcome().as_str(), "not_sent")?;
    same("requests", sandbox.requests().len(), 0)
}

/// The reply that a vector scripts; `{other}` is another host.
pub(crate) fn reply(reply: &Value, other_host: &str) -> Reply {
    let mut scripted = Reply::new(reply["status"].as_u64().unwrap().try_into().unwrap());
    for (name, value) in reply["headers"].as_object().unwrap() {
        scripted = scripted.header(name, text(value).replace("{other}", other_host));
    }
    scripted.body(text(&reply["body"]))
}

pub(crate) fn vectors(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/vectors/{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    is: T,
    should: T,
) -> Result<(), Failed> {
    if is == should {
        return Ok(());
    }
    Err(format!("{what}: is {is:?}, should be {should:?}").into())
}
