//! What is known of one new call of a transfer, whatever the order of events and reads.

use jiff::Timestamp;

use super::status::FollowResult;
use crate::events::Cause;

/// The source of a fact. The first source in this list that has it is named as the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Event,
    List,
    Read,
}

/// Facts are only added, and none depends on the order in which they came.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Leg {
    answered: Option<Source>,
    pub(super) answered_time: Option<Timestamp>,
    ended: Option<Source>,
    pub(super) ended_time: Option<Timestamp>,
    cause: Option<Cause>,
    cause_text: Option<String>,
    /// A read after its end showed no time of an answer.
    seen_unanswered: bool,
}

/// The result of one leg.
pub(super) struct Conclusion {
    pub(super) result: FollowResult,
    pub(super) evidence: &'static str,
    pub(super) doubt: Option<&'static str>,
    /// Whether it is certain that it was not answered.
    pub(super) is_certain: bool,
}

impl Leg {
    pub(super) fn answered(&mut self, by: Source, time: Option<Timestamp>) {
        first(&mut self.answered, Some(by));
        first(&mut self.answered_time, time);
    }

    pub(super) fn ended(&mut self, by: Source, time: Option<Timestamp>) {
        first(&mut self.ended, Some(by));
        first(&mut self.ended_time, time);
    }

    /// Of two causes the more specific one is used.
    pub(super) fn cause(&mut self, cause: Option<Cause>, text: Option<&str>) {
        let Some(cause) = cause else { return };
        let known = self.cause.map(weight);
        let is_same = known == Some(weight(cause));
        if known.is_none_or(|known| weight(cause) < known) {
            self.cause = Some(cause);
            self.cause_text = text.map(str::to_owned);
        } else if let Some(text) = text.filter(|_| is_same) {
            // Of two words for one cause always the same is used, whichever came first.
            if self.cause_text.as_deref().is_none_or(|known| text < known) {
                self.cause_text = Some(text.to_owned());
            }
        }
    }

    /// A read of the call after its end has no time of an answer.
    pub(super) fn seen_unanswered(&mut self) {
        self.seen_unanswered = true;
    }

    pub(super) fn is_ended(&self) -> bool {
        self.ended.is_some()
    }

    pub(super) fn is_answered(&self) -> bool {
        self.conclusion()
            .is_some_and(|conclusion| conclusion.result == FollowResult::Answered)
    }

    pub(super) fn has_cause(&self) -> bool {
        self.cause.is_some()
    }

    /// The cause, once it has ended.
    pub(super) fn end_cause(&self) -> (Option<Cause>, Option<String>) {
        (self.cause, self.cause_text.clone())
    }

    /// `None` while it rings, or while nothing is known.
    pub(super) fn conclusion(&self) -> Option<Conclusion> {
        if let Some(by) = self.answered {
            return Some(Conclusion {
                result: FollowResult::Answered,
                evidence: match by {
                    Source::Event => "an event says that the new call was answered",
                    Source::List => "the list of the new call's events has its answer",
                    Source::Read => "the platform describes the new call as answered",
                },
                doubt: None,
                is_certain: false,
            });
        }
        let by = self.ended?;
        let unanswered = |result| Conclusion {
            result,
            evidence: match by {
                Source::Event => "an event says why the new call ended without an answer",
                Source::List => {
                    "the list of the new call's events says why it ended without an answer"
                }
                Source::Read => "the platform describes why the new call ended without an answer",
            },
            doubt: None,
            is_certain: true,
        };
        Some(match self.cause {
            Some(Cause::Answered) => Conclusion {
                result: FollowResult::Answered,
                evidence: "the new call ended with the cause of calls that were answered",
                doubt: Some("nothing names the answer itself"),
                is_certain: false,
            },
            Some(Cause::Busy) => unanswered(FollowResult::Busy),
            Some(Cause::NoAnswer) => unanswered(FollowResult::NoAnswer),
            Some(Cause::Rejected) => unanswered(FollowResult::Rejected),
            Some(Cause::Cancelled) => unanswered(FollowResult::Cancelled),
            Some(Cause::Unallocated) => unanswered(FollowResult::Failed),
            Some(Cause::Failed) => Conclusion {
                is_certain: self.seen_unanswered,
                doubt: (!self.seen_unanswered)
                    .then_some("a call can fail after its answer too, and that event may be lost"),
                ..unanswered(FollowResult::Failed)
            },
            None | Some(Cause::Unknown) if self.seen_unanswered => Conclusion {
                result: FollowResult::Failed,
                evidence: "the platform describes the new call as ended, without a time of an answer",
                doubt: Some("it does not say why"),
                is_certain: true,
            },
            None | Some(Cause::Unknown) => Conclusion {
                result: FollowResult::Unknown,
                evidence: "the new call has ended, and the platform does not say why",
                doubt: Some("it may have been answered before"),
                is_certain: false,
            },
        })
    }
}

/// The smaller of two values, or the only one: the same in every order.
pub(super) fn first<T: Ord>(known: &mut Option<T>, new: Option<T>) {
    let Some(new) = new else { return };
    if known.as_ref().is_none_or(|known| new < *known) {
        *known = Some(new);
    }
}

/// The lower the number, the more specific the cause.
pub(super) fn weight(cause: Cause) -> i32 {
    match cause {
        Cause::Failed => 100,
        Cause::Unknown => 101,
        cause => cause.number(),
    }
}
