//! What a program reads of an error, and its end.

use std::ffi::{CString, c_char};

use crate::error::calltransfer_error;
use crate::handle::{get, owned, take_back};
use crate::status::{kind_name, outcome_name};
use crate::text::lend;

/// Return the kind of the error: one of CALLTRANSFER_E_*, the status of the function that failed.
///
/// NULL: a NULL `error` gives 0, CALLTRANSFER_OK.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_kind(error: *const calltransfer_error) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.kind.number()) }
}

/// Return the name of the kind, such as "rate_limited".
///
/// NULL: a NULL `error` gives NULL.
/// Memory: static, not to be freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_kind_name(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            kind_name(e.kind.number()).as_ptr()
        })
    }
}

/// Return the outcome for the call: one of CALLTRANSFER_OUTCOME_*.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_outcome(error: *const calltransfer_error) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.outcome.number()) }
}

/// Return the name of the outcome, such as "not_sent".
///
/// NULL: a NULL `error` gives NULL.
/// Memory: static, not to be freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_outcome_name(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            outcome_name(e.outcome.number()).as_ptr()
        })
    }
}

/// Return 1 if sending the same transfer again can't make it twice, otherwise 0.
///
/// 1 after not_sent and not_applied. It doesn't mean that the next attempt succeeds.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_is_safe_to_repeat(
    error: *const calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| i32::from(e.is_safe_to_repeat)) }
}

/// Return the message with its causes, in one line.
///
/// It may be logged: it contains no secret and no whole phone number.
///
/// NULL: a NULL `error` gives NULL.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_message(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null(), |e| e.message.as_ptr()) }
}

/// Return how many causes the error has; the message contains all of them.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_cause_count(error: *const calltransfer_error) -> usize {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.causes.len()) }
}

/// Return the message of one cause, from 0: the nearest first, that of the system or TLS last.
///
/// NULL: returned for an `index` beyond the last, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_cause(
    error: *const calltransfer_error,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null(), |e| lend(e.causes.get(index))) }
}

/// Return the invalid argument or setting, such as "whisper_audio.voice".
///
/// NULL: returned if the error is not about an argument or setting, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_field(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null(), |e| lend(e.field.as_ref())) }
}

/// Return the ID of the call that the request was about.
///
/// NULL: returned where no request was made for a call, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_call_id(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null(), |e| lend(e.call_id.as_ref())) }
}

/// Return how far the request had come when it failed.
///
/// "token" (v2: fetching an access token), "resolve", "connect", "tls", "proxy", "write", "read" or
/// "status".
///
/// NULL: returned where it had not begun, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_stage(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null(), |e| lend(e.stage.as_ref())) }
}

/// Return the HTTP status of the response, or 0 if none was read.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_http_status(error: *const calltransfer_error) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.http_status) }
}

/// Return the platform's category, such as "bad-request".
///
/// NULL: returned where it gave none, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_platform_category(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            lend(e.platform_category.as_ref())
        })
    }
}

/// Return the platform's code, such as "call-invalid-state".
///
/// NULL: returned where it gave none, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_platform_code(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null(), |e| lend(e.platform_code.as_ref())) }
}

/// Return the platform's message, for people.
///
/// NULL: returned where it gave none, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_platform_message(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            lend(e.platform_message.as_ref())
        })
    }
}

/// Return how many details the platform gave.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_platform_detail_count(
    error: *const calltransfer_error,
) -> usize {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.platform_details.len()) }
}

/// Return the name of a detail, such as "callId"; `index` counts from 0.
///
/// NULL: returned where there is no such detail, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_platform_detail_name(
    error: *const calltransfer_error,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            detail(e, index, |(name, _)| name)
        })
    }
}

/// Return the value of a detail; `index` counts from 0.
///
/// NULL: returned where there is no such detail, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_platform_detail_value(
    error: *const calltransfer_error,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(error, std::ptr::null(), |e| {
            detail(e, index, |(_, value)| value)
        })
    }
}

/// Return the time in milliseconds until the platform's limit clears, or -1 if it is not known.
///
/// NULL: a NULL `error` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_retry_after_ms(
    error: *const calltransfer_error,
) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, -1, |e| e.retry_after_ms) }
}

/// Return the number of attempts; 0 if the request was refused before the first one.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_attempts(error: *const calltransfer_error) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.attempts) }
}

/// Return the time in milliseconds that it took, including the waits between attempts.
///
/// NULL: a NULL `error` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_elapsed_ms(error: *const calltransfer_error) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, -1, |e| e.elapsed_ms) }
}

/// Make a copy of an error, such as one that is borrowed from another handle.
///
/// NULL: returned for a NULL `error`.
/// Memory: copies everything; free the copy with calltransfer_error_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_error_copy(
    error: *const calltransfer_error,
) -> *mut calltransfer_error {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null_mut(), |error| owned(error.clone())) }
}

/// Free an error, and with it every text borrowed from it.
///
/// NULL: does nothing.
/// Memory: frees `error`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_free(error: *mut calltransfer_error) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(error) };
}

fn detail(
    error: &calltransfer_error,
    index: usize,
    part: fn(&(CString, CString)) -> &CString,
) -> *const c_char {
    lend(error.platform_details.get(index).map(part))
}
