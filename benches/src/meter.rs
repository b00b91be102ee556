//! The clock of a run: a time to warm up, a time that counts, and what it came to.

use std::time::{Duration, Instant};

/// When a run began, counts and ends.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    counts_from: Instant,
    ends: Instant,
}

impl Window {
    /// A window that opens after `warm` seconds, for `seconds`.
    pub fn open(warm: f64, seconds: f64) -> Self {
        let counts_from = Instant::now() + Duration::from_secs_f64(warm);
        let ends = counts_from + Duration::from_secs_f64(seconds);
        Self { counts_from, ends }
    }

    /// Whether nothing more should begin at `now`.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.ends
    }
}

/// Keeps how long each transfer took that ended inside of the window.
#[derive(Debug)]
pub struct Meter {
    window: Window,
    took: Vec<u32>,
    processor_at_begin: Option<f64>,
    processor: f64,
}

impl Meter {
    /// Room is taken beforehand, so that the measured time holds no growing.
    pub fn new(window: Window) -> Self {
        Self {
            window,
            took: Vec::with_capacity(1 << 18),
            processor_at_begin: None,
            processor: 0.0,
        }
    }

    /// Notes a transfer that has just ended.
    pub fn ended(&mut self, begin: Instant, now: Instant) {
        if now < self.window.counts_from {
            return;
        }
        let at_begin = *self
            .processor_at_begin
            .get_or_insert_with(processor_seconds);
        if now < self.window.ends {
            self.took.push((now - begin).as_nanos() as u32);
        } else if self.processor == 0.0 {
            self.processor = processor_seconds() - at_begin;
        }
    }

    /// One line of JSON.
    pub fn report(&mut self) {
        let at_begin = self.processor_at_begin.unwrap_or_default();
        if self.processor == 0.0 {
            self.processor = processor_seconds() - at_begin;
        }
        self.took.sort_unstable();
        let at = |share: f64| {
            let place = (self.took.len() as f64 * share) as usize;
            f64::from(self.took.get(place).copied().unwrap_or_default()) / 1000.0
        };
        let seconds = self.window.ends - self.window.counts_from;
        println!(
            "{}",
            serde_json::json!({
                "transfers": self.took.len(),
                "seconds": seconds.as_secs_f64(),
                "p50_us": at(0.5),
                "p99_us": at(0.99),
                "processor_seconds": self.processor,
                "peak_kib": peak_kib(),
            })
        );
    }
}

/// What this process has used of the processor, in all its threads.
pub fn processor_seconds() -> f64 {
    let mut used = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is valid for the call.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut used) };
    used.tv_sec as f64 + used.tv_nsec as f64 / 1e9
}

/// The most memory that this process has had, in KiB.
pub fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|kib| kib.parse().ok()).unwrap_or_default()
}
