//! The program.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;

struct Program {
    child: Child,
    out: BufReader<ChildStdout>,
    line: Value,
}

fn start(arguments: &[&str]) -> Program {
    let mut child = Command::new(env!("CARGO_BIN_EXE_calltransfer-sandbox"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let line = serde_json::from_str(&line).unwrap();
    Program { child, out, line }
}

impl Program {
    fn url(&self) -> &str {
        self.line["url"].as_str().unwrap()
    }

    /// Waits for the end. Returns the exit code, the remaining output, and stderr.
    fn end(mut self) -> (Option<i32>, String, String) {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > Duration::from_secs(20) {
                self.child.kill().unwrap();
                panic!("the program doesn't end");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        (status.code(), out, err)
    }
}

#[test]
fn program_prints_one_line_and_ends_with_standard_input() {
    let mut program = start(&[
        "--exit-with-stdin",
        "--user-id",
        "u-1",
        "--token",
        "t-1",
        "--secret",
        "s-1",
        "--owned-number",
        "+18385550199",
    ]);
    let url = program.url().to_owned();
    assert!(url.starts_with("http://127.0.0.1:"));
    let expected = json!({
        "url": url,
        "page": format!("{url}/"),
        "user_id": "u-1",
        "token": "t-1",
        "secret": "s-1",
        "account_id": "9900000",
        "client_id": "client-sandbox",
        "client_secret": "client-secret-sandbox",
        "username": "user-sandbox",
        "password": "password-sandbox",
        "pid": program.child.id(),
    });
    assert_eq!(program.line, expected);
    assert_eq!(
        Client::to(&url)
            .send("GET", "/_sandbox/health", "", "")
            .status,
        200
    );
    drop(program.child.stdin.take());
    assert_eq!(program.end(), (Some(0), String::new(), String::new()));
}

#[test]
fn program_outlives_standard_input_by_default() {
    let mut program = start(&[]);
    drop(program.child.stdin.take());
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(
        Client::to(program.url())
            .send("GET", "/_sandbox/health", "", "")
            .status,
        200
    );
    program.child.kill().unwrap();
    program.child.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn signals_end_it_with_0() {
    for signal in ["-INT", "-TERM"] {
        let program = start(&[]);
        let pid = program.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(program.end().0, Some(0), "{signal}");
    }
}

#[test]
fn address_that_others_reach_gets_a_warning() {
    let mut program = start(&["--bind", "0.0.0.0", "--exit-with-stdin"]);
    drop(program.child.stdin.take());
    let (code, _, err) = program.end();
    assert_eq!(code, Some(0));
    assert!(
        err.starts_with("WARNING") && err.contains("real credentials"),
        "{err}"
    );
}

#[test]
fn failed_start_is_reported_on_stderr() {
    let output = Command::new(env!("CARGO_BIN_EXE_calltransfer-sandbox"))
        .args(["--owned-number", "123"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("owned_number: must be")
    );
}

#[test]
fn https_flag_serves_https_and_writes_the_authority() {
    let ca_file = std::env::temp_dir().join(format!("calltransfer-{}.pem", std::process::id()));
    let path = ca_file.to_str().unwrap();
    let program = start(&["--exit-with-stdin", "--https", "good", "--ca-file", path]);
    assert!(
        program.line["https_url"]
            .as_str()
            .unwrap()
            .starts_with("https://127.0.0.1:")
    );
    let pem = std::fs::read_to_string(&ca_file).unwrap();
    std::fs::remove_file(&ca_file).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    let mut program = program;
    drop(program.child.stdin.take());
    assert_eq!(program.end().0, Some(0));
}

#[test]
fn callback_faults_are_flags_too() {
    let fault = r#"{"lost": true, "rate": 0.5, "seed": 3}"#;
    let mut program = start(&["--exit-with-stdin", "--callback-fault", fault]);
    let shown = Client::to(program.url()).send("GET", "/_sandbox/callback-faults", "", "");
    assert_eq!(shown.json()["faults"][0]["seed"], 3);
    drop(program.child.stdin.take());
    assert_eq!(program.end().0, Some(0));
    for (odd, code) in [("{", 2), (r#"{"late": 1}"#, 2), (r#"{"copies": 99}"#, 1)] {
        let output = Command::new(env!("CARGO_BIN_EXE_calltransfer-sandbox"))
            .args(["--callback-fault", odd])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{odd}");
        assert!(!output.stderr.is_empty());
    }
}
