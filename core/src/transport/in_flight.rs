//! The tasks of a worker, and how they end if it can't go on.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::descriptors::Mark;

/// Waits for a task, and must learn that it can't go on.
pub(crate) trait Abandon: Send + Sync {
    /// The task will not be run any further, and not be dropped either. Called once at most.
    fn abandon(&self);
}

/// The tasks of a worker, in case that the host closes its descriptors under it.
#[derive(Default)]
pub(super) struct InFlight {
    tasks: Mutex<HashMap<u64, Arc<dyn Abandon>>>,
    /// The worker can't go on.
    pub(super) ended: AtomicBool,
}

impl InFlight {
    /// Runs on the worker's thread, right before and after it waits for the system.
    pub(super) fn stay_if_closed(&self, mark: Mark) {
        if mark.is_intact() {
            return;
        }
        // The numbers of these descriptors may be the host's own by now: nothing may use them, and
        // nothing may be dropped that would close them.
        self.abandon_and_stay();
    }

    /// The thread stays here for as long as the process lives.
    pub(super) fn abandon_and_stay(&self) -> ! {
        self.abandon();
        loop {
            thread::park();
        }
    }

    pub(super) fn abandon(&self) {
        self.ended.store(true, Ordering::Release);
        let tasks = std::mem::take(&mut *self.lock());
        for task in tasks.into_values() {
            // After a panic of one, the others are still completed.
            let _ = catch_unwind(AssertUnwindSafe(|| task.abandon()));
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<dyn Abandon>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
