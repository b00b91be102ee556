//! Runs programs: one step after the other, until one takes time or none is left.

use serde_json::{Map, Value, json};

use crate::calls::call::Call;
use crate::calls::call_store::CallStore;
use crate::calls::clock::Clock;
use crate::calls::commands::{Denied, FILE_MS, RecordingRequest, speech_ms};
use crate::calls::due::Due;
use crate::calls::event::{Cause, EventKind, Progress};
use crate::calls::program::{EndReason, Step, Webhook};
use crate::calls::state::CallState;

impl CallStore {
    /// Whether the call can be interrupted.
    pub(crate) fn may_interrupt(&self, id: &str) -> Result<&Call, Denied> {
        let call = self.get(id).ok_or(Denied::NoSuchCall)?;
        match call.state {
            CallState::Active | CallState::Transferring => Ok(call),
            state => Err(Denied::State(state, "only an answered call can be changed")),
        }
    }

    /// Ends what the call does, and lets it do this instead.
    pub(crate) fn interrupt(&mut self, id: &str, steps: Vec<Step>) -> Result<(), Denied> {
        let order = self.may_interrupt(id)?.order;
        self.drop_legs(order);
        if let Some(call) = self.calls.get_mut(&order) {
            self.agenda.forget(&mut call.due);
            call.state = CallState::Active;
            call.connected_time = None;
            call.transferred_to = None;
            call.whispering = false;
            let program = call.program.get_or_insert_default();
            program.steps = steps.into();
            program.waits = false;
            program.plays = None;
            program.complete = None;
            self.event_log.touch(call);
        }
        self.step(order);
        self.run_due_events();
        Ok(())
    }

    /// A webhook has said how the call goes on, or hasn't.
    pub(crate) fn apply_bxml(&mut self, id: &str, how: Result<Vec<Step>, EndReason>) {
        let Some(call) = self.get_mut(id) else { return };
        let order = call.order;
        let is_over = call.state.is_ended();
        let Some(program) = &mut call.program else {
            return;
        };
        if is_over || !std::mem::take(&mut program.waits) {
            return;
        }
        match how {
            Ok(steps) => {
                // Silence changes nothing: what was to come still comes.
                if !steps.is_empty() {
                    program.steps = steps.into();
                }
                self.step(order);
            }
            Err(end_reason) => {
                program.end_reason = Some(end_reason);
                self.end(order, CallState::Completed, Cause::NormalTemporaryFailure);
            }
        }
        self.run_due_events();
    }

    /// Does steps until one takes time, or none is left.
    pub(super) fn step(&mut self, order: u64) {
        loop {
            let Some(call) = self.calls.get_mut(&order) else {
                return;
            };
            let is_leg = call.transferred_from.is_some();
            let Some(program) = call.program.as_mut().filter(|_| !call.state.is_ended()) else {
                return;
            };
            let recording = |enabled, file_format| RecordingRequest {
                enabled: Some(enabled),
                file_format,
            };
            match program.steps.pop_front() {
                None if is_leg => {
                    call.whispering = false;
                    return self.connect(order);
                }
                // The document is at its end, and so is the call.
                None | Some(Step::Hangup) => {
                    return self.end(order, CallState::Completed, Cause::NormalClearing);
                }
                Some(Step::StartRecording { file_format }) => {
                    self.record(order, recording(true, Some(file_format)));
                }
                Some(Step::StopRecording) => self.record(order, recording(false, None)),
                Some(Step::SpeakSentence { text }) => {
                    let time = speech_ms(&text);
                    return self.play(order, true, json!({"sentence": text}), time);
                }
                Some(Step::PlayAudio { url }) => {
                    return self.play(order, false, json!({"fileUrl": url}), FILE_MS);
                }
                Some(Step::Transfer(dial)) => return self.dial(order, dial),
            }
        }
    }

    /// Speech or a file is heard at the far end of the call, and nowhere else.
    fn play(&mut self, order: u64, speaks: bool, audio: Value, duration_ms: u32) {
        let Some(call) = self.calls.get_mut(&order) else {
            return;
        };
        if let (Value::Object(audio), Some(_)) = (audio, &call.transferred_from) {
            call.whispering = true;
            call.whisper_audio
                .get_or_insert_with(Map::new)
                .extend(audio);
        }
        if let Some(program) = &mut call.program {
            program.plays = Some(speaks);
        }
        self.note_playing(order, speaks, Progress::Started);
        if let Some(call) = self.calls.get_mut(&order) {
            let at = self.event_log.time.ms() + i64::from(duration_ms);
            let instant = self.event_log.time.kind() == Clock::Instant;
            self.agenda
                .add(call.order, &mut call.due, at, Due::StepDone, instant);
        }
    }

    pub(super) fn step_done(&mut self, order: u64) {
        let plays = self
            .calls
            .get_mut(&order)
            .and_then(|call| call.program.as_mut()?.plays.take());
        if let Some(speaks) = plays {
            self.note_playing(order, speaks, Progress::Done);
            self.step(order);
        }
    }

    fn note_playing(&mut self, order: u64, speaks: bool, progress: Progress) {
        if let Some(call) = self.calls.get_mut(&order) {
            let kind = if speaks {
                EventKind::Speak(progress)
            } else {
                EventKind::Playback(progress)
            };
            self.event_log.note(call, kind);
        }
    }

    /// Asks this webhook how the call goes on from here.
    pub(crate) fn redirect(&mut self, id: &str, webhook: Webhook) -> Result<(), Denied> {
        let order = self.may_interrupt(id)?.order;
        self.drop_legs(order);
        if let Some(call) = self.calls.get_mut(&order) {
            self.agenda.forget(&mut call.due);
            call.state = CallState::Active;
            call.transferred_to = None;
            let program = call.program.get_or_insert_default();
            program.steps.clear();
            program.plays = None;
            program.waits = true;
        }
        self.write(order, "redirect", webhook, None, None);
        Ok(())
    }
}
