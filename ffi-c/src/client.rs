//! A client: the account's connection to the platform.

use std::ffi::{CString, c_char};
use std::sync::Arc;

use calltransfer_core::{CheckSubject, Outcome, Request, blocking};

use crate::argument_error::ArgumentError;
use crate::call::calltransfer_call;
use crate::cancel::{calltransfer_cancel, execute};
use crate::config::calltransfer_config;
use crate::error::calltransfer_error;
use crate::finding::calltransfer_finding;
use crate::guard::guard_with_error;
use crate::handle::{Handle, clear, get, hand_out, take_back};
use crate::log_record::LogGate;
use crate::result::calltransfer_result;
use crate::text::{c_string, read};
use crate::transfer::calltransfer_transfer;

/// A client of one account. Create one and use it for all requests, because it keeps connections
/// open.
pub struct calltransfer_client(pub(crate) Arc<blocking::Client>, CString, Arc<LogGate>);

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_client {}

/// A list, or a thread that keeps a connection ready, may live longer than the client, but logs
/// nothing any more.
impl Drop for calltransfer_client {
    fn drop(&mut self) {
        self.2.close();
    }
}

/// Make a client with a configuration. Unless keep_ready is set, no connection is opened before the
/// first request.
///
/// Returns CALLTRANSFER_OK, or the kind of the error: CALLTRANSFER_E_CONFIGURATION names the first
/// setting that could not be read, all settings that are missing, or the first one that is wrong.
///
/// NULL: a NULL `config` or `client` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only
/// the status is returned.
/// Memory: `config` is copied; free `*client` with calltransfer_client_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_client_new(
    config: *const calltransfer_config,
    client: *mut *mut calltransfer_client,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(client);
        guard_with_error(error, Outcome::NotSent, || {
            let config = config
                .as_ref()
                .ok_or_else(|| ArgumentError::null("config"))?;
            if client.is_null() {
                return Err(ArgumentError::null("client").into());
            }
            let logs = LogGate::new();
            let config = config.build(&logs)?;
            let api = c_string(config.api().as_str());
            let made = calltransfer_client(Arc::new(blocking::Client::new(config)), api, logs);
            hand_out(client, Box::new(made));
            Ok(())
        })
    }
}

/// Make a client, and return it: calltransfer_client_new() for languages in which pointers to
/// pointers are difficult to use.
///
/// NULL: returned for a NULL `config`, and if calltransfer_config_check() returns an error.
/// Memory: `config` is copied; free the client with calltransfer_client_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_client_open(
    config: *const calltransfer_config,
) -> *mut calltransfer_client {
    let mut client = std::ptr::null_mut();
    // SAFETY: as the header asks of the caller; `client` is a local variable.
    let _ = unsafe { calltransfer_client_new(config, &mut client, std::ptr::null_mut()) };
    client
}

/// Return the API that a client uses, as its credentials or calltransfer_config_set_api() decided:
/// "v1" or "v2".
///
/// NULL: a NULL `client` gives NULL.
/// Memory: borrowed from `client`, valid until it is freed.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_api(
    client: *const calltransfer_client,
) -> *const c_char {
    // SAFETY: as the header asks of the caller.
    unsafe { get(client, std::ptr::null(), |c| c.1.as_ptr()) }
}

/// Ask the platform to connect a live call to someone else, and wait for the outcome.
///
/// The request is sent at most once, unless the platform is known to have done nothing, because the
/// platform cannot distinguish a retry from a new request. Returns CALLTRANSFER_OK if the transfer
/// was made, otherwise the kind of the error; calltransfer_error_outcome() says whether the call
/// was transferred.
///
/// NULL: a NULL `client` or `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `result` or
/// `error` only the status is returned.
/// Memory: `transfer` is only read, and may be sent again; free `*result` with
/// calltransfer_result_free() and `*error` with calltransfer_error_free(). The one that doesn't
/// apply is set to NULL.
/// Threads: many at once, each waits only for its own transfer; `transfer` may be shared too.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_client_transfer(
    client: *const calltransfer_client,
    transfer: *const calltransfer_transfer,
    result: *mut *mut calltransfer_result,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { send_transfer(client, transfer, || Ok(None), result, error) }
}

/// As calltransfer_client_transfer(), but another thread can stop it with `cancel`.
///
/// NULL: as calltransfer_client_transfer(); a NULL `cancel` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: as calltransfer_client_transfer(); `cancel` is only read.
/// Threads: many at once; `cancel` may be shared.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_client_transfer_cancellable(
    client: *const calltransfer_client,
    transfer: *const calltransfer_transfer,
    cancel: *const calltransfer_cancel,
    result: *mut *mut calltransfer_result,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        let cancel = || match cancel.as_ref() {
            Some(cancel) => Ok(Some(cancel)),
            None => Err(ArgumentError::null("cancel")),
        };
        send_transfer(client, transfer, cancel, result, error)
    }
}

/// # Safety
/// As the header asks of the caller of calltransfer_client_transfer().
unsafe fn send_transfer<'c>(
    client: *const calltransfer_client,
    transfer: *const calltransfer_transfer,
    cancel: impl FnOnce() -> Result<Option<&'c calltransfer_cancel>, ArgumentError>,
    result: *mut *mut calltransfer_result,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the caller promises. A panic may come after the request was sent.
    unsafe {
        clear(result);
        guard_with_error(error, Outcome::Unknown, || {
            let client = usable(client)?;
            let transfer = transfer
                .as_ref()
                .ok_or_else(|| ArgumentError::null("transfer"))?;
            let cancel = cancel()?;
            let request = Request::transfer(client.config(), transfer.checked()?)?;
            let done = execute(client, request, cancel)?;
            hand_out(result, Box::new(calltransfer_result::from(done)));
            Ok(())
        })
    }
}

/// Read a call. A read changes nothing, so it is retried after every failure that may be temporary.
///
/// NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `call` or
/// `error` only the status is returned.
/// Memory: `call_id` is copied; free `*call` with calltransfer_call_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_get_call(
    client: *const calltransfer_client,
    call_id: *const c_char,
    call: *mut *mut calltransfer_call,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(call);
        guard_with_error(error, Outcome::NotApplied, || {
            let (client, call_id) = client_and_id(client, call_id)?;
            let read = client.get_call(call_id)?;
            hand_out(call, Box::new(calltransfer_call::from(read)));
            Ok(())
        })
    }
}

/// Answer an incoming call, so that it can be transferred.
///
/// NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only
/// the status is returned.
/// Memory: `call_id` is copied; free `*error` with calltransfer_error_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_answer(
    client: *const calltransfer_client,
    call_id: *const c_char,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller. A panic may come after the request was sent.
    unsafe {
        guard_with_error(error, Outcome::Unknown, || {
            let (client, call_id) = client_and_id(client, call_id)?;
            Ok(client.answer(call_id)?)
        })
    }
}

/// End a call.
///
/// NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only
/// the status is returned.
/// Memory: `call_id` is copied; free `*error` with calltransfer_error_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_hang_up(
    client: *const calltransfer_client,
    call_id: *const c_char,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller. A panic may come after the request was sent.
    unsafe {
        guard_with_error(error, Outcome::Unknown, || {
            let (client, call_id) = client_and_id(client, call_id)?;
            Ok(client.hang_up(call_id)?)
        })
    }
}

/// Open a connection, so that the next transfer takes one round trip.
///
/// Call it when a call arrives, before it is decided where the call is transferred to. It resolves
/// the name, connects, makes the TLS handshake and, for v2, gets an access token. It does nothing
/// if there is an open connection, changes nothing at the platform, and never makes a later
/// transfer fail. The connection is kept for as long as the server keeps it open, at most 50
/// seconds, and the next request of any thread uses it. The outcome of an error is
/// CALLTRANSFER_OUTCOME_NOT_SENT.
///
/// NULL: a NULL `client` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only the status is
/// returned.
/// Memory: free `*error` with calltransfer_error_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_prepare(
    client: *const calltransfer_client,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { guard_with_error(error, Outcome::NotSent, || Ok(usable(client)?.prepare()?)) }
}

/// Look at a call after an outcome that was unknown, and say whether it was transferred at all.
///
/// Reads the call, and where its state leaves it open the list of its events (v1) or the list of calls (v2);
/// all within one timeout. Never sends the transfer again. It may find an earlier transfer of the same
/// call: use calltransfer_client_check_transfer() to leave that out.
///
/// NULL: a NULL `client` or `call_id` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `finding` or
/// `error` only the status is returned.
/// Memory: `call_id` is copied; free `*finding` with calltransfer_finding_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_check(
    client: *const calltransfer_client,
    call_id: *const c_char,
    finding: *mut *mut calltransfer_finding,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(finding);
        guard_with_error(error, Outcome::NotApplied, || {
            let (client, call_id) = client_and_id(client, call_id)?;
            let found = client.check(call_id)?;
            hand_out(finding, Box::new(calltransfer_finding::from(found)));
            Ok(())
        })
    }
}

/// Look at the call of a transfer whose outcome is unknown, and say what is now known of that transfer.
///
/// `failed` is the error of the transfer. As calltransfer_client_check(), but only what can belong to
/// that transfer counts, by its targets and by its time on the platform's clock; what can belong to
/// several leaves it unknown. An error that was not of an unknown outcome gives the call's ID only.
///
/// NULL: a NULL `client` or `failed` is CALLTRANSFER_E_INVALID_ARGUMENT, and so is an error that is about
/// no call; with a NULL `finding` or `error` only the status is returned.
/// Memory: `failed` is only read; free `*finding` with calltransfer_finding_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL. `failed` and `*error` must not
/// be the same.
/// Threads: many at once; `failed` may be shared.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_check_transfer(
    client: *const calltransfer_client,
    failed: *const calltransfer_error,
    finding: *mut *mut calltransfer_finding,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(finding);
        guard_with_error(error, Outcome::NotApplied, || {
            let client = usable(client)?;
            let found = client.check(failed_transfer(failed)?)?;
            hand_out(finding, Box::new(calltransfer_finding::from(found)));
            Ok(())
        })
    }
}

/// # Safety
/// `failed` is NULL or an error that stays for `'a`.
pub(crate) unsafe fn failed_transfer<'a>(
    failed: *const calltransfer_error,
) -> Result<CheckSubject<'a>, ArgumentError> {
    // SAFETY: as the caller promises.
    let failed = unsafe { failed.as_ref() };
    failed
        .ok_or_else(|| ArgumentError::null("failed"))?
        .subject()
}

/// # Safety
/// `client` is NULL or a client that stays for `'a`.
pub(crate) unsafe fn usable<'a>(
    client: *const calltransfer_client,
) -> Result<&'a Arc<blocking::Client>, ArgumentError> {
    // SAFETY: as the caller promises.
    let client = unsafe { client.as_ref() };
    Ok(&client.ok_or_else(|| ArgumentError::null("client"))?.0)
}

/// The common beginning of all requests about a call.
///
/// # Safety
/// `client` is NULL or a client; `call_id` is NULL or ends in a NUL byte; both stay for `'a`.
unsafe fn client_and_id<'a>(
    client: *const calltransfer_client,
    call_id: *const c_char,
) -> Result<(&'a blocking::Client, &'a str), ArgumentError> {
    // SAFETY: as the caller promises.
    let (client, call_id) = unsafe { (usable(client)?, read(call_id)) };
    let call_id = call_id.map_err(|reason| ArgumentError::argument("call_id", reason))?;
    Ok((client, call_id))
}

/// Free a client and close its connections.
///
/// NULL: does nothing.
/// Memory: frees `client`; a second time is undefined, as with free(). Results, errors and lists
/// that it returned stay valid; a list keeps its connections open, but logs nothing any more.
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_free(client: *mut calltransfer_client) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(client) };
}
