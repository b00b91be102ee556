//! Adding rows: all of them or none.

use std::collections::HashSet;

use calltransfer::Request;

use crate::error::{Error, ErrorKind, RefusedRow};
use crate::ledger::ConflictReason;
use crate::row::NewRow;
use crate::run::Run;

/// Rows per write.
const CHUNK: usize = 1_000;
/// Rows that become `planned` per transaction.
const BLOCK: usize = 10_000;
/// Most refused rows that are listed.
const LISTED: usize = 1_000;

/// Result of [`Run::add`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Added {
    /// Rows that are new in the run.
    pub added: u64,
    /// Rows that were there already, with the same target and options.
    pub present: u64,
}

impl Run {
    /// Adds rows: all of them, or none if one is refused.
    ///
    /// Each is checked as it would be before it is sent. A call can be in a run only once: a row that
    /// an earlier `add` stored is counted as present if it is the same, and refused if its target
    /// or its options differ; a call that appears twice in `rows` is refused. The rows are taken
    /// one by one and stored in blocks, so they may be many more than fit into memory; no worker
    /// sees one before the last one is checked and stored. A process that dies before that leaves
    /// nothing behind that is ever sent.
    ///
    /// # Errors
    /// [`RowsRefused`](ErrorKind::RowsRefused): [`Error::refused`] lists the first 1,000 with their
    /// numbers among `rows`, from 0. Others if the ledger fails.
    pub fn add<I>(&self, rows: I) -> Result<Added, Error>
    where
        I: IntoIterator<Item = NewRow>,
    {
        let load = self.ledger()?.begin_load()?;
        let mut loading = Loading {
            run: self,
            load,
            calls: HashSet::new(),
            chunk: Vec::new(),
            taken: 0,
            present: 0,
            refused: Vec::new(),
            refusals: 0,
            staged: 0,
        };
        let result = rows
            .into_iter()
            .try_for_each(|row| loading.take(row))
            .and_then(|()| loading.flush())
            .and_then(|()| loading.finish());
        if result.is_err() {
            // Rows that stay here because this fails are never seen by a worker.
            let _ = self
                .ledger()
                .and_then(|mut ledger| ledger.discard_load(load));
        }
        result
    }
}

struct Loading<'r> {
    run: &'r Run,
    load: i64,
    /// The calls of the chunk.
    calls: HashSet<String>,
    chunk: Vec<(u64, NewRow)>,
    taken: u64,
    present: u64,
    refused: Vec<RefusedRow>,
    refusals: u64,
    staged: u64,
}

impl Loading<'_> {
    fn take(&mut self, row: NewRow) -> Result<(), Error> {
        let number = self.taken;
        self.taken += 1;
        if let Err(error) = Request::transfer(self.run.config()?, row.transfer()) {
            self.refuse(number, &row, error.to_string());
            return Ok(());
        }
        if !self.calls.insert(row.call_id.clone()) {
            self.refuse(number, &row, twice());
            return Ok(());
        }
        self.chunk.push((number, row));
        match self.chunk.len() < CHUNK {
            true => Ok(()),
            false => self.flush(),
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let chunk = std::mem::take(&mut self.chunk);
        self.calls.clear();
        if chunk.is_empty() {
            return Ok(());
        }
        let (numbers, rows): (Vec<u64>, Vec<NewRow>) = chunk.into_iter().unzip();
        let conflicts = self.run.ledger()?.stage(self.load, &rows)?;
        self.staged += (rows.len() - conflicts.len()) as u64;
        for conflict in conflicts {
            let (Some(number), Some(row)) = (numbers.get(conflict.index), rows.get(conflict.index))
            else {
                continue;
            };
            match conflict.reason {
                ConflictReason::AlreadyPresent => self.present += 1,
                ConflictReason::DuplicateInLoad => self.refuse(*number, row, twice()),
                ConflictReason::DifferentRow => {
                    let why =
                        "call_id: is in the run already, with another target or other options";
                    self.refuse(*number, row, why.to_owned());
                }
            }
        }
        Ok(())
    }

    fn refuse(&mut self, number: u64, row: &NewRow, reason: String) {
        self.refusals += 1;
        if self.refused.len() < LISTED {
            self.refused.push(RefusedRow {
                number,
                call_id: shown_id(&row.call_id),
                reason,
            });
        }
    }

    fn finish(&mut self) -> Result<Added, Error> {
        if let Some(first) = self.refused.first() {
            let (refusals, taken) = (self.refusals, self.taken);
            let message = format!(
                "rows: {refusals} of {taken} are refused and none was added; the first is row {} \
                 (call {}): {}",
                first.number, first.call_id, first.reason
            );
            let mut refused = std::mem::take(&mut self.refused);
            refused.sort_by_key(|row| row.number);
            return Err(Error::new(ErrorKind::RowsRefused, message).with_refused(refused));
        }
        // In blocks, so that workers that wait for the ledger keep their leases. A process that dies
        // here has had every row checked; the same rows can be added again.
        let mut added = 0;
        loop {
            match self.run.ledger()?.finish_load(self.load, BLOCK)? {
                0 => break,
                begun => added += begun,
            }
        }
        if added != self.staged {
            let message = "rows: another process is adding the same calls; add them again";
            return Err(Error::new(ErrorKind::RowsRefused, message));
        }
        let present = self.present;
        Ok(Added { added, present })
    }
}

fn twice() -> String {
    "call_id: appears twice in these rows; a call can be in a run only once".to_owned()
}

/// An ID that is not valid may be anything, a phone number for example.
fn shown_id(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    match !id.is_empty() && id.len() <= 128 && id.chars().all(is_plain) {
        true => id.to_owned(),
        false => "with an invalid ID".to_owned(),
    }
}
