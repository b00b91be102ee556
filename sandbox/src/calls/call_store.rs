//! All calls: storing, finding, placing and removing them.

use std::collections::{HashMap, VecDeque};

use crate::address::is_callable;
use crate::calls::call::{Call, IncomingCall};
use crate::calls::call_index::CallIndex;
use crate::calls::clock::{Clock, Time};
use crate::calls::commands::{CallbackPlan, Denied, NewCall};
use crate::calls::due::Agenda;
use crate::calls::event::{Cause, Event, EventKind};
use crate::calls::key::CallKey;
use crate::calls::line::Lines;
use crate::calls::state::{CallState, Direction};
use crate::calls::webhook_event::WebhookEvent;
use crate::error::Error;

/// Ended calls that are kept; the one that ended first is removed first.
const ENDED_CALLS: usize = 10_000;
/// Calls that can be in progress at the same time.
pub(crate) const CALLS_IN_PROGRESS: usize = 100_000;
/// Events that are kept of one call.
pub(crate) const EVENTS: usize = 1_000;

pub(crate) struct CallStore {
    pub(super) calls: CallIndex,
    ids: HashMap<String, CallKey>,
    /// The calls of all recordings, by the recording's ID.
    pub(super) recordings: HashMap<String, CallKey>,
    pub(super) ended: VecDeque<CallKey>,
    last_key: CallKey,
    pub(super) agenda: Agenda,
    pub(super) event_log: EventLog,
    pub(crate) lines: Lines,
}

/// Records the changes and events of all calls.
pub(crate) struct EventLog {
    pub(crate) time: Time,
    /// Counts the changes.
    pub(crate) version: u64,
    /// The request that is being served.
    pub(crate) request: Option<u64>,
    /// Callbacks that are to be delivered.
    pub(crate) outbox: Vec<CallbackEvent>,
    /// Events of programs, for their webhooks.
    pub(crate) webhooks: Vec<WebhookEvent>,
}

/// An event to report, with the call's data at that time.
#[derive(Debug)]
pub(crate) struct CallbackEvent {
    pub(crate) call_id: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) diversion: Vec<crate::calls::diversion::Diversion>,
    pub(crate) recording: Option<crate::calls::recording::Recording>,
    pub(crate) event: Event,
    pub(crate) plan: CallbackPlan,
}

impl EventLog {
    pub(super) fn touch(&mut self, call: &mut Call) {
        self.version += 1;
        call.changed = self.version;
    }

    pub(super) fn note(&mut self, call: &mut Call, kind: EventKind) {
        let tag = call.tag.clone();
        self.note_tagged(call, kind, tag, None);
    }

    pub(super) fn note_tagged(
        &mut self,
        call: &mut Call,
        kind: EventKind,
        tag: Option<String>,
        recording: Option<String>,
    ) {
        self.touch(call);
        // The last event of a rejected call has the state `completed`, as documented.
        let call_state = match kind {
            EventKind::Hangup(_) => CallState::Completed,
            _ => call.state,
        };
        let event = Event {
            kind,
            time: self.time.now(),
            call_state,
            tag,
            recording,
            request: self.request,
        };
        if call.callbacks.url.is_some() {
            let recording = event.recording.as_ref();
            self.outbox.push(CallbackEvent {
                call_id: call.id.clone(),
                from: call.from.clone(),
                to: call.to.clone(),
                diversion: call.diversion.clone(),
                recording: recording
                    .and_then(|id| call.recordings.iter().find(|it| it.id == *id).cloned()),
                event: event.clone(),
                plan: call.callbacks.clone(),
            });
        }
        if call.events.len() == EVENTS {
            call.events.remove(0);
        }
        call.events.push(event);
    }
}

impl CallStore {
    pub(crate) fn new(clock: Clock, lines: Lines) -> Self {
        Self {
            calls: CallIndex::default(),
            ids: HashMap::new(),
            recordings: HashMap::new(),
            ended: VecDeque::new(),
            last_key: 0,
            agenda: Agenda::default(),
            event_log: EventLog {
                time: Time::new(clock),
                version: 0,
                request: None,
                outbox: Vec::new(),
                webhooks: Vec::new(),
            },
            lines,
        }
    }

    pub(crate) fn event_log(&mut self) -> &mut EventLog {
        &mut self.event_log
    }

    pub(crate) fn version(&self) -> u64 {
        self.event_log.version
    }

    pub(crate) fn time(&self) -> &Time {
        &self.event_log.time
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Call> {
        self.calls.get(self.ids.get(id)?)
    }

    pub(super) fn key(&self, id: &str) -> Option<CallKey> {
        self.ids.get(id).copied()
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Call> {
        self.calls.get_mut(self.ids.get(id)?)
    }

    /// Every call, in the order in which they were placed.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.calls.iter()
    }

    /// The calls placed after the one with this key, which may be removed.
    pub(crate) fn after(&self, key: CallKey) -> impl Iterator<Item = &Call> {
        self.calls.after(key)
    }

    /// The call to which a recording belongs.
    pub(crate) fn recorded(&self, recording: &str) -> Option<&Call> {
        self.calls.get(self.recordings.get(recording)?)
    }

    pub(crate) fn in_progress(&self) -> usize {
        self.calls.len() - self.ended.len()
    }

    pub(crate) fn place_incoming(&mut self, wanted: IncomingCall) -> Result<String, Error> {
        for (field, value) in [("from", &wanted.from), ("to", &wanted.to)] {
            if !is_callable(value) {
                let value = value.clone();
                return Err(Error::InvalidAddress { field, value });
            }
        }
        if let Some(url) = &wanted.callbacks.url
            && !crate::address::is_web_url(url)
        {
            return Err(Error::InvalidUrl(url.clone()));
        }
        let id = match wanted.id {
            Some(id) if !is_id(&id) => return Err(Error::InvalidId(id)),
            Some(id) if self.ids.contains_key(&id) => return Err(Error::IdTaken(id)),
            Some(id) => id,
            None => self.new_id(),
        };
        if self.in_progress() >= CALLS_IN_PROGRESS && !wanted.state.is_ended() {
            return Err(Error::TooManyCalls);
        }
        let now = self.event_log.time.now();
        let mut call = Call::new(id.clone(), Direction::In, wanted.from, wanted.to, now);
        call.diversion = wanted.diversion;
        call.callback_url.clone_from(&wanted.callbacks.url);
        call.callbacks = wanted.callbacks;
        self.event_log.note(&mut call, EventKind::IncomingCall);
        let key = self.insert(call);
        if !matches!(wanted.state, CallState::Started | CallState::Rejected) {
            self.pick_up(key);
        }
        match wanted.state {
            CallState::Transferring => {
                if let Some(call) = self.calls.get_mut(&key) {
                    call.state = CallState::Transferring;
                }
            }
            CallState::Completed => self.end(key, CallState::Completed, Cause::NormalClearing),
            CallState::Rejected => self.end(key, CallState::Rejected, Cause::CallRejected),
            CallState::Started | CallState::Active => {}
        }
        Ok(id)
    }

    /// Places an outbound call.
    pub(crate) fn create(&mut self, wanted: NewCall) -> Result<String, Denied> {
        if let Some(why) = self.lines.refused(&wanted.to) {
            return Err(Denied::Line(why));
        }
        if self.in_progress() >= CALLS_IN_PROGRESS {
            return Err(Denied::Full);
        }
        let now = self.event_log.time.now();
        let id = self.new_id();
        let line = self.lines.for_new_call(&wanted.to);
        let mut call = Call::new(id.clone(), Direction::Out, wanted.from, wanted.to, now);
        call.callback_url.clone_from(&wanted.callbacks.url);
        call.callbacks = wanted.callbacks;
        call.tag = wanted.tag;
        call.settings = wanted.settings;
        call.line = line;
        call.recording_max_s = wanted.recording_max_s;
        call.program = wanted.program.map(Box::new);
        let key = self.insert(call);
        self.record(key, wanted.recording);
        self.ring(key, wanted.call_timeout_s);
        self.run_due_events();
        Ok(id)
    }

    pub(super) fn insert(&mut self, mut call: Call) -> CallKey {
        self.last_key += 1;
        call.key = self.last_key;
        self.event_log.touch(&mut call);
        self.ids.insert(call.id.clone(), call.key);
        self.calls.push(call);
        self.last_key
    }

    /// Removes the oldest of too many ended calls.
    pub(super) fn clear_out(&mut self) {
        while self.ended.len() > ENDED_CALLS {
            let gone = self.ended.pop_front();
            if let Some(call) = gone.and_then(|key| self.calls.remove(&key)) {
                self.ids.remove(&call.id);
                for recording in &call.recordings {
                    self.recordings.remove(&recording.id);
                }
            }
        }
    }

    pub(super) fn new_id(&self) -> String {
        loop {
            let id = random_id("c-");
            if !self.ids.contains_key(&id) {
                return id;
            }
        }
    }
}

pub(crate) fn random_id(prefix: &str) -> String {
    let mut id = String::with_capacity(prefix.len() + 26);
    id.push_str(prefix);
    let mut rest = 0;
    for place in 0..26 {
        // One random number provides twelve letters and digits.
        if place % 12 == 0 {
            rest = fastrand::u64(..);
        }
        id.push(match u8::try_from(rest % 36).unwrap_or(0) {
            digit @ 0..10 => char::from(b'0' + digit),
            rest => char::from(b'a' + rest - 10),
        });
        rest /= 36;
    }
    id
}

pub(crate) fn invalid_state(call: &Call) -> Error {
    Error::InvalidState {
        id: call.id.clone(),
        state: call.state,
    }
}

pub(crate) fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text != "."
        && text != ".."
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
}
