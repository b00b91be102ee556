//! v2: one transfer whose targets ring at the same time.

use std::time::Duration;

use super::first_transferred::FirstTransferred;
use super::poll::{FollowUntil, Look, Poll};
use super::sequence::{SETTLES, StopReason, TargetResult};
use super::state::Follow;
use super::status::{CallerState, FollowResult, FollowStatus};
use crate::api::Api;
use crate::error::{Error, Outcome};
use crate::protocol::Request;
use crate::protocol::steps::{Running, Sender, Steps};
use crate::transfer::{Transfer, phone};

/// How long a target rings without `call_timeout`.
const RING: Duration = Duration::from_secs(30);

/// The transfer to all targets.
pub(super) struct AllAtOnce {
    pub(super) transfer: Transfer,
}

impl AllAtOnce {
    pub(super) fn new(
        first: Transfer,
        others: impl Iterator<Item = Transfer>,
        ring: Option<Duration>,
    ) -> Self {
        let mut transfer = others.fold(first, |all, other| all.also_to(other.to));
        if let Some(ring) = ring {
            transfer = transfer.call_timeout(ring.as_secs_f64());
        }
        Self { transfer }
    }

    async fn run(&self, sender: Sender<'_>) -> Result<FirstTransferred, Error> {
        let all = std::iter::once(&self.transfer.to).chain(&self.transfer.also_to);
        let mut targets: Vec<_> = all.map(|to| TargetResult::new(to.clone())).collect();
        let request = Request::transfer(sender.config(), &self.transfer)?;
        match sender.send(request, None).await {
            Ok(_) => mark(&mut targets, Outcome::Applied),
            Err(error) if error.is_safe_to_repeat() => return Err(error),
            Err(error) => {
                mark(&mut targets, error.outcome());
                let reason = error.to_string();
                if let Some(target) = targets.first_mut() {
                    target.error = Some(error);
                }
                return Ok(self.result(targets, None, StopReason::Unknown, reason));
            }
        }
        let follow = Follow::new(Api::V2, self.transfer.call_id(), None)?;
        let poll = Poll {
            follow: follow.targets(targets.len() as u32),
            until: FollowUntil::Answered,
            timeout: self.ring() + SETTLES,
        };
        let mut look = Look::new(poll.follow.clone(), sender);
        if let Err(error) = poll.poll_with(&mut look).await {
            return Ok(self.result(targets, None, StopReason::Unknown, error.to_string()));
        }
        name_legs(&mut targets, &look);
        let status = look.follow.status();
        let has_answered = |target: &TargetResult| {
            status.result == Some(FollowResult::Answered)
                && target.new_call_id.is_some()
                && target.new_call_id == status.new_call_id
        };
        let answered = targets.iter().position(has_answered);
        let stopped = stop_reason(&status);
        Ok(self.result(targets, answered, stopped, status.evidence.to_string()))
    }

    fn ring(&self) -> Duration {
        let seconds = self.transfer.call_timeout;
        let ring = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        ring.unwrap_or(RING)
    }

    fn result(
        &self,
        targets: Vec<TargetResult>,
        answered: Option<usize>,
        stopped: StopReason,
        reason: String,
    ) -> FirstTransferred {
        FirstTransferred {
            call_id: self.transfer.call_id.clone(),
            answered,
            targets,
            stopped,
            reason,
        }
    }
}

impl Steps<FirstTransferred> for AllAtOnce {
    fn run<'a>(&'a self, sender: Sender<'a>) -> Running<'a, FirstTransferred> {
        Box::pin(self.run(sender))
    }
}

fn mark(targets: &mut [TargetResult], outcome: Outcome) {
    for target in targets {
        target.outcome = Some(outcome);
    }
}

/// Gives each target its new call: the one to its number.
fn name_legs(targets: &mut [TargetResult], look: &Look<'_>) {
    for (id, to) in &look.numbers {
        let of_leg = |target: &&mut TargetResult| {
            target.new_call_id.is_none() && phone::is_same(&target.to, to)
        };
        if let Some(target) = targets.iter_mut().find(of_leg) {
            target.new_call_id = Some(id.clone());
            target.status = look.follow.status_of(id);
        }
    }
}

fn stop_reason(status: &FollowStatus) -> StopReason {
    match status.result {
        Some(FollowResult::Answered) => StopReason::Answered,
        Some(_) if status.is_certainly_unanswered && status.caller == CallerState::Ended => {
            StopReason::CallerGone
        }
        Some(_) if status.is_certainly_unanswered => StopReason::AllTried,
        _ => StopReason::Unknown,
    }
}
