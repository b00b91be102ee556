//! Stopping all workers of a run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only for tests"
)]

mod common;

use std::time::Duration;

use calltransfer_runs::{Execution, Run, RunOptions};

use common::{Folder, builder, config_at, place_calls, rows, sent_twice};

#[test]
fn stop_of_all_ends_other_workers_until_resume() {
    let (folder, sandbox) = (Folder::new(), builder().start().unwrap());
    let ids = place_calls(&sandbox, 60);
    let path = folder.file("run.db");
    let options = RunOptions::new().rate(20.0);
    let (run, other) = (
        Run::open(&path, &config_at(sandbox.url()), options).unwrap(),
        Run::open(&path, &config_at(sandbox.url()), RunOptions::new()).unwrap(),
    );
    run.add(rows(&ids)).unwrap();
    let stopped = std::thread::scope(|scope| {
        let worker = scope.spawn(|| other.execute(Execution::new()).unwrap());
        while run.summary().unwrap().applied == 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        run.stop_all().unwrap();
        worker.join().unwrap()
    });
    assert!(stopped.planned > 0 && stopped.sending == 0, "{stopped:?}");
    assert!(run.is_stopped_for_all().unwrap() && !other.is_stopped());
    let still = other.execute(Execution::new()).unwrap();
    assert_eq!(still.applied, stopped.applied);
    assert!(still.notes.iter().any(|note| note.contains("is stopped")));
    other.resume_all().unwrap();
    let done = other.execute(Execution::new()).unwrap();
    assert_eq!((done.applied, done.notes.len()), (60, 0));
    assert!(sent_twice(&sandbox).is_empty());
}
