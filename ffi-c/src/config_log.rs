//! The function of a configuration that gets records of attempts.

use std::ffi::c_void;

use crate::config::calltransfer_config;
use crate::log_record::{RecordLog, calltransfer_log_function};
use crate::panic::guard;
use crate::status::{CALLTRANSFER_E_INTERNAL, CALLTRANSFER_E_INVALID_ARGUMENT, CALLTRANSFER_OK};
use crate::user_data::UserData;

/// Set a function that gets a record of each attempt when it ends, also of a queue's requests.
///
/// It must not call longjmp() or throw, and should not block, because requests wait for it. It must
/// not use or free the client or queue whose requests it logs, except that it may call
/// calltransfer_queue_wake(). It may be used together with calltransfer_config_set_log().
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `function` switches it off;
/// `user_data` may be NULL and is passed on as it is.
/// Memory: the record is the library's, valid until `function` returns; `user_data` stays yours, and
/// must live as long as any client or queue of this configuration: to free one waits for a function
/// that runs, and none runs after.
/// Threads: one at a time per configuration; `function` runs on the threads that use a client, and
/// for a queue's requests on the library's own threads, many at once, with all signals blocked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_log_function(
    config: *mut calltransfer_config,
    function: calltransfer_log_function,
    user_data: *mut c_void,
) -> i32 {
    guard(CALLTRANSFER_E_INTERNAL, || {
        // SAFETY: as the header asks of the caller.
        let Some(config) = (unsafe { config.as_mut() }) else {
            return CALLTRANSFER_E_INVALID_ARGUMENT;
        };
        let user_data = UserData(user_data);
        config.records = function.map(|function| RecordLog::new(function, user_data));
        CALLTRANSFER_OK
    })
}
