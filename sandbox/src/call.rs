//! A call, its states, and an incoming call to be placed.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::event::Event;

/// Who placed the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Somebody called a number of the account.
    In,
    /// The account placed the call, by a request or by a transfer.
    Out,
}

impl Direction {
    /// The word on the wire: `in` or `out`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallState {
    /// It rings.
    Started,
    /// It rang, and was turned away.
    Rejected,
    /// Both sides talk. Only such a call can be transferred.
    Active,
    /// It is over.
    Completed,
    /// It was transferred; it lasts as long as the leg that the transfer made.
    Transferring,
}

impl CallState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Started,
        Self::Rejected,
        Self::Active,
        Self::Completed,
        Self::Transferring,
    ];

    /// The word on the wire, such as `active`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Rejected => "rejected",
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Transferring => "transferring",
        }
    }

    /// Whether nothing more can happen to the call.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Rejected | Self::Completed)
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl fmt::Display for CallState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A call as it stood when it was asked for: a copy, which doesn't change.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// Such as `c-` and 26 letters and digits.
    pub id: String,
    /// Who placed it.
    pub direction: Direction,
    /// What the called side sees: a number, a SIP address, or `Private`.
    pub from: String,
    /// The called number or SIP address.
    pub to: String,
    /// Where it stands.
    pub state: CallState,
    /// When it was placed.
    pub start_time: Timestamp,
    /// When it was answered, if it was.
    pub active_time: Option<Timestamp>,
    /// When it ended, if it has.
    pub end_time: Option<Timestamp>,
    /// Where its events are to go.
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
    /// What happened to it, oldest first.
    pub events: Vec<Event>,
    /// Settings that are kept and shown, under their wire names.
    pub(crate) settings: Map<String, Value>,
    pub(crate) order: u64,
}

impl Call {
    pub(crate) fn new(id: String, direction: Direction, from: String, to: String) -> Self {
        Self {
            id,
            direction,
            from,
            to,
            state: CallState::Started,
            start_time: crate::clock::now(),
            active_time: None,
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
            events: Vec::new(),
            settings: Map::new(),
            order: 0,
        }
    }
}

/// A call that comes in, to be given to
/// [`Sandbox::place_incoming_call`](crate::Sandbox::place_incoming_call).
#[derive(Debug, Clone)]
pub struct IncomingCall {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) id: Option<String>,
    pub(crate) state: CallState,
}

impl IncomingCall {
    /// A call from one number or SIP address to another, already answered.
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            id: None,
            state: CallState::Active,
        }
    }

    /// The call's id, for tests that need to know it; otherwise one is made up.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The state in which the call is placed, with the events that lead there.
    pub fn state(mut self, state: CallState) -> Self {
        self.state = state;
        self
    }
}
