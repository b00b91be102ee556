//! Rows whose outcome is unknown: reading their calls, and sending again if a person says so.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use calltransfer::{
    Error as TransferError, ErrorKind as TransferErrorKind, Finding, SentTransfer, SharedCalls,
    background,
};

use crate::clock;
use crate::error::{Error, ErrorKind, RefusedRow};
use crate::row::{Row, RowFinding, SentAt, State};
use crate::run::Run;

/// Calls that are read at the same time.
const CONCURRENCY: usize = 8;
/// Rows that are checked with the same lists of calls, and whose findings are written together.
const PAGE: usize = 256;
/// New calls that are read per query.
const NEW_CALLS: usize = 10_000;
/// A request may still be in transit for this long after its outcome became unknown.
const SETTLE: Duration = Duration::from_secs(1);
/// A worker that died sent its rows at most this long after it took them; calls that began later do not
/// belong to them.
const LATEST_END: Duration = Duration::from_secs(120);
/// Most refused rows that are listed.
const LISTED: usize = 1_000;

/// Result of [`Run::check`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// Rows that were `unknown` and are `applied` now.
    pub applied: u64,
    /// Rows that were `unknown` and are `not_applied` now.
    pub not_applied: u64,
    /// Rows whose call was read, and that stay `unknown`.
    pub unknown: u64,
    /// Rows whose call could not be read; they stay `unknown`.
    pub failed: u64,
    /// Rows that a worker with a valid lease is sending.
    pub sending: u64,
    /// Why a call could not be read: the first error.
    pub first_error: Option<String>,
}

/// Which rows are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Those that were not sent.
    NotSent,
    /// Those that the platform received, and did nothing; also according to a finding.
    NotApplied,
    /// Those whose outcome stayed unknown after a check. A transfer may then be made twice.
    Unknown,
}

/// Result of [`Run::retry`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retried {
    /// Rows that are planned again.
    pub planned: u64,
    /// Rows that are not, with the reason: the first 1,000.
    pub refused: Vec<RefusedRow>,
}

impl Run {
    /// Reads the call of every row that is `unknown`, and stores what that shows.
    ///
    /// First, rows of workers whose lease has expired become `unknown`. Then each row takes the state of
    /// its finding, which is stored with its reason and doubts; if the call does not show the outcome, the
    /// row stays `unknown`. Sends only reads. Returns early after [`stop`](Self::stop).
    ///
    /// # Errors
    /// [`Account`](ErrorKind::Account) if the platform refuses the credentials. Others where the
    /// ledger fails.
    pub fn check(&self) -> Result<Checked, Error> {
        self.ledger()?.expire_leases()?;
        let client = background::Client::new(self.config()?.clone());
        let mut checked = Checked::default();
        let boot = clock::boot_id();
        let mut others = None;
        let mut after = 0;
        while !self.is_stopped() {
            let rows = self.ledger()?.rows(after, &[State::Unknown], PAGE)?;
            let Some(last) = rows.last() else {
                break;
            };
            after = last.number;
            self.settle(&rows);
            // Read only if a row is unknown: there may be a million.
            let others = match &others {
                Some(others) => others,
                None => others.insert(Arc::new(self.new_calls()?)),
            };
            let sent: Vec<_> = rows
                .iter()
                .map(|row| sent_transfer(row, &boot).excluding_calls(Arc::clone(others)))
                .collect();
            let findings = self.read_calls(&client, &rows, &sent, &mut checked)?;
            self.ledger()?.store_findings(&findings)?;
        }
        let counts = self.ledger()?.counts()?;
        let sending = counts.iter().find(|(state, _)| *state == State::Sending);
        checked.sending = sending.map_or(0, |(_, count)| *count);
        Ok(checked)
    }

    /// The new calls that are known to belong to rows.
    fn new_calls(&self) -> Result<HashSet<String>, Error> {
        let mut known = HashSet::new();
        let mut after = 0;
        loop {
            let page = self.ledger()?.new_call_ids(after, NEW_CALLS)?;
            let Some((last, _)) = page.last() else {
                return Ok(known);
            };
            after = *last;
            known.extend(page.into_iter().map(|(_, new_call_id)| new_call_id));
        }
    }

    /// Waits until no request of these rows can be in transit any more.
    fn settle(&self, rows: &[Row]) {
        let last = rows.iter().map(|row| row.changed_ms).max();
        let settle = i64::try_from(SETTLE.as_millis()).unwrap_or_default();
        let Some(until) = last.map(|last| last + settle) else {
            return;
        };
        // A clock that was set back must not make it wait for long.
        let wait = (until - clock::wall_ms()).clamp(0, settle);
        std::thread::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(0)));
    }

    fn read_calls(
        &self,
        client: &background::Client,
        rows: &[Row],
        sent: &[SentTransfer],
        checked: &mut Checked,
    ) -> Result<Vec<(i64, i64, RowFinding)>, Error> {
        // Made after all of these rows ended: one reading of a list serves them all.
        let lists = SharedCalls::new();
        let (sender, receiver) = channel::<(usize, Result<Finding, TransferError>)>();
        let begin = |index: usize| {
            let (Some(sent), sender) = (sent.get(index), sender.clone()) else {
                return;
            };
            let again = sender.clone();
            let done = move |result| drop(sender.send((index, result)));
            if let Err(error) = client.check(lists.subject(sent), done) {
                let _ = again.send((index, Err(error)));
            }
        };
        let mut next = rows.len().min(CONCURRENCY);
        (0..next).for_each(begin);
        let mut findings = Vec::new();
        let mut open = next;
        while open > 0 {
            let Ok((index, result)) = receiver.recv() else {
                break;
            };
            open -= 1;
            match (result, rows.get(index)) {
                (Ok(finding), Some(row)) => {
                    let finding = stored(&finding);
                    *count_of(checked, &finding) += 1;
                    findings.push((row.number, row.attempts, finding));
                }
                (Err(error), _) if self.is_read_again(&error)? => {
                    open += 1;
                    begin(index);
                    continue;
                }
                (Err(error), _) => {
                    checked.failed += 1;
                    checked.first_error.get_or_insert(error.to_string());
                }
                (Ok(_), None) => {}
            }
            if next < rows.len() && !self.is_stopped() {
                begin(next);
                next += 1;
                open += 1;
            }
        }
        Ok(findings)
    }

    /// Whether a call that could not be read is read again: after a rate limit, which is waited for.
    ///
    /// # Errors
    /// [`Account`](ErrorKind::Account) if no call can be read.
    fn is_read_again(&self, error: &TransferError) -> Result<bool, Error> {
        match (error.kind(), error.retry_after()) {
            (TransferErrorKind::Authentication | TransferErrorKind::Configuration, _) => {
                let message = format!("account: {error}");
                Err(Error::new(ErrorKind::Account, message))
            }
            (TransferErrorKind::RateLimited, Some(wait)) => Ok(!self.stop_within(wait)),
            _ => Ok(false),
        }
    }

    /// Waits, and returns whether the run was stopped meanwhile.
    fn stop_within(&self, wait: Duration) -> bool {
        let begin = std::time::Instant::now();
        while begin.elapsed() < wait && !self.is_stopped() {
            let left = wait.saturating_sub(begin.elapsed());
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
        self.is_stopped()
    }

    /// Plans ended rows again, by decision of a person: [`execute`](Self::execute) then sends them.
    ///
    /// Unknown rows are planned only if they were checked and no finding says that the transfer was made;
    /// the others are refused by name. A row that is sent again after an unknown outcome becomes `unknown`
    /// again if the new attempt is not applied or not sent.
    ///
    /// # Errors
    /// [`RetryRefused`](ErrorKind::RetryRefused) if there are such rows and none may be sent
    /// again. Others if the ledger fails.
    pub fn retry(&self, which: Retry) -> Result<Retried, Error> {
        self.ledger()?.expire_leases()?;
        let states: &[State] = match which {
            Retry::NotSent => &[State::NotSent],
            Retry::NotApplied => &[State::NotApplied],
            Retry::Unknown => &[State::Unknown, State::Applied],
        };
        let mut retried = Retried::default();
        let mut refusals = 0_u64;
        let mut after = 0;
        loop {
            let rows = self.ledger()?.rows(after, states, 500)?;
            let Some(last) = rows.last() else {
                break;
            };
            after = last.number;
            let mut again = Vec::new();
            for row in &rows {
                match refusal(row) {
                    Ok(true) => again.push((row.number, row.attempts, row.state)),
                    Ok(false) => {}
                    Err(reason) => {
                        refusals += 1;
                        if retried.refused.len() < LISTED {
                            retried.refused.push(RefusedRow {
                                number: u64::try_from(row.number).unwrap_or_default(),
                                call_id: row.call_id().to_owned(),
                                reason: reason.to_owned(),
                            });
                        }
                    }
                }
            }
            retried.planned += self.ledger()?.plan_again(&again)?;
        }
        if retried.planned == 0
            && let Some(first) = retried.refused.first()
        {
            let message = format!(
                "retry: all {refusals} rows are refused; the first is row {} (call {}): {}",
                first.number, first.call_id, first.reason
            );
            let error = Error::new(ErrorKind::RetryRefused, message);
            return Err(error.with_refused(retried.refused));
        }
        Ok(retried)
    }
}

/// The row's transfer for a check: its targets, and its times if this machine took it since its last
/// start.
fn sent_transfer(row: &Row, boot: &str) -> SentTransfer {
    let transfer = row.request.transfer();
    // A start of the machine without a name can't be distinguished from another one.
    let is_of_boot = |at: &&SentAt| !boot.is_empty() && at.boot == boot;
    let Some(at) = row.sent.as_ref().filter(is_of_boot) else {
        return SentTransfer::at_unknown_time(&transfer);
    };
    let now = clock::machine_us();
    let latest = at.began_us.saturating_add(clock::micros(LATEST_END));
    let ended = at.ended_us.unwrap_or(latest.min(now));
    let ago = |at: i64| Duration::from_micros(u64::try_from(now - at).unwrap_or_default());
    SentTransfer::new(&transfer, ago(at.began_us), ago(ended))
}

/// Whether the row may be sent again; an applied row without a finding is ignored.
fn refusal(row: &Row) -> Result<bool, &'static str> {
    match (row.state, &row.finding) {
        (State::Unknown, None) => {
            Err("its outcome is unknown and it was not checked; check the run first")
        }
        (State::Applied, Some(_)) => Err("a check found that the transfer was made"),
        (State::Applied, None) => Ok(false),
        _ => Ok(true),
    }
}

fn stored(finding: &Finding) -> RowFinding {
    RowFinding {
        outcome: finding.outcome,
        reason: finding.reason.to_owned(),
        doubt: finding.doubt.map(str::to_owned),
        at_ms: clock::wall_ms(),
    }
}

fn count_of<'c>(checked: &'c mut Checked, finding: &RowFinding) -> &'c mut u64 {
    match State::of(finding.outcome) {
        State::Applied => &mut checked.applied,
        State::NotApplied => &mut checked.not_applied,
        _ => &mut checked.unknown,
    }
}
