//! What a look at the call says after an outcome that was unknown.

use super::call::{Call, CallState};
use super::class::Outcome;
use super::error::Error;
use super::kind::ErrorKind;

/// What is known of a transfer after looking at the call, with reasons and doubts.
///
/// A look is one `GET`; nothing is ever sent again by it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What most likely became of the transfer.
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
                    reason: "the platform knows no such call",
                    doubt: Some("it may have ended long ago, transferred or not"),
                });
            }
            Err(error) => return Err(error),
        };
        let (outcome, reason, doubt) = match call.state {
            CallState::Transferring => (
                Outcome::Applied,
                "the call is being transferred",
                Some("another program may have asked for it"),
            ),
            CallState::Active => (
                Outcome::NotApplied,
                "the call is active, as it was before",
                Some("a request still on its way may be applied yet; wait, and look again"),
            ),
            CallState::Started => (
                Outcome::NotApplied,
                "the call isn't answered yet, so it can't have been transferred",
                None,
            ),
            CallState::Rejected => (
                Outcome::NotApplied,
                "the call was rejected, so it can't have been transferred",
                None,
            ),
            CallState::Completed => (
                Outcome::Unknown,
                "the call has ended",
                Some("whether it was transferred before, its state doesn't say"),
            ),
            CallState::Queued => (
                Outcome::NotApplied,
                "the call isn't even placed yet",
                Some("a request still on its way may be applied yet; wait, and look again"),
            ),
            CallState::Initiated | CallState::Answered => (
                Outcome::Unknown,
                "the call is up, as it is before, during and after a transfer",
                Some("the platform's callbacks tell, and a call whose parentCallId is this one"),
            ),
            CallState::Disconnected => (
                Outcome::Unknown,
                "the call has ended",
                Some("whether it was transferred before, its state doesn't say"),
            ),
            CallState::Other(_) => (
                Outcome::Unknown,
                "the call is in a state that this library doesn't know",
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
