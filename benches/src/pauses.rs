//! A client that waits, and is timed after each wait: what `make bench-distance` runs.

use std::io::{self, BufRead};
use std::time::Instant;

use crate::processor_seconds;

/// After so many seconds an idle client has opened what it keeps open.
const SETTLED: f64 = 10.0;
/// Seconds between `prepare()` and the transfer, and between a client with `keep_ready` and its first.
const DECISION: f64 = 1.0;

/// What one client does.
#[derive(Debug, Clone)]
pub struct Pauses {
    variant: String,
    seconds: Vec<f64>,
}

impl Pauses {
    /// `variant` is `plain`, `prepare`, `keep_ready` or `idle`; `seconds` is a list with commas.
    pub fn new(variant: &str, seconds: &str) -> Self {
        let seconds = seconds.split(',');
        Self {
            variant: variant.to_owned(),
            seconds: seconds.map(|one| one.parse().expect("seconds")).collect(),
        }
    }

    /// Whether the client has `keep_ready`.
    pub fn keep_ready(&self) -> bool {
        ["keep_ready", "idle"].contains(&self.variant.as_str())
    }

    /// Waits for a line of input, then prints what each transfer took, in milliseconds, as JSON.
    pub fn run(&self, pause: impl Fn(f64), prepare: impl Fn(), transfer: impl Fn()) {
        println!("ready");
        let started = io::stdin().lock().lines().next();
        started.expect("a line").expect("a line");
        let timed = || {
            let begin = Instant::now();
            transfer();
            begin.elapsed().as_secs_f64() * 1e3
        };
        let result = match self.variant.as_str() {
            "idle" => self.idle(pause),
            "prepare" => {
                prepare();
                pause(DECISION);
                serde_json::json!({ "ms": [timed()] })
            }
            _ => {
                if self.keep_ready() {
                    pause(DECISION);
                }
                let mut took = vec![timed()];
                took.extend(self.seconds.iter().map(|&seconds| {
                    pause(seconds);
                    timed()
                }));
                serde_json::json!({ "ms": took })
            }
        };
        println!("{result}");
        // The end of a process takes time that others are measured in.
        io::stdin().lock().lines().for_each(drop);
    }

    fn idle(&self, pause: impl Fn(f64)) -> serde_json::Value {
        pause(SETTLED);
        println!("begin");
        let before = processor_seconds();
        pause(self.seconds[0]);
        serde_json::json!({ "processor_seconds": processor_seconds() - before })
    }
}
