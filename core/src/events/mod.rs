//! Events: what the platform sends to a callback URL about a call, in either API. No I/O.

mod body;
mod cause;
mod kind;
mod time;

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use cause::Cause;
pub use kind::EventKind;
pub(crate) use time::read as read_time;

use crate::api::Api;
use crate::call_state::CallState;
use crate::error::Error;
use crate::redact;
use crate::transfer::id::is_id;

/// What the platform sends to a callback URL about a call: the same type for both APIs.
///
/// An event may arrive twice, late, out of sequence or never. A field that the platform leaves out
/// is `None`, and so is a value that can't be used, such as an invalid time;
/// [`fields`](Self::fields) has it as received. `Debug` and `Display` redact numbers and secrets of
/// URLs; the fields are whole: personal data. It is `Send` and `Sync`.
///
/// ```
/// use calltransfer::{Cause, Event, EventKind};
///
/// let body = br#"{"eventType": "hangup", "callId": "c-1", "cause": "USER_BUSY"}"#;
/// let event = Event::parse(body, Some("application/json"))?;
/// assert!(matches!(event.kind, EventKind::Hangup { .. }));
/// assert_eq!(event.cause, Some(Cause::Busy));
/// # Ok::<(), calltransfer::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The API that sent it, as its fields show.
    pub api: Api,
    /// What happened, with the fields that only such events have.
    pub kind: EventKind,
    /// The platform's name of the event. Source: `eventType`.
    pub event_type: String,
    /// The call, or leg, that the event is about; also `None` if it is not a valid ID. Source:
    /// `callId`.
    pub call_id: Option<String>,
    /// The call whose transfer made this leg. v2 only. Source: `parentCallId`.
    pub parent_call_id: Option<String>,
    /// The calling number or SIP address. Source: `from`.
    pub from: Option<String>,
    /// The called number or SIP address. Source: `to`.
    pub to: Option<String>,
    /// When it happened; `None` if the text has no time zone or is not a time. Source: `time`, in
    /// v2 `eventTime`.
    pub time: Option<Timestamp>,
    /// The time as received.
    pub time_text: Option<String>,
    /// Why a leg ended or a transfer did. Source: `cause`; for `timeout`, the event itself.
    pub cause: Option<Cause>,
    /// The cause in the platform's word. Source: `cause`.
    pub cause_text: Option<String>,
    /// The tag that the program set for the call, the whisper or the transfer. Source: `tag`.
    pub tag: Option<String>,
    /// The state of the call after the event. v1 only. Source: `callState`.
    pub call_state: Option<CallState>,
    /// All fields, under the platform's names.
    pub fields: Map<String, Value>,
}

impl Event {
    /// The longest body that is accepted, in bytes.
    pub const MAX_BODY: usize = 256 * 1024;

    /// Reads the body of a request to a callback URL: JSON of either API, or the query string of a
    /// GET, whose content type is `application/x-www-form-urlencoded`. Without a content type, or
    /// with an empty one, a body that begins with a brace is read as JSON, and one that contains
    /// `=` as a query string.
    ///
    /// An event of a type that this library doesn't know is [`EventKind::Unknown`]; fields that it
    /// doesn't know are in [`fields`](Self::fields).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument). The field is
    /// `content_type` if the content type is not one of these two; it is `body` if the body is
    /// longer than [`MAX_BODY`](Self::MAX_BODY), is not UTF-8, does not match the content type, or
    /// has no `eventType`. The message quotes nothing of the body.
    pub fn parse(body: impl AsRef<[u8]>, content_type: Option<&str>) -> Result<Self, Error> {
        Self::read(body::fields(body.as_ref(), content_type)?)
    }

    fn read(fields: Map<String, Value>) -> Result<Self, Error> {
        let text = |name: &str| text(&fields, name);
        let event_type = text("eventType").filter(|name| !name.trim().is_empty());
        let event_type = event_type.ok_or_else(|| {
            body::invalid("body", "eventType is missing; expected a non-empty string")
        })?;
        let api = if kind::is_v2(&event_type, &fields) {
            Api::V2
        } else {
            Api::V1
        };
        let kind = EventKind::read(&event_type, &fields);
        let time_text = match api {
            Api::V1 => text("time").or_else(|| text("eventTime")),
            Api::V2 => text("eventTime").or_else(|| text("time")),
        };
        let cause_text = text("cause").filter(|word| !word.is_empty());
        let cause = match (&cause_text, &kind) {
            (Some(word), _) => Some(Cause::read(word, api)),
            (None, EventKind::Timeout { .. }) => Some(Cause::NoAnswer),
            (None, _) => None,
        };
        Ok(Self {
            api,
            kind,
            event_type,
            call_id: text("callId").filter(|id| is_id(id)),
            parent_call_id: text("parentCallId").filter(|id| is_id(id)),
            from: text("from"),
            to: text("to"),
            time: time_text.as_deref().and_then(time::read),
            time_text,
            cause,
            cause_text,
            tag: text("tag"),
            call_state: text("callState").map(|word| CallState::from_word(&word)),
            fields,
        })
    }

    /// What only events of this kind have, by its name, for the interfaces to other languages.
    #[doc(hidden)]
    pub fn details(&self) -> Vec<(&'static str, Option<Value>)> {
        self.kind.details()
    }

    /// The time in the form of every language: RFC 3339 in UTC.
    #[doc(hidden)]
    pub fn shown_time(&self) -> Option<String> {
        self.time.map(|time| format!("{time}"))
    }
}

/// A text, or a whole number that came without its quotes.
fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    match fields.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// One line for a log, as `hangup of c-1, from +*********00 to +*********78: busy (USER_BUSY)`.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact::text_with_numbers(&self.event_type))?;
        if let Some(id) = &self.call_id {
            write!(f, " of {}", redact::text_with_numbers(id))?;
        }
        if let Some(id) = &self.parent_call_id {
            write!(f, ", a leg of {}", redact::text_with_numbers(id))?;
        }
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                let (from, to) = (redact::number(from), redact::number(to));
                write!(f, ", from {from} to {to}")?;
            }
            (Some(from), None) => write!(f, ", from {}", redact::number(from))?,
            (None, Some(to)) => write!(f, ", to {}", redact::number(to))?,
            (None, None) => {}
        }
        match (&self.cause, &self.cause_text) {
            (Some(cause), Some(word)) => {
                write!(f, ": {cause} ({})", redact::text_with_numbers(word))
            }
            (Some(cause), None) => write!(f, ": {cause}"),
            _ => match self.kind.status() {
                Some(status) => write!(f, ": {}", redact::text_with_numbers(status)),
                None => Ok(()),
            },
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |text: &Option<String>| text.as_deref().map(redact::text_with_numbers);
        f.debug_struct("Event")
            .field("api", &self.api)
            .field("kind", &self.kind)
            .field("event_type", &redact::text_with_numbers(&self.event_type))
            .field("call_id", &hidden(&self.call_id))
            .field("parent_call_id", &hidden(&self.parent_call_id))
            .field("from", &self.from.as_deref().map(redact::number))
            .field("to", &self.to.as_deref().map(redact::number))
            .field("time", &self.time)
            .field("time_text", &hidden(&self.time_text))
            .field("cause", &self.cause)
            .field("cause_text", &hidden(&self.cause_text))
            .field("tag", &hidden(&self.tag))
            .field("call_state", &self.call_state)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
