//! Limits of a configuration: connections of a queue, transfers a second; its check and its copy.

use calltransfer_core::{ConfigBuilder, Outcome};

use crate::argument_error::ArgumentError;
use crate::config::{calltransfer_config, set};
use crate::error::calltransfer_error;
use crate::guard::guard_with_error;
use crate::handle::owned;
use crate::log_record::LogGate;
use crate::panic::guard;

/// Set how many connections one queue has open at most, and so how many requests are in progress at
/// the same time.
///
/// 1 to 10,000; by default 64. Further requests wait for a free connection within their own
/// timeout. A request that gets none in the first nine tenths of it ends with
/// CALLTRANSFER_E_TIMEOUT, and was not sent. A client has as many connections as threads that use
/// it.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_max_connections(
    config: *mut calltransfer_config,
    max_connections: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(config, || {
            let most = usize::try_from(max_connections);
            let negative = |_| ArgumentError::setting("max_connections", "is negative");
            let most = most.map_err(negative)?;
            Ok(move |builder: ConfigBuilder| builder.max_connections(most))
        })
    }
}

/// Set how many transfers a client or a queue begins per second at most, evenly spread.
///
/// 0.001 to 1,000,000; by default no limit. Further attempts aren't counted. If the platform
/// reports a rate limit, all transfers wait until the limit clears, and then continue more slowly.
/// A transfer that can't begin within its timeout ends with CALLTRANSFER_E_TIMEOUT at once, and was
/// not sent.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_rate(
    config: *mut calltransfer_config,
    rate: f64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(config, || {
            Ok(move |builder: ConfigBuilder| builder.rate(rate))
        })
    }
}

/// Check a configuration: return the error that calltransfer_client_new() reports for it. Opens and
/// sends nothing.
///
/// NULL: returned if nothing is wrong; a NULL `config` gives an error of the kind
/// CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: `config` is only read; free the error with calltransfer_error_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_config_check(
    config: *const calltransfer_config,
) -> *mut calltransfer_error {
    let mut error = std::ptr::null_mut();
    // SAFETY: as the header asks of the caller; `error` is a local variable.
    unsafe {
        guard_with_error(&mut error, Outcome::NotSent, || {
            let config = config.as_ref();
            let config = config.ok_or_else(|| ArgumentError::null("config"))?;
            config.build(&LogGate::new())?;
            Ok(())
        });
    }
    error
}

/// Make a copy of a configuration, with the same log functions.
///
/// NULL: returned for a NULL `config`.
/// Memory: copies everything but `user_data` of the logs; free the copy with
/// calltransfer_config_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn calltransfer_config_copy(
    config: *const calltransfer_config,
) -> *mut calltransfer_config {
    guard(std::ptr::null_mut(), || {
        // SAFETY: as the header asks of the caller.
        let config = unsafe { config.as_ref() };
        config.map_or(std::ptr::null_mut(), |config| owned(config.clone()))
    })
}
