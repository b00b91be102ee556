//! `localhost` is this machine, without asking a resolver.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "only for tests"
)]

use std::path::PathBuf;
use std::process::Command;

use calltransfer::{Config, Transfer, blocking};
use calltransfer_outcomes::{Connection, ScriptedServer};

const PORT: &str = "CALLTRANSFER_TEST_PORT";

fn client(host: &str, port: &str) -> blocking::Client {
    let account = Config::builder().user_id("u-1").token("t").secret("s");
    let account = account.base_url(format!("http://{host}:{port}"));
    blocking::Client::new(account.max_retries(0).build().unwrap())
}

fn transfer_to(host: &str) {
    let server = ScriptedServer::start(vec![Connection::transferring()]);
    let client = client(host, &server.address().port().to_string());
    let result = client.transfer(Transfer::new("c-call123", "+18382947878"));
    assert!(result.is_ok(), "{host}: {result:?}");
    assert_eq!(server.finish().len(), 1, "{host}");
}

#[test]
fn localhost_in_every_spelling_is_this_machine() {
    for host in ["localhost", "LOCALHOST", "localhost.", "any.name.localhost"] {
        transfer_to(host);
    }
}

/// Begun again below, where the system's own list of hosts says otherwise.
#[test]
fn localhost_that_is_mapped_elsewhere_is_this_machine() {
    if std::env::var_os(PORT).is_some() {
        transfer_to("localhost");
        return;
    }
    let name = format!("calltransfer-hosts-{}", std::process::id());
    let hosts: PathBuf = std::env::temp_dir().join(name);
    // An address of a network for documentation: nothing is there.
    std::fs::write(&hosts, "192.0.2.1 localhost\n2001:db8::1 localhost\n").unwrap();
    let mount = "mount --bind \"$0\" /etc/hosts || exit 77; exec \"$@\"";
    let done = Command::new("unshare")
        .args(["--mount", "sh", "-c", mount])
        .arg(&hosts)
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "localhost_that_is_mapped_elsewhere_is_this_machine",
        ])
        .env(PORT, "1")
        .output();
    std::fs::remove_file(&hosts).unwrap();
    match done {
        Ok(done) if done.status.success() => {}
        Ok(done) if matches!(done.status.code(), Some(1 | 77)) && done.stdout.is_empty() => {
            eprintln!("SKIPPED: no mount namespace may be made here (needs root)");
        }
        Err(cause) => eprintln!("SKIPPED: unshare can't be run: {cause}"),
        Ok(done) => panic!("{done:?}"),
    }
}
