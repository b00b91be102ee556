//! A log of records with a level and fields, given when something happens.

use std::ffi::{CString, c_char, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use calltransfer_core::process_id::ProcessId;
use calltransfer_core::{Attempt, Outcome};

use crate::handle::get;
use crate::status::CALLTRANSFER_OK;
use crate::text::{c_string, int32, milliseconds};
use crate::thread_sanitizer::Order;
use crate::user_data::UserData;

/// The outcome is unknown: check the call.
pub const CALLTRANSFER_LOG_ERROR: i32 = 1101;
/// An attempt failed and changed nothing; it may be retried.
pub const CALLTRANSFER_LOG_WARNING: i32 = 1102;
/// An attempt succeeded.
pub const CALLTRANSFER_LOG_INFO: i32 = 1103;

/// One attempt to send a request. Read-only, and without secrets and phone numbers.
pub struct calltransfer_log_record {
    attempt: Attempt,
    line: CString,
    action: CString,
    call_id: CString,
    host: CString,
}

impl From<&Attempt> for calltransfer_log_record {
    fn from(attempt: &Attempt) -> Self {
        Self {
            line: c_string(&attempt.to_string()),
            action: c_string(attempt.action),
            call_id: c_string(&attempt.call_id),
            host: c_string(&attempt.host),
            attempt: attempt.clone(),
        }
    }
}

/// A function of the program that gets the records of a log.
pub type calltransfer_log_function =
    Option<unsafe extern "C" fn(record: *const calltransfer_log_record, user_data: *mut c_void)>;

/// A function of the program that gets the lines of a log.
pub type calltransfer_log_line_function =
    Option<unsafe extern "C" fn(line: *const c_char, user_data: *mut c_void)>;

/// A program's function for records, and its user data.
#[derive(Clone, Copy)]
pub(crate) struct RecordLog {
    function: unsafe extern "C" fn(*const calltransfer_log_record, *mut c_void),
    user_data: UserData,
}

impl RecordLog {
    pub(crate) fn new(
        function: unsafe extern "C" fn(*const calltransfer_log_record, *mut c_void),
        user_data: UserData,
    ) -> Self {
        Self {
            function,
            user_data,
        }
    }

    pub(crate) fn write(self, attempt: &Attempt) {
        let record = calltransfer_log_record::from(attempt);
        // SAFETY: the header asks of the program that both stay valid.
        unsafe { (self.function)(&record, self.user_data.get()) };
    }
}

/// Lets the logs of a client or a queue through until it is freed: to free it waits for those
/// that run, and none runs after.
pub(crate) struct LogGate {
    process: ProcessId,
    is_closed: AtomicBool,
    /// Held by each that runs. Not touched in a forked child, where it may be held for ever.
    running: RwLock<()>,
    /// What the program did before it submitted a request, and what its log function then did.
    submitted: Order,
    logged: Order,
}

impl LogGate {
    pub(crate) fn new() -> Arc<Self> {
        let gate = Self {
            process: ProcessId::current(),
            is_closed: AtomicBool::new(false),
            running: RwLock::default(),
            submitted: Order::default(),
            logged: Order::default(),
        };
        let gate = Arc::new(gate);
        gate.submit();
        gate
    }

    /// The program submits a request.
    pub(crate) fn submit(&self) {
        self.submitted.release();
    }

    pub(crate) fn pass(&self, log: impl FnOnce()) {
        let _running = (self.process == ProcessId::current())
            .then(|| self.running.read().unwrap_or_else(PoisonError::into_inner));
        if !self.is_closed.load(Ordering::Acquire) {
            self.submitted.acquire();
            log();
            self.logged.release();
        }
    }

    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        if self.process == ProcessId::current() {
            drop(self.running.write().unwrap_or_else(PoisonError::into_inner));
            self.logged.acquire();
        }
    }
}

/// Return the level of the record: one of CALLTRANSFER_LOG_*, the most serious with the lowest
/// number.
///
/// NULL: a NULL `record` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_level(
    record: *const calltransfer_log_record,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(record, 0, |record| match record.attempt.outcome {
            Outcome::Applied => CALLTRANSFER_LOG_INFO,
            Outcome::Unknown => CALLTRANSFER_LOG_ERROR,
            _ => CALLTRANSFER_LOG_WARNING,
        })
    }
}

/// Return the record as one line.
///
/// NULL: returned for a NULL `record`.
/// Memory: borrowed from `record`, valid until the log function returns.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_line(
    record: *const calltransfer_log_record,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(record, std::ptr::null(), |r| r.line.as_ptr()) }
}

/// Return the kind of the request: "transfer", "get_call", "answer", "hang_up" and so on.
///
/// NULL: returned for a NULL `record`.
/// Memory: borrowed from `record`, valid until the log function returns.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_action(
    record: *const calltransfer_log_record,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(record, std::ptr::null(), |r| r.action.as_ptr()) }
}

/// Return the ID of the call; empty if the request is not about one call.
///
/// NULL: returned for a NULL `record`.
/// Memory: borrowed from `record`, valid until the log function returns.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_call_id(
    record: *const calltransfer_log_record,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(record, std::ptr::null(), |r| r.call_id.as_ptr()) }
}

/// Return the host, with its port if it isn't the default port.
///
/// NULL: returned for a NULL `record`.
/// Memory: borrowed from `record`, valid until the log function returns.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_host(
    record: *const calltransfer_log_record,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(record, std::ptr::null(), |r| r.host.as_ptr()) }
}

/// Return the number of the attempt, from 1.
///
/// NULL: a NULL `record` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_attempt(
    record: *const calltransfer_log_record,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(record, 0, |r| int32(r.attempt.number)) }
}

/// Return the outcome of the attempt: one of CALLTRANSFER_OUTCOME_*; for a read, applied means that
/// it was read.
///
/// NULL: a NULL `record` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_outcome(
    record: *const calltransfer_log_record,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(record, 0, |r| r.attempt.outcome.number()) }
}

/// Return the kind of the error: one of CALLTRANSFER_E_*, or CALLTRANSFER_OK.
///
/// NULL: a NULL `record` gives CALLTRANSFER_OK.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_kind(
    record: *const calltransfer_log_record,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(record, CALLTRANSFER_OK, |r| {
            r.attempt.kind.map_or(CALLTRANSFER_OK, |kind| kind.number())
        })
    }
}

/// Return the status of the HTTP response.
///
/// NULL: 0 where none was read, and for a NULL `record`.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_http_status(
    record: *const calltransfer_log_record,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(record, 0, |r| i32::from(r.attempt.http_status.unwrap_or(0))) }
}

/// Return how long the attempt took, in milliseconds.
///
/// NULL: a NULL `record` gives -1.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_log_record_elapsed_ms(
    record: *const calltransfer_log_record,
) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(record, -1, |r| milliseconds(r.attempt.elapsed)) }
}
