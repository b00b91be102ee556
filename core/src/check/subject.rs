//! What a check is about: a call, or one transfer of it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::SharedCalls;
use crate::clock::since_boot;
use crate::error::{Error, SentTimes, SentTransfer};
use crate::http_request::Parties;
use crate::transfer::Transfer;

/// What a check is about. Made from the error of the transfer, or from a call's ID.
///
/// `client.check(&error)` is about the one transfer that failed: an earlier transfer of the same call does
/// not count. `client.check("c-1")` is about any transfer of the call.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum CheckSubject<'a> {
    /// A call, by its ID: whether it was transferred at all.
    Call(&'a str),
    /// One transfer: whether that one was made.
    Transfer(&'a SentTransfer),
    /// The same, by a check that shares the lists of calls that it reads; see [`SharedCalls::subject`].
    Shared(&'a SentTransfer, &'a SharedCalls),
}

impl<'a> CheckSubject<'a> {
    /// The call's ID.
    pub fn call_id(&self) -> &'a str {
        match self {
            Self::Call(id) => id,
            Self::Transfer(sent) | Self::Shared(sent, _) => sent.call_id(),
        }
    }
}

impl<'a> From<&'a str> for CheckSubject<'a> {
    fn from(call_id: &'a str) -> Self {
        Self::Call(call_id)
    }
}

impl<'a> From<&'a String> for CheckSubject<'a> {
    fn from(call_id: &'a String) -> Self {
        Self::Call(call_id)
    }
}

impl<'a> From<&'a SentTransfer> for CheckSubject<'a> {
    fn from(sent: &'a SentTransfer) -> Self {
        Self::Transfer(sent)
    }
}

/// The transfer that the error is about; the call, if the error has no transfer.
impl<'a> From<&'a Error> for CheckSubject<'a> {
    fn from(error: &'a Error) -> Self {
        match error.sent_transfer() {
            Some(sent) => Self::Transfer(sent),
            None => Self::Call(error.call_id().unwrap_or_default()),
        }
    }
}

impl SentTransfer {
    /// A transfer that another program or process sent. `began_ago`: how long ago its sending began, at
    /// most. `ended_ago`: how long ago it ended, at least.
    ///
    /// Measure both by a clock that can't be set and that continues while the machine is suspended. By a
    /// wall clock that was set meanwhile, another transfer could be taken for this one. If the times are
    /// not known, as after a restart of the machine, use [`at_unknown_time`](Self::at_unknown_time).
    pub fn new(transfer: &Transfer, began_ago: Duration, ended_ago: Duration) -> Self {
        let now = since_boot();
        let times = SentTimes {
            began: now.saturating_sub(began_ago),
            ended: now.saturating_sub(ended_ago.min(began_ago)),
        };
        Self {
            times: Some(times),
            ..Self::at_unknown_time(transfer)
        }
    }

    /// Excludes the new calls of other transfers, where a program knows them: a check never takes one of
    /// them for the new call of this transfer.
    #[must_use]
    pub fn excluding_calls(mut self, new_call_ids: Arc<HashSet<String>>) -> Self {
        self.others = new_call_ids;
        self
    }

    /// A transfer that was sent at an unknown time. A check of it is conclusive only if the state of the
    /// call is, or if no call can be its new call.
    pub fn at_unknown_time(transfer: &Transfer) -> Self {
        let parties = Parties::of(transfer);
        Self {
            call_id: transfer.call_id().to_owned(),
            targets: parties.targets,
            caller_id: parties.caller_id,
            times: None,
            others: Arc::default(),
            ended_wall: None,
            number: 0,
            seen: None,
        }
    }
}
