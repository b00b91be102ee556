//! Where a run is stored. Only the files of this folder contain SQL, and they decide nothing.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::time::Duration;

use crate::attempt::AttemptResult;
pub(crate) use crate::attempt::EarlierAttempts;
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::pace::Pace;
use crate::place::Place;
use crate::row::{NewRow, Row, RowFinding, SentAt, State};

/// The version of the tables. A ledger of another one is refused by name.
pub(crate) const FORMAT: i64 = 2;

/// The state of rows that no worker sees yet.
const STAGED: i64 = 9;

/// The message of rows that [`Ledger::expire_leases`] makes `unknown`.
const LEASE_EXPIRED: &str = "the worker that was sending it ended or lost its lease";

/// The columns of [`RowParts`], in its order.
macro_rules! row_columns {
    () => {
        "id, call_id, target, options, timeout_ms, state, attempt, kind, message, \
         http_status, code, new_call_id, found, reason, doubt, found_ms, changed_ms, \
         sent_boot, sent_us, ended_us"
    };
}
use row_columns;

/// The columns of [`Pace`] that every ledger has, in its order.
macro_rules! pace_columns {
    () => {
        "found, found_us, next_us, held_us, since_us, accepted, since_before_us, accepted_before, \
         total"
    };
}
use pace_columns;

/// One connection to a ledger. Each method is one transaction, which is on disk when it returns.
/// After an error it may or may not have been committed.
pub(crate) trait Ledger: Send {
    /// All settings, as name and value. Empty in a new ledger.
    fn settings(&mut self) -> Result<Vec<(String, String)>, Error>;

    /// Stores settings in a ledger that has none, and returns those that are stored then: another
    /// process may have been faster.
    fn create_settings(
        &mut self,
        settings: &[(String, String)],
    ) -> Result<Vec<(String, String)>, Error>;

    /// Records that all workers have to stop, or that they may work again.
    fn set_stopped(&mut self, stopped: bool) -> Result<(), Error>;

    /// Milliseconds since 1970 by the ledger's clock.
    fn wall_ms(&mut self) -> Result<i64, Error>;

    /// A number for a new load of rows.
    fn begin_load(&mut self) -> Result<i64, Error>;

    /// Stores rows that no worker sees yet. Returns those whose call is in the run already.
    fn stage(&mut self, load: i64, rows: &[NewRow]) -> Result<Vec<Conflict>, Error>;

    /// Lets workers see up to `limit` more rows of a load, and returns how many there were.
    fn finish_load(&mut self, load: i64, limit: usize) -> Result<u64, Error>;

    /// Removes the rows of a load that no worker has seen.
    fn discard_load(&mut self, load: i64) -> Result<(), Error>;

    /// Adds a worker with a lease that begins now, and returns its number.
    fn register(&mut self, name: &str, lease: Duration) -> Result<i64, Error>;

    /// Removes a worker, and with it its lease.
    fn unregister(&mut self, worker: i64) -> Result<(), Error>;

    /// Writes results, renews the lease and takes rows: see [`WorkerTransaction`].
    fn transact(
        &mut self,
        given: &WorkerTransaction<'_>,
        pace: &mut PaceRule<'_>,
    ) -> Result<TransactionResult, Error>;

    /// Makes the rows that this worker took `planned` again, except the attempts that it knows of, as
    /// row and attempt: also rows that others have taken over meanwhile. It took the others in a
    /// transaction whose commit it did not see confirmed, so it sent none of them.
    fn release(&mut self, worker: i64, known: &HashSet<(i64, i64)>) -> Result<(), Error>;

    /// Makes `sending` rows `unknown` whose worker's lease has expired, and returns how many.
    fn expire_leases(&mut self) -> Result<u64, Error>;

    /// How many rows are in each state.
    fn counts(&mut self) -> Result<Vec<(State, u64)>, Error>;

    /// The shared pace and how many workers hold a lease, with the ledger's time.
    fn pace(&mut self) -> Result<(Pace, i64, i64), Error>;

    /// Up to `limit` rows in these states with numbers above `after`, by number.
    fn rows(&mut self, after: i64, states: &[State], limit: usize) -> Result<Vec<Row>, Error>;

    /// Up to `limit` new calls of `applied` rows with numbers above `after`, with these numbers.
    fn new_call_ids(&mut self, after: i64, limit: usize) -> Result<Vec<(i64, String)>, Error>;

    /// Stores the findings of a check for rows that are still `unknown`, as row, attempt and finding.
    fn store_findings(&mut self, findings: &[(i64, i64, RowFinding)]) -> Result<(), Error>;

    /// Makes rows `planned` again whose attempt and state are still these, and returns how many.
    fn plan_again(&mut self, rows: &[(i64, i64, State)]) -> Result<u64, Error>;

    /// Ends `planned` rows because the run's deadline has passed, and returns how many.
    fn end_planned(&mut self, message: &str) -> Result<u64, Error>;

    /// Whether the connection is open as far as is known: without it no row is begun.
    fn is_connected(&self) -> bool;

    /// Warnings about this ledger, for people.
    fn notes(&self) -> Vec<String>;
}

/// A row that can't be stored, because its call is in the run already.
#[derive(Debug)]
pub(crate) struct Conflict {
    /// The index among the rows that were given.
    pub(crate) index: usize,
    pub(crate) reason: ConflictReason,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ConflictReason {
    /// The same load has the call already.
    DuplicateInLoad,
    /// An earlier load has the same row.
    AlreadyPresent,
    /// An earlier load has the call with another target or other options.
    DifferentRow,
}

/// What a worker writes and takes in one transaction.
pub(crate) struct WorkerTransaction<'t> {
    pub(crate) worker: i64,
    /// The lease from now on, if it is renewed.
    pub(crate) lease: Option<Duration>,
    pub(crate) ended: &'t [EndedAttempt],
    /// Most rows to take.
    pub(crate) want: usize,
    /// No row is taken after this time of the ledger's wall clock.
    pub(crate) deadline_ms: Option<i64>,
    /// Whether rows of workers whose lease has expired become `unknown`.
    pub(crate) housekeeping: bool,
}

/// An attempt that has ended.
#[derive(Debug, Clone)]
pub(crate) struct EndedAttempt {
    pub(crate) row: i64,
    pub(crate) attempt: i64,
    pub(crate) result: AttemptResult,
}

impl EndedAttempt {
    /// From when the row may be sent again; 0 is at once.
    fn not_before(&self, now: i64) -> i64 {
        match clock::micros(self.result.wait) {
            wait if wait > 0 => now + wait,
            _ => 0,
        }
    }
}

/// Called within the transaction with the shared pace, how many rows there are to take, and the
/// ledger's time; returns when each row that may be taken may be sent.
pub(crate) type PaceRule<'p> = dyn FnMut(&mut Pace, usize, i64) -> Vec<i64> + 'p;

/// Result of [`Ledger::transact`].
#[derive(Debug, Default)]
pub(crate) struct TransactionResult {
    /// The lease had expired before it was renewed: no row was taken.
    pub(crate) lease_lost: bool,
    /// The ledger's time.
    pub(crate) now_us: i64,
    /// The machine's own clock at that moment.
    pub(crate) local_us: i64,
    /// The rows that are `sending` now, each with the time from which it may be sent.
    pub(crate) taken: Vec<TakenRow>,
    /// Whether there were `planned` rows that could be taken now, or can be later.
    pub(crate) planned: bool,
    /// Workers that hold a lease, if they were counted.
    pub(crate) workers: Option<i64>,
    /// Whether rows are `sending`.
    pub(crate) sending: bool,
    /// The run's deadline has passed.
    pub(crate) is_past_deadline: bool,
}

impl TransactionResult {
    /// How many rows may be taken.
    fn most_rows(&self, given: &WorkerTransaction<'_>) -> usize {
        match self.lease_lost || self.is_past_deadline {
            true => 0,
            false => given.want,
        }
    }

    /// Takes the first rows, one for each time that the pace gave.
    fn take(&mut self, candidates: Vec<TakenRow>, times: Vec<i64>) {
        let taken = candidates.into_iter().zip(times);
        self.taken = taken
            .map(|(taken, at_us)| TakenRow { at_us, ..taken })
            .collect();
    }
}

#[derive(Debug)]
pub(crate) struct TakenRow {
    pub(crate) row: i64,
    pub(crate) attempt: i64,
    pub(crate) tries: i64,
    pub(crate) request: NewRow,
    pub(crate) earlier: EarlierAttempts,
    /// Microseconds of the ledger's clock.
    pub(crate) at_us: i64,
}

/// Opens the ledger at `place`, and creates its tables if there are none and `create` is set.
pub(crate) fn open(place: &Place, create: bool) -> Result<Box<dyn Ledger>, Error> {
    match place {
        Place::File(path) => Ok(Box::new(sqlite::Sqlite::open(path, create)?)),
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => Ok(Box::new(postgres::Postgres::open(url, create)?)),
        #[cfg(not(feature = "postgres"))]
        Place::Postgres(_) => Err(Error::new(
            ErrorKind::InvalidArgument,
            "run: this build has no support for PostgreSQL; expected the path of a file",
        )),
    }
}

/// The error of a ledger of another version.
pub(crate) fn other_version(place: &str, format: &str) -> Error {
    let message = format!(
        "run: {place} has format {format}, and this version of calltransfer reads format {FORMAT}"
    );
    Error::new(ErrorKind::OtherRun, message)
}

/// The columns of a row, as [`rows`](Ledger::rows) reads them.
pub(crate) struct RowParts {
    pub(crate) number: i64,
    pub(crate) call_id: String,
    pub(crate) target: String,
    pub(crate) options: String,
    pub(crate) timeout_ms: Option<i64>,
    pub(crate) state: i64,
    pub(crate) attempts: i64,
    pub(crate) kind: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) http_status: Option<i64>,
    pub(crate) code: Option<String>,
    pub(crate) new_call_id: Option<String>,
    pub(crate) found: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) doubt: Option<String>,
    pub(crate) found_ms: Option<i64>,
    pub(crate) changed_ms: i64,
    pub(crate) sent_boot: Option<String>,
    pub(crate) sent_us: Option<i64>,
    pub(crate) ended_us: Option<i64>,
}

impl RowParts {
    pub(crate) fn into_row(self) -> Result<Row, Error> {
        let damaged = || damaged_row(self.number);
        let state = State::from_number(self.state).ok_or_else(damaged)?;
        let request = NewRow::stored(self.call_id, self.target, &self.options, self.timeout_ms)
            .ok_or_else(|| damaged_row(self.number))?;
        let finding = match self.found.and_then(State::from_number) {
            Some(found) => Some(RowFinding {
                outcome: match found {
                    State::Applied => calltransfer::Outcome::Applied,
                    State::NotApplied => calltransfer::Outcome::NotApplied,
                    State::NotSent => calltransfer::Outcome::NotSent,
                    _ => calltransfer::Outcome::Unknown,
                },
                reason: self.reason.unwrap_or_default(),
                doubt: self.doubt,
                at_ms: self.found_ms.unwrap_or_default(),
            }),
            None => None,
        };
        Ok(Row {
            number: self.number,
            request,
            state,
            attempts: self.attempts,
            error_kind: self.kind,
            message: self.message,
            http_status: self
                .http_status
                .and_then(|status| u16::try_from(status).ok()),
            platform_code: self.code,
            new_call_id: self.new_call_id,
            finding,
            changed_ms: self.changed_ms,
            sent: match (self.sent_boot, self.sent_us) {
                (Some(boot), Some(began_us)) => Some(SentAt {
                    boot,
                    began_us,
                    ended_us: self.ended_us,
                }),
                _ => None,
            },
        })
    }
}

pub(crate) fn damaged_row(number: i64) -> Error {
    let message = format!("run: row {number} is damaged");
    Error::new(ErrorKind::Damaged, message)
}
