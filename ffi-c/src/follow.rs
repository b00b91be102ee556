//! A transfer that is followed: by events, or by reads.

use std::ffi::{CString, c_char};

use calltransfer_core::{Api, Follow, FollowUntil, Outcome, Request, Seen, TimeLimit};

use crate::argument_error::ArgumentError;
use crate::cancel::{calltransfer_cancel, execute};
use crate::client::{calltransfer_client, usable};
use crate::error::calltransfer_error;
use crate::event::calltransfer_event;
use crate::follow_constants::{
    CALLTRANSFER_SEEN_KNOWN, CALLTRANSFER_SEEN_NEW, CALLTRANSFER_SEEN_OTHER,
};
use crate::guard::guard_with_error;
use crate::handle::{Handle, clear, hand_out, take_back};
use crate::panic::guard;
use crate::request::OwnTimeout;
use crate::result::calltransfer_result;
use crate::status::{CALLTRANSFER_E_INTERNAL, CALLTRANSFER_E_INVALID_ARGUMENT, CALLTRANSFER_OK};
use crate::text::{c_string, optional, read};

/// A transfer that is followed: whether a target answers, and how it ends.
pub struct calltransfer_follow {
    follow: Follow,
    pub(crate) result: i32,
    pub(crate) result_name: Option<CString>,
    pub(crate) cause: i32,
    pub(crate) cause_text: Option<CString>,
    pub(crate) new_call_id: Option<CString>,
    pub(crate) answered_time_ms: i64,
    pub(crate) ended_time_ms: i64,
    pub(crate) is_ended: i32,
    pub(crate) is_certainly_unanswered: i32,
    pub(crate) may_transfer_again: i32,
    pub(crate) caller: i32,
    pub(crate) caller_name: Option<CString>,
    pub(crate) evidence: Option<CString>,
    pub(crate) doubt: Option<CString>,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_follow {}

impl From<Follow> for calltransfer_follow {
    fn from(follow: Follow) -> Self {
        let status = follow.status();
        Self {
            result: status.result.map_or(0, |result| result.number()),
            result_name: optional(status.result.map(|result| result.as_str())),
            cause: status.cause.map_or(0, |cause| cause.number()),
            cause_text: optional(status.cause_text.as_deref()),
            new_call_id: optional(status.new_call_id.as_deref()),
            answered_time_ms: status
                .answered_time
                .map_or(-1, |time| time.as_millisecond()),
            ended_time_ms: status.ended_time.map_or(-1, |time| time.as_millisecond()),
            is_ended: i32::from(status.is_ended),
            is_certainly_unanswered: i32::from(status.is_certainly_unanswered),
            may_transfer_again: i32::from(status.may_transfer_again()),
            caller: status.caller.number(),
            caller_name: optional(Some(status.caller.as_str())),
            evidence: optional(Some(&status.evidence)),
            doubt: optional(status.doubt),
            follow,
        }
    }
}

/// Follow a transfer whose IDs are known, for example after a restart: `api` is "v1" or "v2",
/// `call_id` is the call that was transferred, and `new_call_id` is, in v1, the new call.
///
/// Nothing is sent: pass events to calltransfer_follow_event(), in any order, or let
/// calltransfer_client_wait() read the calls. In v1 little can be found out without `new_call_id`;
/// in v2 the events name it. Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT, whose
/// field names the argument.
///
/// NULL: a NULL `api` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `new_call_id` is not known
/// yet; with a NULL `follow` the arguments are only checked; with a NULL `error` only the status is
/// returned.
/// Memory: the texts are copied; free `*follow` with calltransfer_follow_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_new(
    api: *const c_char,
    call_id: *const c_char,
    new_call_id: *const c_char,
    follow: *mut *mut calltransfer_follow,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(follow);
        guard_with_error(error, Outcome::NotSent, || {
            let text =
                |field, text| read(text).map_err(|reason| ArgumentError::argument(field, reason));
            let api = match text("api", api)? {
                "v1" => Api::V1,
                "v2" => Api::V2,
                _ => return Err(ArgumentError::argument("api", "must be v1 or v2").into()),
            };
            let call_id = text("call_id", call_id)?;
            let new_call_id = match new_call_id.is_null() {
                true => None,
                false => Some(text("new_call_id", new_call_id)?),
            };
            let made = Follow::new(api, call_id, new_call_id)?;
            hand_out(follow, Box::new(calltransfer_follow::from(made)));
            Ok(())
        })
    }
}

/// Follow a transfer that this client made. Nothing is sent.
///
/// NULL: a NULL `client` or `result` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `follow` or `error`
/// only the status is returned.
/// Memory: `result` is only read; free `*follow` with calltransfer_follow_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL. It may outlive `client`.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_follow(
    client: *const calltransfer_client,
    result: *const calltransfer_result,
    follow: *mut *mut calltransfer_follow,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(follow);
        guard_with_error(error, Outcome::NotSent, || {
            let client = usable(client)?;
            let result = result
                .as_ref()
                .ok_or_else(|| ArgumentError::null("result"))?;
            let (call_id, new_call_id) = result.ids();
            let made = Follow::new(client.config().api(), &call_id, new_call_id.as_deref())?;
            hand_out(follow, Box::new(calltransfer_follow::from(made)));
            Ok(())
        })
    }
}

/// Wait until a target has answered, or until the transfer has ended, by reading calls.
///
/// `until` is CALLTRANSFER_UNTIL_ANSWERED or CALLTRANSFER_UNTIL_ENDED, `timeout_ms` 0 to 604800000 (7
/// days); with 0 it reads once. It reads at once, again after 0.25 seconds, and then at growing intervals of at most 2 seconds;
/// a read that fails is repeated. If there is no result when the time is over, it is
/// CALLTRANSFER_FOLLOW_UNKNOWN and calltransfer_follow_evidence() says why; call it again to
/// continue. Another thread can stop it with `cancel`, within 20 ms. Returns CALLTRANSFER_OK, or the
/// kind of an error that another read would return too, or CALLTRANSFER_E_CANCELLED; `follow` is
/// then unchanged.
///
/// NULL: a NULL `client` or `follow` is CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL; with a
/// NULL `error` only the status is returned.
/// Memory: `cancel` is only read; free `*error` with calltransfer_error_free(); it is set to NULL where nothing went wrong. Texts
/// that were borrowed from `follow` are freed.
/// Threads: many at once per client; one at a time per follow; `cancel` may be shared.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_wait(
    client: *const calltransfer_client,
    follow: *mut calltransfer_follow,
    until: i32,
    timeout_ms: i64,
    cancel: *const calltransfer_cancel,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        guard_with_error(error, Outcome::NotApplied, || {
            let client = usable(client)?;
            let follow = follow
                .as_mut()
                .ok_or_else(|| ArgumentError::null("follow"))?;
            let known = FollowUntil::ALL.iter().find(|one| one.number() == until);
            let reason = "must be CALLTRANSFER_UNTIL_ANSWERED or CALLTRANSFER_UNTIL_ENDED";
            let until = *known.ok_or_else(|| ArgumentError::argument("until", reason))?;
            let timeout = TimeLimit::FOLLOW.milliseconds("timeout", timeout_ms)?;
            let state = follow.follow.clone();
            let request = Request::follow(client.config(), state, until, timeout)?;
            *follow = execute(client, request, cancel.as_ref())?.into();
            Ok(())
        })
    }
}

/// Pass an event, in any order; it may come twice or late. Events of other calls change nothing.
///
/// Returns CALLTRANSFER_SEEN_NEW, CALLTRANSFER_SEEN_KNOWN or CALLTRANSFER_SEEN_OTHER. An event that
/// came before the transfer returned is CALLTRANSFER_SEEN_OTHER to a follow that doesn't know the
/// new call's ID. Keep such events for some seconds, and pass them again when the follow exists.
///
/// NULL: 0 for a NULL `follow` or `event`.
/// Memory: `event` is copied. Texts that were borrowed from `follow` are freed.
/// Threads: one at a time per follow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_event(
    follow: *mut calltransfer_follow,
    event: *const calltransfer_event,
) -> i32 {
    guard(0, || {
        // SAFETY: as the header asks of the caller.
        let (Some(follow), Some(event)) = (unsafe { (follow.as_mut(), event.as_ref()) }) else {
            return 0;
        };
        let mut state = follow.follow.clone();
        let seen = state.event(&event.event);
        *follow = state.into();
        match seen {
            Seen::Other => CALLTRANSFER_SEEN_OTHER,
            Seen::Known => CALLTRANSFER_SEEN_KNOWN,
            Seen::New => CALLTRANSFER_SEEN_NEW,
        }
    })
}

/// Set the new call's ID, if it becomes known later.
///
/// Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT if it is not a valid ID.
///
/// NULL: a NULL `follow` or `new_call_id` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: `new_call_id` is copied. Texts that were borrowed from `follow` are freed.
/// Threads: one at a time per follow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_set_new_call_id(
    follow: *mut calltransfer_follow,
    new_call_id: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        change(follow, |mut state| {
            state.set_new_call_id(read(new_call_id).ok()?).ok()?;
            Some(state)
        })
    }
}

/// Set how many targets the transfer has: 1 to 8. v2 only. Without it, the end of one new call does
/// not show whether another one is still ringing.
///
/// NULL: a NULL `follow` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: keeps nothing of the caller's. Texts that were borrowed from `follow` are freed.
/// Threads: one at a time per follow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_set_targets(
    follow: *mut calltransfer_follow,
    targets: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        change(follow, |state| {
            let targets = u32::try_from(targets).ok();
            let targets = targets.filter(|targets| (1..=8).contains(targets))?;
            Some(state.targets(targets))
        })
    }
}

/// Ignore events that happened before this time, in milliseconds since 1970, UTC, by the platform's
/// clock. For a v2 call that is transferred a second time, because the events of both transfers
/// name the same call.
///
/// NULL: a NULL `follow` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: keeps nothing of the caller's. Texts that were borrowed from `follow` are freed.
/// Threads: one at a time per follow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_set_not_before_ms(
    follow: *mut calltransfer_follow,
    not_before_ms: i64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { change(follow, |state| state.not_before_ms(not_before_ms)) }
}

/// Stop following: if there is no result, it is CALLTRANSFER_FOLLOW_UNKNOWN from now on, for this
/// reason. Events that are passed later still change the result.
///
/// NULL: a NULL `follow` or `reason` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: `reason` is copied, with numbers redacted. Texts that were borrowed from `follow` are freed.
/// Threads: one at a time per follow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_give_up(
    follow: *mut calltransfer_follow,
    reason: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        change(follow, |mut state| {
            state.give_up(read(reason).ok()?);
            Some(state)
        })
    }
}

/// Free a follow.
///
/// NULL: does nothing.
/// Memory: frees `follow`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_follow_free(follow: *mut calltransfer_follow) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(follow) };
}

/// Read the list of a call's events, as JSON. v1 only.
///
/// `timeout_ms` is the timeout of this read, including all attempts and waits: 1 ms to 1 hour, or 0
/// for the client's. Another thread can stop it with `cancel`, within 20 ms. Returns
/// CALLTRANSFER_OK, or the kind of the error: CALLTRANSFER_E_CONFIGURATION with the v2 API, which has
/// no such list.
///
/// NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL; with a
/// NULL `json` or `error` only the status is returned.
/// Memory: `call_id` is copied, `cancel` only read; free `*json` with calltransfer_string_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once; `cancel` may be shared.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_get_call_events(
    client: *const calltransfer_client,
    call_id: *const c_char,
    timeout_ms: i64,
    cancel: *const calltransfer_cancel,
    json: *mut *mut c_char,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(json);
        guard_with_error(error, Outcome::NotApplied, || {
            let client = usable(client)?;
            let call_id =
                read(call_id).map_err(|reason| ArgumentError::argument("call_id", reason))?;
            let timeout = OwnTimeout::read(timeout_ms)?;
            let request = Request::get_call_events(client.config(), call_id)?;
            let events = execute(client, timeout.limit(request)?, cancel.as_ref())?;
            let events = events.into_iter().map(|event| event.fields.into());
            let text = serde_json::Value::Array(events.collect()).to_string();
            if !json.is_null() {
                json.write(c_string(&text).into_raw());
            }
            Ok(())
        })
    }
}

/// Changes a follow, unless that can't be.
///
/// # Safety
/// `follow` is NULL or a follow that no other thread uses now.
unsafe fn change(
    follow: *mut calltransfer_follow,
    change: impl FnOnce(Follow) -> Option<Follow>,
) -> i32 {
    guard(CALLTRANSFER_E_INTERNAL, || {
        // SAFETY: as the caller promises.
        let Some(follow) = (unsafe { follow.as_mut() }) else {
            return CALLTRANSFER_E_INVALID_ARGUMENT;
        };
        match change(follow.follow.clone()) {
            Some(changed) => {
                *follow = changed.into();
                CALLTRANSFER_OK
            }
            None => CALLTRANSFER_E_INVALID_ARGUMENT,
        }
    })
}
