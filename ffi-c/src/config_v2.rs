//! The credentials of the v2 API, as setters of a configuration.

use std::ffi::c_char;

use crate::config::{calltransfer_config, set_text};

/// Set the account's ID, such as "5500099". Needed for the v2 API.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `account_id` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `account_id` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_account_id(
    config: *mut calltransfer_config,
    account_id: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(config, "account_id", account_id, |builder, text| {
            builder.account_id(text)
        })
    }
}

/// Set the ID of a client that may fetch OAuth2 tokens, for the v2 API.
///
/// Together with client_secret.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `client_id` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `client_id` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_client_id(
    config: *mut calltransfer_config,
    client_id: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(config, "client_id", client_id, |builder, text| {
            builder.client_id(text)
        })
    }
}

/// Set the secret of that client. It is sent only to the token endpoint.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `client_secret` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `client_secret` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_client_secret(
    config: *mut calltransfer_config,
    client_secret: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(config, "client_secret", client_secret, |builder, text| {
            builder.client_secret(text)
        })
    }
}

/// Set the name of an API user, for the v2 API with basic authentication.
///
/// Together with password, instead of client_id and client_secret. The platform is phasing it out.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `username` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `username` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_username(
    config: *mut calltransfer_config,
    username: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(config, "username", username, |builder, text| {
            builder.username(text)
        })
    }
}

/// Set the password of that API user.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `password` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `password` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_password(
    config: *mut calltransfer_config,
    password: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe {
        set_text(config, "password", password, |builder, text| {
            builder.password(text)
        })
    }
}

/// Set the API to use: "v1" or "v2".
///
/// By default the credentials decide; it is needed only if there are credentials for both.
///
/// NULL: a NULL `config` is CALLTRANSFER_E_INVALID_ARGUMENT; a NULL `api` is
/// CALLTRANSFER_E_CONFIGURATION, which calltransfer_client_new() reports too.
/// Memory: `api` is copied.
/// Threads: one at a time per configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calltransfer_config_set_api(
    config: *mut calltransfer_config,
    api: *const c_char,
) -> i32 {
    // SAFETY: as the header asks of the caller.
    unsafe { set_text(config, "api", api, |builder, text| builder.api(text)) }
}
