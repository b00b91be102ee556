//! Numbers and names of what can happen. Numbers are never changed and never reused.

use std::ffi::{CStr, c_char};

use calltransfer_core::{ErrorKind, Outcome};

use crate::panic::guard;

/// It was done. Every other status is the kind of an error.
pub const CALLTRANSFER_OK: i32 = 0;
/// An argument can't be sent; calltransfer_error_field() names it.
pub const CALLTRANSFER_E_INVALID_ARGUMENT: i32 = 1;
/// A setting is missing or wrong; calltransfer_error_field() names it.
pub const CALLTRANSFER_E_CONFIGURATION: i32 = 2;
/// The host's name could not be resolved, no connection could be made, or the process has no file
/// descriptors or threads left for one.
pub const CALLTRANSFER_E_CONNECTION: i32 = 3;
/// The time ran out before the request was sent.
pub const CALLTRANSFER_E_TIMEOUT: i32 = 4;
/// The TLS handshake failed: the certificate or host name is not trusted, or the connection was
/// lost.
pub const CALLTRANSFER_E_TLS: i32 = 5;
/// The proxy refused or failed.
pub const CALLTRANSFER_E_PROXY: i32 = 6;
/// The caller stopped the request before it was sent, or while it only read.
pub const CALLTRANSFER_E_CANCELLED: i32 = 7;
/// A bug in this library; please report it.
pub const CALLTRANSFER_E_INTERNAL: i32 = 8;
/// The request may have arrived, and nothing shows whether it was carried out.
pub const CALLTRANSFER_E_OUTCOME_UNKNOWN: i32 = 9;
/// The response was a redirect, which is never followed.
pub const CALLTRANSFER_E_REDIRECT_REFUSED: i32 = 10;
/// The platform rejected the request as invalid.
pub const CALLTRANSFER_E_BAD_REQUEST: i32 = 11;
/// The platform rejected the credentials.
pub const CALLTRANSFER_E_AUTHENTICATION: i32 = 12;
/// The account may not do this, or not with this number.
pub const CALLTRANSFER_E_AUTHORIZATION: i32 = 13;
/// The account has no credit left.
pub const CALLTRANSFER_E_INSUFFICIENT_CREDIT: i32 = 14;
/// The platform forbids this transfer.
pub const CALLTRANSFER_E_FORBIDDEN: i32 = 15;
/// The platform has no such call.
pub const CALLTRANSFER_E_CALL_NOT_FOUND: i32 = 16;
/// The call isn't active: not answered yet, already transferred, or ended.
pub const CALLTRANSFER_E_CALL_NOT_ACTIVE: i32 = 17;
/// Another update of this call is in progress.
pub const CALLTRANSFER_E_CONFLICT: i32 = 18;
/// Too many requests; calltransfer_error_retry_after_ms() says when the limit clears.
pub const CALLTRANSFER_E_RATE_LIMITED: i32 = 19;
/// The call is still being set up.
pub const CALLTRANSFER_E_UNAVAILABLE: i32 = 20;
/// The platform refused for a reason that has no kind of its own, or another server responded with
/// 404.
pub const CALLTRANSFER_E_REJECTED: i32 = 21;

/// No byte of the request body left this process.
pub const CALLTRANSFER_OUTCOME_NOT_SENT: i32 = 101;
/// The platform received the request and did nothing.
pub const CALLTRANSFER_OUTCOME_NOT_APPLIED: i32 = 102;
/// The transfer was made.
pub const CALLTRANSFER_OUTCOME_APPLIED: i32 = 103;
/// It may or may not have been made: check the call before sending it again.
pub const CALLTRANSFER_OUTCOME_UNKNOWN: i32 = 104;

/// Return the name of a kind, such as "rate_limited": the same in every language.
///
/// CALLTRANSFER_OK is "ok"; any other number is "no_such_kind".
///
/// NULL: never returned.
/// Memory: static, not to be freed.
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn calltransfer_kind_name(kind: i32) -> *const c_char {
    guard(c"no_such_kind".as_ptr(), || kind_name(kind).as_ptr())
}

/// Return the name of an outcome, such as "not_applied": the same in every language.
///
/// Any other number is "no_such_outcome".
///
/// NULL: never returned.
/// Memory: static, not to be freed.
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn calltransfer_outcome_name(outcome: i32) -> *const c_char {
    guard(c"no_such_outcome".as_ptr(), || {
        outcome_name(outcome).as_ptr()
    })
}

pub(crate) fn kind_name(number: i32) -> &'static CStr {
    if number == CALLTRANSFER_OK {
        return c"ok";
    }
    let mut named = ErrorKind::ALL.iter().zip(&KIND_NAMES);
    let found = named.find(|(kind, _)| kind.number() == number);
    found.map_or(c"no_such_kind", |(_, name)| read(name))
}

pub(crate) fn outcome_name(number: i32) -> &'static CStr {
    let mut named = Outcome::ALL.iter().zip(&OUTCOME_NAMES);
    let found = named.find(|(outcome, _)| outcome.number() == number);
    found.map_or(c"no_such_outcome", |(_, name)| read(name))
}

/// A name with the NUL byte that C needs; a longer name doesn't compile.
type Name = [u8; 32];

static KIND_NAMES: [Name; ErrorKind::ALL.len()] = {
    let mut names = [[0; _]; ErrorKind::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = terminated(ErrorKind::ALL[i].as_str());
        i += 1;
    }
    names
};

static OUTCOME_NAMES: [Name; Outcome::ALL.len()] = {
    let mut names = [[0; _]; Outcome::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = terminated(Outcome::ALL[i].as_str());
        i += 1;
    }
    names
};

const fn terminated(name: &str) -> Name {
    let mut row: Name = [0; _];
    assert!(name.len() < row.len());
    let (head, _) = row.split_at_mut(name.len());
    head.copy_from_slice(name.as_bytes());
    row
}

fn read(name: &'static Name) -> &'static CStr {
    CStr::from_bytes_until_nul(name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_outcome_has_its_name() {
        for kind in ErrorKind::ALL {
            let name = kind_name(kind.number());
            assert_eq!(name.to_str(), Ok(kind.as_str()));
        }
        for outcome in Outcome::ALL {
            let name = outcome_name(outcome.number());
            assert_eq!(name.to_str(), Ok(outcome.as_str()));
        }
    }

    #[test]
    fn unknown_number_is_named_no_such_kind_or_outcome() {
        for number in [-1, 1000, i32::MIN, i32::MAX] {
            assert_eq!(kind_name(number), c"no_such_kind");
            assert_eq!(outcome_name(number), c"no_such_outcome");
        }
        assert_eq!(kind_name(CALLTRANSFER_OK), c"ok");
        assert_eq!(outcome_name(0), c"no_such_outcome");
    }
}
