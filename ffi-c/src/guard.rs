//! A function that can fail: its error is handed out as an object, also after a panic.

use calltransfer_core::Outcome;

use crate::error::calltransfer_error;
use crate::handle::{clear, hand_out};
use crate::panic::guard;
use crate::status::CALLTRANSFER_OK;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_getters::{
        calltransfer_error_free, calltransfer_error_kind, calltransfer_error_outcome,
    };
    use crate::panic::PanicsWhenDropped;
    use crate::status::*;

    #[test]
    fn panic_is_handed_out_as_an_internal_error() {
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
