//! Limits of a configuration: connections of a queue, transfers a second; and its copy.

use crate::argument_error::ArgumentError;
use crate::config::{calltransfer_config, set};
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
        set(config, |builder| match usize::try_from(max_connections) {
            Ok(most) => Ok(builder.max_connections(most)),
            Err(_) => Err(ArgumentError::setting("max_connections", "is negative")),
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
    unsafe { set(config, |builder| Ok(builder.rate(rate))) }
}

/// Make a copy of a configuration, with the same log functions.
///
/// NULL: returned for a NULL `config`.
/// Memory: copies everything but `user_data` of the logs; free the copy with
/// calltransfer_config_free().
/// Threads: many at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_copy(
    config: *const calltransfer_config,
) -> *mut calltransfer_config {
    guard(std::ptr::null_mut(), || {
        // SAFETY: as the header asks of the caller.
        let config = unsafe { config.as_ref() };
        config.map_or(std::ptr::null_mut(), |config| {
            Box::into_raw(Box::new(config.clone()))
        })
    })
}
