//! Which calls a transfer may have made, and what they prove about it. No I/O.

use super::window::{MARGIN, When, Window, ms};
use crate::api::Api;
use crate::error::{Outcome, SentTransfer};
use crate::events;
use crate::response::CallEvent;
use crate::response::{Call, CallState, Finding};
use crate::transfer::{number, phone};

use jiff::Timestamp;

const SEVERAL: &str =
    "several calls to the same target began at that time; at most one belongs to this transfer";

/// The transfer in question, and what distinguishes its new calls from others.
pub(super) struct Question<'a> {
    pub(super) sent: &'a SentTransfer,
    pub(super) api: Api,
    /// The call that was to be transferred, as it was read.
    pub(super) call: &'a Call,
    /// When a new call can have begun; `None` if that can't be known.
    pub(super) window: Option<Window>,
    /// This process sent another transfer of this call to the same target at about that time.
    pub(super) has_other: bool,
}

/// Whether a call is a new call of the transfer in question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Belongs {
    No,
    /// It may belong to this transfer or to another one.
    Unclear,
    Yes,
}

/// What the list of calls shows.
pub(super) enum Shown<'c> {
    /// These calls are its new calls: at most one to each target.
    New(Vec<&'c Call>),
    /// Several calls to one target may be its new call.
    Several,
    /// Calls that may belong to it or to another transfer; the reason.
    Unclear(&'static str),
    /// None of the calls belongs to it.
    Nothing,
}

impl Question<'_> {
    pub(super) fn belongs(&self, call: &Call) -> Belongs {
        let is_new = match self.api {
            // Only v2 says from which call a new one was made.
            Api::V1 => call.id != self.call.id && call.direction.as_deref() != Some("in"),
            Api::V2 => call.has_parent(&self.sent.call_id),
        };
        let is_known = self.sent.others.contains(&call.id);
        if !is_new || is_known || self.api == Api::V1 && !self.may_show_caller(call) {
            return Belongs::No;
        }
        let target = self.target(call);
        match (target, self.when(began(call))) {
            (Belongs::No, _) | (_, Some(When::Before)) => Belongs::No,
            (Belongs::Yes, Some(When::Within)) => Belongs::Yes,
            _ => Belongs::Unclear,
        }
    }

    /// Whether a call began before the transfer in question.
    pub(super) fn is_before(&self, call: &Call) -> bool {
        self.when(began(call)) == Some(When::Before)
    }

    /// Whether a time is before, within or after the window; `None` if that is not known.
    fn when(&self, time: Option<Timestamp>) -> Option<When> {
        Some(self.window?.place(time?))
    }

    fn target(&self, call: &Call) -> Belongs {
        let Some(to) = call.to.as_deref() else {
            return Belongs::Unclear;
        };
        let mut found = Belongs::No;
        for target in &self.sent.targets {
            match same(target, to) {
                Belongs::Yes => return Belongs::Yes,
                Belongs::Unclear => found = Belongs::Unclear,
                Belongs::No => {}
            }
        }
        found
    }

    /// Whether the new call may show the caller that this transfer sets.
    fn may_show_caller(&self, call: &Call) -> bool {
        let shown = call.from.as_deref();
        let expected = self.sent.caller_id.as_deref();
        let expected = expected.or(self.call.from.as_deref());
        match (expected, shown) {
            (Some(expected), Some(shown)) => {
                !number::is_e164(expected) || !number::is_e164(shown) || expected == shown
            }
            _ => true,
        }
    }

    pub(super) fn shown<'c>(&self, calls: &'c [Call]) -> Shown<'c> {
        let of = |belongs| {
            let calls = calls.iter();
            calls.filter(move |call| self.belongs(call) == belongs)
        };
        let new: Vec<&Call> = of(Belongs::Yes).collect();
        let unclear = of(Belongs::Unclear).next();
        if new.is_empty() {
            return match unclear {
                None => Shown::Nothing,
                Some(_) if self.window.is_none() => Shown::Unclear(
                    "a call may belong to this transfer or to another one: it is not known when the \
                     transfer was sent by the platform's clock",
                ),
                Some(_) => Shown::Unclear(
                    "a call may belong to this transfer or to another one: its target and its time \
                     do not show which",
                ),
            };
        }
        if self.has_other {
            return Shown::Unclear(
                "this program sent another transfer of the call to the same target at about that time",
            );
        }
        let twice = new.iter().enumerate().any(|(index, call)| {
            let earlier = new.iter().take(index);
            let to = call.to.as_deref().unwrap_or_default();
            earlier
                .map(|call| call.to.as_deref().unwrap_or_default())
                .any(|other| same(other, to) != Belongs::No)
        });
        if twice {
            Shown::Several
        } else if self.api == Api::V1 && !new.iter().all(|call| self.is_tied(call)) {
            Shown::Unclear(
                "a call with this transfer's target and caller ID began when the transfer was sent, but \
                 a transfer of another call may have made it",
            )
        } else {
            Shown::New(new)
        }
    }

    /// v1: whether more than target, caller ID and time connects a new call to this one. Those alone are
    /// not enough, because many calls may be transferred to one number with one caller ID.
    fn is_tied(&self, new: &Call) -> bool {
        // The number of an incoming call is the caller's own; that of an outgoing call is the account's.
        let is_own = |from: &&str| {
            self.call.direction.as_deref() == Some("in")
                && number::is_e164(from)
                && self.call.from.as_deref() == Some(*from)
        };
        let end = |call: &Call| call.end_time.as_deref().and_then(events::read_time);
        let end_together = |(one, other): (Timestamp, Timestamp)| {
            (one.as_millisecond() - other.as_millisecond()).abs() <= ms(MARGIN)
        };
        self.call.state == CallState::Transferring
            || new.from.as_deref().filter(is_own).is_some()
            || end(self.call).zip(end(new)).is_some_and(end_together)
    }

    /// v2: concludes from the list of calls, which names the call that each of them was made from.
    pub(super) fn by_parent(&self, finding: Finding, calls: &[Call], is_complete: bool) -> Finding {
        match self.shown(calls) {
            Shown::New(new) => applied(
                finding,
                &new,
                "a call to this transfer's target has this call as parentCallId and began when the \
                 transfer was sent",
            ),
            Shown::Several => unclear(finding, SEVERAL),
            Shown::Unclear(reason) => unclear(finding, reason),
            Shown::Nothing if is_complete => nothing(
                finding,
                "no call to this transfer's target that has this call as parentCallId began since the \
                 transfer was sent",
            ),
            Shown::Nothing => longer(finding),
        }
    }

    /// v1: concludes from what the list of calls to the target has shown.
    pub(super) fn by_target(
        &self,
        finding: Finding,
        shown: &Shown<'_>,
        is_complete: bool,
    ) -> Finding {
        let is_active = self.call.state == CallState::Active;
        match shown {
            Shown::New(new) => applied(
                finding,
                new,
                "a call with this transfer's target and caller began when the transfer was sent",
            ),
            Shown::Several => unclear(finding, SEVERAL),
            Shown::Unclear(reason) => unclear(finding, reason),
            Shown::Nothing if !is_complete => longer(finding),
            Shown::Nothing if is_active => Finding {
                reason: "the call is active, and no call to this transfer's target began since the \
                         transfer was sent",
                ..finding
            },
            Shown::Nothing if self.call.state == CallState::Transferring => nothing(
                finding,
                "the call is being transferred, but no call to this transfer's target began since the \
                 transfer was sent: it may be an earlier transfer",
            ),
            Shown::Nothing => finding,
        }
    }

    /// v1: whether this transfer is the one that is in progress, although several calls may be its new
    /// call: no call of an earlier transfer can still be in progress.
    pub(super) fn is_by_this_transfer(&self, calls: &[Call]) -> bool {
        let answered = self.call.active_time.as_deref().and_then(events::read_time);
        let may_be_earlier = |call: &Call| {
            let is_out = call.id != self.call.id && call.direction.as_deref() != Some("in");
            let time = began(call);
            let is_before_call = time.zip(answered).is_some_and(|(time, answered)| {
                time.as_millisecond() + ms(MARGIN) < answered.as_millisecond()
            });
            is_out
                && lasts(call)
                && !is_before_call
                && !self.sent.others.contains(&call.id)
                && self.belongs(call) != Belongs::Yes
        };
        answered.is_some() && !self.has_other && !calls.iter().any(may_be_earlier)
    }

    /// v1: the events of the call, without those of an earlier transfer.
    pub(super) fn events(&self, events: Vec<CallEvent>) -> Vec<CallEvent> {
        let is_of_another = |event: &CallEvent| {
            event.names_transfer() && self.when(event.time) != Some(When::Within)
        };
        let mut events = events;
        events.retain(|event| !is_of_another(event));
        events
    }
}

/// Whether a call has not ended.
pub(super) fn lasts(call: &Call) -> bool {
    let has_ended = matches!(call.state, CallState::Completed | CallState::Rejected);
    call.end_time.is_none() && !has_ended
}

/// When a call began: it was queued, or placed.
pub(super) fn began(call: &Call) -> Option<Timestamp> {
    let queued = call
        .fields
        .get("enqueuedTime")
        .and_then(|time| time.as_str());
    let times = [queued, call.start_time.as_deref()];
    times
        .into_iter()
        .flatten()
        .filter_map(events::read_time)
        .min()
}

/// Whether two addresses are the same. Two numbers can be compared, and so can two SIP addresses; a number
/// may be the user of a SIP address, so those two are unclear.
fn same(one: &str, other: &str) -> Belongs {
    if phone::is_same(one, other) {
        return Belongs::Yes;
    }
    match (number::is_e164(one), number::is_e164(other)) {
        (true, true) => Belongs::No,
        (false, false) => match (sip_user(one), sip_user(other)) {
            (Some(one), Some(other)) if one == other => Belongs::Unclear,
            (Some(_), Some(_)) => Belongs::No,
            _ => Belongs::Unclear,
        },
        _ => Belongs::Unclear,
    }
}

/// User and host of a SIP address, without password, port and parameters.
fn sip_user(address: &str) -> Option<String> {
    let address = address
        .trim_start_matches("sips:")
        .trim_start_matches("sip:");
    let (user, host) = address.split_once('@')?;
    let user = user.split(':').next().unwrap_or(user);
    let host = host.split([';', '?', ':']).next().unwrap_or(host);
    Some(format!("{user}@{}", host.to_ascii_lowercase()))
}

/// The finding if this transfer is the one that is in progress.
pub(super) fn by_state(finding: Finding) -> Finding {
    let reason = "the call is being transferred, several calls to this transfer's target began when the \
                  transfer was sent, and no call of an earlier transfer can still be in progress";
    applied(finding, &[], reason)
}

fn applied(finding: Finding, new: &[&Call], reason: &'static str) -> Finding {
    let answered = new.iter().filter(|call| call.active_time.is_some());
    let answered: Vec<&&Call> = answered.collect();
    let named = match (new, answered.as_slice()) {
        ([one], _) => Some(one.id.clone()),
        (_, [one]) => Some(one.id.clone()),
        _ => None,
    };
    Finding {
        outcome: Outcome::Applied,
        new_call_id: named,
        reason,
        doubt: Some("another program may have requested the same transfer at that time"),
        ..finding
    }
}

fn unclear(finding: Finding, reason: &'static str) -> Finding {
    let doubt = Some("the calls do not show whether this transfer was made; look at them");
    unknown(finding, reason, doubt)
}

fn nothing(finding: Finding, reason: &'static str) -> Finding {
    let doubt =
        Some("the list may be late, and a request that is still in transit may yet be applied");
    unknown(finding, reason, doubt)
}

fn longer(finding: Finding) -> Finding {
    let reason = "none of the calls read belongs to this transfer";
    unknown(
        finding,
        reason,
        Some("the list has more calls than were read"),
    )
}

fn unknown(finding: Finding, reason: &'static str, doubt: Option<&'static str>) -> Finding {
    Finding {
        outcome: Outcome::Unknown,
        reason,
        doubt,
        ..finding
    }
}
