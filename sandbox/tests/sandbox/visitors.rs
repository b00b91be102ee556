//! Access to the admin interface and the page: which requests are accepted.

use std::net::{Ipv4Addr, SocketAddr};

use calltransfer_sandbox::Sandbox;

use crate::client::{CALLS, Client, Reply, authorization, sandbox};

/// A request with these values in Host and Origin.
fn ask(sandbox: &Sandbox, what: &str, host: &str, origin: Option<&str>) -> Reply {
    let origin = origin.map(|origin| format!("Origin: {origin}\r\n"));
    let head = format!(
        "{what} HTTP/1.1\r\nHost: {host}\r\n{}{}Content-Length: 0\r\n\r\n",
        authorization(),
        origin.unwrap_or_default()
    );
    Client::new(sandbox).raw(head.as_bytes())
}

#[test]
fn foreign_host_name_reaches_no_admin_interface_or_page() {
    let sandbox = sandbox();
    for host in [
        "evil.example",
        "evil.example:80",
        "192.0.2.1",
        "localhost.evil.example",
        "",
        "@",
    ] {
        for what in [
            "GET /",
            "GET /_sandbox/account",
            "DELETE /_sandbox/requests",
        ] {
            let refusal = ask(&sandbox, what, host, None).refusal();
            let expected = (403, "forbidden".into(), "foreign-origin".into());
            assert_eq!(refusal, expected, "{what} {host}");
        }
    }
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:80",
        "[::1]:8080",
        "my.localhost",
    ] {
        assert_eq!(ask(&sandbox, "GET /", host, None).status, 200, "{host}");
        assert_eq!(
            ask(&sandbox, "GET /_sandbox/health", host, None).status,
            200,
            "{host}"
        );
    }
}

#[test]
fn page_of_another_site_cannot_control_the_sandbox() {
    let sandbox = sandbox();
    let clear = |origin| {
        ask(
            &sandbox,
            "DELETE /_sandbox/requests",
            "localhost:8080",
            Some(origin),
        )
    };
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost",
        "http://localhost:3000",
        "localhost:8080",
    ] {
        assert_eq!(clear(origin).refusal().2, "foreign-origin", "{origin}");
    }
    assert_eq!(clear("http://localhost:8080").status, 204);
    assert_eq!(clear("https://localhost:8080").status, 204);
}

#[test]
fn api_request_of_another_host_or_origin_is_refused() {
    let sandbox = sandbox();
    let v2 = "/api/v2/accounts/9900000/calls";
    for path in [CALLS, v2, "/api/v1/oauth2/token", "/nonsense"] {
        for (host, origin) in [
            ("evil.example", None),
            ("evil.example:8080", Some("http://evil.example:8080")),
            ("localhost:8080", Some("https://evil.example")),
            ("127.0.0.1", Some("null")),
        ] {
            for method in ["GET", "POST"] {
                let refusal = ask(&sandbox, &format!("{method} {path}"), host, origin).refusal();
                let expected = (403, "forbidden".into(), "foreign-origin".into());
                assert_eq!(refusal, expected, "{method} {path} {host} {origin:?}");
            }
        }
    }
    assert!(sandbox.requests().is_empty());
    for host in ["localhost", "127.0.0.1:80", "[::1]:8080", "my.localhost"] {
        let list = ask(&sandbox, &format!("GET {CALLS}"), host, None);
        assert_eq!(list.status, 200, "{host}");
    }
}

#[test]
fn sandbox_bound_to_any_address_accepts_any_host() {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let sandbox = Sandbox::builder().bind(any).start().unwrap();
    let url = sandbox.url().replace("0.0.0.0", "127.0.0.1");
    let mut client = Client::to(&url);
    let head =
        "DELETE /_sandbox/requests HTTP/1.1\r\nHost: sandbox.example\r\nOrigin: null\r\n\r\n";
    assert_eq!(client.raw(head.as_bytes()).status, 204);
}
