//! A platform that can't be reached: one row at a time, and longer waits, until a response comes.

use std::time::Duration;

use crate::clock;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) struct Trouble {
    times: u32,
    held_us: i64,
}

impl Trouble {
    /// A request could not reach the platform.
    pub(crate) fn seen(&mut self) {
        let now = clock::machine_us();
        if now < self.held_us {
            return; // those that were in progress say nothing new
        }
        let wait = FIRST_WAIT.saturating_mul(1 << self.times.min(10));
        self.held_us = now + clock::micros(wait.min(LONGEST_WAIT));
        self.times += 1;
    }

    /// A response came.
    pub(crate) fn passed(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn is_there(&self) -> bool {
        self.times > 0
    }

    /// Whether nothing is to be sent for now.
    pub(crate) fn holds(&self) -> bool {
        clock::machine_us() < self.held_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_holds_until_a_response_comes() {
        let mut trouble = Trouble::default();
        assert!(!trouble.is_there());
        trouble.seen();
        trouble.seen();
        assert!(trouble.is_there() && trouble.holds());
        assert_eq!(trouble.times, 1);
        trouble.passed();
        assert!(!trouble.is_there() && !trouble.holds());
    }
}
