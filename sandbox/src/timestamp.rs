//! Times: of the wall clock, and as the API writes them.

use jiff::Timestamp;

/// The wall clock, in UNIX milliseconds.
pub(crate) fn wall_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

/// As the API writes a time.
pub(crate) fn iso(time: Timestamp) -> String {
    format!("{time:.3}")
}
