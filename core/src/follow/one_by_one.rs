//! v1: a transfer to one target after the other. Sends what [`Sequence`] decides.

use std::time::Duration;

use tokio::time::Instant;

use super::first_transferred::FirstTransferred;
use super::poll::{FollowUntil, Poll};
use super::sequence::{SETTLES, Sequence, Step, StopReason};
use super::state::Follow;
use crate::api::Api;
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::protocol::Request;
use crate::protocol::steps::{Running, Sender, Steps};
use crate::response::Transferred;
use crate::transfer::Transfer;

/// The transfers, one for each target.
pub(super) struct OneByOne {
    first: Transfer,
    others: Vec<Transfer>,
    ring: Option<Duration>,
}

impl OneByOne {
    pub(super) fn new(first: Transfer, others: Vec<Transfer>, ring: Option<Duration>) -> Self {
        Self {
            first,
            others,
            ring,
        }
    }

    /// Checks every transfer, and returns the first request.
    pub(super) fn check(&self, config: &Config) -> Result<Request<Transferred>, Error> {
        for transfer in &self.others {
            Request::transfer(config, transfer)?;
        }
        Request::transfer(config, &self.first)
    }

    fn all(&self) -> impl Iterator<Item = &Transfer> {
        std::iter::once(&self.first).chain(&self.others)
    }

    async fn run(&self, sender: Sender<'_>) -> Result<FirstTransferred, Error> {
        let (config, call_id) = (sender.config(), self.first.call_id());
        let mut sequence = Sequence::new(self.all().map(Transfer::to), self.ring);
        // What is known of the present target's transfer.
        let mut follow: Option<Follow> = None;
        // When the reads of the caller's call began.
        let mut reading: Option<Instant> = None;
        loop {
            match sequence.step() {
                Step::Transfer(at) => {
                    (follow, reading) = (None, None);
                    match self.all().nth(at) {
                        Some(transfer) => sequence.transferred(send(sender, transfer).await),
                        None => sequence.give_up("a target is missing"),
                    }
                }
                Step::Follow(at) => {
                    let known = follow.take();
                    let known = known.map_or_else(|| follow_of(&sequence, at, call_id), Ok);
                    match poll(sender, known, sequence.follow_timeout()).await {
                        Ok(polled) => sequence.followed(follow.insert(polled).status()),
                        Err(error) => sequence.give_up(error.to_string()),
                    }
                }
                Step::HangUp(at) => {
                    if let Some(leg) = new_call_id(&sequence, at) {
                        let _ = sender.send(Request::hang_up(config, leg)?, None).await;
                    }
                    sequence.hung_up();
                }
                Step::ReadCaller => {
                    let since = *reading.get_or_insert_with(Instant::now);
                    let request = Request::get_call(config, call_id)?;
                    let read = sender.send(request, Some(since + SETTLES)).await;
                    let failed = read.map(|call| sequence.caller(&call)).err();
                    let failed = failed.map(|error| error.to_string());
                    if let Some(pause) = sequence.pause(since.elapsed(), failed.as_deref()) {
                        tokio::time::sleep(pause).await;
                    }
                }
                Step::Stop(stopped) => return result(call_id, sequence, stopped),
            }
        }
    }
}

impl Steps<FirstTransferred> for OneByOne {
    fn run<'a>(&'a self, sender: Sender<'a>) -> Running<'a, FirstTransferred> {
        Box::pin(self.run(sender))
    }
}

async fn send(sender: Sender<'_>, transfer: &Transfer) -> Result<Transferred, Error> {
    let request = Request::transfer(sender.config(), transfer)?;
    let result = sender.send(request, None).await;
    if let Err(error) = &result
        && error.is_safe_to_repeat()
    {
        // No target is connected to the caller now, whatever was sent before.
        sender.step_failed(Outcome::NotApplied);
    }
    result
}

async fn poll(
    sender: Sender<'_>,
    follow: Result<Follow, Error>,
    timeout: Duration,
) -> Result<Follow, Error> {
    let poll = Poll {
        follow: follow?,
        until: FollowUntil::Answered,
        timeout,
    };
    poll.poll(sender).await
}

fn new_call_id(sequence: &Sequence, at: usize) -> Option<&str> {
    sequence.targets().get(at)?.new_call_id.as_deref()
}

fn follow_of(sequence: &Sequence, at: usize, call_id: &str) -> Result<Follow, Error> {
    Follow::new(Api::V1, call_id, new_call_id(sequence, at))
}

fn result(
    call_id: &str,
    sequence: Sequence,
    stopped: StopReason,
) -> Result<FirstTransferred, Error> {
    let (answered, is_refused) = (sequence.answered(), sequence.is_refused());
    let reason = sequence.reason().to_owned();
    let mut targets = sequence.into_targets();
    if is_refused && let Some(error) = targets.first_mut().and_then(|target| target.error.take()) {
        return Err(error);
    }
    Ok(FirstTransferred {
        call_id: call_id.to_owned(),
        answered,
        targets,
        stopped,
        reason,
    })
}
