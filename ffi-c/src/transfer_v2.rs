//! What only the v2 API has, as setters of a transfer, and the documents that go to it.

use std::ffi::c_char;

use calltransfer_core::{Outcome, Transfer, WhisperAudio};
use serde_json::Value;

use crate::argument_error::ArgumentError;
use crate::error::calltransfer_error;
use crate::guard::guard_with_error;
use crate::handle::clear;
use crate::text::{c_string, read};
use crate::transfer::{calltransfer_transfer, set, set_text};

/// Add a target, which rings at the same time: a number or SIP address. v2 API only.
///
/// The first to answer is connected. At most 8 targets in all.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `to`, which is reported
/// again when the transfer is sent.
/// Memory: `to` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_also_to(
    transfer: *mut calltransfer_transfer,
    to: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(transfer, || {
            let to = read(to).map_err(|reason| ArgumentError::argument("to", reason))?;
            Ok(move |transfer: Transfer| transfer.also_to(to))
        })
    }
}

/// Set the name that the new party sees: 1 to 256 characters. v2 API only.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `caller_display_name`,
/// which is reported again when the transfer is sent.
/// Memory: `caller_display_name` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_caller_display_name(
    transfer: *mut calltransfer_transfer,
    caller_display_name: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(
            transfer,
            "caller_display_name",
            caller_display_name,
            |transfer, text| transfer.caller_display_name(text),
        )
    }
}

/// Set a text that is contained in the events of the transfer: at most 256 characters. v2 API only.
///
/// An empty one clears an earlier tag.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `tag`, which is
/// reported again when the transfer is sent.
/// Memory: `tag` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_tag(
    transfer: *mut calltransfer_transfer,
    tag: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_text(transfer, "tag", tag, |transfer, text| transfer.tag(text)) }
}

/// Set the User-To-User header (RFC 7433) for the targets that are SIP addresses. v2 API only.
///
/// A value and its encoding (base64, jwt or hex), such as "bXktdXVp;encoding=base64": at most 256
/// characters.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `uui`, which is
/// reported again when the transfer is sent.
/// Memory: `uui` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_uui(
    transfer: *mut calltransfer_transfer,
    uui: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_text(transfer, "uui", uui, |transfer, text| transfer.uui(text)) }
}

/// Set the http or https URL to which the platform sends a request when the target answers; the
/// response says what the new party hears first. v2 API only.
///
/// calltransfer_transfer_to_whisper_bxml() makes that response.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NULL `transfer_answer_url`,
/// which is reported again when the transfer is sent.
/// Memory: `transfer_answer_url` is copied.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_transfer_answer_url(
    transfer: *mut calltransfer_transfer,
    transfer_answer_url: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(
            transfer,
            "transfer_answer_url",
            transfer_answer_url,
            |transfer, text| transfer.transfer_answer_url(text),
        )
    }
}

/// Set whether the caller's number is hidden: 0 is no, anything else is yes. v2 API only.
///
/// Only if the caller ID is a number or not set. The caller display name may then only be one of
/// "Restricted", "Anonymous", "Private" and "Unavailable".
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_privacy(
    transfer: *mut calltransfer_transfer,
    privacy: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(transfer, || {
            Ok(move |transfer: Transfer| transfer.privacy(privacy != 0))
        })
    }
}

/// Set how many seconds the new party's phone rings: 1 to 300; decimals are allowed. v2 API only.
///
/// By default 30.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; so is a NaN or an infinity, which is
/// reported again when the transfer is sent.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per transfer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_set_call_timeout(
    transfer: *mut calltransfer_transfer,
    call_timeout: f64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(transfer, || {
            if !call_timeout.is_finite() {
                let reason = "is not a finite number";
                return Err(ArgumentError::argument("call_timeout", reason));
            }
            Ok(move |transfer: Transfer| transfer.call_timeout(call_timeout))
        })
    }
}

/// Write the BXML document of a transfer as it would be sent to the v2 API; nothing is sent.
///
/// Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT as when the transfer is sent.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `bxml` the transfer is
/// only checked; with a NULL `error` only the status is returned.
/// Memory: `transfer` is only read; free `*bxml` with calltransfer_string_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_to_bxml(
    transfer: *const calltransfer_transfer,
    bxml: *mut *mut c_char,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(bxml);
        guard_with_error(error, Outcome::NotSent, || {
            let transfer = transfer
                .as_ref()
                .ok_or_else(|| ArgumentError::null("transfer"))?;
            let document = c_string(&transfer.checked()?.to_bxml()?);
            if !bxml.is_null() {
                bxml.write(document.into_raw());
            }
            Ok(())
        })
    }
}

/// Write the BXML document for the whisper that a transfer's whisper_audio setters describe.
///
/// For the v2 API, in which the request can't contain the whisper: your web server returns the
/// document, as application/xml, at the URL of calltransfer_transfer_set_transfer_answer_url().
/// Only the whisper of `transfer` is used, if all its setters succeeded; `transfer` need not be sent. Locales and voices are v2's
/// own and are not checked; loop_enabled, tag and volume exist only in v1 and are refused.
///
/// NULL: a NULL `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `bxml` the whisper is
/// only checked; with a NULL `error` only the status is returned.
/// Memory: `transfer` is only read; free `*bxml` with calltransfer_string_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_transfer_to_whisper_bxml(
    transfer: *const calltransfer_transfer,
    bxml: *mut *mut c_char,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(bxml);
        guard_with_error(error, Outcome::NotSent, || {
            let transfer = transfer
                .as_ref()
                .ok_or_else(|| ArgumentError::null("transfer"))?;
            let mut options = transfer.checked()?.options()?;
            let whisper = options.remove("whisper_audio").unwrap_or_default();
            let audio = match whisper {
                Value::Null => WhisperAudio::default(),
                fields => WhisperAudio::from_json(fields)?,
            };
            let document = c_string(&audio.to_bxml()?);
            if !bxml.is_null() {
                bxml.write(document.into_raw());
            }
            Ok(())
        })
    }
}
