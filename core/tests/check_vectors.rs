//! The shared vectors of checks after an unknown outcome, over real sockets, through each of the clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use std::sync::mpsc;

use calltransfer::{Client, Config, Error, Finding, Transfer, background, blocking};
use calltransfer_sandbox::{Reply, Sandbox};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

type Check = fn(Config, Transfer) -> (Error, Finding);

const CLIENTS: [(&str, Check); 3] = [
    ("async", check_async),
    ("blocking", check_blocking),
    ("background", check_in_background),
];

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/checks.json");
    let vectors: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut trials = Vec::new();
    for (client, check) in CLIENTS {
        for vector in vectors.clone() {
            let name = format!("{client} check: {}", vector["name"].as_str().unwrap());
            trials.push(Trial::test(name, move || run(&vector, check)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn run(vector: &Value, check: Check) -> Result<(), Failed> {
    let sandbox = Sandbox::builder().start().unwrap();
    let replies = vector["replies"].as_array().unwrap().iter();
    sandbox.script(replies.map(reply).collect()).unwrap();
    let config = match vector["api"].as_str() {
        Some("v1") => support::v1(),
        _ => Config::builder()
            .account_id(sandbox.account_id())
            .username(sandbox.username())
            .password(sandbox.password()),
    };
    let config = config
        .base_url(sandbox.url())
        .max_retries(0)
        .build()
        .unwrap();
    let mut targets = vector["to"]
        .as_array()
        .unwrap()
        .iter()
        .map(|to| to.as_str().unwrap());
    let transfer = Transfer::new("c-1", targets.next().unwrap());
    let mut transfer = targets.fold(transfer, Transfer::also_to);
    if let Some(caller_id) = vector["caller_id"].as_str() {
        transfer = transfer.caller_id(caller_id);
    }

    let (error, finding) = check(config, transfer);

    let expect = &vector["expect"];
    same("transfer", error.outcome().as_str(), "unknown")?;
    same(
        "outcome",
        Some(finding.outcome.as_str()),
        expect["outcome"].as_str(),
    )?;
    same(
        "new_call_id",
        finding.new_call_id.as_deref(),
        expect["new_call_id"].as_str(),
    )?;
    same(
        "doubt",
        Some(finding.doubt.is_some()),
        expect["has_doubt"].as_bool(),
    )?;
    let requests = sandbox.requests();
    same(
        "reads",
        Some(requests.len() as u64 - 1),
        expect["reads"].as_u64(),
    )?;
    same(
        "sent again",
        requests[1..].iter().all(|it| it.method == "GET"),
        true,
    )
}

fn reply(reply: &Value) -> Reply {
    let status = u16::try_from(reply["status"].as_u64().unwrap()).unwrap();
    let reply_of = Reply::new(status).body(reply["body"].as_str().unwrap());
    let headers = reply["headers"].as_object().unwrap().iter();
    headers.fold(reply_of, |reply, (name, value)| {
        reply.header(name, value.as_str().unwrap())
    })
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), Failed> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: {found:?}, expected {expected:?}").into()),
    }
}

fn check_async(config: Config, transfer: Transfer) -> (Error, Finding) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = Client::new(config);
        let error = client.transfer(transfer).await.unwrap_err();
        let finding = client.check(&error).await.unwrap();
        (error, finding)
    })
}

fn check_blocking(config: Config, transfer: Transfer) -> (Error, Finding) {
    let client = blocking::Client::new(config);
    let error = client.transfer(transfer).unwrap_err();
    let finding = client.check(&error).unwrap();
    (error, finding)
}

fn check_in_background(config: Config, transfer: Transfer) -> (Error, Finding) {
    let client = background::Client::new(config);
    let (sender, receiver) = mpsc::channel();
    client
        .transfer(transfer, move |result| sender.send(result).unwrap())
        .unwrap();
    let error = receiver.recv().unwrap().unwrap_err();
    let (sender, receiver) = mpsc::channel();
    client
        .check(&error, move |result| sender.send(result).unwrap())
        .unwrap();
    (error, receiver.recv().unwrap().unwrap())
}
