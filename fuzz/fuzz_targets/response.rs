//! Any response of the platform: its status, `Location` and body.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|response: (u16, &[u8], &[u8])| {
    calltransfer::fuzzing::read_response(response.0 % 1000, response.1, response.2);
});
