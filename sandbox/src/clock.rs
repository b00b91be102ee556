//! The time of the sandbox, to the millisecond, as the API writes it.

use jiff::Timestamp;

pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

pub(crate) fn iso(time: Timestamp) -> String {
    format!("{time:.3}")
}
