//! Handles: given to the caller, read, and taken back to be freed.

use crate::panic::guard;

/// A type that the caller owns through a pointer, and frees with a `_free` function of its own.
///
/// # Safety
/// A mutable pointer to it that the library returns came from a `Box`, and from nothing else.
pub(crate) unsafe trait Handle {}

/// A new handle, which the caller frees.
pub(crate) fn owned<T: Handle>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
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

/// Passes `value` to the caller, who frees it, or drops it if the caller passed NULL.
///
/// # Safety
/// `out` is NULL or may be written to.
pub(crate) unsafe fn hand_out<T: Handle>(out: *mut *mut T, value: Box<T>) {
    if !out.is_null() {
        // SAFETY: not NULL; the rest as the caller promises.
        unsafe { out.write(Box::into_raw(value)) };
    }
}

/// Frees what [`hand_out`] or a `_new` function returned; does nothing for NULL.
///
/// # Safety
/// `handle` is NULL or was returned to be freed, and isn't used again.
pub(crate) unsafe fn take_back<T: Handle>(handle: *mut T) {
    guard((), || {
        if !handle.is_null() {
            // SAFETY: as the caller promises.
            drop(unsafe { Box::from_raw(handle) });
        }
    });
}

/// What `read` returns for a handle, or `absent` if the handle is NULL.
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
