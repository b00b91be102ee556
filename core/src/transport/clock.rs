//! Time since the system's start, which goes on while the system is suspended: connections die then.

use std::time::Duration;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn since_boot() -> Duration {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` is valid for the call.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut now) };
    let (seconds, nanos) = (now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs());
    #[allow(clippy::useless_conversion, reason = "32 bits wide on some systems")]
    let nanos = u64::from(nanos);
    #[allow(clippy::useless_conversion, reason = "32 bits wide on some systems")]
    let seconds = u64::from(seconds);
    Duration::from_secs(seconds) + Duration::from_nanos(nanos)
}

/// Since the first call, by the clock that never goes back.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn since_boot() -> Duration {
    static FIRST: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let first = FIRST.get_or_init(std::time::Instant::now);
    first.elapsed() + Duration::from_secs(1)
}
