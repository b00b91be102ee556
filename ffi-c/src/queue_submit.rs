//! Submitting requests to a queue, and reporting their end.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use calltransfer_core::{Config, Error, Outcome, Request};

use crate::argument_error::ArgumentError;
use crate::completion::{
    CALLTRANSFER_REQUEST_ANSWER, CALLTRANSFER_REQUEST_CHECK, CALLTRANSFER_REQUEST_GET_CALL,
    CALLTRANSFER_REQUEST_HANG_UP, CALLTRANSFER_REQUEST_PREPARE, CALLTRANSFER_REQUEST_TRANSFER,
    Completion, calltransfer_completion,
};
use crate::error::calltransfer_error;
use crate::guard::guard_with_error;
use crate::in_flight::Shared;
use crate::panic::guard;
use crate::queue::{calltransfer_queue, usable};
use crate::text::read;
use crate::transfer::calltransfer_transfer;
use crate::user_data::UserData;

impl calltransfer_queue {
    pub(crate) fn submit<T: Into<Completion> + Send + 'static>(
        &self,
        kind: i32,
        user_data: UserData,
        make: impl FnOnce(&Config) -> Result<Request<T>, Error>,
    ) -> Result<u64, Error> {
        let request = make(self.client.config())?;
        let id = self.shared.begin();
        self.gate.submit();
        let done = Done {
            shared: Arc::clone(&self.shared),
            id,
            request: kind,
            user_data,
            result: std::marker::PhantomData,
        };
        match self.client.execute(request, |result| done.complete(result)) {
            Ok(ticket) => {
                self.shared.hold(id, ticket);
                Ok(id)
            }
            Err(error) => {
                self.shared.forget(id);
                Err(error)
            }
        }
    }
}

/// Reports the end of a request.
struct Done<T> {
    shared: Arc<Shared>,
    id: u64,
    request: i32,
    user_data: UserData,
    result: std::marker::PhantomData<fn(T)>,
}

impl<T: Into<Completion>> Done<T> {
    /// Runs on a thread of the core's.
    fn complete(self, result: Result<T, Error>) {
        let at_worst = result
            .as_ref()
            .map_or_else(Error::outcome, |_| Outcome::Applied);
        let ended = guard(None, || {
            #[cfg(feature = "forced-panic")]
            crate::panic::forced_panic("completion");
            Some(Completion::from(result))
        });
        let ended = ended.unwrap_or_else(|| {
            Completion::with_error(Box::new(calltransfer_error::of_a_panic(at_worst)))
        });
        self.shared.end(Box::new(calltransfer_completion {
            id: self.id,
            request: self.request,
            user_data: self.user_data,
            status: ended.status(),
            ended,
        }));
    }
}

/// Submit a transfer, and return at once.
///
/// It has the guarantees of calltransfer_client_transfer(). If it returns CALLTRANSFER_OK, exactly
/// one completion follows. With any other status nothing was sent, and no completion follows.
///
/// NULL: a NULL `queue` or `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; `user_data` may be NULL;
/// so may `id`; with a NULL `error` only the status is returned.
/// Memory: `transfer` is copied; `user_data` stays yours, and comes back with the completion;
/// `*id` is a number that this queue never uses again, 0 where nothing was submitted; free
/// `*error` with calltransfer_error_free().
/// Threads: many at once; `transfer` may be shared too.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_submit_transfer(
    queue: *const calltransfer_queue,
    transfer: *const calltransfer_transfer,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        submitting(id, error, || {
            let queue = usable(queue)?;
            let transfer = transfer
                .as_ref()
                .ok_or_else(|| ArgumentError::null("transfer"))?;
            let transfer = transfer.checked()?;
            let kind = CALLTRANSFER_REQUEST_TRANSFER;
            Ok(queue.submit(kind, UserData(user_data), |config| {
                Request::transfer(config, transfer)
            })?)
        })
    }
}

/// Submit a read of a call, and return at once; otherwise as calltransfer_client_get_call().
///
/// NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: `call_id` is copied; the rest as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_submit_get_call(
    queue: *const calltransfer_queue,
    call_id: *const c_char,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        let kind = CALLTRANSFER_REQUEST_GET_CALL;
        submit_call(
            queue,
            kind,
            call_id,
            user_data,
            id,
            error,
            Request::get_call,
        )
    }
}

/// Submit a request that answers a call, and return at once; otherwise as
/// calltransfer_client_answer().
///
/// NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: `call_id` is copied; the rest as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_submit_answer(
    queue: *const calltransfer_queue,
    call_id: *const c_char,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        let kind = CALLTRANSFER_REQUEST_ANSWER;
        submit_call(queue, kind, call_id, user_data, id, error, Request::answer)
    }
}

/// Submit a request that ends a call, and return at once; otherwise as
/// calltransfer_client_hang_up().
///
/// NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: `call_id` is copied; the rest as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_submit_hang_up(
    queue: *const calltransfer_queue,
    call_id: *const c_char,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        let kind = CALLTRANSFER_REQUEST_HANG_UP;
        submit_call(queue, kind, call_id, user_data, id, error, Request::hang_up)
    }
}

/// Submit a check of a call, and return at once; otherwise as calltransfer_client_check().
///
/// NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: `call_id` is copied; the rest as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_submit_check(
    queue: *const calltransfer_queue,
    call_id: *const c_char,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        let kind = CALLTRANSFER_REQUEST_CHECK;
        let make = |config: &Config, id: &str| Request::check(config, id);
        submit_call(queue, kind, call_id, user_data, id, error, make)
    }
}

/// Submit the opening of a connection, and return at once; otherwise as
/// calltransfer_client_prepare(). The connection is used by the next request that is submitted
/// while no other is in progress.
///
/// NULL: a NULL `queue` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_submit_prepare(
    queue: *const calltransfer_queue,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        submitting(id, error, || {
            let queue = usable(queue)?;
            let kind = CALLTRANSFER_REQUEST_PREPARE;
            let make = |config: &Config| Ok(Request::prepare(config));
            Ok(queue.submit(kind, UserData(user_data), make)?)
        })
    }
}

/// Submits a request about a call, as `make` makes it.
///
/// # Safety
/// As the header asks of the caller.
unsafe fn submit_call<T: Into<Completion> + Send + 'static>(
    queue: *const calltransfer_queue,
    kind: i32,
    call_id: *const c_char,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
    make: fn(&Config, &str) -> Result<Request<T>, Error>,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        submitting(id, error, || {
            let (queue, call_id) = (usable(queue)?, read_id(call_id)?);
            let user_data = UserData(user_data);
            Ok(queue.submit(kind, user_data, |config| make(config, call_id))?)
        })
    }
}

/// Submits a request with `body`, and writes its ID.
///
/// # Safety
/// `id` and `error` are NULL or may be written to.
pub(crate) unsafe fn submitting(
    id: *mut u64,
    error: *mut *mut calltransfer_error,
    body: impl FnOnce() -> Result<u64, Box<calltransfer_error>>,
) -> i32 {
    let write_id = |number| {
        if !id.is_null() {
            // SAFETY: not NULL; the rest as the caller promises.
            unsafe { id.write(number) };
        }
    };
    write_id(0);
    // SAFETY: as the caller promises.
    unsafe {
        guard_with_error(error, Outcome::NotSent, || {
            write_id(body()?);
            Ok(())
        })
    }
}

/// # Safety
/// `call_id` is NULL or ends in a NUL byte, and stays unchanged for `'a`.
unsafe fn read_id<'a>(call_id: *const c_char) -> Result<&'a str, ArgumentError> {
    // SAFETY: as the caller promises.
    unsafe { read(call_id) }.map_err(|reason| ArgumentError::argument("call_id", reason))
}
