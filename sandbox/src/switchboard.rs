//! All calls, and every way from one state to the next.

use std::collections::{HashMap, VecDeque};

use crate::account::Account;
use crate::address::is_callable;
use crate::call::{Call, CallState, Direction, IncomingCall};
use crate::clock;
use crate::error::Error;
use crate::event::{Cause, Event, EventKind, Progress};
use crate::outgoing::OutgoingCall;
use crate::refusal::Refusal;
use crate::transfer::Transfer;
use crate::update::{Recording, Step, Update};

/// So many ended calls are kept; the one that ended first leaves first.
const ENDED_CALLS: usize = 10_000;

#[derive(Default)]
pub(crate) struct Switchboard {
    calls: HashMap<String, Call>,
    ended: VecDeque<String>,
    placed: u64,
}

impl Switchboard {
    pub(crate) fn get(&self, id: &str) -> Option<&Call> {
        self.calls.get(id)
    }

    /// Every call, in the order in which they were placed.
    pub(crate) fn all(&self) -> Vec<&Call> {
        let mut calls: Vec<&Call> = self.calls.values().collect();
        calls.sort_unstable_by_key(|call| call.order);
        calls
    }

    pub(crate) fn place_incoming(&mut self, wanted: IncomingCall) -> Result<String, Error> {
        for (field, value) in [("from", &wanted.from), ("to", &wanted.to)] {
            if !is_callable(value) {
                let value = value.clone();
                return Err(Error::InvalidAddress { field, value });
            }
        }
        let id = match wanted.id {
            Some(id) if !is_id(&id) => return Err(Error::InvalidId(id)),
            Some(id) if self.calls.contains_key(&id) => return Err(Error::IdTaken(id)),
            Some(id) => id,
            None => self.new_id(),
        };
        let mut call = Call::new(id, Direction::In, wanted.from, wanted.to);
        note(&mut call, EventKind::IncomingCall);
        match wanted.state {
            CallState::Started | CallState::Rejected => {}
            CallState::Active | CallState::Completed => answer(&mut call),
            CallState::Transferring => {
                answer(&mut call);
                call.state = CallState::Transferring;
            }
        }
        let id = self.insert(call);
        match wanted.state {
            CallState::Completed => self.end(&id, CallState::Completed, Cause::NormalClearing),
            CallState::Rejected => self.end(&id, CallState::Rejected, Cause::CallRejected),
            _ => {}
        }
        Ok(id)
    }

    /// Places an outbound call. It rings until the other party does something.
    pub(crate) fn create(&mut self, wanted: OutgoingCall) -> String {
        let mut call = Call::new(self.new_id(), Direction::Out, wanted.from, wanted.to);
        call.callback_url = wanted.callback_url;
        call.tag = wanted.tag;
        call.settings = wanted.settings;
        record(&mut call, wanted.recording);
        self.insert(call)
    }

    /// Does what an update asks for, whole or not at all. A transfer gives the id of the new leg.
    pub(crate) fn update(
        &mut self,
        id: &str,
        update: Update,
        account: &Account,
    ) -> Result<Option<String>, Refusal> {
        let call = self
            .calls
            .get_mut(id)
            .ok_or_else(|| Refusal::call_not_found(id))?;
        let refuse = |why| Err(Refusal::call_state(id, call.state, why));
        let rings_in = call.state == CallState::Started && call.direction == Direction::In;
        match update.step {
            Step::Answer if !rings_in => refuse("only a started incoming call can be answered"),
            Step::Reject if !rings_in => refuse("only a started incoming call can be rejected"),
            Step::HangUp | Step::Stay if call.state.is_ended() => refuse("it has ended"),
            Step::Transfer(_) if call.state != CallState::Active => {
                refuse("only an active call can be transferred")
            }
            Step::Transfer(transfer) => {
                let shown = transfer.shown_caller(call, account)?;
                record(call, update.recording);
                Ok(Some(self.connect(id, transfer, shown)))
            }
            Step::Answer => {
                record(call, update.recording);
                answer(call);
                Ok(None)
            }
            Step::Stay => {
                record(call, update.recording);
                Ok(None)
            }
            Step::HangUp => {
                let cause = match (call.state, call.direction) {
                    (CallState::Started, Direction::Out) => Cause::OriginatorCancel,
                    _ => Cause::NormalClearing,
                };
                record(call, update.recording);
                self.end(id, CallState::Completed, cause);
                Ok(None)
            }
            Step::Reject => {
                record(call, update.recording);
                self.end(id, CallState::Rejected, Cause::CallRejected);
                Ok(None)
            }
        }
    }

    /// The called party of an outbound call picks up.
    pub(crate) fn other_party_answers(&mut self, id: &str) -> Result<(), Error> {
        let call = self
            .calls
            .get_mut(id)
            .ok_or_else(|| Error::NoSuchCall(id.to_owned()))?;
        if call.state != CallState::Started || call.direction != Direction::Out {
            return Err(invalid_state(call));
        }
        answer(call);
        Ok(())
    }

    /// The party at the far end hangs up, gives up, or turns the call away.
    pub(crate) fn other_party_hangs_up(&mut self, id: &str) -> Result<(), Error> {
        let call = self
            .calls
            .get(id)
            .ok_or_else(|| Error::NoSuchCall(id.to_owned()))?;
        let cause = match (call.state, call.direction) {
            (CallState::Rejected | CallState::Completed, _) => return Err(invalid_state(call)),
            (CallState::Started, Direction::In) => Cause::OriginatorCancel,
            (CallState::Started, Direction::Out) => Cause::CallRejected,
            _ => Cause::NormalClearing,
        };
        self.end(id, CallState::Completed, cause);
        Ok(())
    }

    /// Makes the leg of a transfer and answers it at once.
    fn connect(&mut self, id: &str, transfer: Transfer, shown: String) -> String {
        let mut leg = Call::new(self.new_id(), Direction::Out, shown, transfer.to);
        leg.callback_url = transfer.callback_url;
        leg.diversion_treatment = transfer.diversion_treatment;
        leg.diversion_reason = transfer.diversion_reason;
        leg.transferred_from = Some(id.to_owned());
        answer(&mut leg);
        if let Some(whisper) = transfer.whisper {
            for progress in [Progress::Started, Progress::Done] {
                let kind = if whisper.speaks {
                    EventKind::Speak(progress)
                } else {
                    EventKind::Playback(progress)
                };
                note(&mut leg, kind);
                if let Some(event) = leg.events.last_mut() {
                    event.tag.clone_from(&whisper.tag);
                }
            }
            leg.whisper_audio = Some(whisper.given);
        }
        let leg = self.insert(leg);
        if let Some(call) = self.calls.get_mut(id) {
            call.state = CallState::Transferring;
            call.transferred_to = Some(leg.clone());
        }
        leg
    }

    /// Ends a call, and with it every call that a transfer tied to it.
    fn end(&mut self, id: &str, state: CallState, cause: Cause) {
        let mut next = vec![(id.to_owned(), state, cause)];
        while let Some((id, state, cause)) = next.pop() {
            let Some(call) = self.calls.get_mut(&id) else {
                continue;
            };
            if call.state.is_ended() {
                continue;
            }
            call.state = state;
            call.end_time = Some(clock::now());
            note(call, EventKind::Hangup(cause));
            let tied = [&call.transferred_from, &call.transferred_to];
            for id in tied.into_iter().flatten() {
                next.push((id.clone(), CallState::Completed, Cause::NormalClearing));
            }
            self.ended.push_back(id);
        }
        while self.ended.len() > ENDED_CALLS {
            if let Some(oldest) = self.ended.pop_front() {
                self.calls.remove(&oldest);
            }
        }
    }

    fn insert(&mut self, mut call: Call) -> String {
        self.placed += 1;
        call.order = self.placed;
        let id = call.id.clone();
        self.calls.insert(id.clone(), call);
        id
    }

    fn new_id(&self) -> String {
        loop {
            let mut id = String::with_capacity(28);
            id.push_str("c-");
            id.extend((0..26).map(|_| match fastrand::u8(..36) {
                digit @ 0..10 => char::from(b'0' + digit),
                letter => char::from(b'a' + letter - 10),
            }));
            if !self.calls.contains_key(&id) {
                return id;
            }
        }
    }
}

fn answer(call: &mut Call) {
    call.state = CallState::Active;
    call.active_time = Some(clock::now());
    note(call, EventKind::Answer);
}

fn record(call: &mut Call, recording: Recording) {
    call.recording_enabled = recording.enabled.unwrap_or(call.recording_enabled);
    call.recording_file_format = recording.file_format.unwrap_or(call.recording_file_format);
}

fn note(call: &mut Call, kind: EventKind) {
    // A rejected call's last event says `completed`: the documentation has it so.
    let call_state = match kind {
        EventKind::Hangup(_) => CallState::Completed,
        _ => call.state,
    };
    call.events.push(Event {
        kind,
        time: clock::now(),
        call_state,
        tag: call.tag.clone(),
    });
}

fn invalid_state(call: &Call) -> Error {
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
