//! The next target when one does not answer: the requests of `transfer_to_first`.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::poll::{FollowUntil, Look, Poll};
use super::sequence::{Sequence, Step, StopReason, TargetResult};
use super::state::Follow;
use super::status::{CallerState, FollowResult, FollowStatus};
use crate::config::{Api, Config};
use crate::error::{Error, InvalidArgument, Outcome};
use crate::protocol::Request;
use crate::protocol::steps::{Running, Sender, Steps};
use crate::transfer::{Transfer, phone};

/// How long a target rings if `ring` is not set: until v1 itself ends it; in v2, 30 seconds.
const PLATFORM_RING: Duration = Duration::from_secs(120);
const V2_RING: Duration = Duration::from_secs(30);
/// After the ringing has ended, a result must be known within this time.
const SETTLES: Duration = Duration::from_secs(10);
/// The time between reads of the caller's call.
const PAUSE: Duration = Duration::from_millis(250);
/// The highest number of targets.
const TARGETS: usize = 100;
/// The highest number of targets in v2.
const V2_TARGETS: usize = 8;

/// A call, and the targets that it is transferred to: the first to answer gets it.
///
/// `Debug` redacts numbers.
///
/// ```
/// use std::time::Duration;
/// use calltransfer::{Transfer, TransferToFirst};
///
/// let transfer = Transfer::new("c-1", "+18382947878").caller_id("private");
/// let first = TransferToFirst::new(transfer)
///     .or_to("+18382947879")
///     .ring(Duration::from_secs(20));
/// # let _ = first;
/// ```
#[derive(Debug, Clone)]
pub struct TransferToFirst {
    transfer: Transfer,
    more: Vec<Transfer>,
    ring: Option<Duration>,
}

impl TransferToFirst {
    /// A transfer to its own target, and to the targets that are added. The options of `transfer`
    /// apply to all of them.
    pub fn new(transfer: Transfer) -> Self {
        Self {
            transfer,
            more: Vec::new(),
            ring: None,
        }
    }

    /// Adds the next target: at most 100, in v2 at most 8 including the first.
    #[must_use]
    pub fn or_to(mut self, to: impl Into<String>) -> Self {
        self.more.push(self.transfer.clone().with_target(to));
        self
    }

    /// How long each target rings: 1 to 300 seconds. In v2 it is the option `call_timeout`. v1 has
    /// no such option, so the library ends the new call if it still rings. If the target answers
    /// during the one round trip that this takes, the target and the caller are both disconnected.
    ///
    /// Without it, the platform decides: 30 seconds in v2.
    #[must_use]
    pub fn ring(mut self, ring: Duration) -> Self {
        self.ring = Some(ring);
        self
    }

    /// The checked requests.
    fn prepare(mut self, config: &Config) -> Result<First, Error> {
        if let Some(ring) = self.ring
            && !(Duration::from_secs(1)..=Duration::from_secs(300)).contains(&ring)
        {
            let seconds = ring.as_secs_f64();
            let reason = format!("must be 1 to 300 seconds, got {seconds}");
            return Err(InvalidArgument::new("ring", reason).into());
        }
        let api = config.api();
        let (count, most) = (
            1 + self.transfer.also_to.len() + self.more.len(),
            if api == Api::V2 { V2_TARGETS } else { TARGETS },
        );
        if count > most {
            let reason = format!("must be at most {most} in {}, got {count}", api.as_str());
            return Err(InvalidArgument::new("targets", reason).into());
        }
        if api == Api::V2 {
            for next in std::mem::take(&mut self.more) {
                self.transfer = self.transfer.also_to(next.to);
            }
            if let Some(ring) = self.ring {
                self.transfer = self.transfer.call_timeout(ring.as_secs_f64());
            }
        }
        let mut transfers = vec![self.transfer];
        transfers.append(&mut self.more);
        for transfer in &transfers {
            Request::transfer(config, transfer)?;
        }
        Ok(First {
            transfers,
            ring: self.ring,
        })
    }
}

/// The result for all targets. Made by
/// [`Client::transfer_to_first`](crate::Client::transfer_to_first).
///
/// `Debug` redacts numbers. It is `Send` and `Sync`.
#[derive(Debug)]
#[non_exhaustive]
pub struct FirstTransferred {
    /// The call that was transferred.
    pub call_id: String,
    /// The number of the target that answered, from 0; `None` if none is known to have answered.
    pub answered: Option<usize>,
    /// The result of each target, in the order in which they were given.
    pub targets: Vec<TargetResult>,
    /// Why no further target was tried.
    pub stopped: StopReason,
    /// The same as a text.
    pub reason: String,
}

/// The transfers: in v1 one for each target, in v2 one for all targets.
pub(crate) struct First {
    transfers: Vec<Transfer>,
    ring: Option<Duration>,
}

impl Request<FirstTransferred> {
    /// Transfers a call to the first of several targets that answers. See
    /// [`Client::transfer_to_first`](crate::Client::transfer_to_first).
    ///
    /// # Errors
    /// As for [`Request::transfer`], for the first target that can't be sent; also for the fields
    /// `ring` and `targets`.
    pub fn transfer_to_first(config: &Config, first: TransferToFirst) -> Result<Self, Error> {
        let first = first.prepare(config)?;
        let transfer = first.transfers.first();
        let transfer = transfer
            .ok_or_else(|| InvalidArgument::new("targets", "is empty; expected at least one"))?;
        let request = Request::transfer(config, transfer)?;
        Ok(Self::of_steps(
            config,
            request.http_request,
            Box::new(first),
        ))
    }
}

impl Steps<FirstTransferred> for First {
    fn run<'a>(&'a self, sender: Sender<'a>) -> Running<'a, FirstTransferred> {
        Box::pin(async move {
            match sender.config().api() {
                Api::V1 => self.one_by_one(sender).await,
                Api::V2 => self.all_at_once(sender).await,
            }
        })
    }
}

impl First {
    fn call_id(&self) -> String {
        let first = self.transfers.first();
        first.map_or_else(String::new, |first| first.call_id.clone())
    }

    async fn one_by_one(&self, sender: Sender<'_>) -> Result<FirstTransferred, Error> {
        let config = sender.config();
        let targets = self.transfers.iter().map(|transfer| transfer.to.clone());
        let mut sequence = Sequence::new(targets);
        // When the reads of the caller's call began.
        let mut reading: Option<Instant> = None;
        loop {
            match sequence.step() {
                Step::Transfer(at) => {
                    reading = None;
                    let Some(transfer) = self.transfers.get(at) else {
                        sequence.give_up("a target is missing");
                        continue;
                    };
                    let result = match Request::transfer(config, transfer) {
                        Ok(request) => sender.send(request, None).await,
                        Err(error) => Err(error),
                    };
                    if let Err(error) = &result
                        && error.is_safe_to_repeat()
                    {
                        // No target is connected to the caller now, whatever was sent before.
                        sender.step_failed(Outcome::NotApplied);
                    }
                    sequence.transferred(result);
                }
                Step::Follow(at) => {
                    let target = sequence.targets().get(at);
                    let new_call_id = target.and_then(|target| target.new_call_id.as_deref());
                    match self.follow(sender, new_call_id).await {
                        Ok(status) => sequence.followed(status),
                        Err(error) => sequence.give_up(error.to_string()),
                    }
                    if matches!(sequence.step(), Step::Follow(_)) {
                        sequence.give_up("the transfer can't be followed");
                    }
                }
                Step::ReadCaller => {
                    let since = *reading.get_or_insert_with(Instant::now);
                    let request = Request::get_call(config, &self.call_id())?;
                    let read = sender.send(request, Some(since + SETTLES)).await;
                    match read {
                        Ok(call) => sequence.caller(&call),
                        Err(error) if since.elapsed() >= SETTLES => {
                            sequence.give_up(error.to_string());
                        }
                        Err(_) => {}
                    }
                    if sequence.step() == Step::ReadCaller {
                        if since.elapsed() >= SETTLES {
                            sequence.give_up("the call is still being transferred");
                        } else {
                            tokio::time::sleep(PAUSE).await;
                        }
                    }
                }
                Step::Stop(stopped) => return self.result(sequence, stopped),
            }
        }
    }

    /// Follows one transfer until it has a result, and ends the ringing of its new call in time.
    async fn follow(
        &self,
        sender: Sender<'_>,
        new_call_id: Option<&str>,
    ) -> Result<FollowStatus, Error> {
        let config = sender.config();
        let follow = Follow::new(Api::V1, &self.call_id(), new_call_id)?;
        let mut poll = Poll {
            follow,
            until: FollowUntil::Answered,
            timeout: self.ring.unwrap_or(PLATFORM_RING),
        };
        let follow = poll.poll(sender).await?;
        let mut status = follow.status();
        let still_rings = status.result == Some(FollowResult::Unknown) && !status.is_ended;
        if let (Some(_), Some(leg), true) = (self.ring, new_call_id, still_rings) {
            // The reads that follow show the effect of this request, whatever its outcome.
            let _ = sender.send(Request::hang_up(config, leg)?, None).await;
            (poll.follow, poll.timeout) = (follow, SETTLES);
            status = poll.poll(sender).await?.status();
            if status.result == Some(FollowResult::Answered) {
                status.doubt =
                    Some("its ringing was to be ended at that moment, so it may be over");
            }
        }
        Ok(status)
    }

    fn result(&self, sequence: Sequence, stopped: StopReason) -> Result<FirstTransferred, Error> {
        let reason = sequence.reason().to_owned();
        let mut targets = sequence.into_targets();
        let is_first = targets
            .iter()
            .skip(1)
            .all(|target| target.outcome.is_none());
        let is_refusal = matches!(stopped, StopReason::Refused | StopReason::CallerGone);
        // The same error as for a transfer to one target.
        if is_first
            && is_refusal
            && let Some(error) = targets.first_mut().and_then(|target| target.error.take())
        {
            return Err(error);
        }
        let has_answered = |target: &TargetResult| target.result() == Some(FollowResult::Answered);
        Ok(FirstTransferred {
            call_id: self.call_id(),
            answered: targets.iter().position(has_answered),
            targets,
            stopped,
            reason,
        })
    }

    /// v2: one transfer, whose targets ring at the same time.
    async fn all_at_once(&self, sender: Sender<'_>) -> Result<FirstTransferred, Error> {
        let config = sender.config();
        let Some(transfer) = self.transfers.first() else {
            return Err(InvalidArgument::new("targets", "is empty; expected at least one").into());
        };
        let all = std::iter::once(&transfer.to).chain(&transfer.also_to);
        let mut targets: Vec<_> = all.map(|to| TargetResult::new(to.clone())).collect();
        let count = targets.len();
        let sent = sender
            .send(Request::transfer(config, transfer)?, None)
            .await;
        if let Err(error) = sent {
            if error.is_safe_to_repeat() {
                return Err(error);
            }
            let reason = error.to_string();
            for target in &mut targets {
                target.outcome = Some(error.outcome());
            }
            if let Some(target) = targets.first_mut() {
                target.error = Some(error);
            }
            return Ok(self.finished(targets, None, StopReason::Unknown, reason));
        }
        for target in &mut targets {
            target.outcome = Some(Outcome::Applied);
        }
        let follow = Follow::new(Api::V2, &self.call_id(), None)?.targets(count as u32);
        let ring = transfer.call_timeout.unwrap_or(V2_RING.as_secs_f64());
        let poll = Poll {
            follow,
            until: FollowUntil::Answered,
            timeout: Duration::try_from_secs_f64(ring).unwrap_or(V2_RING) + SETTLES,
        };
        let mut look = Look::new(poll.follow.clone(), sender);
        let follow = match poll.poll_with(&mut look).await {
            Ok(()) => look.follow,
            Err(error) => {
                let reason = error.to_string();
                return Ok(self.finished(targets, None, StopReason::Unknown, reason));
            }
        };
        let status = follow.status();
        let mut answered = None;
        for (id, to) in &look.numbers {
            let of_leg = |target: &&mut TargetResult| {
                target.new_call_id.is_none() && phone::is_same(&target.to, to)
            };
            let Some(target) = targets.iter_mut().find(of_leg) else {
                continue;
            };
            target.new_call_id = Some(id.clone());
            target.status = follow.status_of(id);
        }
        if status.result == Some(FollowResult::Answered) {
            let has_answered = |target: &TargetResult| {
                target.new_call_id.is_some() && target.new_call_id == status.new_call_id
            };
            answered = targets.iter().position(has_answered);
        }
        let stopped = match status.result {
            Some(FollowResult::Answered) => StopReason::Answered,
            Some(_) if status.is_certainly_unanswered && status.caller == CallerState::Ended => {
                StopReason::CallerGone
            }
            Some(_) if status.is_certainly_unanswered => StopReason::AllTried,
            _ => StopReason::Unknown,
        };
        let reason = status.evidence.to_string();
        Ok(self.finished(targets, answered, stopped, reason))
    }

    fn finished(
        &self,
        targets: Vec<TargetResult>,
        answered: Option<usize>,
        stopped: StopReason,
        reason: String,
    ) -> FirstTransferred {
        FirstTransferred {
            call_id: self.call_id(),
            answered,
            targets,
            stopped,
            reason,
        }
    }
}

impl fmt::Debug for First {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("First")
            .field("transfers", &self.transfers.len())
            .finish_non_exhaustive()
    }
}
