//! A run, as a program holds it.

use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use calltransfer::process_id::ProcessId;
use calltransfer::{Config, background, limits};

use crate::error::{Error, ErrorKind};
use crate::ledger::{self, Ledger};
use crate::ledger_wait::LedgerWait;
use crate::place::Place;
use crate::settings::{self, RunOptions, Settings};
use crate::summary::Summary;
use crate::worker::{EndedRow, Worker};

const CONCURRENCY: usize = 16;

/// How a worker works; for [`Run::execute`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    concurrency: usize,
    name: Option<String>,
}

impl Default for Execution {
    fn default() -> Self {
        Self::new()
    }
}

impl Execution {
    /// 16 transfers in progress at once.
    pub fn new() -> Self {
        Self {
            concurrency: CONCURRENCY,
            name: None,
        }
    }

    /// How many transfers may be in progress at the same time, 1 to 10,000. Each has a connection, and so
    /// a file descriptor.
    #[must_use]
    pub fn concurrency(mut self, number: usize) -> Self {
        self.concurrency = number;
        self
    }

    /// A name of this worker, for people; the process ID by default.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// A durable bulk transfer.
///
/// All methods block; none needs an async runtime, and in async code they belong on a thread for
/// blocking work. A run may be used by many threads at once, and by many processes at once: each
/// [`execute`](Self::execute) is one worker. Dropping it changes nothing. In a forked child it is
/// refused with [`Forked`](ErrorKind::Forked): open it again there.
pub struct Run {
    pub(crate) place: Place,
    pub(crate) settings: Settings,
    config: Option<Config>,
    stop: Arc<AtomicBool>,
    ledger: ManuallyDrop<Mutex<Box<dyn Ledger>>>,
    pid: ProcessId,
    /// When the rows were last counted, and how many had ended.
    last_ended: Mutex<Option<(Instant, u64)>>,
}

impl Run {
    /// Opens the run at `place`, or creates it if there is none: the path of a file, or a
    /// `postgresql://` URL.
    ///
    /// A new file can be read and written by its owner only, because it holds phone numbers. The
    /// options are those of the whole run: they are stored when it is created. A run belongs to one
    /// account.
    ///
    /// # Errors
    /// [`OtherRun`](ErrorKind::OtherRun) if the run was created for another account, with other
    /// options or by another version, naming what differs; [`Damaged`](ErrorKind::Damaged) if
    /// the place holds something else; [`InvalidArgument`](ErrorKind::InvalidArgument),
    /// [`ReadOnly`](ErrorKind::ReadOnly), [`Full`](ErrorKind::Full) and
    /// [`Unreachable`](ErrorKind::Unreachable).
    pub fn open(
        place: impl AsRef<str>,
        config: &Config,
        options: RunOptions,
    ) -> Result<Self, Error> {
        let place = Place::parse(place.as_ref())?;
        let now_ms = crate::clock::wall_ms();
        let wanted = Settings::new(config, &options, now_ms)?;
        let mut ledger = ledger::open(&place, true)?;
        let mut stored = ledger.settings()?;
        if stored.is_empty() {
            let wanted = match wanted.deadline {
                // The deadline counts on the ledger's clock.
                Some(_) => Settings::new(config, &options, ledger.wall_ms()?)?,
                None => wanted,
            };
            stored = ledger.create_settings(&wanted.to_pairs())?;
        }
        let settings = Settings::of_pairs(&stored, &place)?;
        settings.check_same(config, &options, &place)?;
        Ok(Self::new(place, settings, Some(config.clone()), ledger))
    }

    /// Opens an existing run to read it: without credentials, so nothing can be added, sent or checked.
    ///
    /// # Errors
    /// As for [`open`](Self::open); [`InvalidArgument`](ErrorKind::InvalidArgument) if there is
    /// no run.
    pub fn view(place: impl AsRef<str>) -> Result<Self, Error> {
        let place = Place::parse(place.as_ref())?;
        let mut ledger = ledger::open(&place, false)?;
        let settings = Settings::of_pairs(&ledger.settings()?, &place)?;
        Ok(Self::new(place, settings, None, ledger))
    }

    fn new(
        place: Place,
        settings: Settings,
        config: Option<Config>,
        ledger: Box<dyn Ledger>,
    ) -> Self {
        Self {
            place,
            settings,
            config,
            stop: Arc::default(),
            ledger: ManuallyDrop::new(Mutex::new(ledger)),
            pid: ProcessId::current(),
            last_ended: Mutex::default(),
        }
    }

    /// Sends the rows that are planned, as one worker, and returns when no row of the run is left
    /// to send: also those of other workers have ended then, or their lease has expired.
    ///
    /// May be called again, by many threads and processes at once: no row is taken twice.
    ///
    /// # Errors
    /// [`Account`](ErrorKind::Account) if the platform refuses the credentials: the rows stay
    /// planned. [`Unreachable`](ErrorKind::Unreachable) if the ledger fails for longer than 10 minutes,
    /// [`Full`](ErrorKind::Full) if its disk is full for longer than 10 seconds: until then nothing is
    /// sent, and known outcomes are kept in memory. [`Error::unwritten`] has those that could not be
    /// written. Other kinds end the work at once.
    pub fn execute(&self, execution: Execution) -> Result<Summary, Error> {
        self.execute_with(execution, |_| ())
    }

    /// As [`execute`](Self::execute); `each` gets every row that this worker has ended, after its
    /// outcome is on disk. It runs on the calling thread and must not block for long: the lease is
    /// not renewed meanwhile.
    ///
    /// # Errors
    /// As for [`execute`](Self::execute).
    pub fn execute_with(
        &self,
        execution: Execution,
        mut each: impl FnMut(&EndedRow),
    ) -> Result<Summary, Error> {
        let Execution { concurrency, name } = execution;
        limits::check_concurrency(concurrency).map_err(|error| Error::invalid(&error))?;
        self.check_process()?;
        let client = background::Client::new(self.config()?.clone());
        let name = name.unwrap_or_else(|| format!("process {}", std::process::id()));
        let stop = Arc::clone(&self.stop);
        Worker::new(
            &self.place,
            &self.settings,
            client,
            concurrency,
            name,
            stop,
            &mut each,
        )
        .run()?;
        self.final_summary()
    }

    /// Every outcome is on disk: a ledger that can't be reached now is waited for, as by the worker.
    fn final_summary(&self) -> Result<Summary, Error> {
        let mut waiting = LedgerWait::new();
        loop {
            match self.summary() {
                Err(error) if !waiting.is_over(&error) && !self.is_stopped() => {
                    std::thread::sleep(waiting.next_pause());
                }
                result => return result,
            }
        }
    }

    /// Ends every `execute` and `check` of this `Run` soon, from any thread: no row is begun any
    /// more, and those in progress end. Permanently: open the run again to continue.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Whether [`stop`](Self::stop) was called.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// How many rows are in each state, how fast they are sent, and how long that will take.
    ///
    /// # Errors
    /// [`Unreachable`](ErrorKind::Unreachable) and others if the ledger fails.
    pub fn summary(&self) -> Result<Summary, Error> {
        let mut ledger = self.ledger()?;
        let counts = ledger.counts()?;
        let (pace, workers, now_us) = ledger.pace()?;
        let mut notes = ledger.notes();
        if settings::is_stopped(&ledger.settings()?) {
            notes.push("the run is stopped for all workers until it is resumed".to_owned());
        }
        drop(ledger);
        let mut summary = Summary::of(&counts, &self.settings, pace, workers, now_us, notes);
        let mut last = self
            .last_ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        summary.estimate(*last);
        *last = Some((Instant::now(), summary.ended()));
        Ok(summary)
    }

    /// The API that the run is for: `v1` or `v2`.
    pub fn api(&self) -> &str {
        &self.settings.api
    }

    /// The account that the run is for.
    pub fn account(&self) -> &str {
        &self.settings.account
    }

    /// When the run was created: milliseconds since 1970.
    pub fn created_ms(&self) -> i64 {
        self.settings.created_ms
    }

    pub(crate) fn config(&self) -> Result<&Config, Error> {
        self.config.as_ref().ok_or_else(|| {
            let message = "run: was opened read-only; open it with credentials";
            Error::new(ErrorKind::InvalidArgument, message)
        })
    }

    pub(crate) fn ledger(&self) -> Result<MutexGuard<'_, Box<dyn Ledger>>, Error> {
        self.check_process()?;
        Ok(self.ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Connections to a ledger don't survive a fork.
    pub(crate) fn check_process(&self) -> Result<(), Error> {
        if self.pid == ProcessId::current() {
            return Ok(());
        }
        let message = "run: was opened by the parent of this process; open it again after a fork";
        Err(Error::new(ErrorKind::Forked, message))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // A forked child leaves the connection alone: it is its parent's.
        if self.check_process().is_ok() {
            // SAFETY: dropped once, here, and not used after.
            unsafe { ManuallyDrop::drop(&mut self.ledger) };
        }
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("place", &self.place)
            .field("account", &self.settings.account)
            .finish_non_exhaustive()
    }
}
