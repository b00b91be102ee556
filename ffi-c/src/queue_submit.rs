//! What is submitted to a queue, and where its end is told.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use calltransfer_core::background::{Client, Ticket};
use calltransfer_core::{Error, Outcome};

use crate::completion::{
    CALLTRANSFER_REQUEST_ANSWER, CALLTRANSFER_REQUEST_CHECK, CALLTRANSFER_REQUEST_GET_CALL,
    CALLTRANSFER_REQUEST_HANG_UP, CALLTRANSFER_REQUEST_TRANSFER, Ended, calltransfer_completion,
};
use crate::config::UserData;
use crate::error::calltransfer_error;
use crate::fault::Fault;
use crate::guard::{guard, guard_with_error};
use crate::in_flight::Shared;
use crate::queue::{calltransfer_queue, usable};
use crate::text::read;
use crate::transfer::calltransfer_transfer;

impl calltransfer_queue {
    fn submit<T: Into<Ended>>(
        &self,
        request: i32,
        user_data: UserData,
        send: impl FnOnce(&Client, Done<T>) -> Result<Ticket, Error>,
    ) -> Result<u64, Error> {
        let id = self.shared.begin();
        let done = Done {
            shared: Arc::clone(&self.shared),
            id,
            request,
            user_data,
            told: std::marker::PhantomData,
        };
        match send(&self.client, done) {
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

/// Where a request's end is told.
struct Done<T> {
    shared: Arc<Shared>,
    id: u64,
    request: i32,
    user_data: UserData,
    told: std::marker::PhantomData<fn(T)>,
}

impl<T: Into<Ended>> Done<T> {
    /// Runs on a thread of the core's.
    fn tell(self, result: Result<T, Error>) {
        let at_worst = result
            .as_ref()
            .map_or_else(Error::outcome, |_| Outcome::Applied);
        let ended = guard(None, || {
            #[cfg(feature = "forced-panic")]
            crate::guard::forced_panic("completion");
            Some(Ended::from(result))
        });
        let ended = ended.unwrap_or_else(|| {
            Ended::with_error(Box::new(calltransfer_error::of_a_panic(at_worst)))
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
/// The promises are those of calltransfer_client_transfer(). Where this returns CALLTRANSFER_OK,
/// exactly one completion comes; on any other status nothing was sent, and none comes.
///
/// NULL: a NULL `queue` or `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; `user_data` may be NULL;
/// so may `id`; with a NULL `error` only the status tells.
/// Memory: `transfer` is copied; `user_data` stays yours, and comes back with the completion;
/// `*id` is a number that this queue never uses again, 0 where nothing was submitted; free
/// `*error` with calltransfer_error_free().
/// Threads: many at once; `transfer` may be shared too.
#[unsafe(no_mangle)]
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
            let transfer = transfer.as_ref().ok_or_else(|| Fault::null("transfer"))?;
            let transfer = transfer.checked()?;
            let request = CALLTRANSFER_REQUEST_TRANSFER;
            Ok(queue.submit(request, UserData(user_data), |client, done| {
                client.transfer(transfer, |result| done.tell(result))
            })?)
        })
    }
}

/// Submit a read of a call, and return at once: calltransfer_client_get_call() without waiting.
///
/// NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: `call_id` is copied; the rest as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_submit_get_call(
    queue: *const calltransfer_queue,
    call_id: *const c_char,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        submitting(id, error, || {
            let (queue, call_id) = (usable(queue)?, read_id(call_id)?);
            let request = CALLTRANSFER_REQUEST_GET_CALL;
            Ok(queue.submit(request, UserData(user_data), |client, done| {
                client.get_call(call_id, |result| done.tell(result))
            })?)
        })
    }
}

/// Submit the answer to a call, and return at once: calltransfer_client_answer() without waiting.
///
/// NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: `call_id` is copied; the rest as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_submit_answer(
    queue: *const calltransfer_queue,
    call_id: *const c_char,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        submitting(id, error, || {
            let (queue, call_id) = (usable(queue)?, read_id(call_id)?);
            let request = CALLTRANSFER_REQUEST_ANSWER;
            Ok(queue.submit(request, UserData(user_data), |client, done| {
                client.answer(call_id, |result| done.tell(result))
            })?)
        })
    }
}

/// Submit the end of a call, and return at once: calltransfer_client_hang_up() without waiting.
///
/// NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: `call_id` is copied; the rest as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_submit_hang_up(
    queue: *const calltransfer_queue,
    call_id: *const c_char,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        submitting(id, error, || {
            let (queue, call_id) = (usable(queue)?, read_id(call_id)?);
            let request = CALLTRANSFER_REQUEST_HANG_UP;
            Ok(queue.submit(request, UserData(user_data), |client, done| {
                client.hang_up(call_id, |result| done.tell(result))
            })?)
        })
    }
}

/// Submit a look at a call, and return at once: calltransfer_client_check() without waiting.
///
/// NULL: a NULL `queue` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; the rest as with
/// calltransfer_queue_submit_transfer().
/// Memory: `call_id` is copied; the rest as there.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_submit_check(
    queue: *const calltransfer_queue,
    call_id: *const c_char,
    user_data: *mut c_void,
    id: *mut u64,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        submitting(id, error, || {
            let (queue, call_id) = (usable(queue)?, read_id(call_id)?);
            let request = CALLTRANSFER_REQUEST_CHECK;
            Ok(queue.submit(request, UserData(user_data), |client, done| {
                client.check(call_id, |result| done.tell(result))
            })?)
        })
    }
}

/// Submits a request with `body`, and tells its id.
///
/// # Safety
/// `id` and `error` are NULL or may be written to.
unsafe fn submitting(
    id: *mut u64,
    error: *mut *mut calltransfer_error,
    body: impl FnOnce() -> Result<u64, Box<calltransfer_error>>,
) -> i32 {
    let tell = |number| {
        if !id.is_null() {
            // SAFETY: not NULL; the rest as the caller promises.
            unsafe { id.write(number) };
        }
    };
    tell(0);
    // SAFETY: as the caller promises.
    unsafe {
        guard_with_error(error, Outcome::NotSent, || {
            tell(body()?);
            Ok(())
        })
    }
}

/// # Safety
/// `call_id` is NULL or ends in a NUL byte, and stays unchanged for `'a`.
unsafe fn read_id<'a>(call_id: *const c_char) -> Result<&'a str, Fault> {
    // SAFETY: as the caller promises.
    unsafe { read(call_id) }.map_err(|reason| Fault::argument("call_id", reason))
}
