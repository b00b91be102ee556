//! What is known of a transfer that was made: the result, the times, and the caller.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::events::Cause;
use crate::words::words;

words! {
    /// Whether a target of a transfer answered, and if not, why.
    FollowResult
    /// A target answered. It may have hung up since: see [`FollowStatus::is_ended`].
    Answered = 501 "answered",
    /// The target was busy.
    Busy = 502 "busy",
    /// The target did not answer in time.
    NoAnswer = 503 "no_answer",
    /// The target rejected the call.
    Rejected = 504 "rejected",
    /// The caller hung up, or the new call was ended, before a target answered.
    Cancelled = 505 "cancelled",
    /// The new call failed; [`FollowStatus::cause`] gives the cause if the platform gives one.
    Failed = 506 "failed",
    /// The new call has ended, or is no longer followed, and nothing shows whether it was answered.
    Unknown = 507 "unknown",
}

words! {
    /// What is known of the caller's own call, the one that was transferred.
    CallerState
    /// Not known yet.
    Unknown = 601 "unknown",
    /// It is being transferred, or connected to the target.
    Transferred = 602 "transferred",
    /// It has not ended and has no target: in v1 it can be transferred again, in v2 it does what
    /// the response to `transferComplete` says.
    Active = 603 "active",
    /// It has not ended; v2 does not say whether it is connected to a target.
    Alive = 604 "alive",
    /// It has ended.
    Ended = 605 "ended",
}

/// What is known of a transfer that was made. Made by [`Follow::status`](super::Follow::status).
///
/// Its parts contain no phone number. It is `Send` and `Sync`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FollowStatus {
    /// Whether a target answered, and if not, why; `None` until this is known.
    pub result: Option<FollowResult>,
    /// Why the new call or the transfer ended; `None` until it has ended, and if the cause is not
    /// known.
    pub cause: Option<Cause>,
    /// The cause in the platform's word.
    pub cause_text: Option<String>,
    /// The new call that was answered; until then the new call, if exactly one is known.
    pub new_call_id: Option<String>,
    /// When a target answered.
    pub answered_time: Option<Timestamp>,
    /// When the new call ended; in v2, when the transfer ended.
    pub ended_time: Option<Timestamp>,
    /// Whether no target is connected or ringing any more.
    pub is_ended: bool,
    /// Whether it is certain that no target was connected to the caller, and that none is ringing
    /// any more.
    pub is_certainly_unanswered: bool,
    /// The caller's own call.
    pub caller: CallerState,
    /// The reason for the result, as a text; if there is no result, what is missing.
    pub evidence: Cow<'static, str>,
    /// Why the result may be wrong; `None` if there is no known reason.
    pub doubt: Option<&'static str>,
}

impl FollowStatus {
    /// Whether the caller may be transferred to another target without a second one getting the call:
    /// no target has them, none rings, and the caller's call is active.
    pub fn may_transfer_again(&self) -> bool {
        self.is_certainly_unanswered && self.caller == CallerState::Active
    }
}
