//! Log lines of background requests, until Python takes them.

use std::sync::atomic::{AtomicBool, Ordering};

use calltransfer::Attempt;

use crate::lock_free_stack::LockFreeStack;

/// The records of attempts, until they are logged.
#[derive(Default)]
pub(crate) struct Log {
    wanted: AtomicBool,
    lines: Lines,
}

struct Lines(LockFreeStack<(bool, String)>);

impl Default for Lines {
    fn default() -> Self {
        Self(LockFreeStack::new())
    }
}

impl Log {
    pub(crate) fn note(&self, attempt: &Attempt) {
        if self.wanted.load(Ordering::Relaxed) {
            let line = (attempt.kind.is_none(), attempt.to_string());
            self.lines.0.put(line);
        }
    }

    /// Whether attempts are to be kept for `take`.
    pub(crate) fn want(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::Relaxed);
    }

    /// The attempts since the last time: whether each succeeded, and a line about it.
    pub(crate) fn take(&self) -> Vec<(bool, String)> {
        self.lines.0.take()
    }
}
