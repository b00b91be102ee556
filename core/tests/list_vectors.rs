//! The shared vectors of lists of calls, over real sockets, through each of the clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use calltransfer::{Call, CallQuery, Client, Config, Error, Request, background, blocking};
use calltransfer_sandbox::Sandbox;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use support::vectors::{reply, same, text, vectors};

/// Ways to read a list.
const CLIENTS: [(&str, List); 3] = [
    ("async", list_async),
    ("blocking", list_blocking),
    ("background", list_in_background),
];
/// The calls that came, and the error that ended them.
type Listed = (Vec<Call>, Option<Error>);
type List = fn(Config, CallQuery) -> Listed;

fn main() {
    let mut trials = Vec::new();
    for (client, list) in CLIENTS {
        for vector in vectors("lists") {
            let name = format!("{client} list: {}", text(&vector["name"]));
            trials.push(Trial::test(name, move || run(&vector, list)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn run(vector: &Value, list: List) -> Result<(), Failed> {
    let sandbox = Sandbox::builder().start().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let other_host = other.local_addr().unwrap().to_string();
    let replies = vector["replies"].as_array().unwrap().iter();
    let scripted = replies.map(|it| reply(it, &other_host)).collect();
    sandbox.script(scripted).unwrap();

    let config = config(&sandbox, text(&vector["api"]));
    let (calls, error) = list(config, query(&vector["query"]));

    let expect = &vector["expect"];
    let requests = sandbox.requests();
    let paths: Vec<_> = requests.iter().map(|it| it.path.as_str()).collect();
    same("requests", paths, texts(&expect["requests"]))?;
    same("method", requests.iter().all(|it| it.method == "GET"), true)?;
    let ids: Vec<_> = calls.iter().map(|call| call.id.as_str()).collect();
    same("calls", ids, texts(&expect["calls"]))?;
    let kind = error.as_ref().map(|error| error.kind().as_str());
    same("kind", kind, expect["kind"].as_str())?;
    if let Some(error) = &error {
        same("field", error.field(), expect["field"].as_str())?;
        same("call", error.call_id(), None)?;
        same("unknown", error.outcome().as_str() == "unknown", false)?;
        let message = expect["message"].as_str().unwrap_or_default();
        same(
            &error.to_string(),
            error.to_string().contains(message),
            true,
        )?;
    }
    // A connection to the other host would have arrived by now.
    std::thread::sleep(Duration::from_millis(20));
    same("connected elsewhere", other.accept().is_ok(), false)
}

fn list_async(config: Config, query: CallQuery) -> Listed {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut list = match Client::new(config).list_calls(query) {
            Ok(list) => list,
            Err(error) => return (Vec::new(), Some(error)),
        };
        let mut calls = Vec::new();
        while let Some(call) = list.next().await {
            match call {
                Ok(call) => calls.push(call),
                Err(error) => {
                    assert!(list.next().await.is_none(), "an error ends the list");
                    return (calls, Some(error));
                }
            }
        }
        (calls, None)
    })
}

fn list_blocking(config: Config, query: CallQuery) -> Listed {
    let client = blocking::Client::new(config);
    let mut list = match client.list_calls(query) {
        Ok(list) => list,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut calls = Vec::new();
    while let Some(call) = list.next() {
        match call {
            Ok(call) => calls.push(call),
            Err(error) => {
                assert!(list.next().is_none(), "an error ends the list");
                return (calls, Some(error));
            }
        }
    }
    (calls, None)
}

fn list_in_background(config: Config, query: CallQuery) -> Listed {
    let client = background::Client::new(config);
    let mut calls = Vec::new();
    let mut request = Request::list_calls(client.config(), query);
    loop {
        let (sender, receiver) = mpsc::channel();
        let done = move |result| sender.send(result).unwrap();
        let sent = request.and_then(|request| client.execute(request, done));
        match sent.and_then(|_| receiver.recv().unwrap()) {
            Ok(page) => {
                calls.extend(page.calls);
                match page.next {
                    Some(next) => request = Request::next_page(client.config(), next),
                    None => return (calls, None),
                }
            }
            Err(error) => return (calls, Some(error)),
        }
    }
}

fn query(given: &Value) -> CallQuery {
    let mut query = CallQuery::new();
    for (name, value) in given.as_object().unwrap() {
        query = match name.as_str() {
            "state" => query.state(text(value)),
            "from" => query.from(text(value)),
            "to" => query.to(text(value)),
            "min_start_time" => query.min_start_time(text(value)),
            "max_start_time" => query.max_start_time(text(value)),
            "page_size" => query.page_size(value.as_u64().unwrap().try_into().unwrap()),
            _ => panic!("{name}"),
        };
    }
    query
}

fn config(sandbox: &Sandbox, api: &str) -> Config {
    let builder = match api {
        "v1" => Config::builder()
            .user_id("u-abc123")
            .token("t-token")
            .secret("s-secret"),
        _ => Config::builder()
            .account_id("5500099")
            .username("user-name")
            .password("pass-word"),
    };
    builder.base_url(sandbox.url()).build().unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(text).collect()
}
