//! Runs the steps of programs.

use serde_json::{Map, Value, json};

use crate::calls::call::Call;
use crate::calls::call_store::CallStore;
use crate::calls::clock::Clock;
use crate::calls::commands::{Denied, FILE_MS, RecordingRequest, speech_ms};
use crate::calls::due::Due;
use crate::calls::event::{Cause, EventKind, Progress};
use crate::calls::key::CallKey;
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

    /// Stops what the call does, and runs these steps instead.
    pub(crate) fn interrupt(&mut self, id: &str, steps: Vec<Step>) -> Result<(), Denied> {
        let key = self.may_interrupt(id)?.key;
        self.drop_legs(key);
        if let Some(call) = self.calls.get_mut(&key) {
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
        self.step(key);
        self.run_due_events();
        Ok(())
    }

    /// Continues the call with the steps from its webhook, or ends it.
    pub(crate) fn apply_bxml(&mut self, id: &str, how: Result<Vec<Step>, EndReason>) {
        let Some(call) = self.get_mut(id) else { return };
        let key = call.key;
        let is_over = call.state.is_ended();
        let Some(program) = &mut call.program else {
            return;
        };
        if is_over || !std::mem::take(&mut program.waits) {
            return;
        }
        match how {
            Ok(steps) => {
                // An empty response changes nothing: the remaining steps follow.
                if !steps.is_empty() {
                    program.steps = steps.into();
                }
                self.step(key);
            }
            Err(end_reason) => {
                program.end_reason = Some(end_reason);
                self.end(key, CallState::Completed, Cause::NormalTemporaryFailure);
            }
        }
        self.run_due_events();
    }

    /// Runs steps until one takes time, or none is left.
    pub(super) fn step(&mut self, key: CallKey) {
        loop {
            let Some(call) = self.calls.get_mut(&key) else {
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
                    return self.connect(key);
                }
                // The end of the document ends the call.
                None | Some(Step::Hangup) => {
                    return self.end(key, CallState::Completed, Cause::NormalClearing);
                }
                Some(Step::StartRecording { file_format }) => {
                    self.record(key, recording(true, Some(file_format)));
                }
                Some(Step::StopRecording) => self.record(key, recording(false, None)),
                Some(Step::SpeakSentence { text }) => {
                    let time = speech_ms(&text);
                    return self.play(key, true, json!({"sentence": text}), time);
                }
                Some(Step::PlayAudio { url }) => {
                    return self.play(key, false, json!({"fileUrl": url}), FILE_MS);
                }
                Some(Step::Transfer(dial)) => return self.dial(key, dial),
            }
        }
    }

    /// Plays speech or a file, which only the other party of this call hears.
    fn play(&mut self, key: CallKey, speaks: bool, audio: Value, duration_ms: u32) {
        let Some(call) = self.calls.get_mut(&key) else {
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
        self.note_playing(key, speaks, Progress::Started);
        if let Some(call) = self.calls.get_mut(&key) {
            let at = self.event_log.time.ms() + i64::from(duration_ms);
            let instant = self.event_log.time.kind() == Clock::Instant;
            self.agenda
                .add(call.key, &mut call.due, at, Due::StepDone, instant);
        }
    }

    pub(super) fn step_done(&mut self, key: CallKey) {
        let plays = self
            .calls
            .get_mut(&key)
            .and_then(|call| call.program.as_mut()?.plays.take());
        if let Some(speaks) = plays {
            self.note_playing(key, speaks, Progress::Done);
            self.step(key);
        }
    }

    fn note_playing(&mut self, key: CallKey, speaks: bool, progress: Progress) {
        if let Some(call) = self.calls.get_mut(&key) {
            let kind = if speaks {
                EventKind::Speak(progress)
            } else {
                EventKind::Playback(progress)
            };
            self.event_log.note(call, kind);
        }
    }

    /// Stops what the call does, and lets a webhook say how it continues.
    pub(crate) fn redirect(&mut self, id: &str, webhook: Webhook) -> Result<(), Denied> {
        let key = self.may_interrupt(id)?.key;
        self.drop_legs(key);
        if let Some(call) = self.calls.get_mut(&key) {
            self.agenda.forget(&mut call.due);
            call.state = CallState::Active;
            call.transferred_to = None;
            let program = call.program.get_or_insert_default();
            program.steps.clear();
            program.plays = None;
            program.waits = true;
        }
        self.write(key, "redirect", webhook, None, None);
        Ok(())
    }
}
