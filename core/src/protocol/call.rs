//! A call as the APIs describe it; they differ in two names of fields.

use serde_json::{Map, Value};

use crate::response::{Call, CallState};

/// `None` if the fields don't describe a call.
pub(super) fn read(fields: Map<String, Value>, id: &str, active_time: &str) -> Option<Call> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Call {
        id: text(id)?,
        state: CallState::from_word(&text("state")?),
        direction: text("direction"),
        from: text("from"),
        to: text("to"),
        start_time: text("startTime"),
        active_time: text(active_time),
        end_time: text("endTime"),
        fields,
    })
}
