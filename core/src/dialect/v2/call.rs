//! A call as v2 describes it.

use serde_json::{Map, Value};

use crate::outcome::{Call, CallState};

/// `None` where the fields describe no call.
pub(super) fn read(fields: Map<String, Value>) -> Option<Call> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Call {
        id: text("callId")?,
        state: CallState::from_word(&text("state")?),
        direction: text("direction"),
        from: text("from"),
        to: text("to"),
        start_time: text("startTime"),
        active_time: text("answerTime"),
        end_time: text("endTime"),
        fields,
    })
}
