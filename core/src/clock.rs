//! Time since the machine's start, which goes on while it is suspended: connections die then, and
//! leases pass. Public for `calltransfer-runs`; not part of the API.

use std::time::Duration;

/// By a clock that can't be set, and is the same for all processes of the machine.
#[cfg(unix)]
pub fn since_boot() -> Duration {
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
        // Far in the future: then every connection is too old, and every lease is over.
        return Duration::from_secs(u64::from(u32::MAX));
    }
    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        reason = "their width differs between systems"
    )]
    let (seconds, nanoseconds) = (time.tv_sec as u64, time.tv_nsec as u64);
    Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds)
}

/// Which start of the machine [`since_boot`] counts from; `None` where that has no name.
pub fn boot_id() -> Option<String> {
    if !cfg!(unix) {
        return None;
    }
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let id = id.trim();
    (!id.is_empty()).then(|| id.to_owned())
}

/// Since the first call, by the clock that never goes back.
#[cfg(not(unix))]
pub fn since_boot() -> Duration {
    static FIRST: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let first = FIRST.get_or_init(std::time::Instant::now);
    first.elapsed() + Duration::from_secs(1)
}
