//! Options of a run: stored when it is made.

use std::time::Duration;

use calltransfer_runs::RunOptions;

use crate::argument_error::ArgumentError;
use crate::checked::{Checked, change};
use crate::handle::{Handle, owned, take_back};
use crate::panic::guard;

/// Options of a run, for calltransfer_run_open().
#[derive(Default)]
pub struct calltransfer_run_options(Checked<RunOptions>);

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_run_options {}

impl calltransfer_run_options {
    pub(crate) fn checked(&self) -> Result<RunOptions, ArgumentError> {
        self.0.checked().cloned()
    }
}

/// Make options of a run, with none set.
///
/// They are stored when the run is created. Open an existing run with the same options, or with
/// none set; others are an error that names them. If a value is invalid, calltransfer_run_open()
/// reports it.
///
/// NULL: returned only after a bug in the library (a panic).
/// Memory: free the options with calltransfer_run_options_free().
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn calltransfer_run_options_new() -> *mut calltransfer_run_options {
    guard(std::ptr::null_mut(), || {
        owned(calltransfer_run_options::default())
    })
}

/// Set how many transfers per second all workers begin together at most: 0.001 to 1,000,000.
///
/// If it is not set, the run finds the account's limit by itself.
///
/// NULL: a NULL `options` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: keeps nothing of the caller's.
/// Threads: one at a time per handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_options_set_rate(
    options: *mut calltransfer_run_options,
    rate: f64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(options, || {
            Ok(move |options: RunOptions| options.rate(rate))
        })
    }
}

/// Set the deadline of the run, in milliseconds after its creation: more than 0, at most 30 days.
///
/// Rows that were not sent by then are not sent any more. By default there is no deadline.
///
/// NULL: a NULL `options` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: keeps nothing of the caller's.
/// Threads: one at a time per handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_options_set_deadline_ms(
    options: *mut calltransfer_run_options,
    deadline_ms: i64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(options, || {
            let deadline = milliseconds("deadline_ms", deadline_ms)?;
            Ok(move |options: RunOptions| options.deadline(deadline))
        })
    }
}

/// Set the lease in milliseconds, for which a worker keeps its rows without renewing it: 1,000 to
/// 300,000, by default 10,000.
///
/// When it has expired, the rows that the worker was sending become unknown.
///
/// NULL: a NULL `options` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: keeps nothing of the caller's.
/// Threads: one at a time per handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_options_set_lease_ms(
    options: *mut calltransfer_run_options,
    lease_ms: i64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(options, || {
            let lease = milliseconds("lease_ms", lease_ms)?;
            Ok(move |options: RunOptions| options.lease(lease))
        })
    }
}

/// Set how many times a row that could not be sent is tried: 1 to 1,000, by default 10.
///
/// With a deadline it is tried until the deadline. Attempts that end with a rate limit don't count.
///
/// NULL: a NULL `options` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: keeps nothing of the caller's.
/// Threads: one at a time per handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_options_set_max_attempts(
    options: *mut calltransfer_run_options,
    max_attempts: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(options, || {
            let most = u32::try_from(max_attempts);
            let most = most.map_err(|_| ArgumentError::argument("max_attempts", "is negative"))?;
            Ok(move |options: RunOptions| options.max_attempts(most))
        })
    }
}

/// Free options of a run.
///
/// NULL: does nothing.
/// Memory: frees `options`; a second time is undefined, as with free(). Runs that were opened with
/// them stay valid.
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_options_free(options: *mut calltransfer_run_options) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(options) };
}

fn milliseconds(field: &'static str, given: i64) -> Result<Duration, ArgumentError> {
    let given = u64::try_from(given);
    let negative = |_| ArgumentError::argument(field, "is negative");
    given.map(Duration::from_millis).map_err(negative)
}

/// Changes options, or remembers why they can't be.
///
/// # Safety
/// `options` is NULL or options that no other thread uses now.
unsafe fn set<C: FnOnce(RunOptions) -> RunOptions>(
    options: *mut calltransfer_run_options,
    read: impl FnOnce() -> Result<C, ArgumentError>,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        change(
            options,
            |options| &mut options.0,
            || {
                let set = read()?;
                Ok(|options: &mut RunOptions| *options = set(std::mem::take(options)))
            },
        )
    }
}
