//! What requests in the background leave behind, until Python takes it.

use std::sync::atomic::{AtomicBool, Ordering};

use calltransfer::{Attempt, RequestRecord};
use pyo3::prelude::*;

use crate::lock_free_stack::LockFreeStack;

/// What `calltransfer.RequestRecord` is made of.
type RecordParts = (
    &'static str,
    &'static str,
    String,
    Option<String>,
    Option<String>,
    &'static str,
    Option<&'static str>,
    Option<u16>,
    u32,
    f64,
);

/// Something that a request leaves behind.
#[derive(IntoPyObject)]
pub(crate) enum Note {
    /// Whether an attempt succeeded, and a line about it.
    Attempt((bool, String)),
    /// The request has ended.
    Record(RecordParts),
}

impl Note {
    pub(crate) fn attempt(attempt: &Attempt) -> Self {
        Self::Attempt((attempt.kind.is_none(), attempt.to_string()))
    }

    pub(crate) fn record(record: &RequestRecord) -> Self {
        let call_id = (!record.call_id.is_empty()).then(|| record.call_id.clone());
        Self::Record((
            record.action,
            record.api.as_str(),
            record.host.clone(),
            call_id,
            record.new_call_id.clone(),
            record.outcome.as_str(),
            record.kind.map(|kind| kind.as_str()),
            record.http_status,
            record.attempts,
            record.elapsed.as_secs_f64(),
        ))
    }
}

/// The notes, until Python takes them.
#[derive(Default)]
pub(crate) struct Log {
    wanted: AtomicBool,
    notes: Notes,
}

struct Notes(LockFreeStack<Note>);

impl Default for Notes {
    fn default() -> Self {
        Self(LockFreeStack::new())
    }
}

impl Log {
    pub(crate) fn note(&self, note: impl FnOnce() -> Note) {
        if self.wanted.load(Ordering::Relaxed) {
            self.notes.0.put(note());
        }
    }

    /// Whether notes are to be kept for `take`.
    pub(crate) fn want(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::Relaxed);
    }

    /// The notes since the last time.
    pub(crate) fn take(&self) -> Vec<Note> {
        self.notes.0.take()
    }
}
