//! An error: what went wrong, and whether the call was transferred.

use std::ffi::{CString, c_char};

use calltransfer_core::{CheckSubject, Error, ErrorKind, Outcome, SentTransfer};

use crate::argument_error::ArgumentError;
use crate::handle::{get, take_back};
use crate::status::{kind_name, outcome_name};
use crate::text::{c_string, int32, lend, milliseconds, optional};

/// What went wrong, and whether the call was transferred. Read-only.
pub struct calltransfer_error {
    kind: ErrorKind,
    outcome: Outcome,
    message: CString,
    causes: Vec<CString>,
    field: Option<CString>,
    call_id: Option<CString>,
    stage: Option<CString>,
    http_status: i32,
    platform_category: Option<CString>,
    platform_code: Option<CString>,
    platform_message: Option<CString>,
    platform_details: Vec<(CString, CString)>,
    retry_after_ms: i64,
    attempts: i32,
    elapsed_ms: i64,
    is_safe_to_repeat: bool,
    /// The transfer whose outcome is unknown, for a check of it.
    sent: Option<Box<SentTransfer>>,
}

impl calltransfer_error {
    pub(crate) fn status(&self) -> i32 {
        self.kind.number()
    }

    /// What a check of it is about: the transfer, or else the call.
    pub(crate) fn subject(&self) -> Result<CheckSubject<'_>, ArgumentError> {
        if let Some(sent) = &self.sent {
            return Ok(CheckSubject::Transfer(sent));
        }
        let call_id = self.call_id.as_ref().and_then(|id| id.to_str().ok());
        let reason = "is about no call; give the call's ID to calltransfer_client_check()";
        let call_id = call_id.ok_or_else(|| ArgumentError::argument("failed", reason))?;
        Ok(CheckSubject::Call(call_id))
    }

    pub(crate) fn of_a_panic(outcome: Outcome) -> Self {
        let message = "the library panicked; please report it";
        Self::local(ErrorKind::Internal, outcome, message, None)
    }

    /// The error of a transfer that was stopped before it began.
    pub(crate) fn cancelled() -> Self {
        let message = "stopped before the request was sent";
        Self::local(ErrorKind::Cancelled, Outcome::NotSent, message, None)
    }

    /// An error of this side of the border.
    fn local(kind: ErrorKind, outcome: Outcome, message: &str, field: Option<&str>) -> Self {
        Self {
            kind,
            outcome,
            message: c_string(message),
            causes: Vec::new(),
            field: optional(field),
            call_id: None,
            stage: None,
            http_status: 0,
            platform_category: None,
            platform_code: None,
            platform_message: None,
            platform_details: Vec::new(),
            retry_after_ms: -1,
            attempts: 0,
            elapsed_ms: 0,
            is_safe_to_repeat: outcome == Outcome::NotSent,
            sent: None,
        }
    }
}

impl From<ArgumentError> for Box<calltransfer_error> {
    fn from(fault: ArgumentError) -> Self {
        let field = Some(fault.field);
        Self::new(calltransfer_error::local(
            fault.kind,
            Outcome::NotSent,
            &fault.message,
            field,
        ))
    }
}

impl From<Error> for Box<calltransfer_error> {
    fn from(error: Error) -> Self {
        let platform = error.platform();
        let details = platform.details.iter();
        Self::new(calltransfer_error {
            kind: error.kind(),
            outcome: error.outcome(),
            message: c_string(&error.to_string()),
            causes: error.causes().iter().map(|cause| c_string(cause)).collect(),
            field: optional(error.field()),
            call_id: optional(error.call_id()),
            stage: optional(error.stage().map(|stage| stage.as_str())),
            http_status: error.http_status().map_or(0, i32::from),
            platform_category: optional(platform.category.as_deref()),
            platform_code: optional(platform.code.as_deref()),
            platform_message: optional(platform.message.as_deref()),
            platform_details: details
                .map(|(name, value)| (c_string(name), c_string(value)))
                .collect(),
            retry_after_ms: error.retry_after().map_or(-1, milliseconds),
            attempts: int32(error.attempts()),
            elapsed_ms: milliseconds(error.elapsed()),
            is_safe_to_repeat: error.is_safe_to_repeat(),
            sent: error.sent_transfer().cloned().map(Box::new),
        })
    }
}

/// Return what went wrong: one of CALLTRANSFER_E_*, the status of the call that failed.
///
/// NULL: a NULL `error` gives 0, CALLTRANSFER_OK.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_kind(error: *const calltransfer_error) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.kind.number()) }
}

/// Return the name of the kind, as "rate_limited".
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

/// Return the name of the outcome, as "not_sent".
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

/// Return 1 if sending the same transfer again can't make it twice, else 0.
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

/// Return the whole story in one line, causes included.
///
/// Fit for a log: it holds no secret and no whole phone number.
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

/// Return how many causes the error has; the message has them all, joined.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_cause_count(error: *const calltransfer_error) -> usize {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.causes.len()) }
}

/// Return one cause in its own words, from 0: the nearest first, the system's or TLS's last.
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

/// Return the argument or setting at fault, as "whisper_audio.voice".
///
/// NULL: returned where none is at fault, and for a NULL `error`.
/// Memory: borrowed from `error`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_field(
    error: *const calltransfer_error,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, std::ptr::null(), |e| lend(e.field.as_ref())) }
}

/// Return the id of the call that the request was about.
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

/// Return the category that the platform gave, as "bad-request".
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

/// Return the code that the platform gave, as "call-invalid-state".
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

/// Return the message that the platform gave, for people.
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

/// Return the name of a detail, as "callId"; `index` counts from 0.
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

/// Return how many milliseconds to wait until the platform's limit clears, or -1 if none is known.
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

/// Return how many times the request was tried; 0 where it was refused before the first.
///
/// NULL: a NULL `error` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_attempts(error: *const calltransfer_error) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, 0, |e| e.attempts) }
}

/// Return how many milliseconds it took, waits between attempts included.
///
/// NULL: a NULL `error` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_error_elapsed_ms(error: *const calltransfer_error) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(error, -1, |e| e.elapsed_ms) }
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
