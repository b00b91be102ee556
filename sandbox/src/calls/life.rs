//! The life cycle of a call: every change of state.

use crate::calls::call_store::CallStore;
use crate::calls::clock::Clock;
use crate::calls::due::Due;
use crate::calls::event::{Cause, EventKind, Progress};
use crate::calls::key::CallKey;
use crate::calls::line::Line;
use crate::calls::state::CallState;

/// The default of `callTimeout`.
const CALL_TIMEOUT_S: u32 = 30;

impl CallStore {
    /// Runs everything that is due by now.
    pub(crate) fn run_due_events(&mut self) {
        self.run_immediate();
        // With the instant clock only limits are scheduled now, and those wait for `advance`.
        if self.event_log.time.kind() != Clock::Instant {
            let now = self.event_log.time.ms();
            self.run_until(now);
        }
    }

    /// Lets time pass, and runs everything that is due on the way.
    pub(crate) fn advance(&mut self, ms: i64) {
        let target = self.event_log.time.ms().saturating_add(ms);
        self.run_until(target);
        self.event_log.time.set_to(target);
        self.event_log.version += 1;
    }

    pub(crate) fn change_clock(&mut self, kind: Clock) {
        self.run_due_events();
        self.event_log.time.change(kind);
        if kind == Clock::Instant {
            self.agenda.make_immediate();
        }
        self.run_due_events();
        self.event_log.version += 1;
    }

    /// The time of the next scheduled event.
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.agenda.next_time()
    }

    fn run_until(&mut self, target: i64) {
        while let Some((ms, key, due)) = self.agenda.next_until(target) {
            // A running clock may be later already: setting it to an earlier time changes nothing.
            self.event_log.time.set_to(ms);
            self.apply(key, due);
            self.run_immediate();
        }
    }

    fn run_immediate(&mut self) {
        while let Some((key, due)) = self.agenda.next_immediate() {
            self.apply(key, due);
        }
    }

    fn apply(&mut self, key: CallKey, due: Due) {
        let Some(call) = self.calls.get(&key) else {
            return;
        };
        let request = match self.event_log.time.kind() {
            Clock::Instant => self.event_log.request,
            // The event is caused by time, not by the request that is served now.
            _ => None,
        };
        let asked = std::mem::replace(&mut self.event_log.request, request);
        match (due, call.line) {
            _ if call.state.is_ended() => {}
            (Due::Pickup | Due::RingOut, _) if call.state != CallState::Started => {}
            (Due::Pickup, Line::Answers { .. }) => self.pick_up(key),
            (Due::Pickup, Line::Ends { cause, .. }) => {
                self.end(key, CallState::Completed, cause);
            }
            (Due::Pickup | Due::RingOut, _) => {
                if let Some(call) = self.calls.get_mut(&key) {
                    self.event_log.note(call, EventKind::Timeout);
                }
                self.end(key, CallState::Completed, Cause::NoAnswer);
            }
            (Due::WhisperDone, _) => {
                self.whisper(key, Progress::Done);
                self.connect(key);
            }
            (Due::StepDone, _) => self.step_done(key),
            (Due::TalkOver, _) => self.end(key, CallState::Completed, Cause::NormalClearing),
            (Due::RecordingFull(place), _) => {
                if call.recordings.len() == place + 1 {
                    self.stop_recording(key);
                }
            }
        }
        self.event_log.request = asked;
    }

    /// An outbound call begins to ring.
    pub(super) fn ring(&mut self, key: CallKey, timeout_s: Option<u32>) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let timeout_ms = timeout_s.unwrap_or(CALL_TIMEOUT_S).saturating_mul(1000);
        let (due, after) = match call.line {
            Line::Answers { ring_ms, .. } | Line::Ends { ring_ms, .. } if ring_ms < timeout_ms => {
                (Due::Pickup, ring_ms)
            }
            Line::Waits => (Due::RingOut, timeout_ms),
            _ => {
                call.line = Line::NoAnswer;
                (Due::Pickup, timeout_ms)
            }
        };
        let at = self.event_log.time.ms() + i64::from(after);
        let instant = self.event_log.time.kind() == Clock::Instant;
        self.agenda.add(call.key, &mut call.due, at, due, instant);
    }

    pub(super) fn pick_up(&mut self, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        self.agenda.forget(&mut call.due);
        call.state = CallState::Active;
        call.active_time = Some(self.event_log.time.now());
        self.event_log.note(call, EventKind::Answer);
        let (is_leg, whisper) = (call.transferred_from.is_some(), call.whisper.is_some());
        let has_program = call.program.is_some();
        if call.recording_enabled {
            self.start_recording(key);
        }
        if has_program {
            self.program_answered(key);
        } else if whisper {
            self.whisper(key, Progress::Started);
        } else if is_leg {
            self.connect(key);
        } else {
            self.talk(key);
        }
    }

    /// Starts or ends the whisper, which only the new party hears.
    fn whisper(&mut self, key: CallKey, progress: Progress) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        let Some((speaks, tag, duration_ms)) = call
            .whisper
            .as_ref()
            .map(|it| (it.speaks, it.tag.clone(), it.duration_ms))
        else {
            return;
        };
        call.whispering = progress == Progress::Started;
        let kind = if speaks {
            EventKind::Speak(progress)
        } else {
            EventKind::Playback(progress)
        };
        self.event_log.note_tagged(call, kind, tag, None);
        if progress == Progress::Started {
            let at = self.event_log.time.ms() + i64::from(duration_ms);
            let instant = self.event_log.time.kind() == Clock::Instant;
            self.agenda
                .add(call.key, &mut call.due, at, Due::WhisperDone, instant);
        }
    }

    /// Connects both parties of a transfer.
    pub(super) fn connect(&mut self, leg: CallKey) {
        let now = self.event_log.time.now();
        let mut caller = None;
        if let Some(call) = self.calls.get_mut(&leg) {
            call.connected_time = Some(now);
            self.event_log.touch(call);
            caller = call.transferred_from.clone();
        }
        if let Some(call) = caller
            .and_then(|id| self.key(&id))
            .and_then(|key| self.calls.get_mut(&key))
        {
            call.connected_time = Some(now);
            self.event_log.touch(call);
        }
        self.talk(leg);
    }

    fn talk(&mut self, key: CallKey) {
        if let Some(call) = self.calls.get_mut(&key)
            && let Line::Answers {
                talk_ms: Some(talk_ms),
                ..
            } = call.line
        {
            let at = self.event_log.time.ms() + i64::from(talk_ms);
            let instant = self.event_log.time.kind() == Clock::Instant;
            self.agenda
                .add(call.key, &mut call.due, at, Due::TalkOver, instant);
        }
    }

    /// Ends a call, and with it every call that a transfer connected to it.
    ///
    /// A leg that was not answered ends alone: the call that was transferred is active again.
    pub(super) fn end(&mut self, key: CallKey, state: CallState, cause: Cause) {
        let mut next = vec![(key, state, cause)];
        while let Some((key, state, cause)) = next.pop() {
            let Some(call) = self.calls.get_mut(&key) else {
                continue;
            };
            if call.state.is_ended() {
                continue;
            }
            let unanswered = call.state == CallState::Started;
            self.agenda.forget(&mut call.due);
            self.stop_recording(key);
            let Some(call) = self.calls.get_mut(&key) else {
                continue;
            };
            call.state = state;
            call.whispering = false;
            call.end_time = Some(self.event_log.time.now());
            self.event_log.note(call, EventKind::Hangup(cause));
            let from = call.transferred_from.clone();
            let to = call.transferred_to.clone();
            let has_program = call.program.is_some();
            self.ended.push_back(key);
            if has_program {
                self.program_ended(key, cause);
                continue;
            }
            let from = from.and_then(|id| self.key(&id));
            if unanswered {
                self.take_back(from);
            } else if let Some(from) = from {
                next.push((from, CallState::Completed, Cause::NormalClearing));
            }
            if let Some(to) = to.and_then(|id| self.key(&id)) {
                let cause = self.cause_of_cancel(to);
                next.push((to, CallState::Completed, cause));
            }
        }
        self.clear_out();
    }

    /// The cause with which a leg is cancelled.
    pub(super) fn cause_of_cancel(&self, leg: CallKey) -> Cause {
        match self.calls.get(&leg).map(|leg| leg.state) {
            Some(CallState::Started) => Cause::OriginatorCancel,
            _ => Cause::NormalClearing,
        }
    }

    /// Makes a transferring call active again, after its leg was not answered.
    fn take_back(&mut self, caller: Option<CallKey>) {
        if let Some(call) = caller.and_then(|key| self.calls.get_mut(&key))
            && call.state == CallState::Transferring
        {
            call.state = CallState::Active;
            self.event_log.touch(call);
        }
    }
}
