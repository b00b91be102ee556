//! What is known of one transfer: takes events and reads, and returns the result of the transfer.
//! No I/O.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use super::leg::Leg;
use super::status::{CallerState, FollowResult, FollowStatus};
use crate::api::Api;
use crate::error::Error;
use crate::events::Event;
use crate::redact;
use crate::response::CallEvent;
use crate::response::{Call, Transferred};
use crate::transfer::id;

/// The highest number of new calls that are stored for one transfer: v2 rings at most 8 targets.
const LEGS: usize = 64;

/// The highest number of characters of a reason.
const REASON: usize = 1000;

/// Whether an event or a read was about the transfer, and whether it added anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// It is about another call, or an earlier transfer of this one.
    Other,
    /// It is about this transfer, and adds nothing, such as an event that comes twice.
    Known,
    /// It is about this transfer, and the [`status`](Follow::status) may have changed.
    New,
}

/// Follows one transfer that was made: whether a target answered, and how it ended.
///
/// It does no I/O. Pass it events, reads of calls and lists of events, in any order; repeated and
/// late ones do not change the final status. It is made from IDs only, so a program that was
/// restarted can make a new one from the IDs that it stored, and pass the events again, or read the
/// calls.
///
/// An event that came before [`transfer`](crate::Client::transfer) returned is [`Seen::Other`] to a
/// `Follow` that doesn't know the new call's ID yet. Keep such events for some seconds, and pass
/// them to [`event`](Self::event) again after the `Follow` was made or
/// [`set_new_call_id`](Self::set_new_call_id) was called.
///
/// It is `Send` and `Sync`; passing events and reads needs `&mut`.
///
/// ```
/// use calltransfer::{Api, Event, Follow, FollowResult, Seen};
///
/// let mut follow = Follow::new(Api::V1, "c-1", Some("c-2"))?;
/// let body = br#"{"eventType": "hangup", "callId": "c-2", "cause": "USER_BUSY", "time": "2026-01-05T09:30:00Z"}"#;
/// let event = Event::parse(body, Some("application/json"))?;
/// assert_eq!(follow.event(&event), Seen::New);
/// assert_eq!(follow.event(&event), Seen::Known);
/// assert_eq!(follow.status().result, Some(FollowResult::Busy));
/// # Ok::<(), calltransfer::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Follow {
    pub(super) api: Api,
    pub(super) call_id: String,
    pub(super) new_call_id: Option<String>,
    pub(super) targets: Option<u32>,
    pub(super) not_before: Option<Timestamp>,
    /// The new calls by their IDs.
    pub(super) legs: BTreeMap<String, Leg>,
    /// v2: facts about a new call that was not named.
    pub(super) unnamed: Leg,
    /// v2: what `transferComplete` says.
    pub(super) complete: Leg,
    /// v2: the platform's list named every new call.
    pub(super) is_listed: bool,
    pub(super) caller_ended: bool,
    /// Of the caller's call, as it was read last.
    pub(super) caller_read: Option<CallerState>,
    /// Why it is no longer followed, if so.
    pub(super) given_up: Option<String>,
}

impl Follow {
    /// Follows the transfer of `call_id`; in v1 `new_call_id` is what the platform called the new call.
    ///
    /// In v1 little can be known without `new_call_id`; in v2 the events name it.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for what is not a valid ID.
    pub fn new(api: Api, call_id: &str, new_call_id: Option<&str>) -> Result<Self, Error> {
        id::check("call_id", call_id)?;
        let mut follow = Self {
            api,
            call_id: call_id.to_owned(),
            new_call_id: None,
            targets: None,
            not_before: None,
            legs: BTreeMap::new(),
            unnamed: Leg::default(),
            complete: Leg::default(),
            is_listed: false,
            caller_ended: false,
            caller_read: None,
            given_up: None,
        };
        if let Some(new_call_id) = new_call_id {
            follow.set_new_call_id(new_call_id)?;
        }
        Ok(follow)
    }

    /// Follows a transfer that a client of this API made.
    ///
    /// # Errors
    /// As for [`new`](Self::new); none for what a client returned.
    pub fn of(api: Api, done: &Transferred) -> Result<Self, Error> {
        Self::new(api, &done.call_id, done.new_call_id.as_deref())
    }

    /// How many targets the transfer has. v2 only: without it, the end of one new call does not show
    /// whether another one still rings, so only `transferComplete`, an answer or a poll decides.
    #[must_use]
    pub fn targets(mut self, targets: u32) -> Self {
        self.targets = Some(targets);
        self
    }

    /// Takes no event that happened before this time, by the platform's clock. For a v2 call that is
    /// transferred a second time: events of both transfers name the same call.
    #[must_use]
    pub fn not_before(mut self, time: Timestamp) -> Self {
        self.not_before = Some(time);
        self
    }

    /// The same in milliseconds since 1970, for the interfaces to other languages; `None` for no time.
    #[doc(hidden)]
    pub fn not_before_ms(self, milliseconds: i64) -> Option<Self> {
        Some(self.not_before(Timestamp::from_millisecond(milliseconds).ok()?))
    }

    /// The new call's ID, where it comes to be known later.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for what is not a valid ID.
    pub fn set_new_call_id(&mut self, new_call_id: &str) -> Result<(), Error> {
        id::check("new_call_id", new_call_id)?;
        self.new_call_id = Some(new_call_id.to_owned());
        Ok(())
    }

    /// The API of the account.
    pub fn api(&self) -> Api {
        self.api
    }

    /// The call that was transferred.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The new call, as it was given.
    pub fn new_call_id(&self) -> Option<&str> {
        self.new_call_id.as_deref()
    }

    /// The new calls that are known, by ID: in v1 one, in v2 as many as were named.
    pub fn new_call_ids(&self) -> impl Iterator<Item = &str> {
        let given = self.new_call_id.as_deref();
        let given = given.filter(|id| !self.legs.contains_key(*id));
        given
            .into_iter()
            .chain(self.legs.keys().map(String::as_str))
    }

    /// Takes an event, in any sequence. Events of other calls change nothing.
    pub fn event(&mut self, event: &Event) -> Seen {
        if let (Some(limit), Some(time)) = (self.not_before, event.time)
            && time < limit
        {
            return Seen::Other;
        }
        self.changed(|follow| follow.take_event(event))
    }

    /// Takes the description of a call: of the caller's own, or of a new one.
    pub fn call(&mut self, call: &Call) -> Seen {
        self.changed(|follow| follow.take_call(call))
    }

    /// Takes the list of the events of a call in v1, as [`Client::get_call_events`](crate::Client::get_call_events)
    /// reads it.
    pub fn call_events(&mut self, call_id: &str, events: &[CallEvent]) -> Seen {
        self.changed(|follow| follow.take_call_events(call_id, events))
    }

    /// Takes the calls of a v2 account, of which those with this `parentCallId` are the new calls.
    /// `is_complete` says that all calls since the beginning of this one are among them.
    pub fn listed<'c>(
        &mut self,
        calls: impl IntoIterator<Item = &'c Call>,
        is_complete: bool,
    ) -> Seen {
        self.changed(|follow| {
            let mut is_any = false;
            for call in calls {
                is_any |= follow.take_call(call);
            }
            follow.is_listed |= is_complete && !follow.legs.is_empty();
            is_any
        })
    }

    fn changed(&mut self, take: impl FnOnce(&mut Self) -> bool) -> Seen {
        let before = self.clone();
        match take(self) {
            false => Seen::Other,
            true if before == *self => Seen::Known,
            true => Seen::New,
        }
    }

    /// The new call of this ID; `None` beyond the limit.
    pub(super) fn leg(&mut self, id: &str) -> Option<&mut Leg> {
        if self.legs.len() >= LEGS && !self.legs.contains_key(id) {
            return None;
        }
        Some(self.legs.entry(id.to_owned()).or_default())
    }

    pub(super) fn is_leg(&self, id: &str) -> bool {
        id != self.call_id
            && (self.new_call_id.as_deref() == Some(id) || self.legs.contains_key(id))
    }

    /// Whether the new call, in v1, has ended without a cause that is known.
    pub(crate) fn lacks_cause(&self) -> bool {
        let leg = self.new_call_id.as_ref().and_then(|id| self.legs.get(id));
        leg.is_some_and(|leg| leg.is_ended() && !leg.has_cause())
    }

    /// Whether a new call has ended, by its ID.
    pub(crate) fn has_ended(&self, id: &str) -> bool {
        self.legs.get(id).is_some_and(Leg::is_ended)
    }

    /// What is known of one of several new calls.
    pub(crate) fn status_of(&self, id: &str) -> Option<FollowStatus> {
        let mut status = self.status_of_leg(self.legs.get(id)?, self.status().caller);
        status.new_call_id = Some(id.to_owned());
        Some(status)
    }

    /// Whether every new call of the transfer is known.
    pub(crate) fn knows_all(&self) -> bool {
        let targets = self.targets.map(|targets| targets as usize);
        self.is_listed || targets.is_some_and(|targets| self.legs.len() >= targets)
    }

    /// Ends the following: where there is no result, it is `unknown` from now on, for this reason. A
    /// fact that comes later still counts.
    pub fn give_up(&mut self, reason: &str) {
        let reason: String = reason.chars().take(REASON).collect();
        self.given_up = Some(redact::text_with_numbers(&reason));
    }

    /// It is followed again: takes [`give_up`](Self::give_up) back.
    pub fn go_on(&mut self) {
        self.given_up = None;
    }

    /// The status that is known now.
    pub fn status(&self) -> FollowStatus {
        let mut status = match self.api {
            Api::V1 => self.status_of_v1(),
            Api::V2 => self.status_of_v2(),
        };
        if let Some(reason) = self.given_up.as_ref().filter(|_| status.result.is_none()) {
            status.result = Some(FollowResult::Unknown);
            status.evidence = reason.clone().into();
            status.doubt = Some("a target may have answered, or may yet answer");
        }
        status
    }
}

impl fmt::Debug for Follow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |id: &str| redact::text_with_numbers(id);
        f.debug_struct("Follow")
            .field("api", &self.api)
            .field("call_id", &shown(&self.call_id))
            .field("new_call_id", &self.new_call_id.as_deref().map(shown))
            .field("result", &self.status().result)
            .finish_non_exhaustive()
    }
}
