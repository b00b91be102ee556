//! One entry of the list of a call's events, which v1 keeps.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::api::Api;
use crate::call_state::CallState;
use crate::error::{Error, InvalidArgument};
use crate::events::{self, Cause};
use crate::redact;

/// One entry of v1's list of a call's events. A field that the platform leaves out is `None`.
///
/// The list differs from what is sent to a callback URL: its entries have a name and, sometimes, data.
/// `Debug` redacts numbers; the fields are whole: personal data. It is `Send` and `Sync`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct CallEvent {
    /// The entry's ID. Source: `id`.
    pub id: Option<String>,
    /// What happened, such as `create`, `answer` or `hangup`. Source: `name`, or `eventType`.
    pub name: String,
    /// When it happened; `None` if the text has no time zone or is not a time. Source: `time`.
    pub time: Option<Timestamp>,
    /// The cause of a `hangup` or a `timeout`. Source: `data`, or `cause`.
    pub cause: Option<Cause>,
    /// The cause in the platform's word.
    pub cause_text: Option<String>,
    /// Further text, which depends on the name. Source: `data`.
    pub data: Option<String>,
    /// All fields, under the platform's names.
    pub fields: Map<String, Value>,
}

impl CallEvent {
    /// Reads one entry of a list: the JSON object, as a program stored it.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) of the field `event`, if it is not an object
    /// with a `name`. The message quotes nothing of it.
    pub fn parse(event: Value) -> Result<Self, Error> {
        let read = match event {
            Value::Object(fields) => Self::read(fields),
            _ => None,
        };
        let reason = "must be an object with a name";
        Ok(read.ok_or_else(|| InvalidArgument::new("event", reason))?)
    }

    /// The state of the call that it names.
    pub(crate) fn state(&self) -> Option<CallState> {
        let state = self.fields.get("callState")?.as_str()?;
        Some(CallState::from_word(state))
    }

    /// Whether it says that the call was being transferred.
    pub(crate) fn names_transfer(&self) -> bool {
        self.state() == Some(CallState::Transferring) || self.name.starts_with("transfer")
    }

    /// `None` if it has no name.
    pub(crate) fn read(fields: Map<String, Value>) -> Option<Self> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let name = text("name").or_else(|| text("eventType"))?;
        let data = text("data");
        let word = match name.as_str() {
            "hangup" => data.clone().or_else(|| text("cause")),
            "timeout" => text("cause"),
            _ => None,
        };
        let cause_text = word.filter(|word| !word.is_empty());
        let cause = match &cause_text {
            Some(word) => Some(Cause::read(word, Api::V1)),
            None => (name == "timeout").then_some(Cause::NoAnswer),
        };
        Some(Self {
            id: text("id"),
            time: text("time").as_deref().and_then(events::read_time),
            cause,
            cause_text,
            data,
            name,
            fields,
        })
    }
}

impl fmt::Debug for CallEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &Option<String>| text.as_deref().map(redact::text_with_numbers);
        f.debug_struct("CallEvent")
            .field("id", &shown(&self.id))
            .field("name", &redact::text_with_numbers(&self.name))
            .field("time", &self.time)
            .field("cause", &self.cause)
            .field("cause_text", &shown(&self.cause_text))
            .field("data", &shown(&self.data))
            .finish_non_exhaustive()
    }
}
