//! A way to stop a request that another thread waits for.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use calltransfer_core::{Request, blocking};

use crate::error::calltransfer_error;
use crate::handle::{Handle, get, owned, take_back};
use crate::panic::guard;

/// How often a waiting request checks whether it has to stop.
const INTERVAL: Duration = Duration::from_millis(20);

/// A handle to stop requests that other threads wait for.
pub struct calltransfer_cancel(AtomicBool);

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_cancel {}

impl calltransfer_cancel {
    /// Whether to go on waiting.
    fn look(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Acquire) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Sends a request and waits for the outcome, or until `cancel` stops it.
pub(crate) fn execute<T: Send>(
    client: &blocking::Client,
    request: Request<T>,
    cancel: Option<&calltransfer_cancel>,
) -> Result<T, Box<calltransfer_error>> {
    let Some(cancel) = cancel else {
        return Ok(client.execute(request)?);
    };
    if cancel.look().is_break() {
        // The check would be called only after the request was sent.
        return Err(Box::new(calltransfer_error::cancelled()));
    }
    let mut look = || cancel.look();
    Ok(client.execute_interruptible(request, INTERVAL, &mut look)?)
}

/// Make a handle to stop requests with, for every function that waits and takes a `cancel`.
///
/// NULL: returned only after a bug in the library (a panic).
/// Memory: free it with calltransfer_cancel_free().
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn calltransfer_cancel_new() -> *mut calltransfer_cancel {
    guard(std::ptr::null_mut(), || {
        owned(calltransfer_cancel(AtomicBool::new(false)))
    })
}

/// Stop every request that was started with this handle, within 20 ms; a later one isn't begun.
///
/// A request that was not sent yet, or that only reads, ends with CALLTRANSFER_E_CANCELLED; a
/// transfer, an answer or a hang-up that was sent ends with CALLTRANSFER_E_OUTCOME_UNKNOWN. A handle
/// that was used to stop requests can't be reset: make a new one for new requests.
///
/// NULL: does nothing.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once, and safe in a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_cancel_request(cancel: *const calltransfer_cancel) {
    // SAFETY: as the header asks of the caller.
    unsafe { get(cancel, (), |c| c.0.store(true, Ordering::Release)) };
}

/// Free a handle to stop requests with.
///
/// NULL: does nothing.
/// Memory: frees `cancel`; a second time is undefined, as with free().
/// Threads: any, once no other uses it and no request waits with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_cancel_free(cancel: *mut calltransfer_cancel) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(cancel) };
}
