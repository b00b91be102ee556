//! A call as the platform describes it.

use std::fmt;

use serde_json::{Map, Value};

use crate::config::Api;
use crate::error::{Error, InvalidArgument};
use crate::protocol;
use crate::redact;

/// The state of a call. Source: `state`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallState {
    /// It has begun and is not answered yet.
    Started,
    /// Refused before it was answered.
    Rejected,
    /// Answered: the only state in which a call can be transferred.
    Active,
    /// Ended.
    Completed,
    /// Being transferred.
    Transferring,
    /// v2: waiting to be placed.
    Queued,
    /// v2: begun, not answered yet.
    Initiated,
    /// v2: answered; transferred or not.
    Answered,
    /// v2: ended.
    Disconnected,
    /// A state that this library doesn't know yet.
    Other(String),
}

impl CallState {
    /// Every known state: those of v1, then those of v2.
    pub const KNOWN: &'static [Self] = &[
        Self::Started,
        Self::Rejected,
        Self::Active,
        Self::Completed,
        Self::Transferring,
        Self::Queued,
        Self::Initiated,
        Self::Answered,
        Self::Disconnected,
    ];

    /// The states of v1, and those of v2.
    pub(crate) const OF_V1: &'static [Self] = Self::KNOWN.split_at(5).0;
    pub(crate) const OF_V2: &'static [Self] = Self::KNOWN.split_at(5).1;

    /// The platform's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Started => "started",
            Self::Rejected => "rejected",
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Transferring => "transferring",
            Self::Queued => "queued",
            Self::Initiated => "initiated",
            Self::Answered => "answered",
            Self::Disconnected => "disconnected",
            Self::Other(word) => word,
        }
    }

    pub(crate) fn from_word(word: &str) -> Self {
        let mut known = Self::KNOWN.iter();
        known
            .find(|state| state.as_str() == word)
            .cloned()
            .unwrap_or_else(|| Self::Other(redact::text_with_numbers(word)))
    }
}

impl fmt::Display for CallState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A call as the platform describes it. A field that the platform leaves out is `None`; times are
/// ISO 8601.
///
/// `Debug` redacts numbers.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// The call's id. Source: `id`, in v2 `callId`.
    pub id: String,
    /// The call's state. Source: `state`.
    pub state: CallState,
    /// `in` or `out`, in v2 `inbound` or `outbound`. Source: `direction`.
    pub direction: Option<String>,
    /// The calling number or SIP address. Source: `from`.
    pub from: Option<String>,
    /// The called number or SIP address. Source: `to`.
    pub to: Option<String>,
    /// When it began. Source: `startTime`.
    pub start_time: Option<String>,
    /// When it was answered. Source: `activeTime`, in v2 `answerTime`.
    pub active_time: Option<String>,
    /// When it ended. Source: `endTime`.
    pub end_time: Option<String>,
    /// All fields, under the platform's names.
    pub fields: Map<String, Value>,
}

impl Call {
    /// Reads a call as this API describes it: the JSON object, as a program stored it.
    ///
    /// A call that `get_call` of a client returned needs no parsing.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) of the field `call`, if it is not an object
    /// with the call's ID and state. The message quotes nothing of it.
    pub fn parse(api: Api, call: Value) -> Result<Self, Error> {
        let read = match call {
            Value::Object(fields) => protocol::of_api(api).call(fields),
            _ => None,
        };
        let reason = "must be an object with the ID and the state of a call";
        Ok(read.ok_or_else(|| InvalidArgument::new("call", reason))?)
    }

    /// Whether a transfer of the call with that ID made this one. v2 only.
    pub(crate) fn has_parent(&self, call_id: &str) -> bool {
        let parent = self.fields.get("parentCallId").and_then(Value::as_str);
        parent == Some(call_id) && self.id != call_id
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .field("state", &self.state)
            .field(
                "direction",
                &self.direction.as_deref().map(redact::text_with_numbers),
            )
            .field("from", &self.from.as_deref().map(redact::number))
            .field("to", &self.to.as_deref().map(redact::number))
            .field("start_time", &self.start_time)
            .field("active_time", &self.active_time)
            .field("end_time", &self.end_time)
            .finish_non_exhaustive()
    }
}
