//! Any body and content type of an event: an event or an error, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|given: (u8, &[u8])| {
    let content_types = [
        None,
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("text/plain"),
    ];
    calltransfer::fuzzing::event(
        given.1,
        content_types[usize::from(given.0) % content_types.len()],
    );
});
