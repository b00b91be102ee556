//! A transfer: what the program asks for.

use std::ffi::c_char;
use std::time::Duration;

use calltransfer_core::{Outcome, Transfer};
use serde_json::{Map, Value};

use crate::argument_error::ArgumentError;
use crate::checked::{Checked, change};
use crate::error::calltransfer_error;
use crate::guard::guard_with_error;
use crate::handle::{Handle, clear, owned, take_back};
use crate::panic::guard;
use crate::text::{c_string, read, read_json};

/// A transfer request. It may be sent several times; each time is a new request.
#[derive(Clone)]
pub struct calltransfer_transfer(Checked<Transfer>);

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_transfer {}

impl calltransfer_transfer {
    /// The transfer, unless a value of it could not be read.
    pub(crate) fn checked(&self) -> Result<&Transfer, ArgumentError> {
        self.0.checked()
    }

    /// The transfer, whatever could not be read.
    pub(crate) fn value(&self) -> &Transfer {
        self.0.value()
    }
}

/// Changes a transfer, or remembers why it can't be.
///
/// # Safety
/// `transfer` is NULL or a transfer that no other thread uses now.
pub(crate) unsafe fn set<C: FnOnce(Transfer) -> Transfer>(
    transfer: *mut calltransfer_transfer,
    read: impl FnOnce() -> Result<C, ArgumentError>,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        change(
            transfer,
            |transfer| &mut transfer.0,
            || {
                let set = read()?;
                Ok(|transfer: &mut Transfer| {
                    *transfer = set(std::mem::replace(transfer, Transfer::new("", "")));
                })
            },
        )
    }
}

/// Sets an option of a transfer, or a field of its whisper, by name; what it may be, the core knows.
pub(crate) fn with_option(transfer: Transfer, name: &str, value: Value) -> Transfer {
    let Some((option, field)) = name.split_once('.') else {
        return transfer.option(name, value);
    };
    // The core takes the whisper as one object.
    let mut fields = match transfer.get(option) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    fields.insert(field.to_owned(), value);
    transfer.option(option, fields)
}

/// Sets a text of a transfer with core's own setter, or remembers why it can't be.
///
/// # Safety
/// As of [`set`]; `text` is NULL or ends in a NUL byte.
pub(crate) unsafe fn set_text(
    transfer: *mut calltransfer_transfer,
    field: &'static str,
    text: *const c_char,
    store: fn(Transfer, &str) -> Transfer,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        set(transfer, || {
            let text = read(text).map_err(|reason| ArgumentError::argument(field, reason))?;
            Ok(move |transfer| store(transfer, text))
        })
    }
}

/// As [`set`], of a C string: a word of a closed set, or a part of the whisper.
///
/// # Safety
/// As of [`set`]; `text` is NULL or ends in a NUL byte.
pub(crate) unsafe fn set_word(
    transfer: *mut calltransfer_transfer,
    field: &'static str,
    text: *const c_char,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        set(transfer, || {
            let text = read(text).map_err(|reason| ArgumentError::argument(field, reason))?;
            Ok(move |transfer| with_option(transfer, field, Value::from(text)))
        })
    }
}

/// Make a transfer of the call `call_id` to the number or SIP address `to`.
///
/// `call_id`: 1 to 128 letters, digits, '-', '_', '.', '~'. `to`: an E.164 number ('+' and 2 to 15
/// digits), a sip: or sips: URI, or user@host. Spaces, hyphens, dots and parentheses in a number
/// are removed: "+1 (838) 294-7878" is sent as "+18382947878". If one of them, or the value of a
/// setter, is invalid, calltransfer_client_transfer() and calltransfer_transfer_to_json() report
/// it.
///
/// NULL: returned only after a bug in the library (a panic); a NULL `call_id` or `to` is an error that is reported when the transfer is
/// sent.
/// Memory: both texts are copied; free the transfer with calltransfer_transfer_free().
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_transfer_new(
    call_id: *const c_char,
    to: *const c_char,
) -> *mut calltransfer_transfer {
    guard(std::ptr::null_mut(), || {
        let mut first_error = None;
        let mut text = |field, text| {
            // SAFETY: as the header asks of the caller.
            let read = unsafe { read(text) };
            read.unwrap_or_else(|reason| {
                first_error.get_or_insert(ArgumentError::argument(field, reason));
                ""
            })
        };
        let transfer = Transfer::new(text("call_id", call_id), text("to", to));
        let checked = Checked::new(transfer, first_error);
        owned(calltransfer_transfer(checked))
    })
}

/// Set the number that the new party sees: "private" or an E.164 number, in the form of
/// calltransfer_transfer_new().
///
/// The platform allows the number of the calling party and numbers of the account. If it is not
/// set, the platform shows the calling party's number.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `caller_id`, which is
/// reported again when the transfer is sent.
/// Memory: `caller_id` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_caller_id(
    transfer: *mut calltransfer_transfer,
    caller_id: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(transfer, "caller_id", caller_id, |transfer, text| {
            transfer.caller_id(text)
        })
    }
}

/// Set the http or https URL that gets the events of the new call.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `callback_url`, which
/// is reported again when the transfer is sent.
/// Memory: `callback_url` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_callback_url(
    transfer: *mut calltransfer_transfer,
    callback_url: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(transfer, "callback_url", callback_url, |transfer, text| {
            transfer.callback_url(text)
        })
    }
}

/// Set whether the call is recorded: 0 is no, anything else is yes.
///
/// 0 is sent too: it ends a recording.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_recording_enabled(
    transfer: *mut calltransfer_transfer,
    recording_enabled: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(transfer, || {
            Ok(move |transfer: Transfer| transfer.recording_enabled(recording_enabled != 0))
        })
    }
}

/// Set the file format of a recording: "mp3" or "wav".
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL
/// `recording_file_format`, which is reported again when the transfer is sent.
/// Memory: `recording_file_format` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_recording_file_format(
    transfer: *mut calltransfer_transfer,
    recording_file_format: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_word(transfer, "recording_file_format", recording_file_format) }
}

/// Set how Diversion headers are treated: "none", "propagate" or "stack".
///
/// Use "stack" for incoming calls only: the vendor warns that an outbound call may drop with it.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `diversion_treatment`,
/// which is reported again when the transfer is sent.
/// Memory: `diversion_treatment` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_diversion_treatment(
    transfer: *mut calltransfer_transfer,
    diversion_treatment: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_word(transfer, "diversion_treatment", diversion_treatment) }
}

/// Set why the call is diverted, such as "do-not-disturb"; only with the treatment "stack".
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `diversion_reason`,
/// which is reported again when the transfer is sent.
/// Memory: `diversion_reason` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_diversion_reason(
    transfer: *mut calltransfer_transfer,
    diversion_reason: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_word(transfer, "diversion_reason", diversion_reason) }
}

/// Add fields to the body that this library doesn't know: a JSON object with the platform's names.
///
/// They are sent unchanged and unchecked. May be called several times. A field that is in the body
/// already is refused.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `extra_json`, which is
/// reported again when the transfer is sent.
/// Memory: `extra_json` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_extra_json(
    transfer: *mut calltransfer_transfer,
    extra_json: *const c_char,
) -> i32 {
    let refused = |reason: &str| ArgumentError::argument("extra", reason);
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(transfer, || {
            let text = read_json(extra_json).map_err(refused)?;
            let fields: Value = serde_json::from_str(text)
                .map_err(|cause| refused(&format!("is not valid JSON: {cause}")))?;
            Ok(move |transfer: Transfer| transfer.option("extra", fields))
        })
    }
}

/// Set the timeout of this transfer, including all attempts and waits, instead of the client's.
///
/// 1 ms to 1 hour.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_timeout_ms(
    transfer: *mut calltransfer_transfer,
    timeout_ms: i64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(transfer, || {
            let timeout = u64::try_from(timeout_ms)
                .map_err(|_| ArgumentError::argument("timeout", "is negative"))?;
            Ok(move |transfer: Transfer| transfer.timeout(Duration::from_millis(timeout)))
        })
    }
}

/// Write the body of a transfer as it would be sent; nothing is sent.
///
/// Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT as when the transfer is sent.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `json` the transfer is
/// only checked; with a NULL `error` only the status is returned.
/// Memory: `transfer` is only read; free `*json` with calltransfer_string_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_to_json(
    transfer: *const calltransfer_transfer,
    json: *mut *mut c_char,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(json);
        guard_with_error(error, Outcome::NotSent, || {
            let transfer = transfer
                .as_ref()
                .ok_or_else(|| ArgumentError::null("transfer"))?;
            let body = c_string(&transfer.checked()?.to_json()?);
            if !json.is_null() {
                json.write(body.into_raw());
            }
            Ok(())
        })
    }
}

/// Free a transfer.
///
/// NULL: does nothing.
/// Memory: frees `transfer`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_free(transfer: *mut calltransfer_transfer) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(transfer) };
}
