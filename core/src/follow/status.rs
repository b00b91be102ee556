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
    /// The caller hung up, or the new call was ended, before an answer.
    Cancelled = 505 "cancelled",
    /// The new call failed; [`FollowStatus::cause`] says more where the platform does.
    Failed = 506 "failed",
    /// The new call has ended, or is no longer followed, and nothing shows whether it was answered.
    Unknown = 507 "unknown",
}

words! {
    /// What is known of the caller's own call, the one that was transferred.
    CallerState
    /// Nothing has said so yet.
    Unknown = 601 "unknown",
    /// It is being transferred, or connected to the target.
    Transferred = 602 "transferred",
    /// It is alive without a target: in v1 it can be transferred again, in v2 it does what the response
    /// to `transferComplete` says.
    Active = 603 "active",
    /// It is alive; v2 does not say whether with a target or without.
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
    /// Whether a target answered, and if not, why; `None` while that is not decided.
    pub result: Option<FollowResult>,
    /// Why the new call ended, or the transfer did; `None` while it lasts and where nothing says so.
    pub cause: Option<Cause>,
    /// The cause in the platform's word.
    pub cause_text: Option<String>,
    /// The new call that was answered; before that the one that is known, if it is one.
    pub new_call_id: Option<String>,
    /// When a target answered.
    pub answered_time: Option<Timestamp>,
    /// When the new call ended, or in v2 the transfer did.
    pub ended_time: Option<Timestamp>,
    /// Whether no target is connected any more, nor rings.
    pub is_ended: bool,
    /// Whether it is certain that no target was given the caller, and that none rings any more.
    pub is_certainly_unanswered: bool,
    /// The caller's own call.
    pub caller: CallerState,
    /// What the result rests on, in words; where there is none, what is missing.
    pub evidence: Cow<'static, str>,
    /// What speaks against it; `None` where nothing does.
    pub doubt: Option<&'static str>,
}

impl FollowStatus {
    /// Whether the caller may be transferred to another target without a second one getting the call:
    /// no target has them, none rings, and the caller's call is active.
    pub fn may_transfer_again(&self) -> bool {
        self.is_certainly_unanswered && self.caller == CallerState::Active
    }
}
