//! The completion of a request that was submitted to a queue.

use std::ffi::c_void;

use calltransfer_core::{Call, Error, Finding, Transferred};

use crate::call::calltransfer_call;
use crate::error::calltransfer_error;
use crate::finding::calltransfer_finding;
use crate::handle::{Handle, get, take_back};
use crate::panic::guard;
use crate::result::calltransfer_result;
use crate::status::CALLTRANSFER_OK;
use crate::user_data::UserData;

/// The request was a transfer.
pub const CALLTRANSFER_REQUEST_TRANSFER: i32 = 201;
/// A call was read.
pub const CALLTRANSFER_REQUEST_GET_CALL: i32 = 202;
/// A call was answered.
pub const CALLTRANSFER_REQUEST_ANSWER: i32 = 203;
/// A call was ended.
pub const CALLTRANSFER_REQUEST_HANG_UP: i32 = 204;
/// A call was checked after an unknown outcome.
pub const CALLTRANSFER_REQUEST_CHECK: i32 = 205;
/// A connection was opened in advance.
pub const CALLTRANSFER_REQUEST_PREPARE: i32 = 206;

/// The completion of one submitted request.
pub struct calltransfer_completion {
    pub(crate) id: u64,
    pub(crate) request: i32,
    pub(crate) user_data: UserData,
    pub(crate) status: i32,
    pub(crate) ended: Completion,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_completion {}

/// The result of the request; NULL in C after it was taken.
#[derive(Default)]
pub(crate) struct Completion {
    result: Option<Box<calltransfer_result>>,
    call: Option<Box<calltransfer_call>>,
    finding: Option<Box<calltransfer_finding>>,
    error: Option<Box<calltransfer_error>>,
}

impl Completion {
    pub(crate) fn with_error(error: Box<calltransfer_error>) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }

    pub(crate) fn status(&self) -> i32 {
        self.error
            .as_ref()
            .map_or(CALLTRANSFER_OK, |error| error.status())
    }
}

impl From<Transferred> for Completion {
    fn from(done: Transferred) -> Self {
        Self {
            result: Some(Box::new(done.into())),
            ..Self::default()
        }
    }
}

impl From<Call> for Completion {
    fn from(call: Call) -> Self {
        Self {
            call: Some(Box::new(call.into())),
            ..Self::default()
        }
    }
}

impl From<Finding> for Completion {
    fn from(finding: Finding) -> Self {
        Self {
            finding: Some(Box::new(finding.into())),
            ..Self::default()
        }
    }
}

impl From<()> for Completion {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<T: Into<Self>> From<Result<T, Error>> for Completion {
    fn from(result: Result<T, Error>) -> Self {
        match result {
            Ok(value) => value.into(),
            Err(error) => Self::with_error(error.into()),
        }
    }
}

/// The address of a part that its handle still owns; NULL if there is none.
fn lend<T>(held: Option<&T>) -> *const T {
    held.map_or(std::ptr::null(), std::ptr::from_ref)
}

/// Passes the content of `part` to the caller; NULL if there is none.
///
/// # Safety
/// `completion` is NULL or a completion that no other thread uses now.
unsafe fn take<T>(
    completion: *mut calltransfer_completion,
    part: impl FnOnce(&mut Completion) -> &mut Option<Box<T>>,
) -> *mut T {
    guard(std::ptr::null_mut(), || {
        // SAFETY: as the caller promises.
        let completion = unsafe { completion.as_mut() };
        let taken = completion.and_then(|completion| part(&mut completion.ended).take());
        taken.map_or(std::ptr::null_mut(), Box::into_raw)
    })
}

/// Return the ID of the request, as the submission wrote it.
///
/// NULL: a NULL `completion` gives 0, which is never an ID.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_completion_id(
    completion: *const calltransfer_completion,
) -> u64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(completion, 0, |c| c.id) }
}

/// Return the kind of the request: one of CALLTRANSFER_REQUEST_*.
///
/// NULL: a NULL `completion` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_completion_request(
    completion: *const calltransfer_completion,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(completion, 0, |c| c.request) }
}

/// Return the pointer that was submitted with the request.
///
/// NULL: returned if it was NULL, and for a NULL `completion`.
/// Memory: yours; the library never reads or frees what it points to.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_completion_user_data(
    completion: *const calltransfer_completion,
) -> *mut c_void {
    // SAFETY: as the header asks of the caller.
    unsafe { get(completion, std::ptr::null_mut(), |c| c.user_data.get()) }
}

/// Return the status of the request: CALLTRANSFER_OK, or the kind of its error.
///
/// It is the status that the blocking function of the same name returns.
///
/// NULL: a NULL `completion` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_completion_status(
    completion: *const calltransfer_completion,
) -> i32 {
    let absent = crate::status::CALLTRANSFER_E_INVALID_ARGUMENT;
    // SAFETY: as the header asks of the caller.
    unsafe { get(completion, absent, |c| c.status) }
}

/// Return the transfer that was made.
///
/// NULL: returned if none was made or requested, if it was taken, and for a NULL `completion`.
/// Memory: borrowed from `completion`, valid until it is freed; not to be freed by itself.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_completion_result(
    completion: *const calltransfer_completion,
) -> *const calltransfer_result {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(completion, std::ptr::null(), |c| {
            lend(c.ended.result.as_deref())
        })
    }
}

/// Return the call that was read.
///
/// NULL: returned if none was read, if it was taken, and for a NULL `completion`.
/// Memory: borrowed from `completion`, valid until it is freed; not to be freed by itself.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_completion_call(
    completion: *const calltransfer_completion,
) -> *const calltransfer_call {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(completion, std::ptr::null(), |c| {
            lend(c.ended.call.as_deref())
        })
    }
}

/// Return the finding of a check.
///
/// NULL: returned if none was requested, if the call couldn't be read, if it was taken, and for a
/// NULL `completion`.
/// Memory: borrowed from `completion`, valid until it is freed; not to be freed by itself.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_completion_finding(
    completion: *const calltransfer_completion,
) -> *const calltransfer_finding {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(completion, std::ptr::null(), |c| {
            lend(c.ended.finding.as_deref())
        })
    }
}

/// Return the error of the request.
///
/// NULL: returned if there was no error, if it was taken, and for a NULL `completion`.
/// Memory: borrowed from `completion`, valid until it is freed; not to be freed by itself.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_completion_error(
    completion: *const calltransfer_completion,
) -> *const calltransfer_error {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(completion, std::ptr::null(), |c| {
            lend(c.ended.error.as_deref())
        })
    }
}

/// Take the result of a transfer out of a completion, so that it stays valid after the completion
/// is freed.
///
/// NULL: returned where calltransfer_completion_result() returns it.
/// Memory: yours now; free it with calltransfer_result_free(). What was borrowed from it stays
/// valid.
/// Threads: one at a time per completion.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_completion_take_result(
    completion: *mut calltransfer_completion,
) -> *mut calltransfer_result {
    // SAFETY: as the header asks of the caller.
    unsafe { take(completion, |ended| &mut ended.result) }
}

/// Take the call that was read out of a completion, so that it stays valid after the completion is
/// freed.
///
/// NULL: returned where calltransfer_completion_call() returns it.
/// Memory: yours now; free it with calltransfer_call_free(). What was borrowed from it stays valid.
/// Threads: one at a time per completion.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_completion_take_call(
    completion: *mut calltransfer_completion,
) -> *mut calltransfer_call {
    // SAFETY: as the header asks of the caller.
    unsafe { take(completion, |ended| &mut ended.call) }
}

/// Take the finding of a check out of a completion, so that it stays valid after the completion is
/// freed.
///
/// NULL: returned where calltransfer_completion_finding() returns it.
/// Memory: yours now; free it with calltransfer_finding_free(). What was borrowed from it stays
/// valid.
/// Threads: one at a time per completion.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_completion_take_finding(
    completion: *mut calltransfer_completion,
) -> *mut calltransfer_finding {
    // SAFETY: as the header asks of the caller.
    unsafe { take(completion, |ended| &mut ended.finding) }
}

/// Take the error out of a completion, so that it stays valid after the completion is freed; the
/// completion's status stays.
///
/// NULL: returned where calltransfer_completion_error() returns it.
/// Memory: yours now; free it with calltransfer_error_free(). What was borrowed from it stays
/// valid.
/// Threads: one at a time per completion.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_completion_take_error(
    completion: *mut calltransfer_completion,
) -> *mut calltransfer_error {
    // SAFETY: as the header asks of the caller.
    unsafe { take(completion, |ended| &mut ended.error) }
}

/// Free a completion, and what is still in it.
///
/// NULL: does nothing.
/// Memory: frees `completion`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_completion_free(completion: *mut calltransfer_completion) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(completion) };
}
