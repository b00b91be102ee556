//! What a check has to know of the transfer that it is about.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::clock::since_boot;

/// A transfer that was sent, or may have been: its call, its targets and when, for
/// [`Client::check`](crate::Client::check).
///
/// [`Error::sent_transfer`](super::Error::sent_transfer) has it after an unknown outcome. It can be used
/// until this machine is restarted. `Debug` shows no target. It is `Send` and `Sync`.
#[derive(Clone, PartialEq)]
pub struct SentTransfer {
    pub(crate) call_id: String,
    /// As they are on the wire.
    pub(crate) targets: Box<[String]>,
    /// The caller ID that it sets, as it is on the wire.
    pub(crate) caller_id: Option<String>,
    /// `None` if its times are not known.
    pub(crate) times: Option<SentTimes>,
    /// The wall clock at its end, only used to detect a clock that was set.
    pub(crate) ended_wall: Option<SystemTime>,
    /// Its number among the transfers of this process; 0 if another process may have sent it.
    pub(crate) number: u64,
    /// New calls that are known to belong to other transfers.
    pub(crate) others: Arc<HashSet<String>>,
    /// The last reading of the platform's clock before it ended.
    pub(crate) seen: Option<ClockReading>,
}

/// When the sending of its body began, and when its attempt ended: since the machine's start, by the clock
/// that can't be set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SentTimes {
    pub(crate) began: Duration,
    pub(crate) ended: Duration,
}

/// What a `Date` header showed of the platform's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ClockReading {
    /// Since 1970, in whole seconds.
    pub(crate) date: Duration,
    /// When the request began and when the response arrived, since the machine's start.
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

    /// How long ago the sending of its body began; `None` if that is not known.
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
