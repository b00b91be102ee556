//! One worker: takes rows, sends them, and writes down how each ended.
//!
//! Everything happens on one thread; requests run on the threads of the background client, and end
//! in a channel. In each turn the outcomes that have come and the rows that are taken next go to
//! disk in one transaction: the slower the disk, the more rows a transaction has.

mod recovery;
mod sending;
mod turn;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use calltransfer::{Request, Transferred, background};

use crate::attempt::{self, Before, Ended, Signal};
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::lease::Lease;
use crate::ledger::{self, Ledger, Outcome, Taken};
use crate::place::Place;
use crate::settings::Settings;
use crate::trouble::Trouble;
use sending::{Done, Ready, Sending};

/// How long nothing is waited for at most: so soon a stop is seen.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
/// How often rows are looked for where there are none to take.
const IDLE: Duration = Duration::from_millis(100);
/// How long more outcomes are waited for, so that they share a transaction.
const LINGER: Duration = Duration::from_millis(2);

/// A row whose end is on disk.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EndedRow {
    /// Its number in the run.
    pub number: i64,
    /// The call.
    pub call_id: String,
    /// Where the row is now: a final state.
    pub state: crate::State,
    /// The kind of the error, as `rate_limited`.
    pub error_kind: Option<&'static str>,
    /// The message of the error, without numbers.
    pub message: Option<String>,
    /// The new call, where the platform named it.
    pub new_call_id: Option<String>,
}

pub(crate) struct Worker<'r> {
    place: &'r Place,
    settings: &'r Settings,
    sending: Arc<Sending>,
    concurrency: usize,
    /// How many of them the pace allows while no limit of the account is known.
    allowed: usize,
    /// Rows that are taken beyond these, so that there is a next one while the disk is written.
    ahead: usize,
    name: String,
    stop: Arc<AtomicBool>,
    each: &'r mut dyn FnMut(&EndedRow),

    ledger: Option<Box<dyn Ledger>>,
    id: i64,
    lease: Lease,
    receiver: Receiver<Done>,
    /// Under way, or ready to be.
    in_flight: HashMap<i64, InFlight>,
    /// Taken, and not to be sent yet, each with the local time of its turn.
    waiting: VecDeque<(i64, Taken)>,
    /// Ended, and not known to be on disk.
    ended: Vec<(Outcome, String)>,
    /// Since the last turn: requests that the limits let through, and when a limit clears.
    accepted: i64,
    limited_until_us: Option<i64>,
    is_limit_of_calls: bool,
    trouble: Trouble,
    workers: i64,
    renew_us: i64,
    housekeeping_us: i64,
    /// When rows are looked for next.
    look_us: i64,
    /// What ends the run, once nothing is in progress any more.
    ending: Option<Ending>,
}

struct InFlight {
    attempt: i64,
    tries: i64,
    before: Before,
    call_id: String,
}

enum Ending {
    Stopped,
    Failed(Error),
}

impl<'r> Worker<'r> {
    pub(crate) fn new(
        place: &'r Place,
        settings: &'r Settings,
        client: background::Client,
        concurrency: usize,
        name: String,
        stop: Arc<AtomicBool>,
        each: &'r mut dyn FnMut(&EndedRow),
    ) -> Self {
        let (sender, receiver) = channel();
        Self {
            place,
            settings,
            sending: Sending::new(client, sender),
            concurrency,
            allowed: 1,
            ahead: 0,
            name,
            stop,
            each,
            ledger: None,
            id: 0,
            lease: Lease::default(),
            receiver,
            in_flight: HashMap::new(),
            waiting: VecDeque::new(),
            ended: Vec::new(),
            accepted: 0,
            limited_until_us: None,
            is_limit_of_calls: false,
            trouble: Trouble::default(),
            workers: 1,
            renew_us: 0,
            housekeeping_us: 0,
            look_us: 0,
            ending: None,
        }
    }

    /// Works until no row is left to send, or until it is stopped.
    pub(crate) fn run(mut self) -> Result<(), Error> {
        if let Err(error) = self.begin() {
            self.recover(error)?;
        }
        loop {
            if self.stop.load(Ordering::Acquire) && self.ending.is_none() {
                self.end(Ending::Stopped);
            }
            if self.ledger.as_ref().is_none_or(|ledger| !ledger.is_there()) {
                let message = format!("run: the connection to {} was lost", self.place);
                self.recover(Error::new(ErrorKind::Unreachable, message))?;
            }
            self.begin_due_rows();
            if self.is_turn_due() {
                match self.turn() {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err(error) => self.recover(error)?,
                }
            }
            self.wait();
        }
        self.resign();
        match self.ending.take() {
            Some(Ending::Failed(error)) => Err(error),
            _ => Ok(()),
        }
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.ledger = Some(ledger::open(self.place, false)?);
        self.register()
    }

    fn ledger(&mut self) -> Result<&mut Box<dyn Ledger>, Error> {
        let missing = || Error::new(ErrorKind::Unreachable, "run: the ledger is not open");
        self.ledger.as_mut().ok_or_else(missing)
    }

    fn register(&mut self) -> Result<(), Error> {
        let lease = self.settings.lease;
        // Requests of an earlier lease, whose rows others may have judged, are never permitted again.
        self.lease.close();
        self.lease = Lease::default();
        let asked = clock::machine_us();
        let name = self.name.clone();
        self.id = self.ledger()?.register(&name, lease)?;
        self.leased(asked);
        Ok(())
    }

    fn leased(&mut self, asked: i64) {
        self.renew_us = asked + clock::micros(self.settings.lease / 3);
        if self.ending.is_none() {
            self.lease.renewed(asked, self.settings.lease);
        }
    }

    /// No row is begun any more; what is in progress comes to its end.
    fn end(&mut self, ending: Ending) {
        self.lease.close();
        self.ending.get_or_insert(ending);
        self.put_back_waiting();
    }

    fn put_back_waiting(&mut self) {
        for row in self.sending.take_back() {
            if let Some(in_flight) = self.in_flight.remove(&row) {
                self.push_ended(row, in_flight, attempt::not_begun());
            }
        }
        for (_, taken) in std::mem::take(&mut self.waiting) {
            let outcome = Outcome {
                row: taken.row,
                attempt: taken.attempt,
                ended: attempt::not_begun(),
            };
            self.ended.push((outcome, taken.request.call_id));
        }
    }

    /// Most requests that may be in progress.
    fn limit(&self) -> usize {
        match self.trouble.is_there() {
            true => 1,
            false => self.concurrency.min(self.allowed),
        }
    }

    /// How many rows may be taken.
    fn free(&self) -> usize {
        if self.ending.is_some() || self.trouble.holds() {
            return 0;
        }
        let allowed = match self.trouble.is_there() {
            true => 1,
            false => self.concurrency + self.ahead,
        };
        allowed.saturating_sub(self.in_flight.len() + self.waiting.len())
    }

    fn is_turn_due(&self) -> bool {
        let now = clock::machine_us();
        !self.ended.is_empty()
            || now >= self.renew_us
            || self.limited_until_us.is_some()
            || (now >= self.look_us && (self.free() > 0 || self.ending.is_some()))
    }

    fn begin_due_rows(&mut self) {
        let now = clock::machine_us();
        while self.waiting.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, taken)) = self.waiting.pop_front() {
                self.ready(taken);
            }
        }
        self.sending.begin(self.limit());
    }

    /// The row is `sending` on disk.
    fn ready(&mut self, taken: Taken) {
        let row = taken.row;
        let in_flight = InFlight {
            attempt: taken.attempt,
            tries: taken.tries,
            before: taken.before,
            call_id: taken.request.call_id.clone(),
        };
        let config = self.sending.client().config();
        match Request::transfer(config, taken.request.transfer()) {
            Ok(request) => {
                self.in_flight.insert(row, in_flight);
                let permit = self.lease.permit();
                self.sending.add(Ready {
                    row,
                    request,
                    permit,
                });
            }
            Err(error) => self.push_ended(row, in_flight, attempt::invalid(&error)),
        }
    }

    fn completed(&mut self, row: i64, result: Result<Transferred, calltransfer::Error>) {
        let Some(in_flight) = self.in_flight.remove(&row) else {
            return;
        };
        let message = result.as_ref().err().map(ToString::to_string);
        let max_tries = match self.settings.deadline_ms {
            Some(_) => i64::MAX,
            None => self.settings.max_attempts,
        };
        let (ended, signal) = attempt::judge(result, in_flight.tries, max_tries);
        match signal {
            Signal::Accepted => {
                self.accepted += 1;
                self.trouble.passed();
            }
            Signal::Limited { clears, of_calls } => {
                self.is_limit_of_calls |= of_calls;
                let until = clock::machine_us().saturating_add(clock::micros(clears));
                self.limited_until_us = self.limited_until_us.max(Some(until));
                self.put_back_waiting();
            }
            Signal::Unreachable => {
                self.trouble.seen();
                self.put_back_waiting();
            }
            Signal::Account => {
                let message = message.unwrap_or_default();
                let error = Error::new(ErrorKind::Account, format!("account: {message}"));
                self.end(Ending::Failed(error));
            }
            Signal::None => {}
        }
        self.push_ended(row, in_flight, ended);
    }

    fn push_ended(&mut self, row: i64, in_flight: InFlight, ended: Ended) {
        let attempt = in_flight.attempt;
        let ended = Ended {
            state: in_flight.before.and_then(ended.state),
            ..ended
        };
        let outcome = Outcome {
            row,
            attempt,
            ended,
        };
        self.ended.push((outcome, in_flight.call_id));
    }

    /// Waits for outcomes, but not past the next thing to do.
    fn wait(&mut self) {
        let now = clock::machine_us();
        let mut until = now + clock::micros(LONGEST_WAIT);
        until = until.min(self.renew_us);
        if let Some((at, _)) = self.waiting.front() {
            until = until.min(*at);
        }
        if self.free() > 0 || self.ending.is_some() {
            until = until.min(self.look_us);
        }
        if !self.ended.is_empty() {
            until = now;
        }
        let wait = u64::try_from(until - now).unwrap_or_default();
        match self.receiver.recv_timeout(Duration::from_micros(wait)) {
            Ok((row, result)) => self.completed(row, result),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
        // Outcomes that come at the same time share a transaction.
        let begin = Instant::now();
        while self.ended.len() < (self.concurrency + self.ahead) / 2 && !self.in_flight.is_empty() {
            let Some(left) = LINGER.checked_sub(begin.elapsed()) else {
                break;
            };
            match self.receiver.recv_timeout(left) {
                Ok((row, result)) => self.completed(row, result),
                Err(_) => break,
            }
        }
        while let Ok((row, result)) = self.receiver.try_recv() {
            self.completed(row, result);
        }
    }

    /// A worker that ends leaves no row behind that is `sending`; its lease would end anyway.
    fn resign(&mut self) {
        let id = self.id;
        if let Some(ledger) = &mut self.ledger {
            let _ = ledger.resign(id);
        }
    }
}

impl Drop for Worker<'_> {
    /// Also where the program's own function panicked: nothing more is begun without a worker.
    fn drop(&mut self) {
        self.lease.close();
        self.sending.take_back();
    }
}
