//! What a program passes to itself through the library, and its function for log lines.

use std::ffi::{CStr, c_char, c_void};

/// A program's function for log lines, and its user data.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    pub(crate) function: unsafe extern "C" fn(line: *const c_char, user_data: *mut c_void),
    pub(crate) user_data: UserData,
}

impl Log {
    pub(crate) fn write(self, line: &CStr) {
        // SAFETY: the header asks of the program that both stay valid.
        unsafe { (self.function)(line.as_ptr(), self.user_data.get()) };
    }
}

/// What a program passes to itself through the library.
#[derive(Clone, Copy)]
pub(crate) struct UserData(pub(crate) *mut c_void);

// SAFETY: the library only carries it; the header says that all threads of the client may see it.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl UserData {
    /// A method, so that a closure takes the whole and not the pointer alone.
    pub(crate) fn get(self) -> *mut c_void {
        self.0
    }
}
