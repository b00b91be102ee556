//! A `ca_file` that blocks, is endless, or can be read only once.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use calltransfer::background::Client;
use calltransfer::{Config, ErrorKind, Outcome, Transfer, blocking};
use calltransfer_outcomes::{Authority, Connection, Flaw, ScriptedServer};

fn config(url: String, ca_file: Option<&Path>, timeout: u64) -> Config {
    let account = Config::builder().user_id("u-abc123").token("t").secret("s");
    let account = account.base_url(url).timeout(Duration::from_secs(timeout));
    let account = match ca_file {
        Some(path) => account.ca_file(path),
        None => account,
    };
    account.max_retries(0).build().unwrap()
}

fn transfer() -> Transfer {
    Transfer::new("c-call123", "+18382947878")
}

fn secure_server(authority: &Authority) -> ScriptedServer {
    ScriptedServer::start_tls(
        vec![Connection::transferring()],
        authority.server(Flaw::None),
    )
}

/// A FIFO of its own, which blocks anyone who reads it until something is written.
struct Fifo(PathBuf);

impl Fifo {
    fn new(name: &str) -> Self {
        let name = format!("calltransfer-{name}-{}.fifo", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(std::fs::remove_file(&path));
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        Self(path)
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

#[test]
fn ca_file_that_blocks_ends_at_the_deadline_and_nothing_is_sent() {
    let fifo = Fifo::new("blocks");
    let server = secure_server(&Authority::new());
    let client = blocking::Client::new(config(
        format!("https://{}", server.address()),
        Some(&fifo.0),
        1,
    ));
    for _ in 0..2 {
        let error = client.transfer(transfer()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert_eq!((error.outcome(), error.attempts()), (Outcome::NotSent, 0));
        assert!(error.to_string().starts_with("ca_file: "), "{error}");
        assert_eq!(error.call_id(), Some("c-call123"));
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn ca_file_that_blocks_stops_no_other_client() {
    let fifo = Fifo::new("others");
    let server = ScriptedServer::start_repeating(vec![Connection::transferring()]);
    let (sender, receiver) = channel();
    // More than there are workers, so that each has one that waits.
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let config = config("https://127.0.0.1:9".to_owned(), Some(&fifo.0), 600);
            let client = Client::new(config);
            let ticket = client.transfer(transfer(), |_| ()).unwrap();
            (client, ticket)
        })
        .collect();
    let client = Client::new(config(server.url(), None, 60));
    for _ in 0..8 {
        let sender = sender.clone();
        let done = move |result: Result<_, calltransfer::Error>| {
            sender
                .send(result.map(|_| ()).map_err(|error| error.outcome()))
                .unwrap();
        };
        client.transfer(transfer(), done).unwrap();
    }
    for _ in 0..8 {
        assert_eq!(receiver.recv_timeout(Duration::from_secs(60)), Ok(Ok(())));
    }
    for (_, ticket) in waiting {
        ticket.cancel();
    }
}

#[test]
fn slow_ca_file_is_read_once_for_all_threads() {
    let authority = Authority::new();
    let fifo = Fifo::new("delivers");
    let pem = authority.file();
    let server = ScriptedServer::start_tls(
        vec![Connection::transferring(), Connection::transferring()],
        authority.server(Flaw::None),
    );
    let url = format!("https://{}", server.address());
    let client = blocking::Client::new(config(url, Some(&fifo.0), 60));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| client.transfer(transfer()));
        std::thread::sleep(Duration::from_millis(200));
        std::fs::write(&fifo.0, std::fs::read(pem.path()).unwrap()).unwrap();
        first.join().unwrap().unwrap();
        let second = scope.spawn(|| client.transfer(transfer()));
        second.join().unwrap().unwrap();
    });
    assert_eq!(server.finish().len(), 2);
}

#[test]
fn ca_file_that_never_ends_is_rejected() {
    let server = secure_server(&Authority::new());
    let url = format!("https://{}", server.address());
    let client = blocking::Client::new(config(url, Some(Path::new("/dev/zero")), 60));
    let begin = Instant::now();
    let error = client.transfer(transfer()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert_eq!(error.field(), Some("ca_file"));
    assert!(error.to_string().contains("16 MiB"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(60));
    assert_eq!(server.connections(), 0);
}

#[test]
fn ca_file_that_is_written_after_an_error_is_read_again() {
    let authority = Authority::new();
    let name = format!("calltransfer-late-{}.pem", std::process::id());
    let pem = std::env::temp_dir().join(name);
    drop(std::fs::remove_file(&pem));
    let server = secure_server(&authority);
    let url = format!("https://{}", server.address());
    let client = blocking::Client::new(config(url, Some(&pem), 60));
    let error = client.transfer(transfer()).unwrap_err();
    assert_eq!(error.field(), Some("ca_file"), "{error}");
    std::fs::copy(authority.file().path(), &pem).unwrap();
    client.transfer(transfer()).unwrap();
    std::fs::remove_file(pem).unwrap();
    assert_eq!(server.finish().len(), 1);
}
