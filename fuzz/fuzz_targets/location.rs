//! Any `Location`: what is taken for an id is one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    calltransfer::fuzzing::location(text);
    calltransfer::fuzzing::location(&format!("/v1/users/u-1/calls/{text}"));
});
