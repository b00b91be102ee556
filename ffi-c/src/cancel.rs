//! A way to stop a transfer that another thread waits for.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::handle::{get, take_back};
use crate::panic::guard;

/// How often a waiting request checks whether it has to stop.
pub(crate) const INTERVAL: Duration = Duration::from_millis(20);

/// A handle to stop transfers that other threads wait for.
pub struct calltransfer_cancel(AtomicBool);

impl calltransfer_cancel {
    /// Whether to go on waiting.
    pub(crate) fn look(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Acquire) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Make a handle to stop transfers with, for calltransfer_client_transfer_cancellable().
///
/// NULL: never returned.
/// Memory: free it with calltransfer_cancel_free().
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn calltransfer_cancel_new() -> *mut calltransfer_cancel {
    guard(std::ptr::null_mut(), || {
        Box::into_raw(Box::new(calltransfer_cancel(AtomicBool::new(false))))
    })
}

/// Stop every transfer that was started with this handle, within 20 ms; a later one isn't begun.
///
/// A transfer that was not sent yet ends with CALLTRANSFER_E_CANCELLED, one that was sent with
/// CALLTRANSFER_E_OUTCOME_UNKNOWN. A handle that was used to stop transfers can't be reset: make a
/// new one for new transfers.
///
/// NULL: does nothing.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once, and safe in a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_cancel_request(cancel: *const calltransfer_cancel) {
    // SAFETY: as the header asks of the caller.
    unsafe { get(cancel, (), |c| c.0.store(true, Ordering::Release)) };
}

/// Free a handle to stop transfers with.
///
/// NULL: does nothing.
/// Memory: frees `cancel`; a second time is undefined, as with free().
/// Threads: any, once no other uses it and no transfer waits with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_cancel_free(cancel: *mut calltransfer_cancel) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(cancel) };
}
