//! Runs in a real PostgreSQL, where the machine has one.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "only for tests"
)]

mod common;

use std::time::Duration;

use calltransfer_runs::{ErrorKind, Execution, NewRow, Retry, Run, RunOptions, State};
use calltransfer_sandbox::{Fault, Reply};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use common::postgres::Server;
use common::{Folder, builder, config_at, place_calls, posts, rows, sent_twice, wrong_outcomes};

fn server() -> Option<Server> {
    let server = Server::start();
    if server.is_none() {
        println!("SKIPPED: no pg_ctl on PATH or in CALLTRANSFER_TEST_PG_BIN");
    }
    server
}

#[test]
fn rows_in_postgres_go_through_the_same_states() {
    let Some(server) = server() else { return };
    let sandbox = builder().start().unwrap();
    let ids = place_calls(&sandbox, 1500);
    let place = server.database("evac");
    let options = || RunOptions::new().lease(Duration::from_secs(2));
    let run = Run::open(&place, &config_at(sandbox.url()), options()).unwrap();
    // Adding: once, and the second is refused by name.
    assert_eq!(run.add(rows(&ids)).unwrap().added, 1500);
    let again = run.add(rows(&ids)).unwrap();
    assert_eq!((again.added, again.present), (0, 1500));
    let error = run.add([NewRow::new("c-7", "+18382940000")]).unwrap_err();
    assert_eq!(error.refused()[0].call_id, "c-7");
    let mut twice: Vec<_> = (0..1200).map(|n| format!("d-{n}")).collect();
    twice.push("d-3".to_owned());
    let error = run.add(rows(&twice)).unwrap_err();
    assert_eq!(error.refused()[0].number, 1200);
    assert_eq!(run.summary().unwrap().total(), 1500);
    // Sending: by four workers, with one lost response and one that was not carried out.
    let lost = Fault::new().for_call("c-0").cut_after(0).by_reset();
    let undone = Fault::new().for_call("c-1").reply(Reply::new(500));
    sandbox.inject(vec![lost, undone]).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| run.execute(Execution::new()).unwrap());
        }
    });
    let summary = run.summary().unwrap();
    assert_eq!((summary.applied, summary.unknown), (1498, 2), "{summary:?}");
    assert!(posts(&sandbox).values().all(|all| all.len() == 1));
    // Checking, and sending again what was not done.
    let error = run.retry(Retry::Unknown).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RetryRefused);
    let checked = run.check().unwrap();
    assert_eq!((checked.applied, checked.not_applied), (1, 1));
    assert_eq!(run.retry(Retry::NotApplied).unwrap().planned, 1);
    assert_eq!(run.execute(Execution::new()).unwrap().applied, 1500);
    let wrong = wrong_outcomes(&sandbox, &run);
    assert!(wrong.is_empty(), "{wrong:?}");
    // A viewer sees the same rows; other options are refused.
    let view = Run::view(&place).unwrap();
    assert_eq!(view.rows(&[State::Applied]).count(), 1500);
    let other = Run::open(
        &place,
        &config_at(sandbox.url()),
        RunOptions::new().rate(3.0),
    );
    let error = other.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherRun, "{error}");
}

#[test]
fn rate_is_kept_by_workers_with_connections_of_their_own() {
    let Some(server) = server() else { return };
    let sandbox = builder().rate_limit(50).start().unwrap();
    let ids = place_calls(&sandbox, 150);
    let place = server.database("evac");
    let run = Run::open(&place, &config_at(sandbox.url()), RunOptions::new()).unwrap();
    run.add(rows(&ids)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| run.execute(Execution::new()).unwrap());
        }
    });
    assert_eq!(run.summary().unwrap().applied, 150);
    assert!(sent_twice(&sandbox).is_empty());
    let refused = sandbox
        .requests()
        .iter()
        .filter(|one| one.status == 429)
        .count();
    assert!(refused <= 15, "{refused} of 150 were refused");
}

#[test]
fn database_that_is_stopped_when_work_begins_or_ends_is_waited_for() {
    let Some(server) = server() else { return };
    let sandbox = builder().start().unwrap();
    let ids = place_calls(&sandbox, 40);
    let place = server.database("evac");
    let run = Run::open(&place, &config_at(sandbox.url()), RunOptions::new()).unwrap();
    run.add(rows(&ids)).unwrap();
    std::thread::scope(|scope| {
        server.stop_at_once();
        scope.spawn(|| server.start_again());
        let mut ended = 0;
        let summary = run.execute_with(Execution::new(), |_| {
            ended += 1;
            if ended == 40 {
                server.stop_at_once();
                scope.spawn(|| server.start_again());
            }
        });
        assert_eq!(summary.unwrap().applied, 40);
    });
    assert!(posts(&sandbox).values().all(|all| all.len() == 1));
}

#[test]
fn deadline_counts_by_the_clock_of_the_database() {
    let Some(server) = server() else { return };
    let sandbox = builder().start().unwrap();
    let ids = place_calls(&sandbox, 40);
    let options = RunOptions::new()
        .rate(10.0)
        .deadline(Duration::from_secs(2));
    let place = server.database("evac");
    let run = Run::open(&place, &config_at(sandbox.url()), options).unwrap();
    run.add(rows(&ids)).unwrap();
    let summary = run.execute(Execution::new()).unwrap();
    assert!(summary.is_done() && summary.not_sent > 0, "{summary:?}");
    assert_eq!(posts(&sandbox).len() as u64, summary.applied);
}

#[test]
fn database_without_run_or_of_other_version_is_refused() {
    let Some(server) = server() else { return };
    let place = server.database("evac");
    let error = Run::view(&place).unwrap_err();
    assert!(error.to_string().contains("has no run"), "{error}");
    let config = config_at("http://127.0.0.1:9");
    drop(Run::open(&place, &config, RunOptions::new()).unwrap());
    server.execute(
        "evac",
        "UPDATE calltransfer_settings SET value = '7' WHERE name = 'format'",
    );
    let error = Run::open(&place, &config, RunOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherRun);
    assert!(error.to_string().contains("has format 7"), "{error}");
}

#[test]
fn database_with_other_columns_is_damaged_and_not_waited_for() {
    let Some(server) = server() else { return };
    let place = server.database("evac");
    let config = config_at("http://127.0.0.1:9");
    let run = Run::open(&place, &config, RunOptions::new()).unwrap();
    server.execute(
        "evac",
        "ALTER TABLE calltransfer_workers ALTER COLUMN until_us TYPE INTEGER",
    );
    let error = run.execute(Execution::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    assert!(error.to_string().contains("are damaged"), "{error}");
}

#[test]
fn database_that_is_not_there_is_named_without_its_password() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let place = format!("postgresql://me:pa55word@127.0.0.1:{port}/evac");
    let config = config_at("http://127.0.0.1:9");
    let error = Run::open(&place, &config, RunOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
    let text = format!("{error} {error:?}");
    assert!(text.contains(&format!("127.0.0.1:{port}/evac")), "{text}");
    assert!(!text.contains("pa55word"), "{text}");
}

/// A certificate for `host` and its key, with the authority that signed it.
fn certificate(host: &str) -> (String, String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    (certificate.pem(), key.serialize_pem(), authority.pem())
}

#[test]
fn tls_to_the_database_is_verified() {
    let (shown, key, authority) = certificate("localhost");
    let (_, _, other_authority) = certificate("localhost");
    let Some(server) = Server::start_with_tls(&shown, &key) else {
        println!("SKIPPED: no pg_ctl on PATH or in CALLTRANSFER_TEST_PG_BIN");
        return;
    };
    server.database("evac");
    let folder = Folder::new();
    let (ca, other, none) = (
        folder.file("ca.pem"),
        folder.file("other.pem"),
        folder.file("none.pem"),
    );
    std::fs::write(&ca, authority).unwrap();
    std::fs::write(&other, other_authority).unwrap();
    std::fs::write(&none, "no certificate").unwrap();
    let sandbox = builder().start().unwrap();
    let open = |options: &str| {
        let place = server.tls_url("evac", options);
        Run::open(&place, &config_at(sandbox.url()), RunOptions::new())
    };
    let refused = |options: &str| {
        let error = open(options).map(drop).unwrap_err();
        (error.kind(), error.to_string())
    };
    // The right authority, named as programs of PostgreSQL name it.
    for mode in ["verify-full", "verify-ca", "require"] {
        let run = open(&format!("?sslmode={mode}&sslrootcert={ca}")).unwrap();
        run.add(rows(&["c-1".to_owned()])).unwrap();
        assert_eq!(run.summary().unwrap().total(), 1);
    }
    // Another authority, and the system's: nothing is sent to such a server.
    for options in [
        format!("?sslmode=require&sslrootcert={other}"),
        "?sslmode=require".to_owned(),
    ] {
        let (kind, message) = refused(&options);
        assert_eq!(kind, ErrorKind::Unreachable);
        assert!(message.contains("certificate"), "{message}");
    }
    // To this machine there is no TLS by itself; this server refuses that.
    let (kind, message) = refused("");
    assert_eq!(kind, ErrorKind::InvalidArgument, "{message}");
    let (kind, message) = refused(&format!("?sslmode=verify-full&sslrootcert={none}"));
    assert_eq!(kind, ErrorKind::InvalidArgument);
    assert!(message.contains("sslrootcert"), "{message}");
}

#[test]
fn certificate_of_another_name_is_refused() {
    let (shown, key, authority) = certificate("db.example.com");
    let Some(server) = Server::start_with_tls(&shown, &key) else {
        return;
    };
    server.database("evac");
    let folder = Folder::new();
    let ca = folder.file("ca.pem");
    std::fs::write(&ca, authority).unwrap();
    let place = server.tls_url("evac", &format!("?sslmode=verify-full&sslrootcert={ca}"));
    let sandbox = builder().start().unwrap();
    let error = Run::open(&place, &config_at(sandbox.url()), RunOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.to_string().contains("certificate"), "{error}");
}
