//! Several targets for one call: the first that answers gets it.

use std::ffi::{CString, c_char};

use calltransfer_core::{FirstTransferred, Outcome, Request, TimeLimit, TransferToFirst};

use crate::argument_error::ArgumentError;
use crate::cancel::{calltransfer_cancel, execute};
use crate::checked::{Checked, change};
use crate::client::{calltransfer_client, usable};
use crate::error::calltransfer_error;
use crate::guard::guard_with_error;
use crate::handle::{Handle, clear, get, hand_out, owned, take_back};
use crate::panic::guard;
use crate::text::{c_string, lend, optional, read};
use crate::transfer::calltransfer_transfer;

/// A call, and the targets that it is transferred to. It may be used several times.
pub struct calltransfer_targets(Checked<TransferToFirst>);

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_targets {}

/// The result for all targets. Read-only.
pub struct calltransfer_first {
    answered: i32,
    stopped: i32,
    stopped_name: CString,
    reason: CString,
    call_id: CString,
    targets: Vec<Target>,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_first {}

struct Target {
    to: CString,
    outcome: i32,
    result: i32,
    new_call_id: Option<CString>,
    evidence: Option<CString>,
    error: Option<calltransfer_error>,
}

impl calltransfer_first {
    fn target(&self, index: usize, part: impl FnOnce(&Target) -> *const c_char) -> *const c_char {
        self.targets.get(index).map_or(std::ptr::null(), part)
    }

    fn error(&self, index: usize) -> *const calltransfer_error {
        let error = self
            .targets
            .get(index)
            .and_then(|target| target.error.as_ref());
        error.map_or(std::ptr::null(), std::ptr::from_ref)
    }
}

impl From<FirstTransferred> for calltransfer_first {
    fn from(done: FirstTransferred) -> Self {
        let targets = done.targets.into_iter().map(|target| Target {
            outcome: target.outcome.map_or(0, |outcome| outcome.number()),
            result: target.result().map_or(0, |result| result.number()),
            to: c_string(&target.to),
            new_call_id: optional(target.new_call_id.as_deref()),
            evidence: optional(target.status.as_ref().map(|status| &*status.evidence)),
            error: target
                .error
                .map(|error| *Box::<calltransfer_error>::from(error)),
        });
        let answered = done.answered.and_then(|index| i32::try_from(index).ok());
        Self {
            answered: answered.unwrap_or(-1),
            stopped: done.stopped.number(),
            stopped_name: c_string(done.stopped.as_str()),
            reason: c_string(&done.reason),
            call_id: c_string(&done.call_id),
            targets: targets.collect(),
        }
    }
}

/// Make a list of targets for a call. The first is the target of `transfer`; its options apply to
/// all targets.
///
/// If a value is invalid, calltransfer_client_transfer_to_first() reports it.
///
/// NULL: returned for a NULL `transfer`.
/// Memory: `transfer` is copied; free the targets with calltransfer_targets_free().
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_targets_new(
    transfer: *const calltransfer_transfer,
) -> *mut calltransfer_targets {
    guard(std::ptr::null_mut(), || {
        // SAFETY: as the header asks of the caller.
        let Some(transfer) = (unsafe { transfer.as_ref() }) else {
            return std::ptr::null_mut();
        };
        let first = TransferToFirst::new(transfer.value().clone());
        let first = Checked::new(first, transfer.checked().err());
        owned(calltransfer_targets(first))
    })
}

/// Add the next target: a number or SIP address, as in calltransfer_transfer_new(). At most 100 in
/// all, in v2 at most 8.
///
/// NULL: a NULL `targets` or `to` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: `to` is copied.
/// Threads: one at a time per targets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_targets_or_to(
    targets: *mut calltransfer_targets,
    to: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(targets, || {
            let to = read(to).map_err(|reason| ArgumentError::argument("to", reason))?;
            Ok(move |first: TransferToFirst| first.or_to(to))
        })
    }
}

/// Set how long each target rings: 1000 to 300000 milliseconds.
///
/// In v2 it is the option call_timeout. v1 has no such option, so the library ends the new call if
/// it still rings. If the target answers during the one round trip that this takes, the target and
/// the caller are both disconnected. If it is not set, the platform decides.
///
/// NULL: a NULL `targets` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: keeps nothing of the caller's.
/// Threads: one at a time per targets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_targets_set_ring_ms(
    targets: *mut calltransfer_targets,
    ring_ms: i64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(targets, || {
            let ring = TimeLimit::RING.milliseconds("ring", ring_ms);
            let ring = ring.map_err(|error| ArgumentError::refused("ring", &error))?;
            Ok(move |first: TransferToFirst| first.ring(ring))
        })
    }
}

/// Free targets.
///
/// NULL: does nothing.
/// Memory: frees `targets`; a second time is undefined, as with free().
/// Threads: any, once no other uses them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_targets_free(targets: *mut calltransfer_targets) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(targets) };
}

/// Transfer a call to the first of several targets that answers, and wait for the result.
///
/// In v1 the targets are called one after the other: the next one only if it is certain that the
/// previous one did not get the call, and that the caller's call is active. If this is not known,
/// it stops, so that no two targets get the same caller. In v2 one request calls all targets at the
/// same time. Returns CALLTRANSFER_OK with a result, also if no target answered or this is not
/// known. Otherwise it returns the kind of the error: of an argument, or of the first target if it
/// is refused for a reason that applies to all.
///
/// Another thread can stop it with `cancel`, within 20 ms: it returns CALLTRANSFER_E_CANCELLED if
/// nothing was sent, otherwise CALLTRANSFER_E_OUTCOME_UNKNOWN. A target that rings goes on ringing.
///
/// NULL: a NULL `client` or `targets` is CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL; with a
/// NULL `first` or `error` only the status is returned.
/// Memory: `targets` and `cancel` are only read; free `*first` with calltransfer_first_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once; `targets` and `cancel` may be shared.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_client_transfer_to_first(
    client: *const calltransfer_client,
    targets: *const calltransfer_targets,
    cancel: *const calltransfer_cancel,
    first: *mut *mut calltransfer_first,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller. A panic may come after a request was sent.
    unsafe {
        clear(first);
        guard_with_error(error, Outcome::Unknown, || {
            let client = usable(client)?;
            let targets = targets
                .as_ref()
                .ok_or_else(|| ArgumentError::null("targets"))?;
            let wanted = targets.0.checked()?.clone();
            let request = Request::transfer_to_first(client.config(), wanted)?;
            let done = execute(client, request, cancel.as_ref())?;
            hand_out(first, Box::new(calltransfer_first::from(done)));
            Ok(())
        })
    }
}

/// Return the number of the target that answered, from 0; -1 if none is known to have answered.
///
/// NULL: -1 for a NULL `first`.
/// Memory: nothing to free.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_answered(first: *const calltransfer_first) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(first, -1, |f| f.answered) }
}

/// Return why no further target was tried, such as CALLTRANSFER_STOP_ANSWERED.
///
/// NULL: 0 for a NULL `first`.
/// Memory: nothing to free.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_stopped(first: *const calltransfer_first) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(first, 0, |f| f.stopped) }
}

/// Return the name of the reason why no further target was tried, such as "caller_gone": the same
/// in every language.
///
/// NULL: returned for a NULL `first`.
/// Memory: borrowed from `first`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_stopped_name(
    first: *const calltransfer_first,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(first, std::ptr::null(), |f| f.stopped_name.as_ptr()) }
}

/// Return the reason why no further target was tried, as a text.
///
/// NULL: returned for a NULL `first`.
/// Memory: borrowed from `first`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_reason(
    first: *const calltransfer_first,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(first, std::ptr::null(), |f| f.reason.as_ptr()) }
}

/// Return the ID of the call that was transferred.
///
/// NULL: returned for a NULL `first`.
/// Memory: borrowed from `first`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_call_id(
    first: *const calltransfer_first,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(first, std::ptr::null(), |f| f.call_id.as_ptr()) }
}

/// Return how many targets there are.
///
/// NULL: 0 for a NULL `first`.
/// Memory: nothing to free.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_target_count(
    first: *const calltransfer_first,
) -> usize {
    // SAFETY: as the header asks of the caller.
    unsafe { get(first, 0, |f| f.targets.len()) }
}

/// Return the target of this number, from 0, in full: personal data.
///
/// NULL: returned beyond the last, and for a NULL `first`.
/// Memory: borrowed from `first`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_target_to(
    first: *const calltransfer_first,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(first, std::ptr::null(), |f| {
            f.target(index, |t| t.to.as_ptr())
        })
    }
}

/// Return whether the transfer to a target was made, such as CALLTRANSFER_OUTCOME_APPLIED; 0 if it
/// was not tried.
///
/// NULL: 0 beyond the last, and for a NULL `first`.
/// Memory: nothing to free.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_target_outcome(
    first: *const calltransfer_first,
    index: usize,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(first, 0, |f| f.targets.get(index).map_or(0, |t| t.outcome)) }
}

/// Return whether a target answered, and if not, why, such as CALLTRANSFER_FOLLOW_BUSY; 0 if there
/// is no result.
///
/// NULL: 0 beyond the last, and for a NULL `first`.
/// Memory: nothing to free.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_target_result(
    first: *const calltransfer_first,
    index: usize,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(first, 0, |f| f.targets.get(index).map_or(0, |t| t.result)) }
}

/// Return the ID of a target's new call.
///
/// NULL: returned where there is none, beyond the last, and for a NULL `first`.
/// Memory: borrowed from `first`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_target_new_call_id(
    first: *const calltransfer_first,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(first, std::ptr::null(), |f| {
            f.target(index, |t| lend(t.new_call_id.as_ref()))
        })
    }
}

/// Return the reason for a target's result, as a text.
///
/// NULL: returned where there is none, beyond the last, and for a NULL `first`.
/// Memory: borrowed from `first`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_target_evidence(
    first: *const calltransfer_first,
    index: usize,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(first, std::ptr::null(), |f| {
            f.target(index, |t| lend(t.evidence.as_ref()))
        })
    }
}

/// Return why the transfer to a target was not made, or is not known to have been made.
///
/// NULL: returned where nothing went wrong, beyond the last, and for a NULL `first`.
/// Memory: borrowed from `first`, valid until it is freed; not to be freed by itself.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_target_error(
    first: *const calltransfer_first,
    index: usize,
) -> *const calltransfer_error {
    // SAFETY: as the header asks of the caller.
    unsafe { get(first, std::ptr::null(), |f| f.error(index)) }
}

/// Free the result for all targets, and the errors in it.
///
/// NULL: does nothing.
/// Memory: frees `first`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_first_free(first: *mut calltransfer_first) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(first) };
}

/// Changes targets, or remembers why they can't be changed.
///
/// # Safety
/// `targets` is NULL or targets that no other thread uses now.
unsafe fn set<C: FnOnce(TransferToFirst) -> TransferToFirst>(
    targets: *mut calltransfer_targets,
    read: impl FnOnce() -> Result<C, ArgumentError>,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        change(
            targets,
            |targets| &mut targets.0,
            || {
                let set = read()?;
                Ok(|first: &mut TransferToFirst| *first = set(first.clone()))
            },
        )
    }
}
