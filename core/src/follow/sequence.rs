//! Decides which target is next, or that there must be none. No I/O.

use std::fmt;

use super::status::{FollowResult, FollowStatus};
use crate::error::{Error, ErrorKind, Outcome};
use crate::redact;
use crate::response::{Call, CallState, Transferred};
use crate::words::words;

words! {
    /// Why a sequence of targets ended.
    StopReason
    /// A target answered.
    Answered = 901 "answered",
    /// Every target was tried, none answered, and the caller's call is still active.
    AllTried = 902 "all_tried",
    /// The caller's call has ended, or can't be transferred.
    CallerGone = 903 "caller_gone",
    /// It isn't known whether a target has the caller, so no other one may be tried.
    Unknown = 904 "unknown",
    /// A request was refused for a reason that applies to every target.
    Refused = 905 "refused",
}

/// The next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Transfer the call to the target of this number, from 0, and report
    /// [`transferred`](Sequence::transferred).
    Transfer(usize),
    /// Follow that transfer until there is a result, and report [`followed`](Sequence::followed).
    Follow(usize),
    /// Read the caller's call, and report [`caller`](Sequence::caller).
    ReadCaller,
    /// Nothing: the sequence has ended.
    Stop(StopReason),
}

/// The result of one target of a sequence.
#[non_exhaustive]
pub struct TargetResult {
    /// The target, as it was given: personal data.
    pub to: String,
    /// Whether the transfer to it was made; `None` if it was not tried.
    pub outcome: Option<Outcome>,
    /// The new call, where it is known.
    pub new_call_id: Option<String>,
    /// What following it showed; `None` if there was nothing to follow.
    pub status: Option<FollowStatus>,
    /// Why the transfer was not made, or is not known to have been made.
    pub error: Option<Error>,
}

impl TargetResult {
    pub(crate) fn new(to: String) -> Self {
        Self {
            to,
            outcome: None,
            new_call_id: None,
            status: None,
            error: None,
        }
    }

    /// Whether the target answered, and if not, why; `None` if it was not tried or the transfer was
    /// not made.
    pub fn result(&self) -> Option<FollowResult> {
        self.status.as_ref()?.result
    }
}

impl fmt::Debug for TargetResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetResult")
            .field("to", &redact::number(&self.to))
            .field("outcome", &self.outcome)
            .field("new_call_id", &self.new_call_id)
            .field("status", &self.status)
            .field("error", &self.error)
            .finish()
    }
}

/// Decides which target of several gets the call next: one after the other, never two.
///
/// For v1; in v2 several targets ring at the same time. It does no I/O: [`step`](Self::step) says
/// what to do, and one of the other methods takes the result. It continues only if it is certain
/// that the previous target did not get the call and that the caller's call is active; otherwise it
/// stops.
///
/// [`Client::transfer_to_first`](crate::Client::transfer_to_first) runs it with reads; a program that
/// receives events runs it with those. It is `Send` and `Sync`.
#[derive(Debug)]
pub struct Sequence {
    targets: Vec<TargetResult>,
    at: usize,
    step: Step,
    reason: String,
}

impl Sequence {
    /// A sequence of these targets.
    pub fn new(targets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let targets = targets.into_iter().map(|to| TargetResult::new(to.into()));
        let targets: Vec<_> = targets.collect();
        let step = match targets.is_empty() {
            true => Step::Stop(StopReason::AllTried),
            false => Step::Transfer(0),
        };
        Self {
            targets,
            at: 0,
            step,
            reason: String::new(),
        }
    }

    /// The next step; the same until its result is reported.
    pub fn step(&self) -> Step {
        self.step
    }

    /// Why it stopped, as a text; empty until it has stopped.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The targets, each with its result so far.
    pub fn targets(&self) -> &[TargetResult] {
        &self.targets
    }

    /// The transfer of [`Step::Transfer`] has ended.
    pub fn transferred(&mut self, result: Result<Transferred, Error>) {
        let (Step::Transfer(_), Some(target)) = (self.step, self.targets.get_mut(self.at)) else {
            return;
        };
        match result {
            Ok(done) => self.made(done.new_call_id),
            Err(error) => {
                let (kind, is_safe) = (error.kind(), error.is_safe_to_repeat());
                let (outcome, reason) = (error.outcome(), error.to_string());
                target.error = Some(error);
                self.failed(kind, outcome, is_safe, reason);
            }
        }
    }

    /// The transfer of [`Step::Transfer`] was made; for bindings, which have result types of their
    /// own.
    pub fn made(&mut self, new_call_id: Option<String>) {
        let (Step::Transfer(_), Some(target)) = (self.step, self.targets.get_mut(self.at)) else {
            return;
        };
        target.outcome = Some(Outcome::Applied);
        target.new_call_id = new_call_id;
        self.step = Step::Follow(self.at);
    }

    /// The transfer of [`Step::Transfer`] failed with an error of this kind, of which these are
    /// [`Error::outcome`] and [`Error::is_safe_to_repeat`]; for bindings, which have error types of
    /// their own.
    pub fn failed(
        &mut self,
        kind: ErrorKind,
        outcome: Outcome,
        is_safe_to_repeat: bool,
        reason: impl Into<String>,
    ) {
        let (Step::Transfer(_), Some(target)) = (self.step, self.targets.get_mut(self.at)) else {
            return;
        };
        target.outcome = Some(outcome);
        match after(kind, is_safe_to_repeat) {
            Some(stop) => self.stop(stop, reason.into()),
            // The platform did nothing; only a read shows whether the caller's call is still
            // active.
            None => self.step = Step::ReadCaller,
        }
    }

    /// The transfer of [`Step::Follow`] has this status. A status without a result changes nothing
    /// yet.
    pub fn followed(&mut self, status: FollowStatus) {
        let (Step::Follow(_), Some(target)) = (self.step, self.targets.get_mut(self.at)) else {
            return;
        };
        let (result, is_certain) = (status.result, status.is_certainly_unanswered);
        let evidence = status.evidence.to_string();
        if status.new_call_id.is_some() {
            target.new_call_id.clone_from(&status.new_call_id);
        }
        target.status = Some(status);
        match result {
            None => {}
            Some(FollowResult::Answered) => self.stop(StopReason::Answered, evidence),
            Some(_) if is_certain => self.step = Step::ReadCaller,
            Some(_) => self.stop(StopReason::Unknown, evidence),
        }
    }

    /// The caller's call was read. If it is still being transferred, the next step is to read it
    /// again.
    pub fn caller(&mut self, call: &Call) {
        if self.step != Step::ReadCaller {
            return;
        }
        match call.state {
            CallState::Active => {
                self.at += 1;
                match self.at < self.targets.len() {
                    true => self.step = Step::Transfer(self.at),
                    false => self.stop(StopReason::AllTried, "no target is left".to_owned()),
                }
            }
            CallState::Transferring => {}
            CallState::Completed | CallState::Rejected | CallState::Disconnected => {
                self.stop(StopReason::CallerGone, "the call has ended".to_owned());
            }
            _ => {
                let reason = format!("the call is {}, not active", call.state);
                self.stop(StopReason::CallerGone, reason);
            }
        }
    }

    /// The result of a step can't be found out, so no further target is tried.
    pub fn give_up(&mut self, reason: impl Into<String>) {
        if !matches!(self.step, Step::Stop(_)) {
            self.stop(StopReason::Unknown, reason.into());
        }
    }

    fn stop(&mut self, reason: StopReason, words: String) {
        self.step = Step::Stop(reason);
        self.reason = words;
    }

    pub(crate) fn into_targets(self) -> Vec<TargetResult> {
        self.targets
    }
}

/// Whether an error of one target stops the sequence.
fn after(kind: ErrorKind, is_safe_to_repeat: bool) -> Option<StopReason> {
    if !is_safe_to_repeat {
        return Some(StopReason::Unknown);
    }
    match kind {
        ErrorKind::CallNotFound | ErrorKind::CallNotActive => Some(StopReason::CallerGone),
        // A reason that applies only to this target, or only now.
        ErrorKind::BadRequest
        | ErrorKind::Forbidden
        | ErrorKind::InsufficientCredit
        | ErrorKind::RateLimited
        | ErrorKind::Unavailable => None,
        _ => Some(StopReason::Refused),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Api;
    use crate::events::Event;
    use crate::follow::Follow;

    fn made(new_call_id: Option<&str>) -> Result<Transferred, Error> {
        let id = new_call_id.map(str::to_owned);
        Ok(Transferred::new(id, "c-1", 201, None))
    }

    fn status(event: &str, cause: Option<&str>) -> FollowStatus {
        let mut follow = Follow::new(Api::V1, "c-1", Some("c-2")).unwrap();
        let fields = json!({"eventType": event, "callId": "c-2", "cause": cause});
        follow.event(&Event::parse(fields.to_string(), None).unwrap());
        follow.status()
    }

    fn caller(state: &str) -> Call {
        Call::parse(Api::V1, json!({"id": "c-1", "state": state})).unwrap()
    }

    fn after_busy() -> Sequence {
        let mut sequence = Sequence::new(["+12", "+13"]);
        assert_eq!(sequence.step(), Step::Transfer(0));
        sequence.transferred(made(Some("c-2")));
        assert_eq!(sequence.step(), Step::Follow(0));
        sequence.followed(status("hangup", Some("USER_BUSY")));
        assert_eq!(sequence.step(), Step::ReadCaller);
        sequence
    }

    #[test]
    fn next_target_needs_an_active_caller() {
        for (state, step) in [
            ("active", Step::Transfer(1)),
            ("transferring", Step::ReadCaller),
            ("completed", Step::Stop(StopReason::CallerGone)),
            ("rejected", Step::Stop(StopReason::CallerGone)),
            ("started", Step::Stop(StopReason::CallerGone)),
            ("a new state", Step::Stop(StopReason::CallerGone)),
        ] {
            let mut sequence = after_busy();
            sequence.caller(&caller(state));
            assert_eq!(sequence.step(), step, "{state}");
        }
    }

    #[test]
    fn result_that_is_not_certain_stops_the_sequence() {
        for (event, cause, step) in [
            ("answer", None, Step::Stop(StopReason::Answered)),
            (
                "hangup",
                Some("NORMAL_CLEARING"),
                Step::Stop(StopReason::Answered),
            ),
            (
                "hangup",
                Some("NORMAL_TEMPORARY_FAILURE"),
                Step::Stop(StopReason::Unknown),
            ),
            ("hangup", None, Step::Stop(StopReason::Unknown)),
            ("hangup", Some("UNALLOCATED_NUMBER"), Step::ReadCaller),
            ("timeout", None, Step::ReadCaller),
            // These don't stop the sequence.
            ("speak", None, Step::Follow(0)),
        ] {
            let mut sequence = Sequence::new(["+12", "+13"]);
            sequence.transferred(made(Some("c-2")));
            sequence.followed(status(event, cause));
            assert_eq!(sequence.step(), step, "{event} {cause:?}");
            let is_over = matches!(step, Step::Stop(_));
            assert_eq!(sequence.reason().is_empty(), !is_over);
        }
    }

    #[test]
    fn no_kind_of_error_lets_an_unknown_outcome_pass() {
        for kind in ErrorKind::ALL {
            for outcome in Outcome::ALL {
                let mut sequence = Sequence::new(["+12", "+13"]);
                sequence.transferred(Err(Error::new(*kind, *outcome, "x")));
                let stays_safe = matches!(outcome, Outcome::NotSent | Outcome::NotApplied);
                let stopped = Step::Stop(StopReason::Unknown);
                assert_eq!(sequence.step() == stopped, !stays_safe, "{kind} {outcome}");
                assert_ne!(
                    sequence.step(),
                    Step::Transfer(1),
                    "the caller is read first"
                );
            }
        }
    }

    #[test]
    fn report_that_is_not_awaited_changes_nothing() {
        let mut sequence = after_busy();
        sequence.transferred(made(Some("c-9")));
        sequence.followed(status("answer", None));
        assert_eq!(sequence.step(), Step::ReadCaller);
        sequence.give_up("enough");
        sequence.give_up("again");
        sequence.caller(&caller("active"));
        assert_eq!(sequence.step(), Step::Stop(StopReason::Unknown));
        assert_eq!(sequence.reason(), "enough");
        assert!(!format!("{sequence:?}").contains("+12"));
    }

    #[test]
    fn last_target_ends_the_sequence() {
        let mut sequence = Sequence::new(["+12"]);
        sequence.transferred(made(Some("c-2")));
        sequence.followed(status("timeout", None));
        sequence.caller(&caller("active"));
        assert_eq!(sequence.step(), Step::Stop(StopReason::AllTried));
        let none = Sequence::new(Vec::<String>::new());
        assert_eq!(none.step(), Step::Stop(StopReason::AllTried));
    }
}
