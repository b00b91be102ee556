//! A worker's time-limited claim, as it looks from inside the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use calltransfer::SendPermit;

use crate::clock;

/// The share of a lease at its end in which nothing is sent any more: another worker may be about to
/// find it expired.
const MARGIN: u32 = 5;

/// Until when the worker may send. Shared by all its requests; no lock is taken.
///
/// The moment is one of the machine's own clock, which also counts the time in which the process
/// was stopped or the machine suspended: a worker that wakes late sends nothing.
#[derive(Clone, Default)]
pub(crate) struct Lease(Arc<AtomicI64>);

impl Lease {
    /// The ledger has confirmed a lease that it was asked for at `asked_us`. Counted from there, so
    /// that it ends here before it ends in the ledger.
    pub(crate) fn renewed(&self, asked_us: i64, lease: Duration) {
        let until = asked_us.saturating_add(clock::micros(lease - lease / MARGIN));
        self.0.store(until, Ordering::Release);
    }

    /// Nothing is sent until the lease is renewed.
    pub(crate) fn close(&self) {
        self.0.store(0, Ordering::Release);
    }

    pub(crate) fn is_open(&self) -> bool {
        clock::machine_us() < self.0.load(Ordering::Acquire)
    }

    /// Asked by each request at the moment in which its body is sent.
    pub(crate) fn permit(&self) -> SendPermit {
        let lease = self.clone();
        SendPermit::new(move || lease.is_open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn lease_ends_before_the_time_that_was_asked_for() {
        let lease = Lease::default();
        let now = clock::machine_us();
        assert!(!lease.is_open());
        lease.renewed(now, MINUTE);
        assert!(lease.is_open());
        lease.renewed(now - clock::micros(MINUTE - MINUTE / 10), MINUTE);
        assert!(!lease.is_open());
    }

    #[test]
    fn closed_lease_permits_nothing() {
        let lease = Lease::default();
        lease.renewed(clock::machine_us(), MINUTE);
        lease.close();
        assert!(!lease.is_open());
    }
}
