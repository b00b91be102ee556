//! Callbacks, over real sockets to a server of the test's own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calltransfer_sandbox::{Callback, IncomingCall, Sandbox};
use serde_json::{Value, json};

use crate::client::{CALL, CALLS, OWNED, admin, call_path, post, sandbox, update};

struct Sent {
    line: String,
    headers: Vec<String>,
    body: String,
}

impl Sent {
    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.iter().filter_map(|line| line.split_once(": "));
        let mut found = headers.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A server that responds with these statuses in turn, then with 200; for 0 it does not respond.
fn receiver(statuses: &'static [u16]) -> (String, Receiver<Sent>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut statuses = statuses.iter();
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut lines = Vec::new();
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).unwrap() < 3 {
                    break;
                }
                lines.push(line.trim_end().to_owned());
            }
            let mut sent = Sent {
                line: lines.remove(0),
                headers: lines,
                body: String::new(),
            };
            let length = sent
                .header("content-length")
                .unwrap_or("0")
                .parse()
                .unwrap();
            stream
                .by_ref()
                .take(length)
                .read_to_string(&mut sent.body)
                .unwrap();
            let status = statuses.next().copied().unwrap_or(200);
            if sender.send(sent).is_err() {
                return;
            }
            if status > 0 {
                let response = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                stream.get_mut().write_all(response.as_bytes()).unwrap();
            } else {
                silent.push(stream);
            }
        }
    });
    (host, receiver)
}

fn next(receiver: &Receiver<Sent>) -> Sent {
    receiver.recv_timeout(Duration::from_secs(20)).unwrap()
}

/// The callbacks, after none is waiting.
fn settled(sandbox: &Sandbox) -> Vec<Callback> {
    let begun = Instant::now();
    loop {
        let callbacks = sandbox.callbacks();
        if callbacks.iter().all(|it| it.state != "waiting") {
            return callbacks;
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn events_are_posted_in_order_with_their_documented_fields() {
    let (host, sent) = receiver(&[]);
    let sandbox = sandbox();
    let whisper = json!({"sentence": "hello", "tag": "mine"});
    let body = json!({"state": "transferring", "transferTo": "+12", "whisperAudio": whisper, "callbackUrl": format!("http://{host}/events?a=1")});
    let leg = update(&sandbox, &body).new_id();
    sandbox.hang_up(&leg).unwrap();
    let reported: Vec<Sent> = (0..4).map(|_| next(&sent)).collect();
    let names: Vec<Value> = reported
        .iter()
        .map(|sent| sent.event()["eventType"].clone())
        .collect();
    assert_eq!(names, ["answer", "speak", "speak", "hangup"]);
    for sent in &reported {
        assert_eq!(sent.line, "POST /events?a=1 HTTP/1.1");
        assert_eq!(sent.header("content-type"), Some("application/json"));
        let agent = sent.header("user-agent").unwrap();
        assert!(agent.starts_with("BandwidthAPI/v1 ("), "{agent}");
        let event = sent.event();
        assert_eq!(event["callId"], leg);
        assert_eq!(
            event["callUri"],
            format!("{}{}", sandbox.url(), call_path(&leg))
        );
        assert!(event["from"].is_string() && event["to"].is_string() && event["time"].is_string());
    }
    assert_eq!(reported[1].event()["tag"], "mine");
    assert_eq!(reported[3].event()["cause"], "NORMAL_CLEARING");
    let shown = settled(&sandbox);
    assert_eq!(
        shown.iter().map(|it| it.state).collect::<Vec<_>>(),
        ["delivered"; 4]
    );
    let shown = admin(&sandbox, "GET", "/_sandbox/callbacks", "").json();
    assert_eq!(shown["callbacks"][3]["event"], reported[3].event());
    assert_eq!(shown["callbacks"][3]["attempts"][0]["status"], 200);
}

#[test]
fn callback_url_credentials_are_sent_and_redacted() {
    let (host, sent) = receiver(&[]);
    let sandbox = sandbox();
    let call = IncomingCall::new("+12", "+13").callback_url(format!("http://me:s3cr%20et@{host}/"));
    sandbox.place_incoming_call(call).unwrap();
    let sent = next(&sent);
    let basic = format!("Basic {}", STANDARD.encode("me:s3cr et"));
    assert_eq!(sent.header("authorization"), Some(basic.as_str()));
    let shown = format!("{:?}", settled(&sandbox)[0].url);
    assert!(
        shown.contains("me:****@") && !shown.contains("s3cr"),
        "{shown}"
    );
}

#[test]
fn get_has_the_fields_in_its_query() {
    let (host, sent) = receiver(&[]);
    let sandbox = sandbox();
    let body = json!({"from": OWNED, "to": "+12025550101", "callbackUrl": format!("http://{host}/e?a=1"), "callbackHttpMethod": "GET", "tag": "x y"});
    let id = post(&sandbox, CALLS, &body).new_id();
    let sent = next(&sent);
    let (_, query) = sent.line.split_once('?').unwrap();
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(query.trim_end_matches(" HTTP/1.1").as_bytes())
            .into_owned()
            .collect();
    for (name, value) in [
        ("a", "1"),
        ("eventType", "answer"),
        ("callId", id.as_str()),
        ("tag", "x y"),
        ("to", "+12025550101"),
    ] {
        assert!(
            pairs.contains(&(name.to_owned(), value.to_owned())),
            "{name} {pairs:?}"
        );
    }
    assert!(sent.line.starts_with("GET ") && sent.body.is_empty());
}

#[test]
fn failed_callback_is_tried_three_times_then_falls_back() {
    let (broken, sent) = receiver(&[500, 429, 503]);
    let (fallback, second) = receiver(&[]);
    let sandbox = sandbox();
    let body = json!({"from": OWNED, "to": "+12025550110", "callbackUrl": format!("http://{broken}/"), "fallbackUrl": format!("http://{fallback}/f")});
    post(&sandbox, CALLS, &body);
    assert_eq!(next(&second).event()["cause"], "USER_BUSY");
    for _ in 0..3 {
        next(&sent);
    }
    let shown = settled(&sandbox);
    let tried: Vec<_> = shown[0].attempts.iter().map(|it| it.status).collect();
    assert_eq!(tried, [Some(500), Some(429), Some(503), Some(200)]);
    assert_eq!(shown[0].state, "delivered");
}

#[test]
fn refusal_is_final_and_a_redirect_is_not_followed() {
    let (host, sent) = receiver(&[404, 302]);
    let sandbox = sandbox();
    for id in ["c-1", "c-2"] {
        let call = IncomingCall::new("+12", "+13")
            .id(id)
            .state(calltransfer_sandbox::CallState::Started);
        sandbox
            .place_incoming_call(call.callback_url(format!("http://{host}/")))
            .unwrap();
        next(&sent);
    }
    let shown = settled(&sandbox);
    assert_eq!(
        shown
            .iter()
            .map(|it| (it.state, it.attempts.len()))
            .collect::<Vec<_>>(),
        [("failed", 1); 2]
    );
}

#[test]
fn silence_lasts_as_long_as_the_timeout_and_the_api_goes_on() {
    let (silent, sent) = receiver(&[0]);
    let sandbox = sandbox();
    let body = json!({"from": OWNED, "to": "+12025550110", "callbackUrl": format!("http://{silent}/"), "callbackTimeout": 150});
    post(&sandbox, CALLS, &body);
    next(&sent);
    assert_eq!(update(&sandbox, &json!({"state": "completed"})).status, 200);
    let shown = settled(&sandbox);
    let error = shown[0].attempts[0].error.as_deref();
    assert_eq!(error, Some("no response in time"));
    assert_eq!(shown[0].state, "delivered");
}

#[test]
fn callback_to_another_machine_is_withheld() {
    let sandbox = sandbox();
    let call = IncomingCall::new("+12", "+13").callback_url("http://192.0.2.1/events");
    sandbox.place_incoming_call(call).unwrap();
    let shown = settled(&sandbox);
    assert_eq!(
        shown.iter().map(|it| it.state).collect::<Vec<_>>(),
        ["withheld"; 2]
    );
    assert_eq!(shown[0].event["eventType"], "incomingcall");
    assert_eq!(
        admin(&sandbox, "DELETE", "/_sandbox/callbacks", "").status,
        204
    );
    assert!(sandbox.callbacks().is_empty());
}

#[test]
fn call_without_callback_url_sends_no_callback() {
    let sandbox = sandbox();
    sandbox.hang_up(CALL).unwrap();
    assert!(sandbox.callbacks().is_empty());
}
