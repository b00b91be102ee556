//! A transfer that was made.

use std::ffi::{CString, c_char};

use calltransfer_core::Transferred;

use crate::handle::{Handle, get, take_back};
use crate::text::{c_string, int32, lend, milliseconds, optional};

/// A transfer that was made. Read-only.
pub struct calltransfer_result {
    new_call_id: Option<CString>,
    call_id: CString,
    http_status: i32,
    attempts: i32,
    elapsed_ms: i64,
    note: Option<CString>,
    outcome: i32,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_result {}

impl From<Transferred> for calltransfer_result {
    fn from(done: Transferred) -> Self {
        Self {
            new_call_id: optional(done.new_call_id.as_deref()),
            call_id: c_string(&done.call_id),
            http_status: i32::from(done.http_status),
            attempts: int32(done.attempts),
            elapsed_ms: milliseconds(done.elapsed),
            note: optional(done.note),
            outcome: done.outcome().number(),
        }
    }
}

impl calltransfer_result {
    /// The call that was transferred, and the new one.
    pub(crate) fn ids(&self) -> (String, Option<String>) {
        let text = |id: &CString| id.to_string_lossy().into_owned();
        (text(&self.call_id), self.new_call_id.as_ref().map(text))
    }
}

/// Return the ID of the new call, the leg to the new party.
///
/// NULL: returned where the platform named no usable id, which calltransfer_result_note()
/// explains, and for a NULL `result`.
/// Memory: borrowed from `result`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_result_new_call_id(
    result: *const calltransfer_result,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(result, std::ptr::null(), |r| lend(r.new_call_id.as_ref())) }
}

/// Return the ID of the call that was transferred.
///
/// NULL: returned for a NULL `result`.
/// Memory: borrowed from `result`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_result_call_id(
    result: *const calltransfer_result,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(result, std::ptr::null(), |r| r.call_id.as_ptr()) }
}

/// Return the outcome: always CALLTRANSFER_OUTCOME_APPLIED.
///
/// NULL: a NULL `result` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_result_outcome(result: *const calltransfer_result) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(result, 0, |r| r.outcome) }
}

/// Return the HTTP status of the response, usually 201.
///
/// NULL: a NULL `result` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_result_http_status(
    result: *const calltransfer_result,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(result, 0, |r| r.http_status) }
}

/// Return the number of attempts.
///
/// NULL: a NULL `result` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_result_attempts(result: *const calltransfer_result) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(result, 0, |r| r.attempts) }
}

/// Return the time in milliseconds that it took, including the waits between attempts.
///
/// NULL: a NULL `result` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_result_elapsed_ms(result: *const calltransfer_result) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(result, -1, |r| r.elapsed_ms) }
}

/// Return what was unusual about the response.
///
/// NULL: returned where nothing was odd, and for a NULL `result`.
/// Memory: borrowed from `result`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_result_note(
    result: *const calltransfer_result,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(result, std::ptr::null(), |r| lend(r.note.as_ref())) }
}

/// Free a result, and with it every text borrowed from it.
///
/// NULL: does nothing.
/// Memory: frees `result`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_result_free(result: *mut calltransfer_result) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(result) };
}
