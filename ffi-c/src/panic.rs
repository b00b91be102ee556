//! No panic leaves the library: one place where they end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::uncancellable::Uncancellable;

/// Runs `body`; a panic becomes `panicked`.
///
/// The process's panic hook stays as it is, so a panic is still printed: replacing the hook call by
/// call would race with the host.
pub(crate) fn guard<T>(panicked: T, body: impl FnOnce() -> T) -> T {
    let _uncancellable = Uncancellable::new();
    let body = || {
        #[cfg(feature = "forced-panic")]
        forced_panic("border");
        body()
    };
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(payload) => {
            // Its destructor may panic in turn; then, and only then, the second payload is leaked.
            if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(second);
            }
            panicked
        }
    }
}

/// Panics where the environment says so: what no program can bring about is tried so from C.
#[cfg(feature = "forced-panic")]
#[allow(clippy::panic, reason = "what it is for")]
pub(crate) fn forced_panic(place: &str) {
    if std::env::var_os("CALLTRANSFER_FORCED_PANIC").is_some_and(|named| named == place) {
        panic!("on purpose");
    }
}

/// For tests: its destructor panics, too.
#[cfg(test)]
pub(crate) struct PanicsWhenDropped;

#[cfg(test)]
impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        std::panic::panic_any("and again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_becomes_the_value_for_it() {
        assert_eq!(guard(7, || panic!("on purpose")), 7);
    }

    #[test]
    fn payload_that_panics_when_dropped_stays_inside() {
        assert_eq!(guard(7, || std::panic::panic_any(PanicsWhenDropped)), 7);
    }
}
