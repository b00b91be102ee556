//! A client: the account's connection to the platform.

use calltransfer_core::{Outcome, blocking};

use crate::config::calltransfer_config;
use crate::error::calltransfer_error;
use crate::fault::Fault;
use crate::guard::{clear, guard_with_error, hand_out, take_back};
use crate::result::calltransfer_result;
use crate::transfer::calltransfer_transfer;

/// The account's connection to the platform. Make one and keep it: it holds connections.
pub struct calltransfer_client(blocking::Client);

/// Make a client of a configuration; nothing is opened before the first transfer.
///
/// Returns CALLTRANSFER_OK, or the kind of the error: CALLTRANSFER_E_CONFIGURATION tells the first
/// setting that could not be read, all that is missing, or the first that is wrong.
///
/// NULL: a NULL `config` or `client` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `error` only
/// the status tells.
/// Memory: `config` is copied; free `*client` with calltransfer_client_free() and `*error` with
/// calltransfer_error_free(). The one that doesn't apply is set to NULL.
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_new(
    config: *const calltransfer_config,
    client: *mut *mut calltransfer_client,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        clear(client);
        guard_with_error(error, Outcome::NotSent, || {
            let config = config.as_ref().ok_or_else(|| Fault::null("config"))?;
            if client.is_null() {
                return Err(Fault::null("client").into());
            }
            let made = blocking::Client::new(config.build()?);
            hand_out(client, Box::new(calltransfer_client(made)));
            Ok(())
        })
    }
}

/// Ask the platform to connect a live call to someone else, and wait for the outcome.
///
/// Sent at most once, but where the platform is known to have done nothing: it can't tell a repeat
/// from a second wish. Returns CALLTRANSFER_OK if the transfer was made, else the kind of the
/// error; calltransfer_error_outcome() says what became of the call.
///
/// NULL: a NULL `client` or `transfer` is CALLTRANSFER_E_INVALID_ARGUMENT; with a NULL `result` or
/// `error` only the status tells.
/// Memory: `transfer` is only read, and may be sent again; free `*result` with
/// calltransfer_result_free() and `*error` with calltransfer_error_free(). The one that doesn't
/// apply is set to NULL.
/// Threads: many at once, each waits for its own transfer only; `transfer` may be shared too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_transfer(
    client: *const calltransfer_client,
    transfer: *const calltransfer_transfer,
    result: *mut *mut calltransfer_result,
    error: *mut *mut calltransfer_error,
) -> i32 {
    // SAFETY: as the header asks of the caller. A panic may come after the request was sent.
    unsafe {
        clear(result);
        guard_with_error(error, Outcome::Unknown, || {
            let client = client.as_ref().ok_or_else(|| Fault::null("client"))?;
            let transfer = transfer.as_ref().ok_or_else(|| Fault::null("transfer"))?;
            let done = client.0.transfer(transfer.checked()?)?;
            hand_out(result, Box::new(calltransfer_result::from(done)));
            Ok(())
        })
    }
}

/// Free a client and close its connections.
///
/// NULL: does nothing.
/// Memory: frees `client`; a second time is undefined, as with free(). Results and errors that it
/// gave stay valid.
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_client_free(client: *mut calltransfer_client) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(client) };
}
