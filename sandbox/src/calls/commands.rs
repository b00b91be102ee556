//! Requests for calls, as both APIs pass them on after reading and checking.

use serde_json::{Map, Value};

use crate::calls::diversion::Treatment;
use crate::calls::line::Refused;
use crate::calls::program::Program;
use crate::calls::state::CallState;

/// Where a call's events go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CallbackPlan {
    pub(crate) url: Option<String>,
    pub(crate) fallback_url: Option<String>,
    pub(crate) by_get: bool,
    pub(crate) timeout_ms: Option<u64>,
}

/// What a request says about recording; `None` leaves it as it is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RecordingRequest {
    pub(crate) enabled: Option<bool>,
    pub(crate) file_format: Option<&'static str>,
}

/// A call that the account creates.
#[derive(Debug)]
pub(crate) struct NewCall {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) callbacks: CallbackPlan,
    pub(crate) recording: RecordingRequest,
    pub(crate) recording_max_s: Option<u32>,
    pub(crate) call_timeout_s: Option<u32>,
    pub(crate) tag: Option<String>,
    /// Its program from when it is answered.
    pub(crate) program: Option<Program>,
    /// Fields that are returned as they were given.
    pub(crate) settings: Map<String, Value>,
}

/// A leg to be made for a call.
#[derive(Debug)]
pub(crate) struct NewLeg {
    pub(crate) to: String,
    /// The caller ID that the new party sees.
    pub(crate) from: String,
    pub(crate) callbacks: CallbackPlan,
    pub(crate) whisper: Option<Whisper>,
    pub(crate) treatment: Option<Treatment>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Whisper {
    /// The known fields as given; other fields are dropped.
    pub(crate) given: Map<String, Value>,
    pub(crate) speaks: bool,
    pub(crate) tag: Option<String>,
    pub(crate) duration_ms: u32,
}

/// How long a file plays; it is not fetched.
pub(crate) const FILE_MS: u32 = 5_000;

/// How long a sentence is spoken: 70 ms for each character, and at least a second.
pub(crate) fn speech_ms(sentence: &str) -> u32 {
    let characters = u32::try_from(sentence.chars().count()).unwrap_or(u32::MAX);
    characters.saturating_mul(70).max(1_000)
}

/// An action on an existing call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Answer,
    HangUp,
    Reject,
    Transfer,
    Record,
}

/// Why an action is refused.
#[derive(Debug)]
pub(crate) enum Denied {
    NoSuchCall,
    State(CallState, &'static str),
    /// The platform doesn't call that number.
    Line(Refused),
    /// The sandbox holds no more calls in progress.
    Full,
}
