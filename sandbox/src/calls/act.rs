//! Actions on calls: those of the account, and those of the other party.

use crate::calls::call::Call;
use crate::calls::call_store::{CALLS_IN_PROGRESS, CallStore, invalid_state};
use crate::calls::commands::{Act, Denied, NewLeg, RecordingRequest};
use crate::calls::diversion;
use crate::calls::event::Cause;
use crate::calls::line::Refused;
use crate::calls::state::{CallState, Direction};
use crate::error::Error;

impl CallStore {
    /// Whether the call's state allows this action.
    pub(crate) fn may(&self, id: &str, act: Act) -> Result<&Call, Denied> {
        let call = self.get(id).ok_or(Denied::NoSuchCall)?;
        let rings_in = call.state == CallState::Started && call.direction == Direction::In;
        let why = match act {
            Act::Answer if !rings_in => "only a started incoming call can be answered",
            Act::Reject if !rings_in => "only a started incoming call can be rejected",
            Act::HangUp | Act::Record if call.state.is_ended() => "it has ended",
            Act::Transfer if call.state != CallState::Active => {
                "only an active call can be transferred"
            }
            _ => return Ok(call),
        };
        Err(Denied::State(call.state, why))
    }

    /// Answers an incoming call.
    pub(crate) fn answer(&mut self, id: &str, recording: RecordingRequest) -> Result<(), Denied> {
        let key = self.may(id, Act::Answer)?.key;
        self.record(key, recording);
        self.pick_up(key);
        Ok(())
    }

    pub(crate) fn reject(&mut self, id: &str, recording: RecordingRequest) -> Result<(), Denied> {
        let key = self.may(id, Act::Reject)?.key;
        self.record(key, recording);
        self.end(key, CallState::Rejected, Cause::CallRejected);
        self.run_due_events();
        Ok(())
    }

    pub(crate) fn hang_up(&mut self, id: &str, recording: RecordingRequest) -> Result<(), Denied> {
        let call = self.may(id, Act::HangUp)?;
        let key = call.key;
        let cause = match (call.state, call.direction) {
            (CallState::Started, Direction::Out) => Cause::OriginatorCancel,
            _ => Cause::NormalClearing,
        };
        self.record(key, recording);
        self.end(key, CallState::Completed, cause);
        self.run_due_events();
        Ok(())
    }

    pub(crate) fn switch_recording(
        &mut self,
        id: &str,
        recording: RecordingRequest,
    ) -> Result<(), Denied> {
        let key = self.may(id, Act::Record)?.key;
        self.record(key, recording);
        Ok(())
    }

    /// Makes the leg of a transfer, and returns its ID.
    pub(crate) fn transfer(
        &mut self,
        id: &str,
        mut wanted: NewLeg,
        recording: RecordingRequest,
    ) -> Result<String, Denied> {
        let call = self.may(id, Act::Transfer)?;
        let (key, came_with, called) = (call.key, &call.diversion, &call.to);
        let refused = self.lines.refused(&wanted.to);
        if let Some(why) = refused.filter(|why| *why != Refused::TransferErrorThoughMade) {
            return Err(Denied::Line(why));
        }
        if self.in_progress() >= CALLS_IN_PROGRESS {
            return Err(Denied::Full);
        }
        let headers = match wanted.treatment {
            // A leg that is itself transferred passes on its own Diversion headers.
            Some(treatment) => diversion::outgoing(treatment, came_with, called),
            None => Vec::new(),
        };
        let now = self.event_log.time.now();
        let leg_id = self.new_id();
        let line = self.lines.for_leg(&wanted.to);
        let mut leg = Call::new(leg_id.clone(), Direction::Out, wanted.from, wanted.to, now);
        leg.callback_url.clone_from(&wanted.callbacks.url);
        leg.callbacks = wanted.callbacks;
        leg.diversion = headers;
        (leg.diversion_treatment, leg.diversion_reason) = diversion::words(wanted.treatment);
        leg.transferred_from = Some(id.to_owned());
        leg.whisper_audio = wanted
            .whisper
            .as_mut()
            .map(|it| std::mem::take(&mut it.given));
        leg.whisper = wanted.whisper;
        leg.line = line;
        self.record(key, recording);
        if let Some(call) = self.calls.get_mut(&key) {
            call.state = CallState::Transferring;
            call.connected_time = None;
            call.transferred_to = Some(leg_id.clone());
            self.event_log.touch(call);
        }
        let leg = self.insert(leg);
        self.ring(leg, None);
        self.run_due_events();
        match refused {
            Some(why) => Err(Denied::Line(why)),
            None => Ok(leg_id),
        }
    }

    /// The called party of an outbound call answers.
    pub(crate) fn other_party_answers(&mut self, id: &str) -> Result<(), Error> {
        let call = self
            .get(id)
            .ok_or_else(|| Error::NoSuchCall(id.to_owned()))?;
        if call.state != CallState::Started || call.direction != Direction::Out {
            return Err(invalid_state(call));
        }
        let key = call.key;
        self.pick_up(key);
        self.run_due_events();
        Ok(())
    }

    /// The other party hangs up, cancels the call, or rejects it.
    pub(crate) fn other_party_hangs_up(
        &mut self,
        id: &str,
        cause: Option<Cause>,
    ) -> Result<(), Error> {
        let call = self
            .get(id)
            .ok_or_else(|| Error::NoSuchCall(id.to_owned()))?;
        let usual = match (call.state, call.direction) {
            (CallState::Rejected | CallState::Completed, _) => return Err(invalid_state(call)),
            (CallState::Started, Direction::In) => Cause::OriginatorCancel,
            (CallState::Started, Direction::Out) => Cause::CallRejected,
            _ => Cause::NormalClearing,
        };
        let key = call.key;
        self.end(key, CallState::Completed, cause.unwrap_or(usual));
        self.run_due_events();
        Ok(())
    }
}
