//! Calls that follow a program, as v2 has them: steps one after the other, transfers among them.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::calls::call::{Call, CallState, Direction};
use crate::calls::clock::Clock;
use crate::calls::diversion::{self, Treatment};
use crate::calls::due::Due;
use crate::calls::event::{Cause, EventKind, Progress};
use crate::calls::line::Refused;
use crate::calls::orders::{Denied, FILE_MS, RecordingWish, speech_ms};
use crate::calls::switchboard::{LASTING_CALLS, Switchboard};

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Transfer(Dial),
    StartRecording { file_format: &'static str },
    StopRecording,
    SpeakSentence { text: String },
    PlayAudio { url: String },
    Hangup,
}

/// A transfer: whom to ring, and what they see.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dial {
    pub(crate) caller_id: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) privacy: bool,
    pub(crate) call_timeout: Duration,
    pub(crate) tag: Option<String>,
    pub(crate) treatment: Option<Treatment>,
    pub(crate) complete: Option<Webhook>,
    pub(crate) targets: Vec<Target>,
}

/// One of those who ring at once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    /// A number, or an address that begins with `sip:`.
    pub(crate) to: String,
    pub(crate) uui: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) answer: Option<Webhook>,
    pub(crate) disconnect: Option<Webhook>,
}

/// Where an event goes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) by_get: bool,
    pub(crate) login: Option<(String, String)>,
}

/// How a call goes on.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Program {
    steps: VecDeque<Step>,
    /// The legs of its transfer.
    legs: Vec<u64>,
    /// Who is asked what the call does once its transfer is over.
    complete: Option<Webhook>,
    /// Who is asked what the call does once it is answered.
    answer: Option<Webhook>,
    /// Who is told when it has ended.
    pub(crate) disconnect: Option<Webhook>,
    pub(crate) tag: Option<String>,
    pub(crate) application_id: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) uui: Option<String>,
    /// The webhook's answer is awaited.
    waits: bool,
    /// Nobody waits for its end any more: somebody else was quicker, or the transfer is no more.
    forsaken: bool,
    /// What a step is playing: speech, or a file.
    plays: Option<bool>,
    /// Why it ended, where the telephone network has no word for it.
    pub(crate) fate: Option<&'static str>,
}

impl Program {
    /// The program of a call that is placed: it asks when it is answered.
    pub(crate) fn of_new_call(
        answer: Webhook,
        disconnect: Option<Webhook>,
        application_id: String,
        tag: Option<String>,
    ) -> Self {
        Self {
            answer: Some(answer),
            disconnect,
            application_id: Some(application_id),
            tag,
            ..Self::default()
        }
    }
}

/// An event for a webhook, with what the call was like then.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) call: Box<Call>,
    /// Such as `transferAnswer`.
    pub(crate) event: &'static str,
    pub(crate) webhook: Webhook,
    /// Whether the answer says how the call goes on.
    pub(crate) asks: bool,
    /// The leg that the event is about, where it is told of the call that was transferred.
    pub(crate) leg: Option<(String, String)>,
    pub(crate) cause: Option<&'static str>,
}

/// Why a webhook didn't say how a call goes on, in v2's words.
pub(crate) type Fate = &'static str;

impl Switchboard {
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
            self.agenda.forget(call);
            call.state = CallState::Active;
            call.connected_time = None;
            call.transferred_to = None;
            call.whispering = false;
            let program = call.program.get_or_insert_default();
            program.steps = steps.into();
            program.waits = false;
            program.plays = None;
            program.complete = None;
            self.scribe.touch(call);
        }
        self.step(order);
        self.settle();
        Ok(())
    }

    /// A webhook has said how the call goes on, or hasn't.
    pub(crate) fn told_how(&mut self, id: &str, how: Result<Vec<Step>, Fate>) {
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
            Err(fate) => {
                program.fate = Some(fate);
                self.end(order, CallState::Completed, Cause::NormalTemporaryFailure);
            }
        }
        self.settle();
    }

    /// Does steps until one takes time, or none is left.
    fn step(&mut self, order: u64) {
        loop {
            let Some(call) = self.calls.get_mut(&order) else {
                return;
            };
            let is_leg = call.transferred_from.is_some();
            let Some(program) = call.program.as_mut().filter(|_| !call.state.is_ended()) else {
                return;
            };
            let recording = |enabled, file_format| RecordingWish {
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
            let at = self.scribe.time.ms() + i64::from(duration_ms);
            let instant = self.scribe.time.kind() == Clock::Instant;
            self.agenda.add(call, at, Due::StepDone, instant);
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
            self.scribe.note(call, kind);
        }
    }

    /// Rings every target of a transfer at once.
    fn dial(&mut self, order: u64, dial: Dial) {
        let Some(call) = self.calls.get_mut(&order) else {
            return;
        };
        call.state = CallState::Transferring;
        call.connected_time = None;
        let parent = call.id.clone();
        let headers = dial.treatment.map_or_else(Vec::new, |treatment| {
            diversion::outgoing(treatment, &call.diversion, &call.to)
        });
        let shown = match (&dial.caller_id, dial.privacy) {
            (_, true) => "Private".to_owned(),
            (Some(id), false) => id.clone(),
            (None, false) => call.from.clone(),
        };
        if let Some(program) = &mut call.program {
            program.complete = dial.complete;
            program.tag = dial.tag.or(program.tag.take());
        }
        self.scribe.touch(call);
        let mut legs = Vec::new();
        let mut fate = "error";
        for target in dial.targets {
            match self.lines.refused(&target.to) {
                Some(Refused::Credit | Refused::CallRateLimit) => fate = "account-limit",
                Some(why) if why != Refused::TransferErrorThoughMade => fate = "error",
                _ if self.lasting() >= LASTING_CALLS => fate = "node-capacity-exceeded",
                _ => {
                    let now = self.scribe.time.now();
                    let id = self.new_id();
                    let mut leg =
                        Call::new(id, Direction::Out, shown.clone(), target.to.clone(), now);
                    leg.line = self.lines.for_leg(&target.to);
                    leg.transferred_from = Some(parent.clone());
                    leg.diversion.clone_from(&headers);
                    (leg.diversion_treatment, leg.diversion_reason) =
                        diversion::words(dial.treatment);
                    leg.program = Some(Box::new(Program {
                        answer: target.answer,
                        disconnect: target.disconnect,
                        tag: target.tag,
                        uui: target.uui,
                        display_name: dial.display_name.clone(),
                        ..Program::default()
                    }));
                    legs.push(self.insert(leg));
                }
            }
        }
        let first = legs.first().and_then(|leg| self.calls.get(leg));
        let first = first.map(|leg| leg.id.clone());
        if let Some(call) = self.calls.get_mut(&order) {
            call.transferred_to = first;
            if let Some(program) = &mut call.program {
                program.legs.clone_from(&legs);
            }
        }
        if legs.is_empty() {
            return self.transfer_over(order, None, fate);
        }
        let seconds = dial.call_timeout.as_secs_f64().ceil() as u32;
        for leg in legs {
            self.ring(leg, Some(seconds));
        }
    }

    /// A call with a program was picked up.
    pub(super) fn program_answered(&mut self, order: u64) {
        let Some(call) = self.calls.get(&order) else {
            return;
        };
        let (id, parent) = (call.id.clone(), call.transferred_from.clone());
        let parent = parent.and_then(|id| self.order(&id));
        // The first to answer has the call; the others stop ringing.
        for leg in self.legs(parent).into_iter().filter(|leg| *leg != order) {
            self.forsake(leg);
            self.end(leg, CallState::Completed, Cause::OriginatorCancel);
        }
        if let Some(call) = parent.and_then(|order| self.calls.get_mut(&order)) {
            call.transferred_to = Some(id);
            self.scribe.touch(call);
        }
        let Some(call) = self.calls.get_mut(&order) else {
            return;
        };
        let event = if parent.is_some() {
            "transferAnswer"
        } else {
            "answer"
        };
        let asks = call.program.as_mut().and_then(|program| {
            program.waits = program.answer.is_some();
            program.answer.clone()
        });
        match asks {
            Some(webhook) => {
                call.whispering = parent.is_some();
                self.write(order, event, webhook, None, None);
            }
            None => self.step(order),
        }
    }

    /// A call with a program has ended: whoever waits for that is told.
    pub(super) fn program_ended(&mut self, order: u64, cause: Cause) {
        self.drop_legs(order);
        let Some(call) = self.calls.get(&order) else {
            return;
        };
        let Some(program) = &call.program else { return };
        let fate = program.fate.unwrap_or_else(|| word(cause));
        let (webhook, forsaken) = (program.disconnect.clone(), program.forsaken);
        let leg = (call.from.clone(), call.to.clone());
        let parent = call.transferred_from.clone();
        let event = if parent.is_some() {
            "transferDisconnect"
        } else {
            "disconnect"
        };
        if let Some(webhook) = webhook {
            self.write(order, event, webhook, None, Some(fate));
        }
        let parent = parent.and_then(|id| self.order(&id));
        if let Some(parent) = parent.filter(|_| !forsaken)
            && self.legs(Some(parent)).is_empty()
        {
            self.transfer_over(parent, Some(leg), fate);
        }
    }

    /// The transfer of a call has come to its end, or to nothing: the call goes on.
    fn transfer_over(&mut self, order: u64, leg: Option<(String, String)>, fate: Fate) {
        let Some(call) = self.calls.get_mut(&order) else {
            return;
        };
        if call.state.is_ended() {
            return;
        }
        call.state = CallState::Active;
        call.connected_time = None;
        self.scribe.touch(call);
        let asks = call.program.as_mut().and_then(|program| {
            program.legs.clear();
            program.waits = program.complete.is_some();
            program.complete.take()
        });
        match asks {
            Some(webhook) => self.write(order, "transferComplete", webhook, leg, Some(fate)),
            None => self.step(order),
        }
    }

    fn drop_legs(&mut self, order: u64) {
        // A leg that v1 made takes the caller along when it ends; not now.
        let leg = self
            .calls
            .get(&order)
            .and_then(|call| call.transferred_to.clone());
        if let Some(leg) = leg.and_then(|id| self.order(&id))
            && let Some(call) = self.calls.get_mut(&leg)
            && call.program.is_none()
        {
            call.transferred_from = None;
            self.end(leg, CallState::Completed, Cause::NormalClearing);
        }
        for leg in self.legs(Some(order)) {
            self.forsake(leg);
            let rings = self
                .calls
                .get(&leg)
                .is_some_and(|leg| leg.state == CallState::Started);
            let cause = if rings {
                Cause::OriginatorCancel
            } else {
                Cause::NormalClearing
            };
            self.end(leg, CallState::Completed, cause);
        }
    }

    fn forsake(&mut self, leg: u64) {
        let program = self
            .calls
            .get_mut(&leg)
            .and_then(|leg| leg.program.as_mut());
        if let Some(program) = program {
            program.forsaken = true;
        }
    }

    /// The legs of a call's transfer that have not ended.
    fn legs(&self, order: Option<u64>) -> Vec<u64> {
        let program = order
            .and_then(|order| self.calls.get(&order))
            .and_then(|call| call.program.as_ref());
        let legs = program.map_or(&[][..], |program| &program.legs);
        let lasts = |leg: &&u64| self.calls.get(leg).is_some_and(|leg| !leg.state.is_ended());
        legs.iter().filter(lasts).copied().collect()
    }

    fn write(
        &mut self,
        order: u64,
        event: &'static str,
        webhook: Webhook,
        leg: Option<(String, String)>,
        cause: Option<&'static str>,
    ) {
        let asks = matches!(
            event,
            "answer" | "transferAnswer" | "transferComplete" | "redirect"
        );
        if let Some(call) = self.calls.get(&order) {
            self.scribe.letters.push(Letter {
                call: call.clone(),
                event,
                webhook,
                asks,
                leg,
                cause,
            });
        }
    }

    /// Asks this webhook how the call goes on from here.
    pub(crate) fn redirect(&mut self, id: &str, webhook: Webhook) -> Result<(), Denied> {
        let order = self.may_interrupt(id)?.order;
        self.drop_legs(order);
        if let Some(call) = self.calls.get_mut(&order) {
            self.agenda.forget(call);
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

/// A cause in v2's words.
pub(crate) fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::NormalClearing => "hangup",
        Cause::OriginatorCancel => "cancel",
        Cause::CallRejected => "rejected",
        Cause::UserBusy => "busy",
        Cause::NoAnswer => "timeout",
        Cause::UnallocatedNumber | Cause::NormalTemporaryFailure => "error",
    }
}
