//! The shared vectors of the v2 API: requests as canonical XML, answers, and whispers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use calltransfer::{Config, Transfer, WhisperAudio};
use calltransfer_sandbox::{Reply, Sandbox};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use support::vectors::{CLIENTS, Send, rejected, reply, same, text, vectors};

fn main() {
    let mut trials = Vec::new();
    for (client, send) in CLIENTS {
        for vector in vectors("v2-requests") {
            let name = format!("{client} v2 request: {}", text(&vector["name"]));
            trials.push(Trial::test(name, move || request(&vector, send)));
        }
        for vector in vectors("v2-responses") {
            let name = format!("{client} v2 response: {}", text(&vector["name"]));
            trials.push(Trial::test(name, move || response(&vector, send)));
        }
    }
    for vector in vectors("v2-whispers") {
        let name = format!("v2 whisper: {}", text(&vector["name"]));
        trials.push(Trial::test(name, move || whisper(&vector)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn request(vector: &Value, send: Send) -> Result<(), Failed> {
    let sandbox = sandbox();
    let given = &vector["given"];
    let transfer = transfer(given);
    let config = config(&sandbox, text(&given["account_id"]));
    sandbox.script(vec![Reply::new(204)]).unwrap();
    if let Some(field) = vector["refused"]["field"].as_str() {
        return rejected(field, &sandbox, send(config, transfer));
    }
    let bxml = transfer.to_bxml().unwrap();
    let done = send(config, transfer).map_err(|error| error.to_string())?;
    same("new call", done.new_call_id, None)?;
    let expected = &vector["request"];
    let requests = sandbox.requests();
    same("requests", requests.len(), 1)?;
    same(
        "method",
        requests[0].method.as_str(),
        text(&expected["method"]),
    )?;
    same("path", requests[0].path.as_str(), text(&expected["path"]))?;
    let header = |name: &str| {
        let mut headers = requests[0].headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    same(
        "type",
        header("content-type"),
        expected["content_type"].as_str(),
    )?;
    same("body", requests[0].body.as_str(), bxml.as_str())?;
    same(
        "canonical",
        canonical(&bxml).as_str(),
        &canonical(text(&expected["bxml"])),
    )
}

fn response(vector: &Value, send: Send) -> Result<(), Failed> {
    let sandbox = sandbox();
    let replies = match &vector["replies"] {
        Value::Array(replies) => replies.clone(),
        _ => vec![vector["reply"].clone()],
    };
    sandbox
        .script(replies.iter().map(|r| reply(r, "127.0.0.1:9")).collect())
        .unwrap();
    let transfer = Transfer::new("c-call123", "+18382947878");
    let result = send(config(&sandbox, "5500099"), transfer);
    let expect = &vector["expect"];
    let attempts = expect["attempts"].as_u64().unwrap_or(1);
    same("requests", sandbox.requests().len() as u64, attempts)?;
    match result {
        Ok(done) => {
            same("outcome", "applied", text(&expect["outcome"]))?;
            same("kind", Value::Null, expect["kind"].clone())?;
            same("new call", done.new_call_id, None)?;
            same("note", done.note.is_some(), true)?;
            same("attempts", u64::from(done.attempts), attempts)
        }
        Err(error) => {
            same(
                "outcome",
                error.outcome().as_str(),
                text(&expect["outcome"]),
            )?;
            same("kind", error.kind().as_str(), text(&expect["kind"]))?;
            same(
                "status",
                error.http_status().map(u64::from),
                replies[0]["status"].as_u64(),
            )?;
            let shown = format!("{error} {error:?}");
            same("redacted", shown.contains("8382947878"), false)?;
            match expect["code"].as_str() {
                Some(code) => same("code", error.platform().code.as_deref(), Some(code)),
                None => Ok(()),
            }
        }
    }
}

fn whisper(vector: &Value) -> Result<(), Failed> {
    let audio = match WhisperAudio::from_json(vector["given"].clone()) {
        Ok(audio) => audio,
        Err(error) => return same("field", error.field(), vector["refused"]["field"].as_str()),
    };
    match (audio.to_bxml(), vector["refused"]["field"].as_str()) {
        (Ok(bxml), None) => same("bxml", canonical(&bxml), canonical(text(&vector["bxml"]))),
        (Err(error), Some(field)) => same("field", error.field(), Some(field)),
        (result, _) => Err(format!("{result:?}").into()),
    }
}

fn transfer(given: &Value) -> Transfer {
    let targets: Vec<&str> = match &given["to"] {
        Value::Array(targets) => targets.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let mut transfer = Transfer::new(text(&given["call_id"]), targets[0]);
    for to in &targets[1..] {
        transfer = transfer.also_to(*to);
    }
    for (name, value) in given["options"].as_object().unwrap() {
        transfer = transfer.option(name, value.clone());
    }
    transfer
}

/// Names, sorted attributes and text, read by another parser than the library's writer has.
fn canonical(xml: &str) -> String {
    fn write(node: roxmltree::Node<'_, '_>, out: &mut String) {
        if let Some(text) = node.text().filter(|_| node.is_text()) {
            out.push_str(&format!("{text:?}"));
        }
        if node.is_element() {
            let mut attributes: Vec<_> = node.attributes().map(|a| (a.name(), a.value())).collect();
            attributes.sort_unstable();
            out.push_str(&format!("<{} {attributes:?}>", node.tag_name().name()));
        }
        node.children().for_each(|child| write(child, out));
        if node.is_element() {
            out.push_str("</>");
        }
    }
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let mut out = String::new();
    write(document.root(), &mut out);
    out
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret");
    sandbox.start().unwrap()
}

fn config(sandbox: &Sandbox, account_id: &str) -> Config {
    let config = Config::builder()
        .account_id(account_id)
        .username("api-user")
        .password("s-secret");
    config.base_url(sandbox.url()).build().unwrap()
}
