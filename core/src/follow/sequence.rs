//! Decides which target is next, or that there must be none. No I/O.

use std::fmt;
use std::time::Duration;

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

/// How long a target rings if `ring` is not set: then v1 itself ends its call.
const PLATFORM_RING: Duration = Duration::from_secs(120);
/// The result of a call that was to end must be known within this time.
pub(super) const SETTLES: Duration = Duration::from_secs(10);
/// The time between reads of the caller's call.
const PAUSE: Duration = Duration::from_millis(250);

/// The next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Transfer the call to the target of this number, from 0, and report
    /// [`transferred`](Sequence::transferred).
    Transfer(usize),
    /// Follow that transfer until there is a result, for [`follow_timeout`](Sequence::follow_timeout)
    /// at most, and report [`followed`](Sequence::followed).
    Follow(usize),
    /// Hang up the new call, which has rung for long enough, and report
    /// [`hung_up`](Sequence::hung_up), whatever the outcome. Only if `ring` was given.
    HangUp(usize),
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
    ring: Option<Duration>,
    /// Whether the new call of the present target was to end.
    is_hung_up: bool,
}

impl Sequence {
    /// A sequence of these targets. `ring` is how long each of them rings before its call is ended;
    /// without it, the platform decides.
    pub fn new(
        targets: impl IntoIterator<Item = impl Into<String>>,
        ring: Option<Duration>,
    ) -> Self {
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
            ring,
            is_hung_up: false,
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
        self.is_hung_up = false;
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

    /// How long [`Step::Follow`] may take.
    pub fn follow_timeout(&self) -> Duration {
        match self.is_hung_up {
            true => SETTLES,
            false => self.ring.unwrap_or(PLATFORM_RING),
        }
    }

    /// The transfer of [`Step::Follow`] has this status. A status without a result changes nothing
    /// yet.
    pub fn followed(&mut self, mut status: FollowStatus) {
        let (Step::Follow(_), Some(target)) = (self.step, self.targets.get_mut(self.at)) else {
            return;
        };
        let (result, is_certain) = (status.result, status.is_certainly_unanswered);
        let evidence = status.evidence.to_string();
        if status.new_call_id.is_some() {
            target.new_call_id.clone_from(&status.new_call_id);
        }
        let still_rings = result == Some(FollowResult::Unknown) && !status.is_ended;
        let can_hang_up = self.ring.is_some() && !self.is_hung_up && target.new_call_id.is_some();
        if self.is_hung_up && result == Some(FollowResult::Answered) {
            status.doubt = Some("its ringing was to be ended at that moment, so it may be over");
        }
        target.status = Some(status);
        match result {
            None => {}
            Some(FollowResult::Answered) => self.stop(StopReason::Answered, evidence),
            Some(_) if is_certain => self.step = Step::ReadCaller,
            Some(_) if still_rings && can_hang_up => self.step = Step::HangUp(self.at),
            Some(_) => self.stop(StopReason::Unknown, evidence),
        }
    }

    /// The request of [`Step::HangUp`] has ended. Following the transfer shows its effect.
    pub fn hung_up(&mut self) {
        if let Step::HangUp(at) = self.step {
            self.is_hung_up = true;
            self.step = Step::Follow(at);
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

    /// The pause before the next read, if the caller's call has to be read again. `elapsed` is the
    /// time since the first read of this step, and `failed` the error of the last read. After 10
    /// seconds the sequence stops.
    pub fn pause(&mut self, elapsed: Duration, failed: Option<&str>) -> Option<Duration> {
        if self.step != Step::ReadCaller {
            return None;
        }
        if elapsed < SETTLES {
            return Some(PAUSE);
        }
        self.give_up(failed.unwrap_or("the call is still being transferred"));
        None
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

    /// The number of the target that answered, from 0.
    pub fn answered(&self) -> Option<usize> {
        let has_answered = |target: &TargetResult| target.result() == Some(FollowResult::Answered);
        self.targets.iter().position(has_answered)
    }

    /// Whether the sequence stopped at the first target because it was refused. The result of the
    /// sequence is then the error of that target, as for a transfer to one target.
    pub fn is_refused(&self) -> bool {
        let Some((first, others)) = self.targets.split_first() else {
            return false;
        };
        matches!(
            self.step,
            Step::Stop(StopReason::Refused | StopReason::CallerGone)
        ) && matches!(first.outcome, Some(Outcome::NotSent | Outcome::NotApplied))
            && others.iter().all(|target| target.outcome.is_none())
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
mod tests;
