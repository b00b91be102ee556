//! Adds the facts of an event, a call or a list of events to a followed transfer. No I/O.

use super::leg::Source;
use super::state::Follow;
use super::status::CallerState;
use crate::api::Api;
use crate::events::{self, Cause, Event, EventKind};
use crate::response::CallEvent;
use crate::response::{Call, CallState};

impl Follow {
    pub(super) fn take_event(&mut self, event: &Event) -> bool {
        let id = event.call_id.as_deref();
        let is_parent = event.parent_call_id.as_deref() == Some(&self.call_id);
        let leg_id = id.filter(|id| self.is_leg(id) || is_parent && *id != self.call_id);
        let is_own = id == Some(&self.call_id) || is_parent;
        let Some(leg_id) = leg_id else {
            return is_own && self.take_own_event(event);
        };
        let leg_id = leg_id.to_owned();
        let Some(leg) = self.leg(&leg_id) else {
            return true;
        };
        match &event.kind {
            EventKind::Answer { .. } | EventKind::TransferAnswer { .. } => {
                leg.answered(Source::Event, event.time);
            }
            EventKind::Timeout { .. }
            | EventKind::Hangup { .. }
            | EventKind::TransferDisconnect { .. } => {
                leg.ended(Source::Event, event.time);
                leg.cause(event.cause, event.cause_text.as_deref());
                if let Some(time) = event
                    .fields
                    .get("answerTime")
                    .and_then(|time| time.as_str())
                {
                    leg.answered(Source::Event, events::read_time(time));
                }
            }
            _ => {}
        }
        true
    }

    /// An event of the caller's own call, or of a new call that the event does not name.
    fn take_own_event(&mut self, event: &Event) -> bool {
        match &event.kind {
            EventKind::TransferAnswer { .. } => self.unnamed.answered(Source::Event, event.time),
            EventKind::TransferDisconnect { .. } => {
                self.unnamed.ended(Source::Event, event.time);
                self.unnamed.cause(event.cause, event.cause_text.as_deref());
            }
            EventKind::TransferComplete { .. } => {
                self.complete.ended(Source::Event, event.time);
                self.complete
                    .cause(event.cause, event.cause_text.as_deref());
            }
            EventKind::Hangup { .. } => self.caller_ended = true,
            _ => {}
        }
        true
    }

    pub(super) fn take_call(&mut self, call: &Call) -> bool {
        if call.id == self.call_id {
            self.take_own_call(call);
            return true;
        }
        if !self.is_leg(&call.id) && !call.has_parent(&self.call_id) {
            return false;
        }
        let Some(leg) = self.leg(&call.id) else {
            return true;
        };
        let time = |text: &Option<String>| text.as_deref().and_then(events::read_time);
        let is_answered = call.active_time.is_some()
            || matches!(
                call.state,
                CallState::Active | CallState::Transferring | CallState::Answered
            );
        if is_answered {
            leg.answered(Source::Read, time(&call.active_time));
        }
        match call.state {
            CallState::Completed | CallState::Disconnected => {
                leg.ended(Source::Read, time(&call.end_time));
            }
            CallState::Rejected => {
                leg.ended(Source::Read, time(&call.end_time));
                leg.cause(Some(Cause::Rejected), None);
            }
            _ => return true,
        }
        let word = call.fields.get("disconnectCause");
        if let Some(word) = word.and_then(|word| word.as_str()) {
            leg.cause(Some(Cause::read(word, Api::V2)), Some(word));
        }
        if !is_answered {
            leg.seen_unanswered();
        }
        true
    }

    fn take_own_call(&mut self, call: &Call) {
        let state = match call.state {
            CallState::Active => CallerState::Active,
            CallState::Transferring => CallerState::Transferred,
            CallState::Answered => CallerState::Alive,
            CallState::Completed | CallState::Rejected | CallState::Disconnected => {
                self.caller_ended = true;
                CallerState::Ended
            }
            _ => return,
        };
        self.caller_read = Some(state);
    }

    pub(super) fn take_call_events(&mut self, call_id: &str, events: &[CallEvent]) -> bool {
        let is_over = events.iter().any(|event| event.name == "hangup");
        if call_id == self.call_id {
            self.caller_ended |= is_over;
            return true;
        }
        if !self.is_leg(call_id) {
            return false;
        }
        let Some(leg) = self.leg(call_id) else {
            return true;
        };
        let mut is_answered = false;
        for event in events {
            match event.name.as_str() {
                "answer" => {
                    is_answered = true;
                    leg.answered(Source::List, event.time);
                }
                "hangup" | "timeout" => {
                    leg.ended(Source::List, event.time);
                    leg.cause(event.cause, event.cause_text.as_deref());
                }
                _ => {}
            }
        }
        // Its complete record shows no answer.
        if is_over && !is_answered {
            leg.seen_unanswered();
        }
        true
    }
}
