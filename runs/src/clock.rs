//! The only place that reads a clock.
//!
//! Leases and the pace are counted on a clock that goes on while a process is stopped or the
//! machine is suspended, and that no one can set. It begins again with each start of the machine, so
//! what is stored of it goes with the machine's boot ID.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds of the machine's own clock, which counts suspension and can't be set.
#[cfg(unix)]
pub(crate) fn machine_us() -> i64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: libc::clockid_t = libc::CLOCK_BOOTTIME;
    // On Apple's systems and the BSDs this one goes on during suspension.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC;
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place for the result.
    let failed = unsafe { libc::clock_gettime(CLOCK, &raw mut time) };
    if failed != 0 {
        // Far in the future: no permit is given by a clock that can't be read.
        return i64::MAX / 4;
    }
    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        reason = "their width differs between systems"
    )]
    let (seconds, nanoseconds) = (time.tv_sec as i64, time.tv_nsec as i64);
    seconds * 1_000_000 + nanoseconds / 1_000
}

/// Microseconds since the first call: what is stored of it is worth nothing in another process.
#[cfg(not(unix))]
pub(crate) fn machine_us() -> i64 {
    micros(UNIX_EPOCH.elapsed().unwrap_or_default())
}

/// Which start of the machine [`machine_us`] counts from.
pub(crate) fn boot_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map_or_else(|_| String::new(), |id| id.trim().to_owned())
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
