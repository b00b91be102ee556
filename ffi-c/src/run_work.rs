//! What a run does: rows are added, sent, checked, and planned again.

use std::ffi::c_char;

use calltransfer_runs::{Execution, NewRow, Retry};

use crate::argument_error::ArgumentError;
use crate::handle::{clear, hand_out};
use crate::run::{calltransfer_run, known, store, text, zero};
use crate::run_error::{calltransfer_run_error, guard_with_run_error};
use crate::run_state::{
    CALLTRANSFER_RUN_NOT_APPLIED, CALLTRANSFER_RUN_NOT_SENT, CALLTRANSFER_RUN_UNKNOWN,
};
use crate::run_summary::{calltransfer_run_findings, calltransfer_run_summary};
use crate::transfer::calltransfer_transfer;

/// Add one transfer to a run; `*added` is 1, or 0 if the run already has the same one.
///
/// It is checked as when it is sent. Returns CALLTRANSFER_OK, or CALLTRANSFER_RUN_E_ROWS_REFUSED if
/// it can't be sent, or if its call is in the run with another target or other options. Adding many
/// at once with calltransfer_run_add_all() is much faster.
///
/// NULL: a NULL `run` or `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `added` or `error`
/// only the status is returned.
/// Memory: `transfer` is copied; free `*error` with calltransfer_run_error_free().
/// Threads: many at once; `transfer` may be shared too.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_run_add(
    run: *const calltransfer_run,
    transfer: *const calltransfer_transfer,
    added: *mut u64,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        zero(added);
        guard_with_run_error(error, || {
            let run = known(run)?;
            let row = row_of(transfer, "transfer")?;
            let new = run.add([row])?;
            store(added, new.added);
            Ok(())
        })
    }
}

/// Add `count` transfers to a run: all of them, or none if one is refused.
///
/// A call can be in a run only once. `*added` is how many are new, `*present` how many the run
/// already had. No worker sees one of them before all are checked and stored. Returns
/// CALLTRANSFER_OK, or CALLTRANSFER_RUN_E_ROWS_REFUSED: the error lists the refused ones with their
/// numbers, from 0.
///
/// NULL: a NULL `run`, or a NULL `transfers` or an element of it with a `count` above 0, is
/// CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `added`, `present` or `error` only the others are
/// given.
/// Memory: the transfers are copied; free `*error` with calltransfer_run_error_free().
/// Threads: many at once; the transfers may be shared too.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_run_add_all(
    run: *const calltransfer_run,
    transfers: *const *const calltransfer_transfer,
    count: usize,
    added: *mut u64,
    present: *mut u64,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        zero(added);
        zero(present);
        guard_with_run_error(error, || {
            let run = known(run)?;
            if count > isize::MAX as usize / size_of::<*const calltransfer_transfer>() {
                let reason = "is more than memory can hold";
                return Err(ArgumentError::argument("count", reason).into());
            }
            let transfers = match (count, transfers.is_null()) {
                (0, _) => &[][..],
                (_, true) => return Err(ArgumentError::null("transfers").into()),
                (_, false) => std::slice::from_raw_parts(transfers, count),
            };
            let mut first_error = None;
            let rows = transfers.iter().map(|transfer| {
                row_of(*transfer, "transfers").unwrap_or_else(|error| {
                    first_error.get_or_insert(error);
                    // Every run refuses it, and with it all that is added along with it.
                    NewRow::new("", "")
                })
            });
            let result = run.add(rows);
            if let Some(error) = first_error {
                return Err(error);
            }
            let new = result?;
            store(added, new.added);
            store(present, new.present);
            Ok(())
        })
    }
}

/// Send the rows that are planned, as one worker, and return when no row of the run is left to send.
///
/// `concurrency` is how many transfers may be in progress at once, 1 to 10,000; 0 is 16. `name` is
/// how people know this worker. Each transfer is on disk before it is sent, and its outcome before
/// it is counted; nothing is sent twice unless you say so, also after a crash. May be called again,
/// and by many threads and processes at once: no row is taken twice. Another thread can read the
/// progress with calltransfer_run_summarize(), and end it early with calltransfer_run_stop().
/// Returns CALLTRANSFER_OK also if rows failed: the summary counts them. Returns
/// CALLTRANSFER_RUN_E_ACCOUNT if the platform refuses the credentials. If the ledger fails, the
/// error lists the known outcomes that could not be written.
///
/// NULL: a NULL `name` is the process ID; a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL
/// `summary` or `error` only the status is returned.
/// Memory: `name` is copied; free `*summary` with calltransfer_run_summary_free() and `*error` with
/// calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once. It is not a cancellation point.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_run_execute(
    run: *const calltransfer_run,
    concurrency: i32,
    name: *const c_char,
    summary: *mut *mut calltransfer_run_summary,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(summary);
        guard_with_run_error(error, || {
            let run = known(run)?;
            let mut execution = Execution::new();
            if concurrency != 0 {
                // What is negative is refused as 0 is, which no Execution takes.
                let number = usize::try_from(concurrency).unwrap_or(0);
                execution = execution.concurrency(number);
            }
            if !name.is_null() {
                execution = execution.name(text("name", name)?);
            }
            let done = run.execute(execution)?;
            hand_out(summary, Box::new(calltransfer_run_summary::from(done)));
            Ok(())
        })
    }
}

/// Read the call of every row that is unknown, and store what that shows. Sends only reads.
///
/// First, rows of workers whose lease has expired become unknown. Then each row takes the state of
/// its finding; if the call does not show it, the row stays unknown.
///
/// NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `findings` or `error` only the
/// status is returned.
/// Memory: free `*findings` with calltransfer_run_findings_free() and `*error` with
/// calltransfer_run_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_check(
    run: *const calltransfer_run,
    findings: *mut *mut calltransfer_run_findings,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(findings);
        guard_with_run_error(error, || {
            let found = known(run)?.check()?;
            hand_out(findings, Box::new(calltransfer_run_findings::from(found)));
            Ok(())
        })
    }
}

/// Plan ended rows again, by decision of a person; calltransfer_run_execute() sends them.
///
/// `state` is CALLTRANSFER_RUN_NOT_SENT, CALLTRANSFER_RUN_NOT_APPLIED or CALLTRANSFER_RUN_UNKNOWN.
/// Unknown rows are planned again only if they were checked and no finding says that the transfer
/// was made; they may then be transferred twice. `*planned` is how many rows are planned again,
/// `*refused` how many are not, counted up to 1,000. Returns CALLTRANSFER_RUN_E_RETRY_REFUSED if
/// there are such rows and all are refused: the error lists them.
///
/// NULL: a NULL `run` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `planned`, `refused` or
/// `error` only the others are set.
/// Memory: free `*error` with calltransfer_run_error_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_retry(
    run: *const calltransfer_run,
    state: i32,
    planned: *mut u64,
    refused: *mut u64,
    error: *mut *mut calltransfer_run_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        zero(planned);
        zero(refused);
        guard_with_run_error(error, || {
            let run = known(run)?;
            let which = match state {
                CALLTRANSFER_RUN_NOT_SENT => Retry::NotSent,
                CALLTRANSFER_RUN_NOT_APPLIED => Retry::NotApplied,
                CALLTRANSFER_RUN_UNKNOWN => Retry::Unknown,
                _ => {
                    let reason = "expected one of: not_sent, not_applied, unknown";
                    return Err(ArgumentError::argument("state", reason).into());
                }
            };
            let retried = run.retry(which)?;
            store(planned, retried.planned);
            store(refused, retried.refused.len() as u64);
            Ok(())
        })
    }
}

/// # Safety
/// `transfer` is NULL or a transfer that no other thread changes now.
unsafe fn row_of(
    transfer: *const calltransfer_transfer,
    field: &'static str,
) -> Result<NewRow, Box<calltransfer_run_error>> {
    // SAFETY: as the caller promises.
    let transfer = unsafe { transfer.as_ref() }.ok_or_else(|| ArgumentError::null(field))?;
    Ok(NewRow::try_from(transfer.checked()?)?)
}
