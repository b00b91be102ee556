//! A run: a durable bulk transfer, as a program holds it.

use std::ffi::{CString, c_char};
use std::sync::Arc;

use calltransfer_runs::{Run, RunOptions};

use crate::argument_error::ArgumentError;
use crate::client::{calltransfer_client, usable};
use crate::handle::{Handle, clear, get, hand_out, take_back};
use crate::run_error::{calltransfer_run_error, guard_with_run_error};
use crate::run_options::calltransfer_run_options;
use crate::run_summary::calltransfer_run_summary;
use crate::text::{c_string, read};

/// A durable bulk transfer. It is stored in its ledger: a file, or a database.
pub struct calltransfer_run {
    pub(crate) run: Arc<Run>,
    api: CString,
    account: CString,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_run {}

impl From<Run> for Box<calltransfer_run> {
    fn from(run: Run) -> Self {
        let (api, account) = (c_string(run.api()), c_string(run.account()));
        let run = Arc::new(run);
        Self::new(calltransfer_run { run, api, account })
    }
}

/// Open a run, or create it if there is none.
///
/// `place` is the path of a file, or a postgresql:// URL if the library was built with PostgreSQL.
/// A new file can be read and written by its owner only, because it contains phone numbers. A run
/// belongs to one account and one API: those of `client`, whose connections it doesn't share.
/// Returns CALLTRANSFER_OK, or the kind of an error: CALLTRANSFER_RUN_E_OTHER_RUN if the run was
/// created with other settings; the message names them.
///
/// NULL: a NULL `options` sets none; a NULL `client`, `place` or `run` is
/// CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status is returned.
/// Memory: `client`, `place` and `options` are copied; free `*run` with calltransfer_run_free() and
/// `*error` with calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_run_open(
    client: *const calltransfer_client,
    place: *const c_char,
    options: *const calltransfer_run_options,
    run: *mut *mut calltransfer_run,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(run);
        guard_with_run_error(error, || {
            let client = usable(client)?;
            let place = text("place", place)?;
            let options = match options.as_ref() {
                Some(options) => options.checked()?,
                None => RunOptions::new(),
            };
            if run.is_null() {
                return Err(ArgumentError::null("run").into());
            }
            let opened = Run::open(place, client.config(), options)?;
            hand_out(run, opened.into());
            Ok(())
        })
    }
}

/// Open an existing run to read it, without an account: nothing can be added, sent or checked.
///
/// NULL: a NULL `place` or `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the
/// status is returned.
/// Memory: `place` is copied; free `*run` with calltransfer_run_free() and `*error` with
/// calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_view(
    place: *const c_char,
    run: *mut *mut calltransfer_run,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(run);
        guard_with_run_error(error, || {
            let place = text("place", place)?;
            if run.is_null() {
                return Err(ArgumentError::null("run").into());
            }
            hand_out(run, Run::view(place)?.into());
            Ok(())
        })
    }
}

/// Return the API of a run: "v1" or "v2".
///
/// NULL: a NULL `run` gives NULL.
/// Memory: borrowed from `run`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_api(run: *const calltransfer_run) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(run, std::ptr::null(), |run| run.api.as_ptr()) }
}

/// Return the account of a run.
///
/// NULL: a NULL `run` gives NULL.
/// Memory: borrowed from `run`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_account(run: *const calltransfer_run) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(run, std::ptr::null(), |run| run.account.as_ptr()) }
}

/// End every calltransfer_run_execute() and calltransfer_run_check() of this handle soon.
///
/// No further row is begun, and rows in progress end, at the latest after the client's timeout.
/// This is permanent: open the run again to continue.
///
/// NULL: does nothing.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once, and safe in a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_stop(run: *const calltransfer_run) {
    // SAFETY: as the header asks of the caller.
    unsafe { get(run, (), |run| run.run.stop()) };
}

/// Return whether calltransfer_run_stop() was called for this handle: 1 or 0.
///
/// NULL: a NULL `run` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once, and safe in a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_is_stopped(run: *const calltransfer_run) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(run, 0, |run| i32::from(run.run.is_stopped())) }
}

/// Stop all workers of a run, in all processes and on all machines, within about a second.
///
/// Until calltransfer_run_resume_all() a calltransfer_run_execute() ends at once.
///
/// NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status is
/// returned.
/// Memory: free `*error` with calltransfer_run_error_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_stop_all(
    run: *const calltransfer_run,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { guard_with_run_error(error, || Ok(known(run)?.stop_all()?)) }
}

/// Let workers work again after calltransfer_run_stop_all(). It starts no worker.
///
/// NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status is
/// returned.
/// Memory: free `*error` with calltransfer_run_error_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_resume_all(
    run: *const calltransfer_run,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { guard_with_run_error(error, || Ok(known(run)?.resume_all()?)) }
}

/// Count the rows of a run, and return how fast they are sent and how long the rest will take.
///
/// NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `summary` or `error` only the
/// status is returned.
/// Memory: free `*summary` with calltransfer_run_summary_free() and `*error` with
/// calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_summarize(
    run: *const calltransfer_run,
    summary: *mut *mut calltransfer_run_summary,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(summary);
        guard_with_run_error(error, || {
            let now = known(run)?.summary()?;
            hand_out(summary, Box::new(calltransfer_run_summary::from(now)));
            Ok(())
        })
    }
}

/// Close a run. Its ledger is not changed.
///
/// NULL: does nothing.
/// Memory: frees `run`; a second time is undefined, as with free(). Rows, summaries and errors that
/// it gave stay valid.
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_free(run: *mut calltransfer_run) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(run) };
}

/// # Safety
/// `run` is NULL or a run that stays for `'a`.
pub(crate) unsafe fn known<'a>(
    run: *const calltransfer_run,
) -> Result<&'a Arc<Run>, ArgumentError> {
    // SAFETY: as the caller promises.
    let run = unsafe { run.as_ref() };
    Ok(&run.ok_or_else(|| ArgumentError::null("run"))?.run)
}

/// # Safety
/// `given` is NULL or ends in a NUL byte, and stays for `'a`.
pub(crate) unsafe fn text<'a>(
    field: &'static str,
    given: *const c_char,
) -> Result<&'a str, ArgumentError> {
    // SAFETY: as the caller promises.
    unsafe { read(given) }.map_err(|reason| ArgumentError::argument(field, reason))
}

/// # Safety
/// `out` is NULL or may be written to.
pub(crate) unsafe fn zero(out: *mut u64) {
    // SAFETY: as the caller promises.
    unsafe { store(out, 0) };
}

/// # Safety
/// `out` is NULL or may be written to.
pub(crate) unsafe fn store(out: *mut u64, value: u64) {
    if !out.is_null() {
        // SAFETY: not NULL; the rest as the caller promises.
        unsafe { out.write(value) };
    }
}
