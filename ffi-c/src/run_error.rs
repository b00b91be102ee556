//! An error of a run: what could not be opened, changed or carried on.

use std::ffi::{CStr, CString, c_char};

use calltransfer_core as core;
use calltransfer_runs::{Error, ErrorKind};

use crate::argument_error::ArgumentError;
use crate::handle::{Handle, clear, get, hand_out, take_back};
use crate::panic::guard;
use crate::run_state::number;
use crate::status::{
    CALLTRANSFER_E_INTERNAL, CALLTRANSFER_E_INVALID_ARGUMENT, CALLTRANSFER_OK, kind_name,
};
use crate::text::{c_string, lend, optional};

/// Some rows can't be added, so no row of the same function call was added; the error lists them.
pub const CALLTRANSFER_RUN_E_ROWS_REFUSED: i32 = 51;
/// The run was made for another account, with other options or by another version of the library.
pub const CALLTRANSFER_RUN_E_OTHER_RUN: i32 = 52;
/// The file or database contains something else than a run, or a damaged run.
pub const CALLTRANSFER_RUN_E_DAMAGED: i32 = 53;
/// The run can't be written: permissions, a read-only file or file system.
pub const CALLTRANSFER_RUN_E_READ_ONLY: i32 = 54;
/// The disk of the ledger is full.
pub const CALLTRANSFER_RUN_E_FULL: i32 = 55;
/// The ledger can't be reached, or did not respond in time.
pub const CALLTRANSFER_RUN_E_UNREACHABLE: i32 = 56;
/// The platform does not accept the credentials; the rows stay planned.
pub const CALLTRANSFER_RUN_E_ACCOUNT: i32 = 57;
/// No row can be sent again; the error lists them.
pub const CALLTRANSFER_RUN_E_RETRY_REFUSED: i32 = 58;
/// The run was opened by the parent of this process: open it again after a fork.
pub const CALLTRANSFER_RUN_E_FORKED: i32 = 59;

/// An error of a run; an error of a row is stored in the row. Read-only.
pub struct calltransfer_run_error {
    kind: i32,
    message: CString,
    refused: Vec<Refused>,
    unwritten: Vec<Unwritten>,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_run_error {}

struct Refused {
    number: i64,
    call_id: CString,
    reason: CString,
}

struct Unwritten {
    call_id: CString,
    state: i32,
    new_call_id: Option<CString>,
}

impl calltransfer_run_error {
    fn local(kind: i32, message: &str) -> Self {
        Self {
            kind,
            message: c_string(message),
            refused: Vec::new(),
            unwritten: Vec::new(),
        }
    }
}

impl From<ArgumentError> for Box<calltransfer_run_error> {
    fn from(error: ArgumentError) -> Self {
        Self::new(calltransfer_run_error::local(
            error.kind.number(),
            &error.message,
        ))
    }
}

impl From<core::Error> for Box<calltransfer_run_error> {
    fn from(error: core::Error) -> Self {
        let message = error.to_string();
        Self::new(calltransfer_run_error::local(
            error.kind().number(),
            &message,
        ))
    }
}

impl From<Error> for Box<calltransfer_run_error> {
    fn from(error: Error) -> Self {
        let refused = error.refused().iter().map(|row| Refused {
            number: i64::try_from(row.number).unwrap_or(i64::MAX),
            call_id: c_string(&row.call_id),
            reason: c_string(&row.reason),
        });
        let unwritten = error.unwritten().iter().map(|row| Unwritten {
            call_id: c_string(&row.call_id),
            state: number(row.state),
            new_call_id: optional(row.new_call_id.as_deref()),
        });
        Self::new(calltransfer_run_error {
            refused: refused.collect(),
            unwritten: unwritten.collect(),
            ..calltransfer_run_error::local(status(error.kind()), &error.to_string())
        })
    }
}

fn status(kind: ErrorKind) -> i32 {
    match kind {
        ErrorKind::InvalidArgument => CALLTRANSFER_E_INVALID_ARGUMENT,
        ErrorKind::RowsRefused => CALLTRANSFER_RUN_E_ROWS_REFUSED,
        ErrorKind::OtherRun => CALLTRANSFER_RUN_E_OTHER_RUN,
        ErrorKind::Damaged => CALLTRANSFER_RUN_E_DAMAGED,
        ErrorKind::ReadOnly => CALLTRANSFER_RUN_E_READ_ONLY,
        ErrorKind::Full => CALLTRANSFER_RUN_E_FULL,
        ErrorKind::Unreachable => CALLTRANSFER_RUN_E_UNREACHABLE,
        ErrorKind::Account => CALLTRANSFER_RUN_E_ACCOUNT,
        ErrorKind::RetryRefused => CALLTRANSFER_RUN_E_RETRY_REFUSED,
        ErrorKind::Forked => CALLTRANSFER_RUN_E_FORKED,
        // A test finds a kind that has no number here.
        _ => CALLTRANSFER_E_INTERNAL,
    }
}

fn name(status: i32) -> &'static CStr {
    match status {
        CALLTRANSFER_RUN_E_ROWS_REFUSED => c"rows_refused",
        CALLTRANSFER_RUN_E_OTHER_RUN => c"other_run",
        CALLTRANSFER_RUN_E_DAMAGED => c"damaged",
        CALLTRANSFER_RUN_E_READ_ONLY => c"read_only",
        CALLTRANSFER_RUN_E_FULL => c"full",
        CALLTRANSFER_RUN_E_UNREACHABLE => c"unreachable",
        CALLTRANSFER_RUN_E_ACCOUNT => c"account",
        CALLTRANSFER_RUN_E_RETRY_REFUSED => c"retry_refused",
        CALLTRANSFER_RUN_E_FORKED => c"forked",
        other => kind_name(other),
    }
}

/// Runs `body`, hands its error out through `error`, and returns the status.
///
/// # Safety
/// `error` is NULL or may be written to.
pub(crate) unsafe fn guard_with_run_error(
    error: *mut *mut calltransfer_run_error,
    body: impl FnOnce() -> Result<(), Box<calltransfer_run_error>>,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { clear(error) };
    let failure = match guard(None, || Some(body())) {
        Some(Ok(())) => return CALLTRANSFER_OK,
        Some(Err(failure)) => failure,
        None => {
            let message = "the library panicked; please report it";
            Box::new(calltransfer_run_error::local(
                CALLTRANSFER_E_INTERNAL,
                message,
            ))
        }
    };
    let status = failure.kind;
    // SAFETY: as the caller promises.
    unsafe { hand_out(error, failure) };
    status
}

/// Return the kind of an error of a run: CALLTRANSFER_RUN_E_*, or a CALLTRANSFER_E_* of the library.
///
/// NULL: a NULL `error` is CALLTRANSFER_OK.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_kind(error: *const calltransfer_run_error) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, CALLTRANSFER_OK, |e| e.kind) }
}

/// Return the name of an error's kind, such as "other_run": the same in every language.
///
/// NULL: a NULL `error` gives NULL.
/// Memory: static, not to be freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_kind_name(
    error: *const calltransfer_run_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null(), |e| name(e.kind).as_ptr()) }
}

/// Return the message with its causes in one line, for a log: it contains no secret and no whole
/// phone number.
///
/// NULL: a NULL `error` gives NULL.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_message(
    error: *const calltransfer_run_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null(), |e| e.message.as_ptr()) }
}

/// Return how many refused rows the error lists: at most 1,000.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_refused_count(
    error: *const calltransfer_run_error,
) -> usize {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.refused.len()) }
}

/// Return which row was refused: when transfers were added, its index among them, from 0; after a
/// retry, its number in the run.
///
/// NULL: a NULL `error` gives -1, as an `index` beyond the last does.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_refused_number(
    error: *const calltransfer_run_error,
    index: usize,
) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, -1, |e| {
            e.refused.get(index).map_or(-1, |row| row.number)
        })
    }
}

/// Return the call of a refused row.
///
/// NULL: returned for an `index` beyond the last, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_refused_call_id(
    error: *const calltransfer_run_error,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            lend(e.refused.get(index).map(|row| &row.call_id))
        })
    }
}

/// Return why a row was refused: the field first, then what is wrong.
///
/// NULL: returned for an `index` beyond the last, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_refused_reason(
    error: *const calltransfer_run_error,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            lend(e.refused.get(index).map(|row| &row.reason))
        })
    }
}

/// Return how many known outcomes could not be written to the ledger.
///
/// Their rows become unknown when the lease of this worker has expired, so store what the error
/// lists.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_unwritten_count(
    error: *const calltransfer_run_error,
) -> usize {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.unwritten.len()) }
}

/// Return the call of an outcome that could not be written.
///
/// NULL: returned for an `index` beyond the last, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_unwritten_call_id(
    error: *const calltransfer_run_error,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            lend(e.unwritten.get(index).map(|row| &row.call_id))
        })
    }
}

/// Return the state that the row of such an outcome should have: one of CALLTRANSFER_RUN_*.
///
/// NULL: a NULL `error` gives 0, as an `index` beyond the last does.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_unwritten_state(
    error: *const calltransfer_run_error,
    index: usize,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, 0, |e| {
            e.unwritten.get(index).map_or(0, |row| row.state)
        })
    }
}

/// Return the new call of such an outcome.
///
/// NULL: returned where the platform named none, for an `index` beyond the last, and for a NULL
/// `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_unwritten_new_call_id(
    error: *const calltransfer_run_error,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            let row = e.unwritten.get(index);
            lend(row.and_then(|row| row.new_call_id.as_ref()))
        })
    }
}

/// Free an error of a run, and with it every text borrowed from it.
///
/// NULL: does nothing.
/// Memory: frees `error`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_error_free(error: *mut calltransfer_run_error) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(error) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_a_run_has_its_number_and_name() {
        let mut numbers = std::collections::HashSet::new();
        for kind in ErrorKind::ALL {
            assert!(numbers.insert(status(*kind)), "{kind}: give it a number");
            assert_eq!(name(status(*kind)).to_str(), Ok(kind.as_str()));
        }
    }
}
