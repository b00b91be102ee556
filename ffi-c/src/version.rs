//! Which version of the library this is.

use std::ffi::{CStr, c_char};

use crate::panic::guard;

/// Return the version of the loaded library, such as "0.1.0". CALLTRANSFER_VERSION is the version
/// that a program was compiled with.
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

/// Return the version of the loaded library as a number, 0x000100 for 0.1.0: major, minor and patch
/// with a byte each, so that a later version is greater. CALLTRANSFER_VERSION_NUM is the version
/// that a program was compiled with.
///
/// NULL: takes no pointer.
/// Memory: none.
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn calltransfer_version_number() -> i32 {
    guard(0, || NUMBER)
}

const NUMBER: i32 = (part(env!("CARGO_PKG_VERSION_MAJOR")) << 16)
    | (part(env!("CARGO_PKG_VERSION_MINOR")) << 8)
    | part(env!("CARGO_PKG_VERSION_PATCH"));

/// A part of the version; one that needs more than its byte doesn't compile.
const fn part(digits: &str) -> i32 {
    let number = u8::from_str_radix(digits, 10);
    assert!(number.is_ok());
    match number {
        Ok(number) => number as i32,
        Err(_) => 0,
    }
}
