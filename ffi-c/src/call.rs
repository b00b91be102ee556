//! A call as the platform describes it.

use std::ffi::{CString, c_char};

use calltransfer_core::Call;

use crate::handle::{Handle, get, take_back};
use crate::text::{c_string, lend, optional};

/// A call as the platform describes it. Read-only.
pub struct calltransfer_call {
    id: CString,
    state: CString,
    direction: Option<CString>,
    from: Option<CString>,
    to: Option<CString>,
    start_time: Option<CString>,
    active_time: Option<CString>,
    end_time: Option<CString>,
    json: CString,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_call {}

impl From<Call> for calltransfer_call {
    fn from(call: Call) -> Self {
        Self {
            id: c_string(&call.id),
            state: c_string(call.state.as_str()),
            direction: optional(call.direction.as_deref()),
            from: optional(call.from.as_deref()),
            to: optional(call.to.as_deref()),
            start_time: optional(call.start_time.as_deref()),
            active_time: optional(call.active_time.as_deref()),
            end_time: optional(call.end_time.as_deref()),
            json: c_string(&serde_json::Value::Object(call.fields).to_string()),
        }
    }
}

/// Return the call's id.
///
/// NULL: returned for a NULL `call`.
/// Memory: borrowed from `call`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_id(call: *const calltransfer_call) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(call, std::ptr::null(), |c| c.id.as_ptr()) }
}

/// Return the call's state: in v1 "started", "rejected", "active", "completed" or "transferring",
/// in v2 "queued", "initiated", "answered" or "disconnected"; later versions may add others.
///
/// NULL: returned for a NULL `call`.
/// Memory: borrowed from `call`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_state(call: *const calltransfer_call) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(call, std::ptr::null(), |c| c.state.as_ptr()) }
}

/// Return the direction: in v1 "in" or "out", in v2 "inbound" or "outbound".
///
/// NULL: returned if the platform doesn't say, and for a NULL `call`.
/// Memory: borrowed from `call`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_direction(
    call: *const calltransfer_call,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(call, std::ptr::null(), |c| lend(c.direction.as_ref())) }
}

/// Return the calling number or SIP address, in full: personal data.
///
/// NULL: returned if the platform doesn't say, and for a NULL `call`.
/// Memory: borrowed from `call`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_from(call: *const calltransfer_call) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(call, std::ptr::null(), |c| lend(c.from.as_ref())) }
}

/// Return the called number or SIP address, in full: personal data.
///
/// NULL: returned if the platform doesn't say, and for a NULL `call`.
/// Memory: borrowed from `call`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_to(call: *const calltransfer_call) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(call, std::ptr::null(), |c| lend(c.to.as_ref())) }
}

/// Return when the call began, in ISO 8601.
///
/// NULL: returned if the platform doesn't say, and for a NULL `call`.
/// Memory: borrowed from `call`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_start_time(
    call: *const calltransfer_call,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(call, std::ptr::null(), |c| lend(c.start_time.as_ref())) }
}

/// Return when the call was answered, in ISO 8601.
///
/// NULL: returned if it was not answered, and for a NULL `call`.
/// Memory: borrowed from `call`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_active_time(
    call: *const calltransfer_call,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(call, std::ptr::null(), |c| lend(c.active_time.as_ref())) }
}

/// Return when the call ended, in ISO 8601.
///
/// NULL: returned if it has not ended, and for a NULL `call`.
/// Memory: borrowed from `call`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_end_time(
    call: *const calltransfer_call,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(call, std::ptr::null(), |c| lend(c.end_time.as_ref())) }
}

/// Return all fields of the call, under the platform's names, as JSON.
///
/// NULL: returned for a NULL `call`.
/// Memory: borrowed from `call`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_json(call: *const calltransfer_call) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(call, std::ptr::null(), |c| c.json.as_ptr()) }
}

/// Free a call.
///
/// NULL: does nothing.
/// Memory: frees `call`; a second time is undefined, as with free(). A call that is borrowed from a
/// finding is freed with the finding; do not free it here.
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_free(call: *mut calltransfer_call) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(call) };
}
