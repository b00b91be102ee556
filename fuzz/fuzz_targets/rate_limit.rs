//! Any headers of a rate limit: the wait stays within a minute.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|headers: (&[u8], &[u8], &[u8])| {
    calltransfer::fuzzing::rate_limit(headers.0, headers.1, headers.2);
});
