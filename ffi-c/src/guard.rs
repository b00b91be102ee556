//! No panic leaves the library: one place where they end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use calltransfer_core::Outcome;

use crate::error::calltransfer_error;
use crate::status::CALLTRANSFER_OK;
use crate::uncancellable::Uncancellable;

/// Runs `body`; a panic becomes `panicked`.
///
/// The process's panic hook stays as it is, so a panic is still printed: replacing the hook call by
/// call would race with the host.
pub(crate) fn guard<T>(panicked: T, body: impl FnOnce() -> T) -> T {
    let _uncancellable = Uncancellable::new();
    let body = || {
        #[cfg(feature = "forced-panic")]
        forced_panic("border");
        body()
    };
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(payload) => {
            // Its destructor may panic in turn; then, and only then, the second payload is leaked.
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
            panicked
        }
    }
}

/// Panics where the environment says so: what no program can bring about is tried so from C.
#[cfg(feature = "forced-panic")]
#[allow(clippy::panic, reason = "what it is for")]
pub(crate) fn forced_panic(place: &str) {
    if std::env::var_os("CALLTRANSFER_FORCED_PANIC").is_some_and(|named| named == place) {
        panic!("on purpose");
    }
}

/// Runs `body`, hands its error out through `error`, and returns the status.
///
/// `at_worst` is the outcome if `body` panics.
///
/// # Safety
/// `error` is NULL or may be written to.
pub(crate) unsafe fn guard_with_error(
    error: *mut *mut calltransfer_error,
    at_worst: Outcome,
    body: impl FnOnce() -> Result<(), Box<calltransfer_error>>,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { clear(error) };
    let failure = match guard(None, || Some(body())) {
        Some(Ok(())) => return CALLTRANSFER_OK,
        Some(Err(failure)) => failure,
        None => Box::new(calltransfer_error::of_a_panic(at_worst)),
    };
    let status = failure.status();
    // SAFETY: as the caller promises.
    unsafe { hand_out(error, failure) };
    status
}

/// Sets an out-pointer to NULL, unless it is NULL itself.
///
/// # Safety
/// `out` is NULL or may be written to.
pub(crate) unsafe fn clear<T>(out: *mut *mut T) {
    if !out.is_null() {
        // SAFETY: not NULL; the rest as the caller promises.
        unsafe { out.write(std::ptr::null_mut()) };
    }
}

/// Gives `value` to the caller to free, or drops it if the caller passed NULL.
///
/// # Safety
/// `out` is NULL or may be written to.
pub(crate) unsafe fn hand_out<T>(out: *mut *mut T, value: Box<T>) {
    if !out.is_null() {
        // SAFETY: not NULL; the rest as the caller promises.
        unsafe { out.write(Box::into_raw(value)) };
    }
}

/// Frees what [`hand_out`] or a `_new` gave away; NULL is nothing.
///
/// # Safety
/// `handle` is NULL or came from `Box::into_raw`, and isn't used again.
pub(crate) unsafe fn take_back<T>(handle: *mut T) {
    guard((), || {
        if !handle.is_null() {
            // SAFETY: as the caller promises.
            drop(unsafe { Box::from_raw(handle) });
        }
    });
}

/// What `read` finds in a handle, or `absent` where the handle is NULL.
///
/// # Safety
/// `handle` is NULL or points to a `T` that does not change for `'a`.
pub(crate) unsafe fn get<'a, T: 'a, V: Copy>(
    handle: *const T,
    absent: V,
    read: impl FnOnce(&'a T) -> V,
) -> V {
    // SAFETY: as the caller promises.
    guard(absent, || unsafe { handle.as_ref() }.map_or(absent, read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{
        calltransfer_error_free, calltransfer_error_kind, calltransfer_error_outcome,
    };
    use crate::status::*;

    struct PanicsWhenDropped;

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            std::panic::panic_any("and again");
        }
    }

    #[test]
    fn a_panic_becomes_the_value_for_it() {
        assert_eq!(guard(7, || panic!("on purpose")), 7);
    }

    #[test]
    fn a_payload_that_panics_when_dropped_stays_inside() {
        assert_eq!(guard(7, || std::panic::panic_any(PanicsWhenDropped)), 7);
    }

    #[test]
    fn a_panic_is_handed_out_as_an_internal_error() {
        for (outcome, number) in [
            (Outcome::NotSent, CALLTRANSFER_OUTCOME_NOT_SENT),
            (Outcome::Unknown, CALLTRANSFER_OUTCOME_UNKNOWN),
        ] {
            let mut error = std::ptr::null_mut();
            // SAFETY: `error` is a local variable; what it gets is freed once.
            unsafe {
                let status = guard_with_error(&mut error, outcome, || panic!("on purpose"));
                assert_eq!(status, CALLTRANSFER_E_INTERNAL);
                assert_eq!(calltransfer_error_kind(error), CALLTRANSFER_E_INTERNAL);
                assert_eq!(calltransfer_error_outcome(error), number);
                calltransfer_error_free(error);
            }
        }
    }

    #[test]
    fn panic_without_error_object_is_a_status() {
        // SAFETY: NULL is allowed.
        let status = unsafe {
            guard_with_error(std::ptr::null_mut(), Outcome::NotSent, || {
                std::panic::panic_any(PanicsWhenDropped)
            })
        };
        assert_eq!(status, CALLTRANSFER_E_INTERNAL);
    }
}
