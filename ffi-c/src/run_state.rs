//! States of rows, as bits: several can be asked for at once.

use std::ffi::{CStr, c_char};

use calltransfer_runs::State;

use crate::panic::guard;

/// A row that is not sent yet, or whose request is proved to have changed nothing and is sent
/// again.
pub const CALLTRANSFER_RUN_PLANNED: i32 = 0x10000;
/// A row that a worker has; its request may have left. Never sent again unless you say so.
pub const CALLTRANSFER_RUN_SENDING: i32 = 0x20000;
/// A row whose transfer was made.
pub const CALLTRANSFER_RUN_APPLIED: i32 = 0x40000;
/// A row whose request the platform received, and did nothing.
pub const CALLTRANSFER_RUN_NOT_APPLIED: i32 = 0x80000;
/// A row of which no byte of the request body left.
pub const CALLTRANSFER_RUN_NOT_SENT: i32 = 0x100000;
/// A row whose transfer may or may not have been made. Never sent again unless you say so.
pub const CALLTRANSFER_RUN_UNKNOWN: i32 = 0x200000;

/// All bits that are states.
const ALL: i32 = 0x3f_0000;

pub(crate) fn number(state: State) -> i32 {
    match state {
        State::Planned => CALLTRANSFER_RUN_PLANNED,
        State::Sending => CALLTRANSFER_RUN_SENDING,
        State::Applied => CALLTRANSFER_RUN_APPLIED,
        State::NotApplied => CALLTRANSFER_RUN_NOT_APPLIED,
        State::NotSent => CALLTRANSFER_RUN_NOT_SENT,
        // What a newer library of runs may add is no known outcome.
        _ => CALLTRANSFER_RUN_UNKNOWN,
    }
}

/// The states of these bits, all of them for 0; `None` where a bit is not a state.
pub(crate) fn states(bits: i32) -> Option<Vec<State>> {
    if bits & !ALL != 0 {
        return None;
    }
    let all = State::ALL.iter().copied();
    let wanted = all.filter(|state| bits == 0 || bits & number(*state) != 0);
    Some(wanted.collect())
}

/// Return the name of a state, such as "not_sent": the same in every language.
///
/// Any other number is "no_such_state".
///
/// NULL: never returned.
/// Memory: static, not to be freed.
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn calltransfer_run_state_name(state: i32) -> *const c_char {
    guard(c"no_such_state".as_ptr(), || name(state).as_ptr())
}

fn name(state: i32) -> &'static CStr {
    match state {
        CALLTRANSFER_RUN_PLANNED => c"planned",
        CALLTRANSFER_RUN_SENDING => c"sending",
        CALLTRANSFER_RUN_APPLIED => c"applied",
        CALLTRANSFER_RUN_NOT_APPLIED => c"not_applied",
        CALLTRANSFER_RUN_NOT_SENT => c"not_sent",
        CALLTRANSFER_RUN_UNKNOWN => c"unknown",
        _ => c"no_such_state",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_bit_and_its_name() {
        let mut bits = 0;
        for state in State::ALL {
            let bit = number(*state);
            assert_eq!((bit.count_ones(), bits & bit), (1, 0));
            assert_eq!(name(bit).to_str(), Ok(state.as_str()));
            assert_eq!(states(bit), Some(vec![*state]));
            bits |= bit;
        }
        assert_eq!(bits, ALL);
        assert_eq!(states(0).as_deref(), Some(State::ALL));
        assert_eq!((states(1), states(-1)), (None, None));
        assert_eq!(name(3), c"no_such_state");
    }
}
