//! What a check has to know of the transfer that it is about.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::clock::since_boot;

/// A transfer that was sent, or may have been: its call, its targets and when, for
/// [`Client::check`](crate::Client::check).
///
/// [`Error::sent_transfer`](super::Error::sent_transfer) has it after an unknown outcome. It holds for
/// this machine until that is started again. `Debug` shows no target. It is `Send` and `Sync`.
#[derive(Clone, PartialEq)]
pub struct SentTransfer {
    pub(crate) call_id: String,
    /// As they are on the wire.
    pub(crate) targets: Box<[String]>,
    /// The caller ID that it sets, as it is on the wire.
    pub(crate) caller_id: Option<String>,
    /// `None` where its times are not known.
    pub(crate) times: Option<SentTimes>,
    /// The wall clock at its end, only used to detect a clock that was set.
    pub(crate) ended_wall: Option<SystemTime>,
    /// Its number among the transfers of this process; 0 of one that may be of another.
    pub(crate) number: u64,
    /// Calls that are known to be of other transfers.
    pub(crate) others: Arc<HashSet<String>>,
    /// What was known of the platform's clock then.
    pub(crate) seen: Option<ClockReading>,
}

/// When its body began to be sent, and when its end was no longer waited for: since the machine's start, by
/// the clock that can't be set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SentTimes {
    pub(crate) began: Duration,
    pub(crate) ended: Duration,
}

/// What a `Date` header showed of the platform's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ClockReading {
    /// Since 1970; cut to the second.
    pub(crate) date: Duration,
    /// When its request began, and when the response was there: since the machine's start.
    pub(crate) sent: Duration,
    pub(crate) received: Duration,
}

impl SentTransfer {
    /// The call that was to be transferred.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Where it was to go, as on the wire: whole numbers and addresses.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.targets.iter().map(String::as_str)
    }

    /// How long ago its body began to be sent; `None` where that is not known.
    pub fn age(&self) -> Option<Duration> {
        Some(since_boot().saturating_sub(self.times?.began))
    }
}

impl fmt::Debug for SentTransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentTransfer")
            .field("call_id", &self.call_id)
            .field("targets", &self.targets.len())
            .field("age", &self.age())
            .finish_non_exhaustive()
    }
}
