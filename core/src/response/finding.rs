//! What reading the call shows after an unknown outcome.

use super::call::{Call, CallState};
use crate::error::{Error, ErrorKind, Outcome};

/// What is known of a transfer after looking at the call, with reasons and doubts.
///
/// It takes one `GET`; the transfer is never sent again by it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The most likely outcome of the transfer.
    pub outcome: Outcome,
    /// The call as it was found; `None` where the platform knows none.
    pub call: Option<Call>,
    /// Why the outcome is thought to be so.
    pub reason: &'static str,
    /// What speaks against it; `None` where nothing does.
    pub doubt: Option<&'static str>,
}

impl Finding {
    /// Judges a read of the call. What kept the call from being read stays an error.
    pub(crate) fn of(read: Result<Call, Error>) -> Result<Self, Error> {
        let call = match read {
            Ok(call) => call,
            Err(error) if error.kind() == ErrorKind::CallNotFound => {
                return Ok(Self {
                    outcome: Outcome::Unknown,
                    call: None,
                    reason: "the platform has no such call",
                    doubt: Some("it may have ended long ago, with or without the transfer"),
                });
            }
            Err(error) => return Err(error),
        };
        let (outcome, reason, doubt) = match call.state {
            CallState::Transferring => (
                Outcome::Applied,
                "the call is being transferred",
                Some("another program may have requested it"),
            ),
            CallState::Active => (
                Outcome::NotApplied,
                "the call is active, as it was before",
                Some(
                    "a request that is still in transit may yet be applied; wait, then check again",
                ),
            ),
            CallState::Started => (
                Outcome::NotApplied,
                "the call is not answered yet, so it cannot have been transferred",
                None,
            ),
            CallState::Rejected => (
                Outcome::NotApplied,
                "the call was rejected, so it cannot have been transferred",
                None,
            ),
            CallState::Completed => (
                Outcome::Unknown,
                "the call has ended",
                Some("its state does not show whether the transfer happened"),
            ),
            CallState::Queued => (
                Outcome::NotApplied,
                "the call is still queued",
                Some(
                    "a request that is still in transit may yet be applied; wait, then check again",
                ),
            ),
            CallState::Initiated | CallState::Answered => (
                Outcome::Unknown,
                "the call is connected, as it is before, during and after a transfer",
                Some("its callbacks show it, and so does a call whose parentCallId is this call"),
            ),
            CallState::Disconnected => (
                Outcome::Unknown,
                "the call has ended",
                Some("its state does not show whether the transfer happened"),
            ),
            CallState::Other(_) => (
                Outcome::Unknown,
                "the state of the call is unknown to this library",
                Some("it may or may not have been transferred"),
            ),
        };
        Ok(Self {
            outcome,
            call: Some(call),
            reason,
            doubt,
        })
    }
}
