//! A list of calls: which are wanted, and one after the other.

use std::ffi::c_char;
use std::sync::Arc;
use std::vec;

use calltransfer_core::{Call, CallPage, CallQuery, Error, Outcome, Request, blocking};

use crate::argument_error::ArgumentError;
use crate::call::calltransfer_call;
use crate::cancel::{calltransfer_cancel, execute};
use crate::checked::{Checked, change};
use crate::client::{calltransfer_client, usable};
use crate::error::calltransfer_error;
use crate::guard::guard_with_error;
use crate::handle::{Handle, clear, hand_out, owned, take_back};
use crate::panic::guard;
use crate::request::OwnTimeout;
use crate::text::read;

/// The conditions of a list of calls. It may be used for several lists.
#[derive(Default)]
pub struct calltransfer_call_query(Checked<CallQuery>);

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_call_query {}

/// A list of calls, read page by page.
pub struct calltransfer_call_list {
    client: Arc<blocking::Client>,
    /// The page to read, or why it can't be.
    next: Option<Result<Request<CallPage>, Error>>,
    /// What is left of the page that was read last.
    calls: vec::IntoIter<Call>,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_call_list {}

impl calltransfer_call_list {
    fn next_call(
        &mut self,
        timeout: OwnTimeout,
        cancel: Option<&calltransfer_cancel>,
    ) -> Result<Option<Call>, Box<calltransfer_error>> {
        loop {
            if let Some(call) = self.calls.next() {
                return Ok(Some(call));
            }
            let Some(request) = self.next.take() else {
                return Ok(None);
            };
            let page = execute(&self.client, timeout.limit(request?)?, cancel)?;
            self.calls = page.calls.into_iter();
            let config = self.client.config();
            self.next = page.next.map(|next| Request::next_page(config, next));
        }
    }
}

/// Make a query of all calls.
///
/// If a condition is invalid, calltransfer_client_list_calls() reports it.
///
/// NULL: returned only after a bug in the library (a panic).
/// Memory: free the query with calltransfer_call_query_free().
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn calltransfer_call_query_new() -> *mut calltransfer_call_query {
    guard(std::ptr::null_mut(), || {
        owned(calltransfer_call_query::default())
    })
}

/// List only calls in this state: in v1 "started", "rejected", "active", "completed" or
/// "transferring", in v2 "queued", "initiated", "answered" or "disconnected".
///
/// The platform has no such filter: calls in other states are read too, and the library leaves them
/// out.
///
/// NULL: a NULL `query` or `state` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: `state` is copied.
/// Threads: one at a time per query.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_query_set_state(
    query: *mut calltransfer_call_query,
    state: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_text(query, "state", state, |query, text| query.state(text)) }
}

/// List only calls from this E.164 number or SIP address.
///
/// NULL: a NULL `query` or `from` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: `from` is copied.
/// Threads: one at a time per query.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_query_set_from(
    query: *mut calltransfer_call_query,
    from: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_text(query, "from", from, |query, text| query.from(text)) }
}

/// List only calls to this E.164 number or SIP address.
///
/// NULL: a NULL `query` or `to` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: `to` is copied.
/// Threads: one at a time per query.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_query_set_to(
    query: *mut calltransfer_call_query,
    to: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_text(query, "to", to, |query, text| query.to(text)) }
}

/// List only calls that began at this time or later, in ISO 8601, such as "2026-01-31T08:00:00Z".
/// v2 only.
///
/// v2 also lists calls that ended long ago: without this condition, all of them are read to find
/// the live ones.
///
/// NULL: a NULL `query` or `min_start_time` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: `min_start_time` is copied.
/// Threads: one at a time per query.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_query_set_min_start_time(
    query: *mut calltransfer_call_query,
    min_start_time: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(query, "min_start_time", min_start_time, |query, text| {
            query.min_start_time(text)
        })
    }
}

/// List only calls that began at this time or before, in ISO 8601, such as "2026-01-31T08:00:00Z".
/// v2 only.
///
/// NULL: a NULL `query` or `max_start_time` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: `max_start_time` is copied.
/// Threads: one at a time per query.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_query_set_max_start_time(
    query: *mut calltransfer_call_query,
    max_start_time: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(query, "max_start_time", max_start_time, |query, text| {
            query.max_start_time(text)
        })
    }
}

/// Set how many calls are requested at once: 1 to 1000, by default 1000.
///
/// Each page is one request.
///
/// NULL: a NULL `query` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: keeps nothing of the caller's.
/// Threads: one at a time per query.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_query_set_page_size(
    query: *mut calltransfer_call_query,
    page_size: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(query, || {
            let size = u32::try_from(page_size);
            let size = size.map_err(|_| ArgumentError::argument("page_size", "is negative"))?;
            Ok(move |query: CallQuery| query.page_size(size))
        })
    }
}

/// Free a query.
///
/// NULL: does nothing.
/// Memory: frees `query`; a second time is undefined, as with free(). Lists that it was used for
/// stay valid.
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_query_free(query: *mut calltransfer_call_query) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(query) };
}

/// List the account's calls: calltransfer_call_list_next() reads them, page by page. This function
/// sends nothing.
///
/// Returns CALLTRANSFER_OK, or CALLTRANSFER_E_INVALID_ARGUMENT for a condition that can't be sent.
///
/// NULL: a NULL `query` lists all calls; a NULL `client` is CALLTRANSFER_E_INVALID_ARGUMENT; with a
/// NULL `list` or `error` only the status is returned.
/// Memory: `query` is copied; free `*list` with calltransfer_call_list_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL. The list stays valid after
/// `client` is freed.
/// Threads: many at once; `query` may be shared too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_list_calls(
    client: *const calltransfer_client,
    query: *const calltransfer_call_query,
    list: *mut *mut calltransfer_call_list,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(list);
        guard_with_error(error, Outcome::NotSent, || {
            let client = usable(client)?;
            let request = match query.as_ref() {
                Some(query) => Request::list_calls(client.config(), query.0.checked()?)?,
                None => Request::list_calls(client.config(), CallQuery::new())?,
            };
            let made = calltransfer_call_list {
                client: Arc::clone(client),
                next: Some(Ok(request)),
                calls: Vec::new().into_iter(),
            };
            hand_out(list, Box::new(made));
            Ok(())
        })
    }
}

/// Return the next call of a list; after the last one `*call` is NULL.
///
/// Sends a request when the next page is needed, and retries it after every failure that may be
/// temporary. `timeout_ms` is the timeout of that request, including all attempts and waits: 1 ms to
/// 1 hour, or 0 for the client's. Another thread can stop it with `cancel`, within 20 ms. Returns CALLTRANSFER_OK, or the kind of an error, which ends the list: the calls
/// before it are correct, but there may be more. A list is not a snapshot: calls begin and end
/// while it is read. A call that appears on two pages is returned once.
///
/// NULL: a NULL `list` or `call` is CALLTRANSFER_E_INVALID_ARGUMENT; `cancel` may be NULL; with a NULL
/// `error` only the status is returned.
/// Memory: `cancel` is only read; free `*call` with calltransfer_call_free() and `*error` with calltransfer_error_free().
/// The one that doesn't apply is set to NULL. A call stays valid after its list is freed.
/// Threads: one at a time per list; `cancel` may be shared.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_list_next(
    list: *mut calltransfer_call_list,
    timeout_ms: i64,
    cancel: *const calltransfer_cancel,
    call: *mut *mut calltransfer_call,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(call);
        guard_with_error(error, Outcome::NotApplied, || {
            let list = list.as_mut().ok_or_else(|| ArgumentError::null("list"))?;
            if call.is_null() {
                // The call would be lost.
                return Err(ArgumentError::null("call").into());
            }
            let timeout = OwnTimeout::read(timeout_ms)?;
            if let Some(next) = list.next_call(timeout, cancel.as_ref())? {
                hand_out(call, Box::new(calltransfer_call::from(next)));
            }
            Ok(())
        })
    }
}

/// Free a list.
///
/// NULL: does nothing.
/// Memory: frees `list`; a second time is undefined, as with free(). Calls that it returned stay
/// valid.
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_call_list_free(list: *mut calltransfer_call_list) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(list) };
}

/// Sets a text of a query, or remembers why it can't be.
///
/// # Safety
/// As of [`set`]; `text` is NULL or ends in a NUL byte.
unsafe fn set_text(
    query: *mut calltransfer_call_query,
    field: &'static str,
    text: *const c_char,
    store: fn(CallQuery, &str) -> CallQuery,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        set(query, || {
            let text = read(text).map_err(|reason| ArgumentError::argument(field, reason))?;
            Ok(move |query| store(query, text))
        })
    }
}

/// Changes a query, or remembers why it can't be.
///
/// # Safety
/// `query` is NULL or a query that no other thread uses now.
unsafe fn set<C: FnOnce(CallQuery) -> CallQuery>(
    query: *mut calltransfer_call_query,
    read: impl FnOnce() -> Result<C, ArgumentError>,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        change(
            query,
            |query| &mut query.0,
            || {
                let set = read()?;
                Ok(|query: &mut CallQuery| *query = set(std::mem::take(query)))
            },
        )
    }
}
