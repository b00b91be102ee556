//! A configuration: account, base URL, timeouts.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;
use std::time::Duration;

use calltransfer_core::{Config, ConfigBuilder};

use crate::argument_error::ArgumentError;
use crate::checked::{Checked, change};
use crate::error::calltransfer_error;
use crate::handle::{Handle, owned, take_back};
use crate::log_record::{LogGate, RecordLog, calltransfer_log_line_function};
use crate::panic::guard;
use crate::status::{CALLTRANSFER_E_INTERNAL, CALLTRANSFER_E_INVALID_ARGUMENT, CALLTRANSFER_OK};
use crate::text::{c_string, read};
use crate::user_data::{Log, UserData};

/// The settings of a client or queue: account, base URL, timeouts and more.
#[derive(Clone)]
pub struct calltransfer_config {
    builder: Checked<ConfigBuilder>,
    log: Option<Log>,
    /// Records as they come, on whatever thread.
    pub(crate) records: Option<RecordLog>,
}

// SAFETY: only `_new` functions and `hand_out` return it to be freed.
unsafe impl Handle for calltransfer_config {}

impl calltransfer_config {
    /// The configuration of a client whose logs run on the threads that make the calls.
    pub(crate) fn build(&self, gate: &Arc<LogGate>) -> Result<Config, Box<calltransfer_error>> {
        let log = self.log;
        let line = move |line: CString| {
            if let Some(log) = log {
                log.write(&line);
            }
        };
        self.build_observed(log.map(|_| line), gate)
    }

    /// The configuration of a client that gives each line of its log to `observe`.
    pub(crate) fn build_observed(
        &self,
        observe: Option<impl Fn(CString) + Send + Sync + 'static>,
        gate: &Arc<LogGate>,
    ) -> Result<Config, Box<calltransfer_error>> {
        let builder = self.builder.checked()?.clone();
        let (records, gate) = (self.records, Arc::clone(gate));
        if observe.is_none() && records.is_none() {
            return Ok(builder.build()?);
        }
        let observed = builder.on_attempt(move |attempt| {
            gate.pass(|| {
                if let Some(records) = records {
                    records.write(attempt);
                }
                if let Some(observe) = &observe {
                    observe(c_string(&attempt.to_string()));
                }
            });
        });
        Ok(observed.build()?)
    }

    pub(crate) fn log(&self) -> Option<Log> {
        self.log
    }
}

/// Changes a configuration, or remembers why it can't be.
///
/// # Safety
/// `config` is NULL or a configuration that no other thread uses now.
pub(crate) unsafe fn set<C>(
    config: *mut calltransfer_config,
    read: impl FnOnce() -> Result<C, ArgumentError>,
) -> i32
where
    C: FnOnce(ConfigBuilder) -> ConfigBuilder,
{
    // SAFETY: as the caller promises.
    unsafe {
        change(
            config,
            |config| &mut config.builder,
            || {
                let set = read()?;
                Ok(|builder: &mut ConfigBuilder| *builder = set(std::mem::take(builder)))
            },
        )
    }
}

/// As [`set`], of a C string.
///
/// # Safety
/// As of [`set`]; `text` is NULL or ends in a NUL byte.
pub(crate) unsafe fn set_text(
    config: *mut calltransfer_config,
    field: &'static str,
    text: *const c_char,
    store: fn(ConfigBuilder, &str) -> ConfigBuilder,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        set(config, || {
            let text = read(text).map_err(|reason| ArgumentError::setting(field, reason))?;
            Ok(move |builder| store(builder, text))
        })
    }
}

/// Make a configuration with nothing set.
///
/// The status of the setters may be ignored: calltransfer_client_new() reports the first value that
/// could not be read. It also checks which values are allowed.
///
/// NULL: returned only after a bug in the library (a panic).
/// Memory: free it with calltransfer_config_free(), at any time: clients have a copy.
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn calltransfer_config_new() -> *mut calltransfer_config {
    guard(std::ptr::null_mut(), || {
        owned(calltransfer_config {
            builder: Checked::new(Config::builder(), None),
            log: None,
            records: None,
        })
    })
}

/// Set the account's user ID, such as "u-abc123". Needed for the v1 API.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `user_id` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `user_id` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_user_id(
    config: *mut calltransfer_config,
    user_id: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(config, "user_id", user_id, |builder, text| {
            builder.user_id(text)
        })
    }
}

/// Set the API token. Needed for the v1 API.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `token` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `token` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_token(
    config: *mut calltransfer_config,
    token: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_text(config, "token", token, |builder, text| builder.token(text)) }
}

/// Set the API secret. Needed for the v1 API.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `secret` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `secret` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_secret(
    config: *mut calltransfer_config,
    secret: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(config, "secret", secret, |builder, text| {
            builder.secret(text)
        })
    }
}

/// Set the URL of the platform: https, or http to this machine. By default the platform's own URL.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `base_url` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `base_url` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_base_url(
    config: *mut calltransfer_config,
    base_url: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(config, "base_url", base_url, |builder, text| {
            builder.base_url(text)
        })
    }
}

/// Set a PEM file of certificates to trust, instead of the system's.
///
/// By default the system's certificates are trusted, or those that SSL_CERT_FILE and SSL_CERT_DIR
/// name. The file has at most 16 MiB. It is read once for a client or a queue, before its first
/// https request and within the timeout of that request, on a thread of the library, so that a file
/// that blocks does not delay other requests.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `ca_file` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `ca_file` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_ca_file(
    config: *mut calltransfer_config,
    ca_file: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(config, "ca_file", ca_file, |builder, text| {
            builder.ca_file(text)
        })
    }
}

/// Set the timeout of one transfer, including all attempts and waits.
///
/// 1 ms to 1 hour; by default 10 seconds.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_timeout_ms(
    config: *mut calltransfer_config,
    timeout_ms: i64,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(config, || {
            let timeout = u64::try_from(timeout_ms);
            let timeout = timeout.map_err(|_| ArgumentError::setting("timeout", "is negative"))?;
            Ok(move |builder: ConfigBuilder| builder.timeout(Duration::from_millis(timeout)))
        })
    }
}

/// Set how many times a transfer is retried at most; only if that can't make it twice.
///
/// By default 2; 0 turns retries off. There is no highest number: the timeout ends the retries.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_max_retries(
    config: *mut calltransfer_config,
    max_retries: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(config, || {
            let most = u32::try_from(max_retries);
            let most = most.map_err(|_| ArgumentError::setting("max_retries", "is negative"))?;
            Ok(move |builder: ConfigBuilder| builder.max_retries(most))
        })
    }
}

/// Set an http proxy for the https connection, such as "http://user:password@proxy:3128".
///
/// It gets a CONNECT request, and sees neither credentials nor calls. None by default: of the
/// environment, only CALLTRANSFER_PROXY is read, by calltransfer_config_use_environment(), not
/// HTTPS_PROXY and similar variables. Write a backslash in the user name as %5C.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `proxy` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `proxy` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_proxy(
    config: *mut calltransfer_config,
    proxy: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_text(config, "proxy", proxy, |builder, text| builder.proxy(text)) }
}

/// Set whether a connection is used again for the next request.
///
/// By default 1: a connection is kept for at most 50 seconds, or for less if the server is known to
/// close it earlier. If the server closes a connection just when a request is sent on it, the
/// outcome may be unknown; 0 opens a connection for each request, so that this can't happen.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_keep_alive(
    config: *mut calltransfer_config,
    keep_alive: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(config, || {
            Ok(move |builder: ConfigBuilder| builder.keep_alive(keep_alive != 0))
        })
    }
}

/// Set whether a client or a queue keeps a connection open while it is idle, and renews it.
///
/// By default 0. With 1 a transfer takes one round trip at any time; a token of v2 is renewed as
/// well. This costs a TLS handshake about every 40 seconds, and in a client one thread. It ends
/// with the client or the queue. Requires calltransfer_config_set_keep_alive() to be 1.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: copies nothing, keeps nothing.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_keep_ready(
    config: *mut calltransfer_config,
    keep_ready: i32,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set(config, || {
            Ok(move |builder: ConfigBuilder| builder.keep_ready(keep_ready != 0))
        })
    }
}

/// Set a function that is called for each attempt with one line: request, host, outcome, time.
///
/// The line is that of calltransfer_log_record_line(): it contains no secret and no phone number. Of
/// a queue's requests it comes inside calltransfer_queue_next(); to get it at once, or with its
/// level, use calltransfer_config_set_log_function(). `log` must not call longjmp() or throw, and
/// should not block, because requests wait for it. It must not use or free the client or queue whose
/// requests it logs, except that it may call calltransfer_queue_wake().
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `log` switches it off;
/// `user_data` may be NULL and is passed on as it is.
/// Memory: `line` is the library's, valid until `log` returns; `user_data` stays yours, and must
/// live as long as any client or queue of this configuration: to free one waits for a function that
/// runs, and none runs after.
/// Threads: one at a time per configuration; `log` runs on the threads that use a client, many at
/// once, and for a queue's requests on those that are in calltransfer_queue_next().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_log(
    config: *mut calltransfer_config,
    log: calltransfer_log_line_function,
    user_data: *mut c_void,
) -> i32 {
    guard(CALLTRANSFER_E_INTERNAL, || {
        // SAFETY: as the header asks of the caller.
        let Some(config) = (unsafe { config.as_mut() }) else {
            return CALLTRANSFER_E_INVALID_ARGUMENT;
        };
        let user_data = UserData(user_data);
        config.log = log.map(|function| Log {
            function,
            user_data,
        });
        CALLTRANSFER_OK
    })
}

/// Read the settings that aren't set from the environment.
///
/// For v1 BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET; for v2 BW_ACCOUNT_ID,
/// BW_CLIENT_ID and BW_CLIENT_SECRET, or BW_USERNAME and BW_PASSWORD; CALLTRANSFER_API,
/// CALLTRANSFER_BASE_URL, and with an https base URL CALLTRANSFER_PROXY. An empty variable counts
/// as absent. In a set-user-id program, and in one with file capabilities, the environment is
/// ignored, because the user who started the program controls it.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT.
/// Memory: the values are copied.
/// Threads: one at a time per configuration, and none that changes the environment meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_use_environment(
    config: *mut calltransfer_config,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set(config, || Ok(ConfigBuilder::or_env)) }
}

/// Free a configuration; clients that were made with it stay valid.
///
/// NULL: does nothing.
/// Memory: frees `config`; a second time is undefined, as with free().
/// Threads: any, once no other uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_free(config: *mut calltransfer_config) {
    // SAFETY: as the header asks of the caller.
    unsafe { take_back(config) };
}
