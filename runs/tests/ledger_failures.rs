//! Failures of a ledger's file: a clear error, nothing sent twice, and the file not changed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "only for tests"
)]

mod common;

use std::time::Duration;

use calltransfer_runs::{Error, ErrorKind, Execution, Run, RunOptions, State};
use calltransfer_sandbox::Sandbox;

use common::{Folder, builder, config_at, place_calls, posts, rows, wrong_outcomes};

fn open(place: &str) -> Result<Run, Error> {
    let options = RunOptions::new();
    Run::open(place, &config_at("http://127.0.0.1:9"), options)
}

/// A run with some thousand rows, whose pages are all in its file.
fn filled(folder: &Folder) -> String {
    let place = folder.file("run.db");
    let ids: Vec<_> = (0..3000).map(|n| format!("c-{n}")).collect();
    open(&place).unwrap().add(rows(&ids)).unwrap();
    let database = rusqlite::Connection::open(&place).unwrap();
    database
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    place
}

fn refused(place: &str, kind: ErrorKind, words: &str) {
    let before = std::fs::read(place).unwrap();
    let error = open(place).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert_eq!(
        std::fs::read(place).unwrap(),
        before,
        "the file was changed"
    );
}

#[test]
fn run_of_another_version_is_refused_by_name() {
    let folder = Folder::new();
    let place = filled(&folder);
    let database = rusqlite::Connection::open(&place).unwrap();
    database.execute_batch("PRAGMA user_version = 7").unwrap();
    database
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    drop(database);
    refused(&place, ErrorKind::OtherRun, "has format 7");
}

#[test]
fn file_that_is_something_else_is_refused_and_left_alone() {
    let folder = Folder::new();
    let place = folder.file("notes.txt");
    std::fs::write(&place, "call_id,to\n".repeat(1000)).unwrap();
    refused(&place, ErrorKind::Damaged, "is not a run of calltransfer");
    let place = folder.file("other.db");
    let database = rusqlite::Connection::open(&place).unwrap();
    database.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(database);
    refused(&place, ErrorKind::Damaged, "is not a run of calltransfer");
}

#[test]
fn truncated_and_damaged_files_are_refused() {
    let folder = Folder::new();
    let place = filled(&folder);
    let whole = std::fs::read(&place).unwrap();
    std::fs::write(&place, &whole[..whole.len() / 2]).unwrap();
    let error = open(&place).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    let mut damaged = whole.clone();
    damaged[8192..whole.len() / 2].fill(0xa5);
    std::fs::write(&place, &damaged).unwrap();
    let error = open(&place).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    std::fs::write(&place, &whole).unwrap();
    assert_eq!(open(&place).unwrap().summary().unwrap().planned, 3000);
}

#[test]
fn place_that_cannot_be_written_is_named() {
    for place in ["/proc/run.db", "/does-not-exist/run.db"] {
        let error = open(place).unwrap_err();
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let place = filled(&folder);
    let run = open(&place).unwrap();
    run.add(rows(&["d-1".to_owned()])).unwrap();
    for file in [
        place.clone(),
        format!("{place}-wal"),
        format!("{place}-shm"),
    ] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    assert!(run.summary().unwrap().notes.is_empty());
    std::fs::set_permissions(&place, PermissionsExt::from_mode(0o644)).unwrap();
    let notes = run.summary().unwrap().notes;
    assert!(notes[0].contains("open to other users"), "{notes:?}");
}

/// A small file system that fills up, where this process may mount one.
struct SmallDisk(Folder);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = Folder::new();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
            .arg(folder.path())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let mut unmount = std::process::Command::new("umount");
        let _ = unmount.arg("-l").arg(self.0.path()).status();
    }
}

fn record_fits(sandbox: &Sandbox, run: &Run) {
    assert!(posts(sandbox).values().all(|all| all.len() == 1));
    assert_eq!(wrong_outcomes(sandbox, run), Vec::<String>::new());
}

#[test]
fn full_disk_ends_the_work_and_sends_nothing_twice() {
    let Some(disk) = SmallDisk::mount() else {
        println!("SKIPPED: no file system can be mounted here");
        return;
    };
    let sandbox = builder().start().unwrap();
    let ids = place_calls(&sandbox, 400);
    let place = disk.0.file("run.db");
    let config = config_at(sandbox.url());
    let options = RunOptions::new().rate(100.0).lease(Duration::from_secs(1));
    let run = Run::open(&place, &config, options).unwrap();
    run.add(rows(&ids)).unwrap();
    let filler = disk.0.file("filler");
    let mut ended = 0;
    let result = run.execute_with(Execution::new(), |_| {
        ended += 1;
        if ended == 50 {
            let _ = std::fs::write(&filler, vec![0; 16 << 20]);
        }
    });
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full, "{error}");
    for unwritten in error.unwritten() {
        assert_eq!(posts(&sandbox)[&unwritten.call_id].len(), 1);
    }
    // With free space it continues.
    std::fs::remove_file(&filler).unwrap();
    let run = Run::open(&place, &config, RunOptions::new()).unwrap();
    run.execute(Execution::new()).unwrap();
    run.check().unwrap();
    record_fits(&sandbox, &run);
    let summary = run.summary().unwrap();
    assert!(summary.is_done());
    assert_eq!(summary.count(State::Unknown), 0);
    assert_eq!(posts(&sandbox).len() as u64, summary.applied);
}

#[test]
fn locked_ledger_stops_sending_until_free() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 200);
    let place = folder.file("run.db");
    let options = RunOptions::new().rate(100.0).lease(Duration::from_secs(1));
    let run = Run::open(&place, &config_at(sandbox.url()), options).unwrap();
    run.add(rows(&ids)).unwrap();
    let mut ended = 0;
    let summary = run
        .execute_with(Execution::new(), |_| {
            ended += 1;
            if ended == 50 {
                let holder = rusqlite::Connection::open(&place).unwrap();
                holder.execute_batch("BEGIN IMMEDIATE").unwrap();
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(2500));
                    drop(holder);
                });
            }
        })
        .unwrap();
    assert!(summary.is_done());
    run.check().unwrap();
    record_fits(&sandbox, &run);
}
