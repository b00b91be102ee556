//! Options of a transfer by their names, as other languages and configuration files speak.

use std::ffi::{CString, c_char};

use serde_json::Value;

use crate::argument_error::ArgumentError;
use crate::handle::get;
use crate::panic::guard;
use crate::text::{c_string, read, read_json};
use crate::transfer::{calltransfer_transfer, change};

/// The options that aren't texts, and so are read as JSON.
const JSON: &[&str] = &[
    "recording_enabled",
    "privacy",
    "call_timeout",
    "extra",
    "whisper_audio.loop_enabled",
    "whisper_audio.volume",
];

/// Set an option by its name, such as "caller_id", "whisper_audio.voice" or "recording_enabled".
///
/// The names are those of the setters. Pass a text as it is, and any other value as JSON: "true" or
/// "false", "-4", "1.5"; for "extra" an object, for "whisper_audio" a sentence or an object. An
/// unknown name or an invalid value is reported when the transfer is sent, as with the setters.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `name` or `value`,
/// which is reported again when the transfer is sent.
/// Memory: both texts are copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set(
    transfer: *mut calltransfer_transfer,
    name: *const c_char,
    value: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        change(transfer, || {
            let name = read(name).map_err(|reason| ArgumentError::argument("name", reason))?;
            let text =
                read_json(value).map_err(|reason| ArgumentError::argument("value", reason))?;
            let is_whole = name == "whisper_audio" && text.starts_with('{');
            let value = if is_whole || JSON.contains(&name) {
                // What is not JSON is of the wrong type, which the core says.
                serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
            } else {
                Value::from(text)
            };
            Ok(move |this: &mut calltransfer_transfer| this.set(name, value))
        })
    }
}

/// Return the value of an option by its name, in the form that calltransfer_transfer_set() takes.
///
/// Also of "call_id" and "to". A value that isn't a text is returned as JSON; "whisper_audio" is an
/// object.
///
/// NULL: returned if the option isn't set, if there is none of this name, and for a NULL `transfer`
/// or `name`.
/// Memory: `name` is only read; free the text with calltransfer_string_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_get(
    transfer: *const calltransfer_transfer,
    name: *const c_char,
) -> *mut c_char {
    let absent = std::ptr::null_mut();
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(transfer, absent, |transfer| {
            let value = read(name).ok().and_then(|name| transfer.get(name));
            let text = value.map(|value| match value {
                Value::String(text) => c_string(&text),
                other => c_string(&other.to_string()),
            });
            text.map_or(absent, CString::into_raw)
        })
    }
}

/// Make a copy of a transfer.
///
/// NULL: returned for a NULL `transfer`.
/// Memory: copies everything; free the copy with calltransfer_transfer_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_copy(
    transfer: *const calltransfer_transfer,
) -> *mut calltransfer_transfer {
    guard(std::ptr::null_mut(), || {
        // SAFETY: as the header asks of the caller.
        let transfer = unsafe { transfer.as_ref() };
        transfer.map_or(std::ptr::null_mut(), |transfer| {
            Box::into_raw(Box::new(transfer.clone()))
        })
    })
}
