//! Options of a transfer by their names, as other languages and configuration files speak.

use std::borrow::Cow;
use std::ffi::{CString, c_char};
use std::time::Duration;

use calltransfer_core::Transfer;
use serde_json::Value;

use crate::argument_error::ArgumentError;
use crate::handle::{get, owned};
use crate::panic::guard;
use crate::text::{c_string, read, read_json};
use crate::transfer::{calltransfer_transfer, set, with_option};

/// The options that aren't texts, and so are read as JSON.
const JSON: &[&str] = &[
    "recording_enabled",
    "privacy",
    "call_timeout",
    "extra",
    "whisper_audio.loop_enabled",
    "whisper_audio.volume",
];

/// The core's name of an option that may be given under the name of its setter.
fn name_of_option(name: &str) -> Cow<'_, str> {
    match (name, name.strip_prefix("whisper_audio_")) {
        ("extra_json", _) => "extra".into(),
        (_, Some(field)) => format!("whisper_audio.{field}").into(),
        _ => name.into(),
    }
}

/// What a text means as the value of an option.
fn value_of(name: &str, text: &str) -> Value {
    let json = serde_json::from_str(text).ok();
    let value = match name {
        // Anything else is a sentence.
        "whisper_audio" => json.filter(Value::is_object),
        _ if JSON.contains(&name) => json,
        _ => None,
    };
    // What should be JSON and isn't is of the wrong type, which the core says.
    value.unwrap_or_else(|| Value::from(text))
}

/// Set an option by its name, such as "caller_id", "whisper_audio.voice" or "recording_enabled".
///
/// The names are those of the setters, without their common prefix; "also_to" adds a target.
/// A field of the whisper may also be written with a dot, and "extra_json" as "extra". Pass a text as
/// it is, and any other value as JSON: "true" or "false", "-4", "1.5", for "extra" an object. For
/// "whisper_audio" pass a JSON object of its fields; any other text is a sentence. Returns
/// CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT for an unknown name or a value of the wrong
/// type, which is reported again when the transfer is sent. What a value may be is checked then, as
/// with the setters.
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
        set(transfer, || {
            let name = read(name).map_err(|reason| ArgumentError::argument("name", reason))?;
            let text =
                read_json(value).map_err(|reason| ArgumentError::argument("value", reason))?;
            let name = name_of_option(name);
            let value = value_of(&name, text);
            let timeout = match &*name {
                "timeout_ms" => Some(milliseconds(text)?),
                "also_to" => None,
                // The core keeps the error in the transfer; this one returns it.
                _ => with_option(Transfer::new("", ""), &name, value.clone())
                    .options()
                    .map(|_| None)?,
            };
            Ok(move |transfer: Transfer| match (&*name, timeout) {
                (_, Some(timeout)) => transfer.timeout(timeout),
                ("also_to", None) => transfer.also_to(text),
                (name, None) => with_option(transfer, name, value),
            })
        })
    }
}

fn milliseconds(text: &str) -> Result<Duration, ArgumentError> {
    let reason = "must be a whole number of milliseconds";
    let number = text.parse().map(Duration::from_millis);
    number.map_err(|_| ArgumentError::argument("timeout", reason))
}

/// Return the value of an option by its name, in the form that calltransfer_transfer_set() takes.
///
/// Also of "call_id" and "to". A value that isn't a text is returned as JSON; "whisper_audio" is an
/// object, and "also_to" a list.
///
/// NULL: returned if the option isn't set, if there is none of this name, and for a NULL `transfer`
/// or `name`.
/// Memory: `name` is only read; free the text with calltransfer_string_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_transfer_get(
    transfer: *const calltransfer_transfer,
    name: *const c_char,
) -> *mut c_char {
    let absent = std::ptr::null_mut();
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(transfer, absent, |transfer| {
            let value = read(name).ok();
            let value = value.and_then(|name| option_of(transfer.value(), &name_of_option(name)));
            let text = value.map(|value| match value {
                Value::String(text) => c_string(&text),
                other => c_string(&other.to_string()),
            });
            text.map_or(absent, CString::into_raw)
        })
    }
}

fn option_of(transfer: &Transfer, name: &str) -> Option<Value> {
    match name {
        "timeout_ms" => {
            let timeout = transfer.time_limit()?.as_millis();
            u64::try_from(timeout).ok().map(Value::from)
        }
        "also_to" => transfer.options().ok()?.remove(name),
        _ => transfer.get(name),
    }
}

/// Make a copy of a transfer.
///
/// NULL: returned for a NULL `transfer`.
/// Memory: copies everything; free the copy with calltransfer_transfer_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_transfer_copy(
    transfer: *const calltransfer_transfer,
) -> *mut calltransfer_transfer {
    guard(std::ptr::null_mut(), || {
        // SAFETY: as the header asks of the caller.
        let transfer = unsafe { transfer.as_ref() };
        transfer.map_or(std::ptr::null_mut(), |transfer| owned(transfer.clone()))
    })
}
