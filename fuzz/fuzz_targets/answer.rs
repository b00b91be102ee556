//! Any answer of the platform: its status, `Location` and body.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: (u16, &[u8], &[u8])| {
    calltransfer::fuzzing::read_answer(answer.0 % 1000, answer.1, answer.2);
});
