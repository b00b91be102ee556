//! What a worker may rely on if the end of a transaction was not seen.
#![allow(clippy::unwrap_used, clippy::panic, reason = "only for tests")]

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::attempt;

/// A ledger with planned rows, one worker, and a file that is removed with it.
struct Opened {
    path: PathBuf,
    ledger: Box<dyn Ledger>,
    worker: i64,
}

impl Opened {
    fn with_rows(number: usize) -> Self {
        let name = format!("calltransfer-ledger-{:016x}.db", fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        let mut ledger = open(&Place::File(path.clone()), true).unwrap();
        let load = ledger.begin_load().unwrap();
        let rows = (0..number).map(|n| NewRow::new(format!("c-{n}"), "+18382947878"));
        ledger.stage(load, &rows.collect::<Vec<_>>()).unwrap();
        ledger.finish_load(load, number).unwrap();
        let worker = ledger.register("test", Duration::from_secs(60)).unwrap();
        Self {
            path,
            ledger,
            worker,
        }
    }

    /// Writes what has ended, and takes up to `want` rows.
    fn transact(&mut self, ended: &[EndedAttempt], want: usize) -> Vec<TakenRow> {
        let given = WorkerTransaction {
            worker: self.worker,
            lease: None,
            ended,
            want,
            deadline_ms: None,
            housekeeping: false,
        };
        let mut rule = |_: &mut Pace, rows: usize, now: i64| vec![now; rows];
        self.ledger.transact(&given, &mut rule).unwrap().taken
    }

    fn states(&mut self) -> Vec<State> {
        let rows = self.ledger.rows(0, State::ALL, 100).unwrap();
        rows.into_iter().map(|row| row.state).collect()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.path.display()));
        }
    }
}

fn put_back(taken: &TakenRow) -> EndedAttempt {
    EndedAttempt {
        row: taken.row,
        attempt: taken.attempt,
        result: attempt::not_begun(),
    }
}

#[test]
fn row_taken_again_in_an_unseen_transaction_is_released() {
    let mut opened = Opened::with_rows(2);
    let first = opened.transact(&[], 2);
    let ended = put_back(&first[0]);
    // The worker doesn't see this commit: it knows of the first attempts only.
    let again = opened.transact(&[ended], 1);
    assert_eq!((again[0].row, again[0].attempt), (first[0].row, 2));
    let known: HashSet<_> = first.iter().map(|row| (row.row, row.attempt)).collect();
    opened.ledger.release(opened.worker, &known).unwrap();
    assert_eq!(opened.states(), [State::Planned, State::Sending]);
}

#[test]
fn result_that_is_written_twice_is_one_try() {
    let mut opened = Opened::with_rows(1);
    let taken = opened.transact(&[], 1);
    let mut ended = put_back(&taken[0]);
    ended.result.counts = true;
    opened.transact(std::slice::from_ref(&ended), 0);
    let again = opened.transact(&[ended], 1);
    assert_eq!((again[0].tries, again[0].attempt), (1, 2));
}
