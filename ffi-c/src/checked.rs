//! What setters change: a value, and the first argument for it that was wrong.

use crate::argument_error::ArgumentError;
use crate::panic::guard;
use crate::status::{CALLTRANSFER_E_INTERNAL, CALLTRANSFER_E_INVALID_ARGUMENT, CALLTRANSFER_OK};

/// A value that is set piece by piece. The status of a setter may be ignored, so the first error is
/// kept for the function that uses the value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checked<T> {
    value: T,
    first_error: Option<ArgumentError>,
}

impl<T> Checked<T> {
    pub(crate) fn new(value: T, first_error: Option<ArgumentError>) -> Self {
        Self { value, first_error }
    }

    /// What was set, whatever could not be.
    pub(crate) fn value(&self) -> &T {
        &self.value
    }

    /// The value, unless an argument for it was wrong.
    pub(crate) fn checked(&self) -> Result<&T, ArgumentError> {
        match &self.first_error {
            Some(error) => Err(error.clone()),
            None => Ok(&self.value),
        }
    }
}

/// Changes the value of a handle by what `read` returns, or remembers why it can't be changed.
///
/// # Safety
/// `handle` is NULL or a handle that no other thread uses now.
pub(crate) unsafe fn change<H, T, C: FnOnce(&mut T)>(
    handle: *mut H,
    part: fn(&mut H) -> &mut Checked<T>,
    read: impl FnOnce() -> Result<C, ArgumentError>,
) -> i32 {
    guard(CALLTRANSFER_E_INTERNAL, || {
        // SAFETY: as the caller promises.
        let Some(handle) = (unsafe { handle.as_mut() }) else {
            return CALLTRANSFER_E_INVALID_ARGUMENT;
        };
        let checked = part(handle);
        match read() {
            Ok(change) => {
                change(&mut checked.value);
                CALLTRANSFER_OK
            }
            Err(error) => {
                let status = error.kind.number();
                checked.first_error.get_or_insert(error);
                status
            }
        }
    })
}
