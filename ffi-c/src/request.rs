//! Any request in one form: one pointer to what it ended with, a time of its own, and a way to stop it.

use std::ffi::{c_char, c_void};
use std::time::Duration;

use calltransfer_core::{Config, Error, Finding, Outcome, Request, blocking};

use crate::argument_error::ArgumentError;
use crate::cancel::{calltransfer_cancel, execute};
use crate::client::{calltransfer_client, failed_transfer, usable};
use crate::completion::{
    CALLTRANSFER_REQUEST_ANSWER, CALLTRANSFER_REQUEST_CHECK, CALLTRANSFER_REQUEST_GET_CALL,
    CALLTRANSFER_REQUEST_HANG_UP, CALLTRANSFER_REQUEST_PREPARE, CALLTRANSFER_REQUEST_TRANSFER,
    Completion, calltransfer_completion,
};
use crate::error::calltransfer_error;
use crate::handle::owned;
use crate::panic::guard;
use crate::queue::{calltransfer_queue, usable as usable_queue};
use crate::queue_submit::submitting;
use crate::text::read;
use crate::transfer::calltransfer_transfer;
use crate::user_data::UserData;

type Ended = Result<Completion, Box<calltransfer_error>>;

/// Send a request of any kind except a transfer, wait for it, and return its completion.
///
/// `request` is one of CALLTRANSFER_REQUEST_*: calltransfer_client_get_call(), _answer(),
/// _hang_up(), _check() and _prepare() in one function, for languages in which pointers to pointers
/// are difficult to use. `timeout_ms` is the timeout of this request, including all attempts and
/// waits: 1 ms to 1 hour, or 0 for the client's. Another thread can stop it with `cancel`, within
/// 20 ms. Get the result and the error from the completion, whose ID is 0.
///
/// NULL: returned only after a bug in the library (a panic); a NULL `client` or `call_id` gives a
/// completion with CALLTRANSFER_E_INVALID_ARGUMENT; of CALLTRANSFER_REQUEST_PREPARE `call_id` may be NULL;
/// `cancel` may be NULL.
/// Memory: `call_id` is copied, `cancel` only read; free the completion with
/// calltransfer_completion_free().
/// Threads: many at once; `cancel` may be shared.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_client_request(
    client: *const calltransfer_client,
    request: i32,
    call_id: *const c_char,
    timeout_ms: i64,
    cancel: *const calltransfer_cancel,
) -> *mut calltransfer_completion {
    // SAFETY: as the header asks of the caller.
    unsafe {
        completed(request, || {
            let client = usable(client)?;
            let call = Call::read(request, call_id, timeout_ms)?;
            let cancel = cancel.as_ref();
            match request {
                CALLTRANSFER_REQUEST_GET_CALL => call.wait(client, Request::get_call, cancel),
                CALLTRANSFER_REQUEST_ANSWER => call.wait(client, Request::answer, cancel),
                CALLTRANSFER_REQUEST_HANG_UP => call.wait(client, Request::hang_up, cancel),
                CALLTRANSFER_REQUEST_CHECK => call.wait(client, check, cancel),
                CALLTRANSFER_REQUEST_PREPARE => call.wait(client, prepare, cancel),
                _ => Err(unknown().into()),
            }
        })
    }
}

/// Send a transfer, wait for it, and return its completion; otherwise as
/// calltransfer_client_transfer().
///
/// Another thread can stop it with `cancel`, within 20 ms. Get the result and the error from the
/// completion, whose ID is 0.
///
/// NULL: returned only after a bug in the library (a panic); a NULL `client` or `transfer` gives a
/// completion with CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL.
/// Memory: `transfer` and `cancel` are only read; free the completion with
/// calltransfer_completion_free().
/// Threads: many at once; `transfer` and `cancel` may be shared.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_client_request_transfer(
    client: *const calltransfer_client,
    transfer: *const calltransfer_transfer,
    cancel: *const calltransfer_cancel,
) -> *mut calltransfer_completion {
    // SAFETY: as the header asks of the caller.
    unsafe {
        completed(CALLTRANSFER_REQUEST_TRANSFER, || {
            let client = usable(client)?;
            let transfer = transfer
                .as_ref()
                .ok_or_else(|| ArgumentError::null("transfer"))?;
            let request = Request::transfer(client.config(), transfer.checked()?)?;
            Ok(execute(client, request, cancel.as_ref())?.into())
        })
    }
}

/// Check a transfer whose outcome is unknown, wait, and return what it ended with:
/// calltransfer_client_check_transfer() in one form.
///
/// `timeout_ms` and `cancel` as with calltransfer_client_request(). Get the finding and the error
/// from the completion, whose ID is 0.
///
/// NULL: returned only after a bug in the library (a panic); a NULL `client` or `failed` gives a
/// completion with CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL.
/// Memory: `failed` and `cancel` are only read; free the completion with calltransfer_completion_free().
/// Threads: many at once; `failed` and `cancel` may be shared.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_client_request_check_transfer(
    client: *const calltransfer_client,
    failed: *const calltransfer_error,
    timeout_ms: i64,
    cancel: *const calltransfer_cancel,
) -> *mut calltransfer_completion {
    // SAFETY: as the header asks of the caller.
    unsafe {
        completed(CALLTRANSFER_REQUEST_CHECK, || {
            let client = usable(client)?;
            let subject = failed_transfer(failed)?;
            let time = OwnTimeout::read(timeout_ms)?;
            let request = time.limit(Request::check(client.config(), subject)?)?;
            Ok(execute(client, request, cancel.as_ref())?.into())
        })
    }
}

/// Submit a check of a transfer whose outcome is unknown, and return at once:
/// calltransfer_client_check_transfer() without waiting.
///
/// `timeout_ms` is the time for it, 1 ms to 1 hour, or 0 for the client's.
///
/// NULL: a NULL `queue` or `failed` is CALLTRANSFER_E_INVALID_ARGUMENT, and so is an error that is about
/// no call; the rest as with calltransfer_queue_submit_transfer().
/// Memory: `failed` is copied; the rest as there.
/// Threads: many at once; `failed` may be shared.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_submit_check_transfer(
    queue: *const calltransfer_queue,
    failed: *const calltransfer_error,
    timeout_ms: i64,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        submitting(id, error, || {
            let queue = usable_queue(queue)?;
            let subject = failed_transfer(failed)?;
            let time = OwnTimeout::read(timeout_ms)?;
            let data = UserData(user_data);
            let kind = CALLTRANSFER_REQUEST_CHECK;
            let make = |config: &Config| time.limit(Request::check(config, subject)?);
            Ok(queue.submit(kind, data, make)?)
        })
    }
}

/// Submit a request of any kind except a transfer, with a timeout of its own, and return at once.
///
/// As calltransfer_queue_submit_get_call() and similar functions; `request` and `timeout_ms` as
/// with calltransfer_client_request().
///
/// NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; of
/// CALLTRANSFER_REQUEST_PREPARE `call_id` may be NULL; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: `call_id` is copied; the rest as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_submit_request(
    queue: *const calltransfer_queue,
    request: i32,
    call_id: *const c_char,
    timeout_ms: i64,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        submitting(id, error, || {
            let queue = usable_queue(queue)?;
            let call = Call::read(request, call_id, timeout_ms)?;
            let data = UserData(user_data);
            let submitted = match request {
                CALLTRANSFER_REQUEST_GET_CALL => {
                    queue.submit(request, data, |config| call.make(config, Request::get_call))
                }
                CALLTRANSFER_REQUEST_ANSWER => {
                    queue.submit(request, data, |config| call.make(config, Request::answer))
                }
                CALLTRANSFER_REQUEST_HANG_UP => {
                    queue.submit(request, data, |config| call.make(config, Request::hang_up))
                }
                CALLTRANSFER_REQUEST_CHECK => {
                    queue.submit(request, data, |config| call.make(config, check))
                }
                CALLTRANSFER_REQUEST_PREPARE => {
                    queue.submit(request, data, |config| call.make(config, prepare))
                }
                _ => return Err(unknown().into()),
            };
            Ok(submitted?)
        })
    }
}

/// The timeout of one request, if it isn't the client's.
#[derive(Clone, Copy)]
pub(crate) struct OwnTimeout(Option<Duration>);

impl OwnTimeout {
    /// 0 is the client's.
    pub(crate) fn read(timeout_ms: i64) -> Result<Self, ArgumentError> {
        let timeout = u64::try_from(timeout_ms)
            .map_err(|_| ArgumentError::argument("timeout", "is negative"))?;
        Ok(Self((timeout > 0).then(|| Duration::from_millis(timeout))))
    }

    pub(crate) fn limit<T>(self, request: Request<T>) -> Result<Request<T>, Error> {
        match self.0 {
            Some(timeout) => request.timeout(timeout),
            None => Ok(request),
        }
    }
}

/// The call that a request is about, and its timeout.
struct Call<'a> {
    id: &'a str,
    timeout: OwnTimeout,
}

impl<'a> Call<'a> {
    /// # Safety
    /// `call_id` is NULL or ends in a NUL byte, and stays unchanged for `'a`.
    unsafe fn read(
        request: i32,
        call_id: *const c_char,
        timeout_ms: i64,
    ) -> Result<Self, ArgumentError> {
        let refused = |reason| ArgumentError::argument("call_id", reason);
        let id = match request {
            CALLTRANSFER_REQUEST_PREPARE => "",
            // SAFETY: as the caller promises.
            _ => unsafe { read(call_id) }.map_err(refused)?,
        };
        let timeout = OwnTimeout::read(timeout_ms)?;
        Ok(Self { id, timeout })
    }

    fn make<T>(
        &self,
        config: &Config,
        make: fn(&Config, &str) -> Result<Request<T>, Error>,
    ) -> Result<Request<T>, Error> {
        self.timeout.limit(make(config, self.id)?)
    }

    fn wait<T: Into<Completion> + Send>(
        &self,
        client: &blocking::Client,
        make: fn(&Config, &str) -> Result<Request<T>, Error>,
        cancel: Option<&calltransfer_cancel>,
    ) -> Ended {
        Ok(execute(client, self.make(client.config(), make)?, cancel)?.into())
    }
}

fn check(config: &Config, call_id: &str) -> Result<Request<Finding>, Error> {
    Request::check(config, call_id)
}

fn prepare(config: &Config, _: &str) -> Result<Request<()>, Error> {
    Ok(Request::prepare(config))
}

fn unknown() -> ArgumentError {
    let reason = "is not one of CALLTRANSFER_REQUEST_*, or needs a function of its own";
    ArgumentError::argument("request", reason)
}

/// A completion of what `body` ends with, also after a panic.
fn completed(request: i32, body: impl FnOnce() -> Ended) -> *mut calltransfer_completion {
    let at_worst = match request {
        CALLTRANSFER_REQUEST_GET_CALL | CALLTRANSFER_REQUEST_CHECK => Outcome::NotApplied,
        CALLTRANSFER_REQUEST_PREPARE => Outcome::NotSent,
        _ => Outcome::Unknown,
    };
    let ended = guard(None, || Some(body().unwrap_or_else(Completion::with_error)));
    let ended = ended.unwrap_or_else(|| {
        Completion::with_error(Box::new(calltransfer_error::of_a_panic(at_worst)))
    });
    owned(calltransfer_completion {
        id: 0,
        request,
        user_data: UserData(std::ptr::null_mut()),
        status: ended.status(),
        ended,
    })
}
