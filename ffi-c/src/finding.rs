//! What a look at a call says of its transfer.

use std::ffi::{CString, c_char};

use calltransfer_core::Finding;

use crate::call::calltransfer_call;
use crate::handle::{Handle, get, take_back};
use crate::text::{c_string, lend, optional};

/// What is known of a transfer after reading its call. Read-only.
pub struct calltransfer_finding {
    outcome: i32,
    reason: CString,
    doubt: Option<CString>,
    call: Option<calltransfer_call>,
    new_call_id: Option<CString>,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_finding {}

impl From<Finding> for calltransfer_finding {
    fn from(finding: Finding) -> Self {
        Self {
            outcome: finding.outcome.number(),
            reason: c_string(finding.reason),
            doubt: optional(finding.doubt),
            new_call_id: optional(finding.new_call_id.as_deref()),
            call: finding.call.map(calltransfer_call::from),
        }
    }
}

/// Return the most likely outcome of the transfer: one of CALLTRANSFER_OUTCOME_*.
///
/// NULL: a NULL `finding` gives 0.
/// Memory: copies nothing, keeps nothing.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_finding_outcome(finding: *const calltransfer_finding) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(finding, 0, |f| f.outcome) }
}

/// Return the reason for the outcome.
///
/// NULL: returned for a NULL `finding`.
/// Memory: borrowed from `finding`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_finding_reason(
    finding: *const calltransfer_finding,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(finding, std::ptr::null(), |f| f.reason.as_ptr()) }
}

/// Return why the outcome may be wrong.
///
/// NULL: returned where nothing does, and for a NULL `finding`.
/// Memory: borrowed from `finding`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_finding_doubt(
    finding: *const calltransfer_finding,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(finding, std::ptr::null(), |f| lend(f.doubt.as_ref())) }
}

/// Return the call that was read.
///
/// NULL: returned where the platform has no such call, and for a NULL `finding`.
/// Memory: borrowed from `finding`, valid until it is freed; not to be freed by itself.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_finding_call(
    finding: *const calltransfer_finding,
) -> *const calltransfer_call {
    // SAFETY: as the header asks of the caller.
    unsafe {
        get(finding, std::ptr::null(), |f| {
            f.call.as_ref().map_or(std::ptr::null(), std::ptr::from_ref)
        })
    }
}

/// Return the ID of the new call that shows the transfer. v2 only.
///
/// NULL: returned where none does, and for a NULL `finding`.
/// Memory: borrowed from `finding`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_finding_new_call_id(
    finding: *const calltransfer_finding,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(finding, std::ptr::null(), |f| lend(f.new_call_id.as_ref())) }
}

/// Free a finding, and the call in it.
///
/// NULL: does nothing.
/// Memory: frees `finding`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_finding_free(finding: *mut calltransfer_finding) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(finding) };
}
