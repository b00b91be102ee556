//! Switches recordings on and off.

use crate::calls::call_store::{CallStore, random_id};
use crate::calls::clock::Clock;
use crate::calls::commands::RecordingRequest;
use crate::calls::due::Due;
use crate::calls::event::EventKind;
use crate::calls::key::CallKey;
use crate::calls::recording::Recording;
use crate::calls::state::CallState;

/// Recordings that are kept of one call.
const RECORDINGS: usize = 1_000;

impl CallStore {
    /// Changes the settings, and starts or stops recording if they require it.
    pub(super) fn record(&mut self, key: CallKey, wanted: RecordingRequest) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        if wanted.enabled.is_none() && wanted.file_format.is_none() {
            return;
        }
        call.recording_enabled = wanted.enabled.unwrap_or(call.recording_enabled);
        call.recording_file_format = wanted.file_format.unwrap_or(call.recording_file_format);
        self.event_log.touch(call);
        let talks = matches!(call.state, CallState::Active | CallState::Transferring);
        match (call.recording_enabled, call.recording_now) {
            (true, false) if talks => self.start_recording(key),
            (false, true) => self.stop_recording(key),
            _ => {}
        }
    }

    pub(super) fn start_recording(&mut self, key: CallKey) {
        let id = random_id("rec-");
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        if call.recordings.len() >= RECORDINGS {
            return;
        }
        call.recordings.push(Recording {
            id: id.clone(),
            file_format: call.recording_file_format,
            start_time: self.event_log.time.now(),
            end_time: None,
        });
        call.recording_now = true;
        self.event_log.touch(call);
        if let Some(longest) = call.recording_max_s.filter(|longest| *longest > 0) {
            let at = self.event_log.time.ms() + i64::from(longest) * 1000;
            let due = Due::RecordingFull(call.recordings.len() - 1);
            let instant = self.event_log.time.kind() == Clock::Instant;
            self.agenda.add(call.key, &mut call.due, at, due, instant);
        }
        self.recordings.insert(id, key);
    }

    pub(super) fn stop_recording(&mut self, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        if !std::mem::take(&mut call.recording_now) {
            return;
        }
        let now = self.event_log.time.now();
        let Some(recording) = call.recordings.last_mut() else {
            return;
        };
        recording.end_time = Some(now);
        let (id, tag) = (recording.id.clone(), call.tag.clone());
        self.event_log
            .note_tagged(call, EventKind::Recording, tag, Some(id));
    }
}
