//! The only place that reads a clock.
//!
//! Leases and the pace use a clock that continues while a process is stopped or the machine is
//! suspended, and that can't be set. It begins again with each start of the machine, so its times are
//! stored with the machine's boot ID.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds of the machine's own clock, which counts suspension and can't be set.
#[cfg(unix)]
pub(crate) fn machine_us() -> i64 {
    micros(calltransfer::clock::since_boot())
}

/// Microseconds since 1970: shared by the processes of the machine, but it can be set.
#[cfg(not(unix))]
pub(crate) fn machine_us() -> i64 {
    micros(UNIX_EPOCH.elapsed().unwrap_or_default())
}

/// Which start of the machine [`machine_us`] counts from.
pub(crate) fn boot_id() -> String {
    calltransfer::clock::boot_id().unwrap_or_default()
}

/// Milliseconds since 1970, for people and for a run's deadline, which outlives a restart.
pub(crate) fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// A duration in microseconds.
pub(crate) fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}
