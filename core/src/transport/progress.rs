//! How far a request has come, for a caller that stops waiting for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::permit::SendPermit;
use crate::clock::since_boot;
use crate::error::{Error, ErrorKind, Outcome};
use crate::http_request::Action;
use crate::policy::pace::Pace;

/// Shared by the body, the sending task and the caller that may give up on it.
#[derive(Debug, Default)]
pub(crate) struct RequestProgress {
    attempts: AtomicU32,
    body_started: AtomicBool,
    /// When it did, in nanoseconds since the machine's start; 0 before.
    body_began: AtomicU64,
    /// Of a transfer: its number in this process.
    number: AtomicU64,
    /// Of a request that changes nothing: it may have left.
    read_started: AtomicBool,
    refused_before: AtomicBool,
    /// Of the batch that it belongs to, if any.
    pace: Option<Arc<Pace>>,
    /// Must allow the body to be sent, where the caller gave one.
    permit: Option<SendPermit>,
    permit_refused: AtomicBool,
    /// Of several requests that make one: where its caller sees how far they have come.
    whole: Option<Arc<Self>>,
}

impl RequestProgress {
    /// Of a transfer that shares its pace with others.
    pub(crate) fn paced(pace: Arc<Pace>) -> Self {
        let pace = Some(pace);
        Self {
            pace,
            ..Self::default()
        }
    }

    /// Of a request whose body is sent only if `permit` allows it.
    pub(crate) fn permitted(permit: SendPermit) -> Self {
        let permit = Some(permit);
        Self {
            permit,
            ..Self::default()
        }
    }

    /// Of one of several requests.
    pub(crate) fn part_of(whole: Arc<Self>) -> Self {
        let whole = Some(whole);
        Self {
            whole,
            ..Self::default()
        }
    }

    /// Whether the body may be sent; a refusal is for good.
    pub(crate) fn is_permitted(&self) -> bool {
        let permit = self.permit.as_ref();
        let whole = self.whole.as_ref();
        let is_refused = permit.is_some_and(|permit| !permit.is_given())
            || whole.is_some_and(|whole| !whole.is_permitted());
        if self.was_permit_refused() || is_refused {
            self.permit_refused.store(true, Ordering::Release);
            return false;
        }
        true
    }

    pub(crate) fn was_permit_refused(&self) -> bool {
        self.permit_refused.load(Ordering::Acquire)
    }

    /// How many further attempts this request may have: the code that gives permits decides about repeats.
    pub(crate) fn max_retries(&self, of_client: u32) -> u32 {
        match (&self.permit, &self.whole) {
            (Some(_), _) => 0,
            (None, Some(whole)) => whole.max_retries(of_client),
            (None, None) => of_client,
        }
    }

    /// An attempt went wrong: a rate limit holds the others of its batch at once.
    pub(crate) fn record_error(&self, error: &Error) {
        if let Some(pace) = &self.pace
            && error.kind() == ErrorKind::RateLimited
        {
            pace.limited(error.retry_after().unwrap_or_default(), Instant::now());
        }
    }

    /// How long its batch begins nothing, because of a limit.
    pub(crate) fn held_for(&self) -> Duration {
        let pace = self.pace.as_ref();
        pace.map_or(Duration::ZERO, |pace| pace.held_for(Instant::now()))
    }

    /// Whether a batch or the caller's permits limit how many such requests there are at once.
    pub(crate) fn is_limited_elsewhere(&self) -> bool {
        self.pace.is_some() || self.permit.is_some()
    }

    pub(crate) fn attempt_starts(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        self.body_started.store(false, Ordering::Release);
        self.read_started.store(false, Ordering::Release);
    }

    /// A further one of several requests begins; what is known of those before stays.
    pub(crate) fn part_starts(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// The platform had an earlier attempt and did nothing, or nothing of this one was sent.
    pub(crate) fn attempt_failed(&self, outcome: Outcome) {
        // A read that failed says nothing of the update before it.
        if let Some(whole) = self.whole.as_ref().filter(|_| self.has_body_started()) {
            whole.attempt_failed(outcome);
        }
        if outcome == Outcome::NotApplied {
            self.refused_before.store(true, Ordering::Relaxed);
        }
        self.body_started.store(false, Ordering::Release);
        self.read_started.store(false, Ordering::Release);
    }

    pub(crate) fn body_started(&self) {
        if let Some(whole) = &self.whole {
            whole.body_started();
        }
        let now = u64::try_from(since_boot().as_nanos()).unwrap_or(u64::MAX);
        self.body_began.store(now, Ordering::Release);
        self.body_started.store(true, Ordering::Release);
    }

    /// When the body of the last attempt began to be sent, since the machine's start.
    pub(crate) fn body_began(&self) -> Option<Duration> {
        match self.body_began.load(Ordering::Acquire) {
            0 => None,
            began => Some(Duration::from_nanos(began)),
        }
    }

    pub(crate) fn set_number(&self, number: u64) {
        self.number.store(number, Ordering::Relaxed);
    }

    pub(crate) fn number(&self) -> u64 {
        self.number.load(Ordering::Relaxed)
    }

    pub(crate) fn has_body_started(&self) -> bool {
        self.body_started.load(Ordering::Acquire)
    }

    pub(crate) fn read_started(&self) {
        if let Some(whole) = &self.whole {
            whole.read_started();
        }
        self.read_started.store(true, Ordering::Release);
    }

    /// Whether a request of this kind may have left.
    pub(crate) fn has_started(&self, action: Action) -> bool {
        let read = action.is_read() && self.read_started.load(Ordering::Acquire);
        read || self.has_body_started()
    }

    pub(crate) fn was_refused_before(&self) -> bool {
        self.refused_before.load(Ordering::Relaxed)
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }
}
