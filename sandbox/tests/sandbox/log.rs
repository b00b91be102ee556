//! The log of requests.

use calltransfer_sandbox::Reply;
use serde_json::{Value, json};

use crate::client::{
    CALL, CALLS, Client, admin, authorization, call_path, get, post, sandbox, update,
};

#[test]
fn request_is_logged_with_its_response() {
    let sandbox = sandbox();
    let body = json!({"state": "transferring", "transferTo": "+12"});
    update(&sandbox, &body);
    let log = sandbox.requests();
    assert_eq!(log.len(), 1);
    let entry = &log[0];
    assert_eq!((entry.number, entry.connection), (1, 1));
    assert_eq!(
        (entry.method.as_str(), entry.path.as_str()),
        ("POST", call_path(CALL).as_str())
    );
    assert_eq!(entry.body, body.to_string());
    assert_eq!(entry.call_id.as_deref(), Some(CALL));
    assert_eq!(
        (entry.status, entry.authorized, entry.scripted),
        (201, true, false)
    );
    assert_eq!((entry.time.len(), &entry.time[23..]), (24, "Z"));
    assert!(
        entry
            .headers
            .contains(&("host".into(), "sandbox.localhost".into()))
    );
    assert!(
        entry
            .headers
            .contains(&("content-type".into(), "application/json".into()))
    );
}

#[test]
fn request_that_makes_a_call_names_it() {
    let sandbox = sandbox();
    let leg = update(
        &sandbox,
        &json!({"state": "transferring", "transferTo": "+12"}),
    )
    .new_id();
    get(&sandbox, CALLS);
    sandbox
        .script(vec![
            Reply::new(201).header("Location", "http://{host}/c-none"),
        ])
        .unwrap();
    get(&sandbox, CALLS);
    let made: Vec<_> = sandbox
        .requests()
        .into_iter()
        .map(|entry| entry.new_call_id)
        .collect();
    assert_eq!(made, [Some(leg), None, None]);
}

#[test]
fn log_as_json_has_the_same_fields() {
    let sandbox = sandbox();
    get(&sandbox, &format!("{CALLS}?size=2"));
    let shown = admin(&sandbox, "GET", "/_sandbox/requests", "").json();
    assert_eq!(
        shown["requests"][0],
        serde_json::to_value(&sandbox.requests()[0]).unwrap()
    );
    assert_eq!(shown["requests"][0]["path"], format!("{CALLS}?size=2"));
    assert_eq!(shown["requests"][0]["call_id"], Value::Null);
    assert_eq!(
        shown["requests"][0]["headers"][0],
        json!(["host", "sandbox.localhost"])
    );
}

#[test]
fn log_shows_the_token_but_never_the_secret() {
    let sandbox = sandbox();
    get(&sandbox, CALLS);
    let encoded = authorization()
        .trim_end()
        .replace("Authorization: Basic ", "");
    for headers in [
        format!("Authorization: Bearer {encoded}\r\n"),
        format!("Authorization: {encoded}\r\n"),
        "Authorization: Basic s-secret\r\n".to_owned(),
    ] {
        Client::new(&sandbox).send("GET", CALLS, &headers, "");
    }
    let log = sandbox.requests();
    let shown = |index: usize| {
        let headers = &log[index].headers;
        headers
            .iter()
            .find(|(name, _)| name == "authorization")
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(shown(0), "Basic t-token:****");
    assert_eq!([shown(1), shown(2), shown(3)], ["****"; 3]);
    assert!(log[0].authorized && !log[1].authorized);
    let json = String::from_utf8(admin(&sandbox, "GET", "/_sandbox/requests", "").body).unwrap();
    assert!(!json.contains("s-secret") && !json.contains(&encoded));
}

#[test]
fn requests_over_one_connection_share_its_number() {
    let sandbox = sandbox();
    let mut first = Client::new(&sandbox);
    first.send("GET", CALLS, "", "");
    Client::new(&sandbox).send("GET", CALLS, "", "");
    first.send("GET", CALLS, "", "");
    let log = sandbox.requests();
    let connections: Vec<_> = log.iter().map(|entry| entry.connection).collect();
    assert_eq!(connections, [1, 2, 1]);
}

#[test]
fn refused_requests_are_logged_but_admin_requests_not() {
    let sandbox = sandbox();
    admin(&sandbox, "GET", "/_sandbox/health", "");
    admin(&sandbox, "GET", "/_sandbox/nothing", "");
    get(&sandbox, "/nowhere");
    post(&sandbox, CALLS, &json!({"from": 1}));
    let statuses: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|entry| entry.status)
        .collect();
    assert_eq!(statuses, [404, 400]);
}

#[test]
fn body_that_is_no_utf_8_is_logged_with_replacements() {
    let sandbox = sandbox();
    let head = format!("POST {CALLS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n");
    Client::new(&sandbox).raw(&[head.as_bytes(), b"a\xffb"].concat());
    assert_eq!(sandbox.requests()[0].body, "a\u{fffd}b");
}

#[test]
fn forgetting_empties_the_log_but_counts_on() {
    let sandbox = sandbox();
    get(&sandbox, CALLS);
    sandbox.forget_requests();
    assert!(sandbox.requests().is_empty());
    get(&sandbox, CALLS);
    assert_eq!(sandbox.requests()[0].number, 2);
    assert_eq!(
        admin(&sandbox, "DELETE", "/_sandbox/requests", "").status,
        204
    );
    assert!(sandbox.requests().is_empty());
}

#[test]
fn interrupted_request_is_logged_as_incomplete() {
    use std::io::Write;
    let sandbox = sandbox();
    let address = sandbox.url().strip_prefix("http://").unwrap().to_owned();
    let send = |bytes: &[u8], wanted: usize| {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        stream.write_all(bytes).unwrap();
        drop(stream);
        let begun = std::time::Instant::now();
        while sandbox.requests().len() < wanted {
            assert!(begun.elapsed() < std::time::Duration::from_secs(20));
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    };
    let head = format!("POST {CALLS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n");
    send(format!("{head}abc").as_bytes(), 1);
    send(b"GET /v1/us", 2);
    get(&sandbox, CALLS);
    let shown: Vec<_> = sandbox
        .requests()
        .into_iter()
        .map(|it| (it.method, it.complete, it.bytes, it.connection))
        .collect();
    assert_eq!(shown[0], ("POST".to_owned(), false, 3, 1));
    assert_eq!(shown[1], (String::new(), false, 10, 2));
    assert_eq!(shown[2], ("GET".to_owned(), true, 0, 3));
}

#[test]
fn request_that_is_not_http_is_logged_with_400() {
    let sandbox = sandbox();
    assert_eq!(Client::new(&sandbox).raw(b"nonsense\r\n\r\n").status, 400);
    let begun = std::time::Instant::now();
    while sandbox.requests().is_empty() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }
    let entry = &sandbox.requests()[0];
    assert_eq!(
        (entry.status, entry.bytes, entry.complete),
        (400, 12, false)
    );
}

#[test]
fn log_is_available_as_json_lines_and_as_a_file() {
    let file =
        std::env::temp_dir().join(format!("calltransfer-record-{}.jsonl", std::process::id()));
    let sandbox = calltransfer_sandbox::Sandbox::builder()
        .user(crate::client::USER, "t-token", "s-secret")
        .record(&file)
        .start()
        .unwrap();
    get(&sandbox, CALLS);
    get(&sandbox, "/nowhere");
    let lines = admin(&sandbox, "GET", "/_sandbox/requests.jsonl", "");
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let written = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(written, lines.body);
    let text = String::from_utf8(written).unwrap();
    let entries: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries.len(), 2);
    assert_eq!(
        entries[1],
        serde_json::to_value(&sandbox.requests()[1]).unwrap()
    );
    assert!(!text.contains("s-secret"));
}

#[cfg(unix)]
#[test]
fn record_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = std::env::temp_dir().join(format!("calltransfer-record-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("requests.jsonl");
    let sandbox = calltransfer_sandbox::Sandbox::builder()
        .record(&file)
        .start();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    drop(sandbox.unwrap());
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(mode & 0o777, 0o600);
}
