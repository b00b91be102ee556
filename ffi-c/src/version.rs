//! Which version of the library this is.

use std::ffi::{CStr, c_char};

use crate::panic::guard;

/// Return the version of the library that runs, as "0.1.0".
///
/// NULL: never returned.
/// Memory: static, not to be freed.
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn calltransfer_version() -> *const c_char {
    guard(c"".as_ptr(), || {
        let version = concat!(env!("CARGO_PKG_VERSION"), "\0");
        CStr::from_bytes_until_nul(version.as_bytes()).map_or(c"".as_ptr(), CStr::as_ptr)
    })
}
