//! Where a run lives. Only the files of this folder contain SQL, and they decide nothing.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::collections::HashSet;
use std::time::Duration;

pub(crate) use crate::attempt::Before;
use crate::attempt::Ended;
use crate::error::{Error, ErrorKind};
use crate::pace::Pace;
use crate::place::Place;
use crate::row::{NewRow, Row, RowFinding, SentAt, State};

/// The version of the tables. A ledger of another one is refused by name.
pub(crate) const FORMAT: i64 = 2;

/// One connection to a ledger. Every method is one transaction; what it changed is on disk when it
/// returns. After an error it may or may not have happened.
pub(crate) trait Ledger: Send {
    /// What is stored under these names. Empty in a new ledger.
    fn settings(&mut self) -> Result<Vec<(String, String)>, Error>;

    /// Stores settings in a ledger that has none, and gives what is stored then: another process
    /// may have been faster.
    fn found(&mut self, settings: &[(String, String)]) -> Result<Vec<(String, String)>, Error>;

    /// Notes that all workers are to stop, or that they may work again.
    fn set_stopped(&mut self, stopped: bool) -> Result<(), Error>;

    /// Milliseconds since 1970 by the ledger's clock.
    fn wall_ms(&mut self) -> Result<i64, Error>;

    /// A number for a new load of rows.
    fn begin_load(&mut self) -> Result<i64, Error>;

    /// Stores rows that no worker sees yet. Gives those whose call is in the run already.
    fn stage(&mut self, load: i64, rows: &[NewRow]) -> Result<Vec<Clash>, Error>;

    /// Lets workers see up to `limit` more rows of a load, and gives how many there were.
    fn finish_load(&mut self, load: i64, limit: usize) -> Result<u64, Error>;

    /// Removes the rows of a load that no worker has seen.
    fn discard_load(&mut self, load: i64) -> Result<(), Error>;

    /// A new worker, with a lease from now on.
    fn register(&mut self, name: &str, lease: Duration) -> Result<i64, Error>;

    /// A worker ends; its lease with it.
    fn resign(&mut self, worker: i64) -> Result<(), Error>;

    /// One turn of a worker: see [`Turn`].
    fn turn(&mut self, turn: &Turn<'_>, pace: &mut PaceRule<'_>) -> Result<Turned, Error>;

    /// Makes the rows that this worker took `planned` again, except the attempts that it knows of, as
    /// row and attempt: also rows that others have taken over meanwhile. It took the others in a
    /// transaction whose commit it did not see confirmed, so it sent none of them.
    fn release(&mut self, worker: i64, known: &HashSet<(i64, i64)>) -> Result<(), Error>;

    /// Makes `sending` rows `unknown` whose worker's lease has passed, and gives how many.
    fn take_over(&mut self) -> Result<u64, Error>;

    /// How many rows are in each state.
    fn counts(&mut self) -> Result<Vec<(State, u64)>, Error>;

    /// The shared pace and how many workers hold a lease, with the ledger's time.
    fn pace(&mut self) -> Result<(Pace, i64, i64), Error>;

    /// Up to `limit` rows behind the row `after`, in their order.
    fn rows(&mut self, after: i64, states: &[State], limit: usize) -> Result<Vec<Row>, Error>;

    /// Stores what a read of the call showed of `unknown` rows.
    fn store_findings(&mut self, findings: &[(i64, i64, RowFinding)]) -> Result<(), Error>;

    /// Makes a row `planned` again if it is as it was seen: same state, same attempt.
    fn plan_again(&mut self, rows: &[(i64, i64, State)]) -> Result<u64, Error>;

    /// Ends `planned` rows, because the time of the run has passed. Gives how many.
    fn end_planned(&mut self, message: &str) -> Result<u64, Error>;

    /// Whether the ledger is known to be reachable: nothing is begun where it isn't.
    fn is_there(&self) -> bool;

    /// What people should know of this ledger.
    fn notes(&self) -> Vec<String>;
}

/// A row that can't be staged.
#[derive(Debug)]
pub(crate) struct Clash {
    /// The index among the rows that were given.
    pub(crate) index: usize,
    pub(crate) why: Why,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The same load has the call already.
    Twice,
    /// An earlier load has the same row.
    Present,
    /// An earlier load has the call with another target or other options.
    Differs,
}

/// What a worker has to say and to ask in one transaction.
pub(crate) struct Turn<'t> {
    pub(crate) worker: i64,
    /// The lease from now on, where it is to be renewed.
    pub(crate) lease: Option<Duration>,
    pub(crate) outcomes: &'t [Outcome],
    /// Most rows to take.
    pub(crate) want: usize,
    /// No row is taken after this time of the ledger's wall clock.
    pub(crate) deadline_ms: Option<i64>,
    /// Whether rows of workers whose lease has passed are to be looked for.
    pub(crate) housekeeping: bool,
}

/// The end of an attempt.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) row: i64,
    pub(crate) attempt: i64,
    pub(crate) ended: Ended,
}

/// Decides, within the transaction, how many rows may be taken: it is given the shared pace, how
/// many rows there are to take, and the ledger's time.
pub(crate) type PaceRule<'p> = dyn FnMut(&mut Pace, usize, i64) -> Vec<i64> + 'p;

/// What came of a turn.
#[derive(Debug, Default)]
pub(crate) struct Turned {
    /// The lease had passed before it was renewed: no row was taken.
    pub(crate) lease_lost: bool,
    /// The ledger's time.
    pub(crate) now_us: i64,
    /// The machine's own clock at that moment.
    pub(crate) local_us: i64,
    /// The rows that are `sending` now, each with the time from which it may be sent.
    pub(crate) taken: Vec<Taken>,
    /// Whether there were `planned` rows that could be taken now, or can be later.
    pub(crate) planned: bool,
    /// Workers that hold a lease, where they were counted.
    pub(crate) workers: Option<i64>,
    /// Whether rows are `sending`, where they were looked for.
    pub(crate) sending: Option<bool>,
    /// The time of the run has passed.
    pub(crate) is_past_deadline: bool,
}

impl Turned {
    /// How many rows may be taken.
    fn wanted(&self, turn: &Turn<'_>) -> usize {
        match self.lease_lost || self.is_past_deadline {
            true => 0,
            false => turn.want,
        }
    }

    /// Takes the first rows, one for each time that the pace gave.
    fn take(&mut self, candidates: Vec<Taken>, times: Vec<i64>) {
        let taken = candidates.into_iter().zip(times);
        self.taken = taken
            .map(|(taken, at_us)| Taken { at_us, ..taken })
            .collect();
    }
}

#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) row: i64,
    pub(crate) attempt: i64,
    pub(crate) tries: i64,
    pub(crate) request: NewRow,
    pub(crate) before: Before,
    /// Microseconds of the ledger's clock.
    pub(crate) at_us: i64,
}

/// Opens the ledger at `place`; makes its tables where `create` allows it.
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

/// What every row of the query [`rows`](Ledger::rows) has, before it is put together.
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
