//! A call as the platform describes it.

use std::fmt;

use serde_json::{Map, Value};

use crate::call_state::CallState;
use crate::redact;

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
