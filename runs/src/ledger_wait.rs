//! How long a ledger that fails is waited for.

use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};

/// For a ledger that can't be reached.
const UNREACHABLE: Duration = Duration::from_secs(600);
/// For a disk that is full.
const FULL: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(crate) struct LedgerWait {
    begin: Instant,
    pause: Duration,
}

impl LedgerWait {
    pub(crate) fn new() -> Self {
        Self {
            begin: Instant::now(),
            pause: FIRST_PAUSE,
        }
    }

    /// Whether the ledger is not tried again after this error.
    pub(crate) fn is_over(&self, error: &Error) -> bool {
        let timeout = match error.kind() {
            ErrorKind::Unreachable => UNREACHABLE,
            ErrorKind::Full => FULL,
            _ => return true,
        };
        self.begin.elapsed() > timeout
    }

    /// How long to wait before the next try: longer each time.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_ledger_that_may_come_back_is_waited_for() {
        let wait = LedgerWait::new();
        for kind in ErrorKind::ALL {
            let is_temporary = matches!(kind, ErrorKind::Unreachable | ErrorKind::Full);
            let error = Error::new(*kind, "run: failed");
            assert_eq!(wait.is_over(&error), !is_temporary, "{kind}");
        }
    }

    #[test]
    fn pauses_grow_to_a_second() {
        let mut wait = LedgerWait::new();
        let pauses: Vec<_> = (0..7).map(|_| wait.next_pause()).collect();
        assert_eq!((pauses[0], pauses[6]), (FIRST_PAUSE, LONGEST_PAUSE));
    }
}
