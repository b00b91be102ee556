//! An event: what the platform sends to a callback URL about a call.

use std::collections::BTreeMap;
use std::ffi::{CString, c_char};

use calltransfer_core::{Event, Outcome};
use serde_json::Value;

use crate::argument_error::ArgumentError;
use crate::error::calltransfer_error;
use crate::guard::guard_with_error;
use crate::handle::{Handle, clear, get, hand_out, take_back};
use crate::text::{c_string, lend, optional, read};

/// What the platform sent to a callback URL about a call. Read-only.
pub struct calltransfer_event {
    kind: i32,
    cause: i32,
    time_ms: i64,
    api: CString,
    kind_name: CString,
    event_type: CString,
    call_id: Option<CString>,
    parent_call_id: Option<CString>,
    from: Option<CString>,
    to: Option<CString>,
    time_text: Option<CString>,
    cause_name: Option<CString>,
    cause_text: Option<CString>,
    tag: Option<CString>,
    call_state: Option<CString>,
    details: Vec<(&'static str, CString)>,
    pub(crate) fields: BTreeMap<CString, CString>,
    json: CString,
    line: CString,
    /// For a follow that takes it.
    pub(crate) event: Event,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_event {}

impl calltransfer_event {
    pub(crate) fn detail(&self, name: &str) -> *const c_char {
        let mut details = self.details.iter();
        let found = details.find(|(known, _)| *known == name);
        lend(found.map(|(_, text)| text))
    }
}

impl From<Event> for calltransfer_event {
    fn from(event: Event) -> Self {
        let details = event.details().into_iter();
        let details = details.filter_map(|(name, value)| Some((name, text_of(&value?)?)));
        let fields = event.fields.iter();
        let fields = fields.filter_map(|(name, value)| Some((c_string(name), text_of(value)?)));
        Self {
            kind: event.kind.number(),
            cause: event.cause.map_or(0, |cause| cause.number()),
            time_ms: event.time.map_or(-1, |time| time.as_millisecond()),
            api: c_string(event.api.as_str()),
            kind_name: c_string(event.kind.as_str()),
            event_type: c_string(&event.event_type),
            call_id: optional(event.call_id.as_deref()),
            parent_call_id: optional(event.parent_call_id.as_deref()),
            from: optional(event.from.as_deref()),
            to: optional(event.to.as_deref()),
            time_text: optional(event.time_text.as_deref()),
            cause_name: optional(event.cause.map(|cause| cause.as_str())),
            cause_text: optional(event.cause_text.as_deref()),
            tag: optional(event.tag.as_deref()),
            call_state: optional(event.call_state.as_ref().map(|state| state.as_str())),
            details: details.collect(),
            fields: fields.collect(),
            line: c_string(&event.to_string()),
            json: c_string(&Value::Object(event.fields.clone()).to_string()),
            event,
        }
    }
}

/// A text as it is, anything else as JSON; nothing for null.
fn text_of(value: &Value) -> Option<CString> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(c_string(text)),
        other => Some(c_string(&other.to_string())),
    }
}

/// Read an event from the body of the request that the platform sent to a callback URL.
///
/// `body` is JSON of either API, or the query string of a GET, and need not end in a NUL byte;
/// `length` is its length in bytes, at most 262144. `content_type` is the header Content-Type:
/// "application/json", or "application/x-www-form-urlencoded" for a query string. Types of events
/// and fields that this library doesn't know are accepted. Returns CALLTRANSFER_OK, or
/// CALLTRANSFER_E_INVALID_ARGUMENT, whose field is "content_type" or "body"; the message quotes
/// nothing of the body.
///
/// NULL: a NULL `body` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `content_type` a body that
/// begins with a brace is JSON and one with '=' a query string; with a NULL `event` the body is only
/// checked; with a NULL `error` only the status is returned.
/// Memory: `body` and `content_type` are copied; free `*event` with calltransfer_event_free() and
/// `*error` with calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_parse(
    body: *const c_char,
    length: usize,
    content_type: *const c_char,
    event: *mut *mut calltransfer_event,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(event);
        guard_with_error(error, Outcome::NotSent, || {
            if body.is_null() {
                return Err(ArgumentError::null("body").into());
            }
            // What is too long is not read: the length may be a mistake.
            if length > Event::MAX_BODY {
                let reason = format!("must be at most {} bytes, got {length}", Event::MAX_BODY);
                return Err(ArgumentError::argument("body", &reason).into());
            }
            let content_type = match content_type.is_null() {
                true => None,
                false => Some(
                    read(content_type)
                        .map_err(|reason| ArgumentError::argument("content_type", reason))?,
                ),
            };
            let bytes = std::slice::from_raw_parts(body.cast::<u8>(), length);
            let made = calltransfer_event::from(Event::parse(bytes, content_type)?);
            hand_out(event, Box::new(made));
            Ok(())
        })
    }
}

/// Return what happened, such as CALLTRANSFER_EVENT_HANGUP; later versions may add kinds.
///
/// NULL: 0 for a NULL `event`.
/// Memory: nothing to free.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_kind(event: *const calltransfer_event) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, 0, |e| e.kind) }
}

/// Return why a leg or a transfer ended, such as CALLTRANSFER_CAUSE_BUSY; 0 if the event gives no
/// cause. Later versions may add causes.
///
/// NULL: 0 for a NULL `event`.
/// Memory: nothing to free.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_cause(event: *const calltransfer_event) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, 0, |e| e.cause) }
}

/// Return when it happened, in milliseconds since 1970, UTC; -1 if the text has no time zone or is
/// not a time.
///
/// NULL: -1 for a NULL `event`.
/// Memory: nothing to free.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_time_ms(event: *const calltransfer_event) -> i64 {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, -1, |e| e.time_ms) }
}

/// Return the API that sent it: "v1" or "v2".
///
/// NULL: returned for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_api(event: *const calltransfer_event) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.api.as_ptr()) }
}

/// Return the name of the kind, such as "transfer_complete": the same in every language.
///
/// NULL: returned for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_kind_name(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.kind_name.as_ptr()) }
}

/// Return the platform's name of the event, such as "incomingcall".
///
/// NULL: returned for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_type(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.event_type.as_ptr()) }
}

/// Return the ID of the call, or leg, that it is about.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_call_id(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| lend(e.call_id.as_ref())) }
}

/// Return the ID of the call whose transfer made this leg. v2 only.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_parent_call_id(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| lend(e.parent_call_id.as_ref())) }
}

/// Return the calling number or SIP address, in full: personal data.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_from(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| lend(e.from.as_ref())) }
}

/// Return the called number or SIP address, in full: personal data.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_to(event: *const calltransfer_event) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| lend(e.to.as_ref())) }
}

/// Return the time as received.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_time_text(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| lend(e.time_text.as_ref())) }
}

/// Return the name of the cause, such as "no_answer": the same in every language.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_cause_name(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| lend(e.cause_name.as_ref())) }
}

/// Return the cause in the platform's word, such as "USER_BUSY".
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_cause_text(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| lend(e.cause_text.as_ref())) }
}

/// Return the tag that the program set for the call, the whisper or the transfer.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_tag(event: *const calltransfer_event) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| lend(e.tag.as_ref())) }
}

/// Return the state of the call after the event. v1 only.
///
/// NULL: returned where the event doesn't say, and for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_call_state(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| lend(e.call_state.as_ref())) }
}

/// Return all fields, under the platform's names, as JSON.
///
/// NULL: returned for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_json(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.json.as_ptr()) }
}

/// Return one line for a log, without whole phone numbers.
///
/// NULL: returned for a NULL `event`.
/// Memory: borrowed from `event`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_line(
    event: *const calltransfer_event,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(event, std::ptr::null(), |e| e.line.as_ptr()) }
}

/// Free an event.
///
/// NULL: does nothing.
/// Memory: frees `event`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_event_free(event: *mut calltransfer_event) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(event) };
}
