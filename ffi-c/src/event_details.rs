//! What only some kinds of events have.

use std::ffi::{CStr, c_char};

use crate::event::calltransfer_event;
use crate::handle::get;
use crate::text::lend;

/// Return the ID of the application whose number was called; for the events incoming_call and
/// answer.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_application_id(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("application_id")) }
}

/// Return the Diversion header of the call, as JSON; for the events incoming_call and answer.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_diversion(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("diversion")) }
}

/// Return the status: "started" or "done" for speak and playback, "complete" or "error" for a
/// recording.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_status(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("status")) }
}

/// Return the ID of a recording.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_recording_id(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("recording_id")) }
}

/// Return the URL of the platform's description of a recording.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_recording_uri(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("recording_uri")) }
}

/// Return when a recording began, as received.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_start_time(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("start_time")) }
}

/// Return when a recording ended, as received.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_end_time(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("end_time")) }
}

/// Return the caller ID that the target of a v2 transfer sees, in full: personal data.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_transfer_caller_id(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("transfer_caller_id")) }
}

/// Return the target of a v2 transfer, in full: personal data.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_transfer_to(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("transfer_to")) }
}

/// Return the error as a text for people. v2 only.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_error_message(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("error_message")) }
}

/// Return the ID of the error, for the vendor's support. v2 only.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_error_id(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.detail("error_id")) }
}

/// Return any field by the platform's name, such as "recordingUri": a string as it is, anything
/// else as JSON.
///
/// NULL: returned where the event has no such field or it is null, and for a NULL `event` or `name`.
/// Memory: `name` is only read; the result is borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_field(
    event: *const calltransfer_event,
    name: *const c_char,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(event, std::ptr::null(), |e| {
            if name.is_null() {
                return std::ptr::null();
            }
            lend(e.fields.get(CStr::from_ptr(name)))
        })
    }
}
