//! A sandbox with one account, and a minimal HTTP client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calltransfer_sandbox::{CallState, IncomingCall, Sandbox};
use serde_json::Value;

pub(crate) const USER: &str = "u-abc123";
pub(crate) const CALL: &str = "c-call123";
pub(crate) const CALLER: &str = "+19195551212";
pub(crate) const OWNED: &str = "+18385550199";
pub(crate) const CALLS: &str = "/v1/users/u-abc123/calls";

/// A sandbox with the incoming call `c-call123`, which was answered.
pub(crate) fn sandbox() -> Sandbox {
    sandbox_with(CallState::Active)
}

pub(crate) fn sandbox_with(state: CallState) -> Sandbox {
    let sandbox = Sandbox::builder()
        .user(USER, "t-token", "s-secret")
        .owned_number(OWNED)
        .start()
        .unwrap();
    let call = IncomingCall::new(CALLER, OWNED).id(CALL).state(state);
    assert_eq!(sandbox.place_incoming_call(call).unwrap(), CALL);
    sandbox
}

pub(crate) fn call_path(id: &str) -> String {
    format!("{CALLS}/{id}")
}

pub(crate) fn authorization() -> String {
    format!(
        "Authorization: Basic {}\r\n",
        STANDARD.encode("t-token:s-secret")
    )
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The id at the end of Location.
    pub(crate) fn new_id(&self) -> String {
        let location = self.header("location").unwrap();
        location.rsplit('/').next().unwrap().to_owned()
    }

    /// Status, category and code of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        assert!(!text("message").is_empty());
        assert!(body["details"].is_array());
        (self.status, text("category"), text("code"))
    }
}

/// One connection.
pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Self::to(sandbox.url())
    }

    pub(crate) fn to(url: &str) -> Self {
        let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends these bytes and reads one response.
    pub(crate) fn raw(&mut self, request: &[u8]) -> Reply {
        self.0.get_mut().write_all(request).unwrap();
        self.read()
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Reply {
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: sandbox.localhost\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        self.raw(format!("{head}{body}").as_bytes())
    }

    fn read(&mut self) -> Reply {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(
                self.0.read_line(&mut line).unwrap(),
                0,
                "the response breaks off"
            );
            if line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines[1..]
            .iter()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers
            .iter()
            .find(|(name, _)| name == "content-length")
            .map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        Reply {
            status,
            headers,
            body,
        }
    }
}

pub(crate) fn get(sandbox: &Sandbox, path: &str) -> Reply {
    Client::new(sandbox).send("GET", path, &authorization(), "")
}

/// Posts JSON as the account.
pub(crate) fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Reply {
    let headers = format!("{}Content-Type: application/json\r\n", authorization());
    Client::new(sandbox).send("POST", path, &headers, &body.to_string())
}

/// Updates `c-call123`.
pub(crate) fn update(sandbox: &Sandbox, body: &Value) -> Reply {
    post(sandbox, &call_path(CALL), body)
}

/// Sends a request to the admin interface, without credentials.
pub(crate) fn admin(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> Reply {
    Client::new(sandbox).send(method, path, "", body)
}
