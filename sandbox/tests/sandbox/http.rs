//! Credentials, paths, methods and bodies.

use std::net::{Ipv4Addr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calltransfer_sandbox::{IncomingCall, Sandbox};
use serde_json::json;

use crate::client::{
    CALL, CALLER, CALLS, Client, OWNED, authorization, call_path, get, post, sandbox,
};

const JSON: &str = "Content-Type: application/json\r\n";

#[test]
fn missing_or_wrong_credentials_are_refused_with_a_challenge() {
    let sandbox = sandbox();
    let basic = |text: &str| format!("Authorization: Basic {}\r\n", STANDARD.encode(text));
    for headers in [
        String::new(),
        basic("t-token:wrong"),
        basic("wrong:s-secret"),
        basic("t-token"),
        basic(":"),
        "Authorization: Basic %%%\r\n".into(),
        "Authorization: Bearer t-token\r\n".into(),
        "Authorization:\r\n".into(),
    ] {
        for path in [
            CALLS.to_owned(),
            call_path(CALL),
            call_path("c-nowhere"),
            "/v1/users/u-x/calls".into(),
        ] {
            let reply = Client::new(&sandbox).send("GET", &path, &headers, "");
            assert_eq!(
                reply.refusal(),
                (401, "authentication".into(), "unauthorized".into()),
                "{headers}"
            );
            assert!(
                reply
                    .header("www-authenticate")
                    .unwrap()
                    .starts_with("Basic realm=")
            );
        }
    }
}

#[test]
fn scheme_of_the_credentials_is_read_in_any_case() {
    let headers = authorization().replace("Basic", "bASIC");
    let reply = Client::new(&sandbox()).send("GET", CALLS, &headers, "");
    assert_eq!(reply.status, 200);
}

#[test]
fn path_of_another_user_is_denied() {
    let sandbox = sandbox();
    for path in [
        "/v1/users/u-other/calls",
        "/v1/users/u-other/calls/c-call123",
    ] {
        let reply = get(&sandbox, path);
        let reported = (401, "authorization".into(), "user-access-denied".into());
        assert_eq!(reply.refusal(), reported);
        assert_eq!(reply.json()["details"][0]["value"], "u-other");
    }
}

#[test]
fn unknown_path_is_not_found() {
    let sandbox = sandbox();
    for path in [
        "/v1",
        "/v1/users/u-abc123",
        "/v1/users/u-abc123/calls/c-call123/audio",
        "//",
        "/v2/users/u-abc123/calls",
        "/_sandbox",
        "/_sandbox/nothing",
    ] {
        let reply = get(&sandbox, path);
        assert_eq!(
            reply.refusal(),
            (404, "not-found".into(), "resource-not-found".into()),
            "{path}"
        );
    }
}

#[test]
fn encoded_id_is_another_id() {
    let reply = get(&sandbox(), &call_path("c%2Dcall123"));
    assert_eq!(reply.refusal().2, "call-not-found");
}

#[test]
fn slash_at_the_end_makes_no_difference() {
    let sandbox = sandbox();
    assert_eq!(get(&sandbox, &format!("{CALLS}/")).status, 200);
    assert_eq!(
        get(&sandbox, &format!("{}/", call_path(CALL))).json()["id"],
        CALL
    );
}

#[test]
fn wrong_method_is_refused_with_the_allowed_ones() {
    let sandbox = sandbox();
    for (method, path, allow) in [
        ("PUT", CALLS.to_owned(), "GET, POST"),
        ("DELETE", call_path(CALL), "GET, POST"),
        ("BREW", call_path(CALL), "GET, POST"),
        ("POST", format!("{}/events", call_path(CALL)), "GET"),
        ("POST", "/_sandbox/calls".into(), "GET"),
        ("PUT", "/_sandbox/requests".into(), "GET, DELETE"),
    ] {
        let reply = Client::new(&sandbox).send(method, &path, &authorization(), "{}");
        assert_eq!(
            reply.refusal(),
            (405, "bad-request".into(), "method-not-allowed".into())
        );
        assert_eq!(reply.header("allow"), Some(allow));
    }
}

#[test]
fn body_that_is_not_a_json_object_is_refused() {
    let sandbox = sandbox();
    let headers = authorization() + JSON;
    for path in [CALLS.to_owned(), call_path(CALL)] {
        for body in [
            "",
            "{",
            "null",
            "[]",
            "7",
            "\"x\"",
            "{\"state\":}",
            "state=active",
            "{}x",
        ] {
            let reply = Client::new(&sandbox).send("POST", &path, &headers, body);
            assert_eq!(
                reply.refusal(),
                (400, "bad-request".into(), "validation-error".into()),
                "{body}"
            );
            assert_eq!(reply.json()["details"][0]["name"], "body");
        }
    }
}

#[test]
fn body_that_is_no_utf_8_or_nests_too_deep_is_refused() {
    let sandbox = sandbox();
    let deep = "[".repeat(60_000).into_bytes();
    for body in [b"{\"state\":\"\xff\"}".to_vec(), deep] {
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: localhost\r\n{}{JSON}Content-Length: {}\r\n\r\n",
            call_path(CALL),
            authorization(),
            body.len()
        );
        let reply = Client::new(&sandbox).raw(&[head.into_bytes(), body].concat());
        assert_eq!(reply.refusal().0, 400);
    }
}

#[test]
fn body_of_another_type_is_refused() {
    let sandbox = sandbox();
    for given in [
        "",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: text/json\r\n",
    ] {
        let headers = authorization() + given;
        let reply = Client::new(&sandbox).send("POST", &call_path(CALL), &headers, "{}");
        assert_eq!(
            reply.refusal(),
            (415, "bad-request".into(), "unsupported-media-type".into())
        );
    }
}

#[test]
fn content_type_may_have_parameters_and_capitals() {
    let headers = authorization() + "Content-Type: Application/JSON; charset=utf-8\r\n";
    let body = "{\"recordingEnabled\":true}";
    let reply = Client::new(&sandbox()).send("POST", &call_path(CALL), &headers, body);
    assert_eq!(reply.status, 200);
}

#[test]
fn body_of_64_kib_is_read_and_one_byte_more_is_not() {
    let sandbox = sandbox();
    let headers = authorization() + JSON;
    for (length, status) in [(65_536, 200), (65_537, 413), (900_000, 413)] {
        let mut body = json!({"recordingEnabled": true, "x": ""}).to_string();
        let filler = "x".repeat(length - body.len());
        body.insert_str(body.len() - 2, &filler);
        assert_eq!(body.len(), length);
        let mut client = Client::new(&sandbox);
        let reply = client.send("POST", &call_path(CALL), &headers, &body);
        assert_eq!(reply.status, status, "{length}");
        // The rest of the body was read and dropped: the connection can still be used.
        assert_eq!(client.send("GET", CALLS, &headers, "").status, 200);
        if status == 413 {
            assert_eq!(reply.refusal().2, "payload-too-large");
        }
    }
}

#[test]
fn body_in_chunks_is_read_whole() {
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: localhost\r\n{}{JSON}Transfer-Encoding: chunked\r\n\r\n\
         8\r\n{{\"state\"\r\n9\r\n:\"active\"\r\n1\r\n}}\r\n0\r\n\r\n",
        call_path(CALL),
        authorization()
    );
    // Read, understood, and refused: the call is active already.
    let reply = Client::new(&sandbox()).raw(request.as_bytes());
    assert_eq!(reply.refusal().2, "call-invalid-state");
}

#[test]
fn credentials_are_checked_before_the_body() {
    let sandbox = sandbox();
    let reply = Client::new(&sandbox).send("POST", &call_path(CALL), "", "nonsense");
    assert_eq!(reply.refusal().0, 401);
}

#[test]
fn invalid_host_is_not_used_in_urls() {
    // A sandbox that is open to other machines accepts any name.
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let builder = Sandbox::builder().user("u-abc123", "t-token", "s-secret");
    let sandbox = builder.bind(any).start().unwrap();
    let call = IncomingCall::new(CALLER, OWNED).id(CALL);
    sandbox.place_incoming_call(call).unwrap();
    let reached = sandbox.url().replace("0.0.0.0", "127.0.0.1");
    for host in ["Host: user:pw@evil\r\n", "Host: a b\r\n", ""] {
        let request = format!(
            "GET {} HTTP/1.1\r\n{host}{}\r\n",
            call_path(CALL),
            authorization()
        );
        let reply = Client::to(&reached).raw(request.as_bytes());
        let events = reply.json()["events"].as_str().unwrap().to_owned();
        assert!(
            events.starts_with(&format!("{}/v1/", sandbox.url())),
            "{events}"
        );
    }
}

#[test]
fn connection_serves_many_requests() {
    let sandbox = sandbox();
    let mut client = Client::new(&sandbox);
    for _ in 0..3 {
        assert_eq!(client.send("GET", CALLS, &authorization(), "").status, 200);
        assert_eq!(client.send("GET", "/nowhere", "", "").status, 404);
    }
    assert_eq!(post(&sandbox, CALLS, &json!({})).status, 400);
}
