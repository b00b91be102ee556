//! A queue: requests without a waiting thread, and their completions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use calltransfer_core::background::Client;
use calltransfer_core::process_id::ProcessId;
use calltransfer_core::{ErrorKind, Outcome};

use crate::argument_error::ArgumentError;
use crate::completion::calltransfer_completion;
use crate::config::calltransfer_config;
use crate::error::calltransfer_error;
use crate::guard::guard_with_error;
use crate::handle::{Handle, clear, get, hand_out};
use crate::in_flight::Shared;
use crate::log_record::LogGate;
use crate::panic::guard;
use crate::ready::Ready;
use crate::user_data::Log;

/// Requests without a waiting thread, and their completions.
pub struct calltransfer_queue {
    pub(crate) client: Client,
    pub(crate) shared: Arc<Shared>,
    log: Option<Log>,
    pub(crate) gate: Arc<LogGate>,
    fd: i32,
    pid: ProcessId,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_queue {}

impl calltransfer_queue {
    fn new(config: &calltransfer_config) -> Result<Self, Box<calltransfer_error>> {
        let log = config.log();
        let ready = Ready::new().map_err(|cause| {
            let reason = format!("no file descriptor for it: {cause}");
            ArgumentError::of_kind(ErrorKind::Connection, "queue", &reason)
        })?;
        let fd = ready.fd();
        let shared = Arc::new(Shared::new(ready));
        let gate = LogGate::new();
        let lines = Arc::clone(&shared);
        let line = log.map(|_| move |line| lines.log(line));
        let config = config.build_observed(line, &gate)?;
        let pid = ProcessId::current();
        Ok(Self {
            client: Client::new(config),
            shared,
            log,
            gate,
            fd,
            pid,
        })
    }

    /// Whether this is the process that made it: in a forked child nothing is completed, and the
    /// lock may stay locked.
    fn is_ours(&self) -> bool {
        self.pid == ProcessId::current()
    }
}

/// Make a queue with a configuration. Unless keep_ready is set, only the descriptor is opened
/// before the first request.
///
/// The library sends submitted requests from a few threads of its own. Of your code, only the
/// function of calltransfer_config_set_log_function() runs on them, and none of your signal handlers.
/// Completions, and the lines of calltransfer_config_set_log(), are reported inside
/// calltransfer_queue_next(), on a thread of yours. Returns the same as
/// calltransfer_client_new(), and CALLTRANSFER_E_CONNECTION if the process has no file descriptor
/// left.
///
/// A queue belongs to the process that made it: a forked child can only free it. Every other
/// function does nothing there, or returns CALLTRANSFER_E_INVALID_ARGUMENT. Submitted requests
/// continue in the parent.
///
/// NULL: a NULL `config` or `queue` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only
/// the status is returned.
/// Memory: `config` is copied; free `*queue` with calltransfer_queue_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_new(
    config: *const calltransfer_config,
    queue: *mut *mut calltransfer_queue,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(queue);
        guard_with_error(error, Outcome::NotSent, || {
            let config = config
                .as_ref()
                .ok_or_else(|| ArgumentError::null("config"))?;
            if queue.is_null() {
                return Err(ArgumentError::null("queue").into());
            }
            hand_out(queue, Box::new(calltransfer_queue::new(config)?));
            Ok(())
        })
    }
}

/// Make a queue, and return it: calltransfer_queue_new() for languages in which pointers to pointers
/// are difficult to use.
///
/// NULL: returned for a NULL `config`, if calltransfer_config_check() returns an error, and if the
/// process has no file descriptor left.
/// Memory: `config` is copied; free the queue with calltransfer_queue_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_open(
    config: *const calltransfer_config,
) -> *mut calltransfer_queue {
    let mut queue = std::ptr::null_mut();
    // SAFETY: as the header asks of the caller; `queue` is a local variable.
    let _ = unsafe { calltransfer_queue_new(config, &mut queue, std::ptr::null_mut()) };
    queue
}

/// Return a file descriptor that is readable while there are completions to take.
///
/// For poll(), epoll (level-triggered, or edge-triggered if you take until none is left), libuv's
/// uv_poll_t, GLib's g_unix_fd_add(). Only watch it: the library reads, writes and closes it. Stop
/// watching before calltransfer_queue_free(). Returns -1 if the system has none (Windows), and in a
/// forked child.
///
/// NULL: a NULL `queue` gives -1.
/// Memory: the descriptor is the queue's, and is closed with it; not inherited by exec().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_fd(queue: *const calltransfer_queue) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(queue, -1, |q| if q.is_ours() { q.fd } else { -1 }) }
}

/// Take the next completion, in the order in which requests ended.
///
/// Waits up to `timeout_ms`: 0 doesn't wait, a negative number waits without limit, even if nothing
/// was submitted. Returns CALLTRANSFER_OK with a NULL `*completion` if there is none in time, or
/// after calltransfer_queue_wake(). Log lines are passed to the log function before it returns.
///
/// NULL: a NULL `queue` or `completion` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error`
/// only the status is returned.
/// Memory: free `*completion` with calltransfer_completion_free() and `*error` with
/// calltransfer_error_free(). What doesn't apply is set to NULL.
/// Threads: many at once; each completion goes to one of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_next(
    queue: *const calltransfer_queue,
    timeout_ms: i64,
    completion: *mut *mut calltransfer_completion,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(completion);
        guard_with_error(error, Outcome::NotSent, || {
            let queue = usable(queue)?;
            if completion.is_null() {
                return Err(ArgumentError::null("completion").into());
            }
            let timeout = u64::try_from(timeout_ms).map(Duration::from_millis);
            let deadline = timeout
                .ok()
                .and_then(|time| Instant::now().checked_add(time));
            let write = |line: std::ffi::CString| {
                if let Some(log) = queue.log {
                    log.write(&line);
                }
            };
            if let Some(next) = queue.shared.next(deadline, write) {
                hand_out(completion, next);
            }
            Ok(())
        })
    }
}

/// Take the next completion, and return it: calltransfer_queue_next() for languages in which pointers
/// to pointers are difficult to use.
///
/// NULL: returned if there is none in time or after calltransfer_queue_wake(), for a NULL `queue`,
/// and in a forked child.
/// Memory: free the completion with calltransfer_completion_free().
/// Threads: many at once; each completion goes to one of them.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_queue_take(
    queue: *const calltransfer_queue,
    timeout_ms: i64,
) -> *mut calltransfer_completion {
    let mut taken = std::ptr::null_mut();
    // SAFETY: as the header asks of the caller; `taken` is a local variable.
    unsafe { calltransfer_queue_next(queue, timeout_ms, &mut taken, std::ptr::null_mut()) };
    taken
}

/// Make one calltransfer_queue_next() return at once with NULL: one that waits, otherwise the next
/// one.
///
/// For programs in which the waiting thread has other work to do. Several wakes count as one until
/// calltransfer_queue_next() has returned. If there is a completion, it is returned first. The
/// descriptor is readable until then. Does nothing in a forked child.
///
/// NULL: does nothing.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once, also in a log function; not in a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_wake(queue: *const calltransfer_queue) {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(queue, (), |q| {
            if q.is_ours() {
                q.shared.wake();
            }
        });
    }
}

/// Stop one request. Returns 1 if it was in progress, 0 if it has ended or there is no such
/// request.
///
/// Exactly one completion follows soon, as always: CALLTRANSFER_E_CANCELLED if the request was not
/// sent, CALLTRANSFER_E_OUTCOME_UNKNOWN if it was sent (the platform may still carry it out), or
/// the result of the response if it came first.
///
/// NULL: a NULL `queue` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once; not in a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_cancel(
    queue: *const calltransfer_queue,
    id: u64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(queue, 0, |q| i32::from(q.is_ours() && q.shared.cancel(id))) }
}

/// Stop every request that is in progress, as calltransfer_queue_cancel() does. Returns how many.
///
/// NULL: a NULL `queue` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once; not in a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_cancel_all(queue: *const calltransfer_queue) -> usize {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(queue, 0, |q| {
            if q.is_ours() {
                q.shared.cancel_all()
            } else {
                0
            }
        })
    }
}

/// Return how many completions are still to be taken: of requests in progress, and of those that
/// have ended.
///
/// NULL: a NULL `queue` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_in_flight(queue: *const calltransfer_queue) -> usize {
    // SAFETY: as the header asks of the caller.
    unsafe { get(queue, 0, |q| if q.is_ours() { q.shared.count() } else { 0 }) }
}

/// Free a queue, whatever is in progress, and close its descriptor.
///
/// Does not wait for responses, only for a log function that is running. Requests in progress are
/// stopped as by calltransfer_queue_cancel_all(), and their outcomes are not reported. The platform
/// may still carry out requests that were sent; to get the outcomes, first stop all requests and
/// take their completions. In a forked child it stops nothing, and some of its memory is not freed.
///
/// NULL: does nothing.
/// Memory: frees `queue` and the completions that were not taken; those that were stay valid. No
/// `user_data` and no log is touched afterwards. A second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_queue_free(queue: *mut calltransfer_queue) {
    guard((), || {
        if queue.is_null() {
            return;
        }
        // SAFETY: as the header asks of the caller.
        let queue = unsafe { Box::from_raw(queue) };
        if queue.is_ours() {
            queue.shared.close();
            queue.gate.close();
            return;
        }
        // The fork may have come during a change: nothing of it is read but the descriptor.
        #[cfg(unix)]
        // SAFETY: the child's own copy; what would close it once more is forgotten.
        unsafe {
            libc::close(queue.fd)
        };
        std::mem::forget(queue);
    });
}

/// The queue, if this process may use it.
///
/// # Safety
/// `queue` is NULL or a queue that stays for `'a`.
pub(crate) unsafe fn usable<'a>(
    queue: *const calltransfer_queue,
) -> Result<&'a calltransfer_queue, ArgumentError> {
    // SAFETY: as the caller promises.
    match unsafe { queue.as_ref() } {
        None => Err(ArgumentError::null("queue")),
        Some(queue) if !queue.is_ours() => Err(ArgumentError::argument(
            "queue",
            "belongs to the process before the fork; make one of this process's own",
        )),
        Some(queue) => Ok(queue),
    }
}
