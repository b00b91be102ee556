//! Follows a transfer by reading calls, for programs that receive no events.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::state::Follow;
use super::status::{CallerState, FollowResult, FollowStatus};
use crate::api::Api;
use crate::calls::{CallPage, CallQuery};
use crate::error::{Error, ErrorKind};
use crate::protocol::Request;
use crate::protocol::steps::{Running, Sender, Steps};
use crate::response::Call;
use crate::words::words;

/// The time between the first two reads; each further wait is 1.5 times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The highest number of pages of v2's list that one look reads.
const PAGES: usize = 10;

words! {
    /// How long a transfer is followed.
    FollowUntil
    /// Until a target has answered, or no target can answer any more.
    Answered = 701 "answered",
    /// Until no target is connected or ringing any more.
    Ended = 702 "ended",
}

impl FollowUntil {
    /// Whether this much is known.
    pub fn is_reached(self, status: &FollowStatus) -> bool {
        match self {
            Self::Answered => status.result.is_some(),
            // A transfer with the result `unknown` has ended, or is not followed any more.
            Self::Ended => status
                .result
                .is_some_and(|result| status.is_ended || result == FollowResult::Unknown),
        }
    }
}

/// Reads until `until` is reached, or until the time is over.
pub(crate) struct Poll {
    pub(crate) follow: Follow,
    pub(crate) until: FollowUntil,
    pub(crate) timeout: Duration,
}

impl Steps<Follow> for Poll {
    fn run<'a>(&'a self, sender: Sender<'a>) -> Running<'a, Follow> {
        Box::pin(self.poll(sender))
    }
}

impl Poll {
    pub(crate) async fn poll(&self, sender: Sender<'_>) -> Result<Follow, Error> {
        let mut look = Look::new(self.follow.clone(), sender);
        self.poll_with(&mut look).await?;
        Ok(look.follow)
    }

    pub(crate) async fn poll_with(&self, look: &mut Look<'_>) -> Result<(), Error> {
        look.follow.go_on();
        let deadline = Instant::now() + self.timeout;
        let mut pause = FIRST_PAUSE;
        let mut last: Option<Error> = None;
        loop {
            let mut wait = pause;
            let failed = match look.look().await {
                Ok(()) => None,
                Err(error) if is_final(error.kind()) => return Err(error),
                Err(error) => {
                    wait = wait.max(error.retry_after().unwrap_or_default());
                    Some(error)
                }
            };
            let is_later = look.deadline.replace(deadline).is_some();
            let is_reached = self.until.is_reached(&look.follow.status());
            if is_reached && failed.is_none() {
                look.look_at_caller().await;
                return Ok(());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // If the end of the time cut off a read, the reason before it says more.
                let shown = match failed {
                    Some(error) if error.kind() == ErrorKind::Timeout && is_later => last,
                    failed => failed,
                };
                let reason = reason(&look.follow, shown.as_ref());
                look.follow.give_up(&reason);
                return Ok(());
            }
            last = failed;
            tokio::time::sleep(wait.min(left)).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }
}

/// Why the result is not known when the time is over.
fn reason(follow: &Follow, failed: Option<&Error>) -> String {
    let known = follow.new_call_ids().next().is_some();
    let what: &dyn fmt::Display = match failed {
        Some(error) => &format!("the last read failed: {error}"),
        None if follow.status().result == Some(FollowResult::Answered) => &"the new call lasts",
        None if known => &"the new call is neither answered nor over",
        None if follow.api() == Api::V2 => &"no call has this one as its parentCallId",
        None => &"the platform did not name the new call",
    };
    format!("the time for following is over; {what}")
}

/// An error that another read would return too.
fn is_final(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidArgument
            | ErrorKind::Configuration
            | ErrorKind::Authentication
            | ErrorKind::Authorization
            | ErrorKind::RedirectRefused
            | ErrorKind::Cancelled
            | ErrorKind::Internal
    )
}

/// Repeated looks at the transfer, each with as few reads as possible.
pub(crate) struct Look<'a> {
    pub(crate) follow: Follow,
    sender: Sender<'a>,
    /// Of each read.
    pub(crate) deadline: Option<Instant>,
    /// v1: whether the list of the new call's events was read after its end.
    are_events_read: bool,
    /// v2: when the call began, for the list.
    start_time: Option<String>,
    /// v2: the targets that the new calls may be to.
    pub(crate) numbers: BTreeMap<String, String>,
    /// v2: how often the list had no new call although the call had ended.
    in_vain: u32,
}

impl<'a> Look<'a> {
    pub(crate) fn new(follow: Follow, sender: Sender<'a>) -> Self {
        Self {
            follow,
            sender,
            deadline: None,
            are_events_read: false,
            start_time: None,
            numbers: BTreeMap::new(),
            in_vain: 0,
        }
    }

    pub(crate) async fn look(&mut self) -> Result<(), Error> {
        match self.follow.api() {
            Api::V1 => self.look_in_v1().await,
            Api::V2 => self.look_in_v2().await,
        }
    }

    async fn read(&mut self, call_id: &str) -> Result<Call, Error> {
        let request = Request::get_call(self.sender.config(), call_id)?;
        let call = self.sender.send(request, self.deadline).await?;
        self.follow.call(&call);
        Ok(call)
    }

    async fn look_in_v1(&mut self) -> Result<(), Error> {
        let Some(leg) = self.follow.new_call_id().map(str::to_owned) else {
            let call_id = self.follow.call_id().to_owned();
            return self.read(&call_id).await.map(drop);
        };
        if !self.follow.has_ended(&leg) {
            self.read(&leg).await?;
        }
        // In v1 a call does not say why it ended; the list of its events does.
        if self.follow.lacks_cause() && !self.are_events_read {
            let request = Request::get_call_events(self.sender.config(), &leg)?;
            let events = self.sender.send(request, self.deadline).await?;
            self.follow.call_events(&leg, &events);
            self.are_events_read = true;
        }
        Ok(())
    }

    async fn look_in_v2(&mut self) -> Result<(), Error> {
        let legs: Vec<String> = self.follow.new_call_ids().map(str::to_owned).collect();
        for leg in legs
            .iter()
            .filter(|leg| !self.follow.has_ended(leg))
            .cloned()
            .collect::<Vec<_>>()
        {
            self.read(&leg).await?;
        }
        let is_open = self.follow.status().result.is_none();
        let is_ringing = legs.iter().any(|leg| !self.follow.has_ended(leg));
        if !is_open || is_ringing && self.follow.knows_all() {
            return Ok(());
        }
        let call_id = self.follow.call_id().to_owned();
        self.start_time = self
            .read(&call_id)
            .await?
            .start_time
            .or(self.start_time.take());
        let has_ended = self.follow.status().caller == CallerState::Ended;
        let start_time = self.start_time.clone();
        let (calls, is_complete) =
            calls_since(self.sender, start_time, self.deadline, |_| false).await?;
        self.follow.listed(&calls, is_complete);
        for call in calls.into_iter().filter(|call| call.has_parent(&call_id)) {
            self.numbers.insert(call.id, call.to.unwrap_or_default());
        }
        if has_ended && is_complete && self.follow.new_call_ids().next().is_none() {
            self.in_vain += 1;
            // Twice, because a list may not be up to date.
            if self.in_vain > 1 {
                self.follow
                    .give_up("the call has ended, and no call has it as its parentCallId");
            }
        }
        Ok(())
    }

    /// Reads the caller's call, if the result does not show its state. If this fails, nothing
    /// changes.
    pub(crate) async fn look_at_caller(&mut self) {
        let status = self.follow.status();
        let is_open = status.caller != CallerState::Ended && status.is_ended;
        if is_open {
            let call_id = self.follow.call_id().to_owned();
            let _ = self.read(&call_id).await;
        }
    }
}

/// The calls of a v2 account since this time, until `is_enough`; and whether these are all.
pub(crate) async fn calls_since(
    sender: Sender<'_>,
    start_time: Option<String>,
    deadline: Option<Instant>,
    is_enough: impl Fn(&Call) -> bool,
) -> Result<(Vec<Call>, bool), Error> {
    let config = sender.config();
    let since = |time| CallQuery::new().min_start_time(time);
    // A time in an unknown form can't be a condition; then all calls are read.
    let first = start_time.and_then(|time| Request::list_calls(config, since(time)).ok());
    let first = match first {
        Some(request) => request,
        None => Request::list_calls(config, CallQuery::new())?,
    };
    let (calls, end) = read_pages(sender, first, deadline, is_enough).await?;
    Ok((calls, end == PagesEnd::Whole))
}

/// Why no more pages of a list were read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum PagesEnd {
    /// There are none.
    Whole,
    /// A call was enough.
    Enough,
    /// As many were read as are read at most.
    Limit,
}

/// The calls of a list from its first page on, until one of them is `enough`.
pub(crate) async fn read_pages(
    sender: Sender<'_>,
    first: Request<CallPage>,
    deadline: Option<Instant>,
    is_enough: impl Fn(&Call) -> bool,
) -> Result<(Vec<Call>, PagesEnd), Error> {
    let mut next = first;
    let mut calls = Vec::new();
    for _ in 0..PAGES {
        let page = sender.send(next, deadline).await?;
        let is_found = page.calls.iter().any(&is_enough);
        let (of_page, following) = page.split(sender.config());
        calls.extend(of_page);
        match following {
            None => return Ok((calls, PagesEnd::Whole)),
            Some(_) if is_found => return Ok((calls, PagesEnd::Enough)),
            Some(request) => next = request?,
        }
    }
    Ok((calls, PagesEnd::Limit))
}
