//! A call, and the description of an incoming call.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::calls::commands::{CallbackPlan, Whisper};
use crate::calls::diversion::Diversion;
use crate::calls::due::Scheduled;
use crate::calls::event::Event;
use crate::calls::key::CallKey;
use crate::calls::line::Line;
use crate::calls::program::Program;
use crate::calls::recording::Recording;
use crate::calls::state::{CallState, Direction};

/// A copy of a call, which does not change with the call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// Such as `c-` and 26 letters and digits.
    pub id: String,
    /// Which side placed it.
    pub direction: Direction,
    /// The caller ID that the called side sees: a number, a SIP address, or `Private`.
    pub from: String,
    /// The called number or SIP address.
    pub to: String,
    /// Its state.
    pub state: CallState,
    /// When it was placed.
    pub start_time: Timestamp,
    /// When it was answered, if it was.
    pub active_time: Option<Timestamp>,
    /// When the transfer connected both parties, if it did.
    pub connected_time: Option<Timestamp>,
    /// When it ended, if it did.
    pub end_time: Option<Timestamp>,
    /// The URL for its events.
    pub callback_url: Option<String>,
    /// Whether it is being recorded.
    pub recording_enabled: bool,
    /// `wav` or `mp3`.
    pub recording_file_format: &'static str,
    /// The tag given when the call was created.
    pub tag: Option<String>,
    /// The call whose transfer made this leg.
    pub transferred_from: Option<String>,
    /// The leg that the transfer of this call made.
    pub transferred_to: Option<String>,
    /// On a leg: the whisper's fields, as given.
    pub whisper_audio: Option<Map<String, Value>>,
    /// On a leg: `none`, `propagate` or `stack`, if given.
    pub diversion_treatment: Option<&'static str>,
    /// On a leg with `stack`: the reason given, or `unknown`.
    pub diversion_reason: Option<&'static str>,
    /// The Diversion headers: those that an incoming call came with, or those
    /// that are sent with a leg. The newest is first.
    pub diversion: Vec<Diversion>,
    /// Its recordings, oldest first.
    pub recordings: Vec<Recording>,
    /// Its events, oldest first.
    pub events: Vec<Event>,
    /// How its events are reported.
    pub(crate) callbacks: CallbackPlan,
    /// The numbers of its callbacks, oldest first.
    pub(crate) reported: Vec<u64>,
    /// Settings that are kept and shown, under their wire names.
    pub(crate) settings: Map<String, Value>,
    pub(crate) key: CallKey,
    /// The version of the sandbox in which it changed last.
    pub(crate) changed: u64,
    pub(crate) line: Line,
    pub(crate) whisper: Option<Whisper>,
    pub(crate) whispering: bool,
    /// The program that it follows, if it has one.
    pub(crate) program: Option<Box<Program>>,
    pub(crate) recording_max_s: Option<u32>,
    pub(crate) recording_now: bool,
    /// Its scheduled events.
    pub(crate) due: Scheduled,
}

impl Call {
    pub(crate) fn new(
        id: String,
        direction: Direction,
        from: String,
        to: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            direction,
            from,
            to,
            state: CallState::Started,
            start_time: now,
            active_time: None,
            connected_time: None,
            end_time: None,
            callback_url: None,
            recording_enabled: false,
            recording_file_format: "wav",
            tag: None,
            transferred_from: None,
            transferred_to: None,
            whisper_audio: None,
            diversion_treatment: None,
            diversion_reason: None,
            diversion: Vec::new(),
            recordings: Vec::new(),
            events: Vec::new(),
            callbacks: CallbackPlan::default(),
            reported: Vec::new(),
            settings: Map::new(),
            key: 0,
            changed: 0,
            line: Line::Waits,
            whisper: None,
            whispering: false,
            program: None,
            recording_max_s: None,
            recording_now: false,
            due: Scheduled::default(),
        }
    }

    /// The phase of the call, in one word: `ringing`, `active`, `whispering` (the new
    /// party hears the whisper), `transferring` (the new party has not answered yet),
    /// `connected` (both parties of a transfer talk) or `ended`.
    pub fn phase(&self) -> &'static str {
        match self.state {
            CallState::Completed | CallState::Rejected => "ended",
            CallState::Started => "ringing",
            _ if self.whispering => "whispering",
            _ if self.connected_time.is_some() => "connected",
            CallState::Transferring => "transferring",
            CallState::Active => "active",
        }
    }
}

/// An incoming call, for
/// [`Sandbox::place_incoming_call`](crate::Sandbox::place_incoming_call).
#[derive(Debug, Clone)]
pub struct IncomingCall {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) id: Option<String>,
    pub(crate) state: CallState,
    pub(crate) diversion: Vec<Diversion>,
    pub(crate) callbacks: CallbackPlan,
}

impl IncomingCall {
    /// A call from one number or SIP address to another, already answered.
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            id: None,
            state: CallState::Active,
            diversion: Vec::new(),
            callbacks: CallbackPlan::default(),
        }
    }

    /// A Diversion header that the call comes with; the one added last is the newest.
    pub fn diversion(mut self, diversion: Diversion) -> Self {
        self.diversion.insert(0, diversion);
        self
    }

    /// The URL for the call's events: the platform has one for the
    /// application of the number.
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callbacks.url = Some(url.into());
        self
    }

    /// The call's ID, for tests that need to know it; by default it is random.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The state in which the call is placed; it has the events that lead to this state.
    pub fn state(mut self, state: CallState) -> Self {
        self.state = state;
        self
    }
}
