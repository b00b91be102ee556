//! A row of a run, and what is known of it.

use std::ffi::{CString, c_char};

use calltransfer_runs::Row;
use serde_json::Value;

use crate::handle::{Handle, get, take_back};
use crate::run_state::number;
use crate::text::{c_string, lend, milliseconds, optional};

/// A row as it was in the ledger when it was read. Read-only.
pub struct calltransfer_run_row {
    number: i64,
    call_id: CString,
    to: CString,
    options_json: CString,
    timeout_ms: i64,
    state: i32,
    attempts: i64,
    error_kind: Option<CString>,
    message: Option<CString>,
    http_status: i32,
    platform_code: Option<CString>,
    new_call_id: Option<CString>,
    finding_outcome: i32,
    finding_reason: Option<CString>,
    finding_doubt: Option<CString>,
    changed_ms: i64,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_run_row {}

impl From<Row> for calltransfer_run_row {
    fn from(row: Row) -> Self {
        let options = Value::Object(row.options().clone()).to_string();
        let finding = row.finding.as_ref();
        Self {
            number: row.number,
            call_id: c_string(row.call_id()),
            to: c_string(row.request.to()),
            options_json: c_string(&options),
            timeout_ms: row.request.time_limit().map_or(-1, milliseconds),
            state: number(row.state),
            attempts: row.attempts,
            error_kind: optional(row.error_kind.as_deref()),
            message: optional(row.message.as_deref()),
            http_status: row.http_status.map_or(0, i32::from),
            platform_code: optional(row.platform_code.as_deref()),
            new_call_id: optional(row.new_call_id.as_deref()),
            finding_outcome: finding.map_or(0, |finding| finding.outcome.number()),
            finding_reason: finding.map(|finding| c_string(&finding.reason)),
            finding_doubt: optional(finding.and_then(|finding| finding.doubt.as_deref())),
            changed_ms: row.changed_ms,
        }
    }
}

/// Return its number in the run, from 1, in the order in which rows were added.
///
/// NULL: a NULL `row` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_number(row: *const calltransfer_run_row) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, -1, |r| r.number) }
}

/// Return the call to transfer.
///
/// NULL: returned for a NULL `row`.
/// Memory: borrowed from `row`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_call_id(
    row: *const calltransfer_run_row,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, std::ptr::null(), |r| r.call_id.as_ptr()) }
}

/// Return the target: a phone number in full.
///
/// NULL: returned for a NULL `row`.
/// Memory: borrowed from `row`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_to(
    row: *const calltransfer_run_row,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, std::ptr::null(), |r| r.to.as_ptr()) }
}

/// Return the options of the transfer by their names, as a JSON object; numbers in it are in full.
///
/// NULL: returned for a NULL `row`.
/// Memory: borrowed from `row`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_options_json(
    row: *const calltransfer_run_row,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, std::ptr::null(), |r| r.options_json.as_ptr()) }
}

/// Return the timeout for one request of this row in milliseconds, or -1 if none was given.
///
/// NULL: a NULL `row` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_timeout_ms(row: *const calltransfer_run_row) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, -1, |r| r.timeout_ms) }
}

/// Return its state: one of CALLTRANSFER_RUN_*.
///
/// NULL: a NULL `row` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_state(row: *const calltransfer_run_row) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, 0, |r| r.state) }
}

/// Return how many times a worker has taken the row.
///
/// NULL: a NULL `row` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_attempts(row: *const calltransfer_run_row) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, 0, |r| r.attempts) }
}

/// Return the kind of the last error, such as "rate_limited".
///
/// NULL: returned after a transfer that was made, and for a NULL `row`.
/// Memory: borrowed from `row`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_error_kind(
    row: *const calltransfer_run_row,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, std::ptr::null(), |r| lend(r.error_kind.as_ref())) }
}

/// Return the message of the last error; it has no phone number.
///
/// NULL: returned after a transfer that was made, and for a NULL `row`.
/// Memory: borrowed from `row`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_message(
    row: *const calltransfer_run_row,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, std::ptr::null(), |r| lend(r.message.as_ref())) }
}

/// Return the HTTP status of the last response, or 0 if none was read.
///
/// NULL: a NULL `row` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_http_status(row: *const calltransfer_run_row) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, 0, |r| r.http_status) }
}

/// Return the platform's own code for the last error.
///
/// NULL: returned where it gave none, and for a NULL `row`.
/// Memory: borrowed from `row`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_platform_code(
    row: *const calltransfer_run_row,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, std::ptr::null(), |r| lend(r.platform_code.as_ref())) }
}

/// Return the new call.
///
/// NULL: returned where the platform named none, and for a NULL `row`.
/// Memory: borrowed from `row`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_new_call_id(
    row: *const calltransfer_run_row,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, std::ptr::null(), |r| lend(r.new_call_id.as_ref())) }
}

/// Return the most likely outcome according to calltransfer_run_check(), one of
/// CALLTRANSFER_OUTCOME_*, or 0 if the row was not checked.
///
/// NULL: a NULL `row` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_finding_outcome(
    row: *const calltransfer_run_row,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, 0, |r| r.finding_outcome) }
}

/// Return the reason for the outcome of calltransfer_run_check().
///
/// NULL: returned where the row was not checked, and for a NULL `row`.
/// Memory: borrowed from `row`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_finding_reason(
    row: *const calltransfer_run_row,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, std::ptr::null(), |r| lend(r.finding_reason.as_ref())) }
}

/// Return why the outcome of calltransfer_run_check() may be wrong.
///
/// NULL: returned where nothing does, and for a NULL `row`.
/// Memory: borrowed from `row`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_finding_doubt(
    row: *const calltransfer_run_row,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, std::ptr::null(), |r| lend(r.finding_doubt.as_ref())) }
}

/// Return when the row changed last, in milliseconds since 1970.
///
/// NULL: a NULL `row` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_changed_ms(row: *const calltransfer_run_row) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(row, -1, |r| r.changed_ms) }
}

/// Free a row, and with it every text borrowed from it.
///
/// NULL: does nothing.
/// Memory: frees `row`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_run_row_free(row: *mut calltransfer_run_row) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(row) };
}
