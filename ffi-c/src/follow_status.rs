//! What a followed transfer has come to: a getter for each part of its status.

use std::ffi::c_char;

use crate::follow::calltransfer_follow;
use crate::handle::get;
use crate::text::lend;

/// Return whether a target answered, and if not, why, such as CALLTRANSFER_FOLLOW_BUSY; 0 until
/// this is known.
///
/// NULL: 0 for a NULL `follow`.
/// Memory: nothing to free.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_result(follow: *const calltransfer_follow) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, 0, |f| f.result) }
}

/// Return the name of the result, such as "no_answer": the same in every language.
///
/// NULL: returned while there is none, and for a NULL `follow`.
/// Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_result_name(
    follow: *const calltransfer_follow,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, std::ptr::null(), |f| lend(f.result_name.as_ref())) }
}

/// Return why the new call or the transfer ended, such as CALLTRANSFER_CAUSE_BUSY; 0 until it has
/// ended, and if the cause is not known.
///
/// NULL: 0 for a NULL `follow`.
/// Memory: nothing to free.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_cause(follow: *const calltransfer_follow) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, 0, |f| f.cause) }
}

/// Return the cause in the platform's word.
///
/// NULL: returned where there is none, and for a NULL `follow`.
/// Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_cause_text(
    follow: *const calltransfer_follow,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, std::ptr::null(), |f| lend(f.cause_text.as_ref())) }
}

/// Return the ID of the new call that was answered; until then the ID of the new call, if exactly
/// one is known.
///
/// NULL: returned if none is known, and for a NULL `follow`.
/// Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_new_call_id(
    follow: *const calltransfer_follow,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, std::ptr::null(), |f| lend(f.new_call_id.as_ref())) }
}

/// Return when a target answered, in milliseconds since 1970, UTC; -1 if that is not known.
///
/// NULL: -1 for a NULL `follow`.
/// Memory: nothing to free.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_answered_time_ms(
    follow: *const calltransfer_follow,
) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, -1, |f| f.answered_time_ms) }
}

/// Return when the new call (in v2 the transfer) ended, in milliseconds since 1970, UTC; -1 if that
/// is not known.
///
/// NULL: -1 for a NULL `follow`.
/// Memory: nothing to free.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_ended_time_ms(
    follow: *const calltransfer_follow,
) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, -1, |f| f.ended_time_ms) }
}

/// Return whether no target is connected or ringing any more: 1 or 0.
///
/// NULL: 0 for a NULL `follow`.
/// Memory: nothing to free.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_is_ended(follow: *const calltransfer_follow) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, 0, |f| f.is_ended) }
}

/// Return whether it is certain that no target was connected to the caller, and that none is
/// ringing any more: 1 or 0.
///
/// NULL: 0 for a NULL `follow`.
/// Memory: nothing to free.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_is_certainly_unanswered(
    follow: *const calltransfer_follow,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, 0, |f| f.is_certainly_unanswered) }
}

/// Return whether the caller may be transferred to another target: 1 if
/// calltransfer_follow_is_certainly_unanswered() is 1 and the caller's call is active, otherwise 0.
///
/// NULL: 0 for a NULL `follow`.
/// Memory: nothing to free.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_may_transfer_again(
    follow: *const calltransfer_follow,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, 0, |f| f.may_transfer_again) }
}

/// Return the state of the caller's own call, such as CALLTRANSFER_CALLER_ACTIVE.
///
/// NULL: 0 for a NULL `follow`.
/// Memory: nothing to free.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_caller(follow: *const calltransfer_follow) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, 0, |f| f.caller) }
}

/// Return the name of the state of the caller's own call, such as "active": the same in every
/// language.
///
/// NULL: returned for a NULL `follow`.
/// Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_caller_name(
    follow: *const calltransfer_follow,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, std::ptr::null(), |f| lend(f.caller_name.as_ref())) }
}

/// Return the reason for the result, as a text; if there is no result, what is missing.
///
/// NULL: returned for a NULL `follow`.
/// Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_evidence(
    follow: *const calltransfer_follow,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, std::ptr::null(), |f| lend(f.evidence.as_ref())) }
}

/// Return why the result may be wrong.
///
/// NULL: returned where nothing does, and for a NULL `follow`.
/// Memory: borrowed from `follow`, valid until it is freed or changed: by an event, a wait or a setter.
/// Threads: many at once, as long as none changes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_doubt(
    follow: *const calltransfer_follow,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(follow, std::ptr::null(), |f| lend(f.doubt.as_ref())) }
}
