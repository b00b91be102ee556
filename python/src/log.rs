//! What requests in the background leave behind, until Python takes it.

use std::sync::atomic::{AtomicBool, Ordering};

use calltransfer::{Attempt, RequestRecord};
use pyo3::prelude::*;

use crate::lock_free_stack::LockFreeStack;

/// An attempt: whether it succeeded, and a line about it.
#[derive(IntoPyObject)]
pub(crate) struct AttemptNote {
    succeeded: bool,
    line: String,
}

/// A request that has ended: `calltransfer.RequestRecord` is made of it, by keyword.
#[derive(IntoPyObject)]
pub(crate) struct RequestNote {
    action: &'static str,
    api: &'static str,
    host: String,
    call_id: Option<String>,
    new_call_id: Option<String>,
    outcome: &'static str,
    error_kind: Option<&'static str>,
    http_status: Option<u16>,
    attempts: u32,
    elapsed: f64,
}

/// Something that a request leaves behind: a word that says what, and its fields.
#[derive(IntoPyObject)]
pub(crate) enum Note {
    Attempt((&'static str, AttemptNote)),
    Request((&'static str, RequestNote)),
}

impl Note {
    pub(crate) fn attempt(attempt: &Attempt) -> Self {
        let note = AttemptNote {
            succeeded: attempt.kind.is_none(),
            line: attempt.to_string(),
        };
        Self::Attempt(("attempt", note))
    }

    pub(crate) fn request(record: &RequestRecord) -> Self {
        let note = RequestNote {
            action: record.action,
            api: record.api.as_str(),
            host: record.host.clone(),
            call_id: (!record.call_id.is_empty()).then(|| record.call_id.clone()),
            new_call_id: record.new_call_id.clone(),
            outcome: record.outcome.as_str(),
            error_kind: record.kind.map(|kind| kind.as_str()),
            http_status: record.http_status,
            attempts: record.attempts,
            elapsed: record.elapsed.as_secs_f64(),
        };
        Self::Request(("request", note))
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
