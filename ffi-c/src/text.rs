//! Text across the border: C's in, Rust's out.

use std::ffi::{CStr, CString, c_char};

use calltransfer_core::memory;

use crate::panic::guard;

/// The longest text that is copied: far more than any that can be sent.
const MOST_BYTES: usize = 1024 * 1024;
const NO_ROOM: &str = "is too long for the memory that is left";

/// The text of a C string, or why it has none.
///
/// # Safety
/// `text` is NULL or ends in a NUL byte, and stays unchanged for `'a`.
pub(crate) unsafe fn read<'a>(text: *const c_char) -> Result<&'a str, &'static str> {
    if text.is_null() {
        return Err("is NULL");
    }
    // SAFETY: not NULL, and ended as the caller promises.
    let text = unsafe { CStr::from_ptr(text) };
    let bytes = text.count_bytes();
    if bytes > MOST_BYTES {
        return Err("is longer than 1 MiB");
    }
    if !memory::has_room_for(bytes) {
        return Err(NO_ROOM);
    }
    text.to_str().map_err(|_| "isn't UTF-8")
}

/// As [`read`], of a text that may be parsed as JSON: its values may need far more memory.
///
/// # Safety
/// As of [`read`].
pub(crate) unsafe fn read_json<'a>(text: *const c_char) -> Result<&'a str, &'static str> {
    // SAFETY: as the caller promises.
    let text = unsafe { read(text)? };
    match memory::has_room_to_parse(text.as_bytes()) {
        true => Ok(text),
        false => Err(NO_ROOM),
    }
}

/// A C string of this text; a NUL inside, which C would take for the end, is shown as `\0`.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text)
        .or_else(|_| CString::new(text.replace('\0', "\\0")))
        .unwrap_or_default()
}

/// As [`c_string`], of a text that may be absent.
pub(crate) fn optional(text: Option<&str>) -> Option<CString> {
    text.map(c_string)
}

/// The address of a text that its handle goes on owning; NULL where there is none.
pub(crate) fn lend(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

/// The nearest number that C's `int32_t` holds.
pub(crate) fn int32(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Whole milliseconds.
pub(crate) fn milliseconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Free a string that a function of this library returned and that you own.
///
/// NULL: does nothing.
/// Memory: frees the string; a second time is undefined, as with free().
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_string_free(string: *mut c_char) {
    guard((), || {
        if !string.is_null() {
            // SAFETY: it came from `CString::into_raw`, as the header asks.
            drop(unsafe { CString::from_raw(string) });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_inside_is_shown_and_cuts_nothing_off() {
        assert_eq!(c_string("a\0b").to_bytes(), b"a\\0b");
        assert_eq!(c_string("\0\0").to_bytes(), b"\\0\\0");
    }

    #[test]
    fn invalid_text_names_the_reason() {
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { read(std::ptr::null()) }, Err("is NULL"));
        // SAFETY: the literal ends in NUL.
        assert_eq!(unsafe { read(c"\xff".as_ptr()) }, Err("isn't UTF-8"));
        // SAFETY: as above.
        assert_eq!(unsafe { read(c"\u{fc}".as_ptr()) }, Ok("\u{fc}"));
        let long = CString::new(vec![b'x'; MOST_BYTES + 1]).unwrap_or_default();
        // SAFETY: as above.
        assert_eq!(unsafe { read(long.as_ptr()) }, Err("is longer than 1 MiB"));
    }
}
