//! A call as the APIs describe it; they differ in two names of fields.

use serde_json::{Map, Value};

use super::of_api;
use crate::api::Api;
use crate::error::{Error, InvalidArgument};
use crate::response::{Call, CallState};

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
            Value::Object(fields) => of_api(api).call(fields),
            _ => None,
        };
        let reason = "must be an object with the ID and the state of a call";
        Ok(read.ok_or_else(|| InvalidArgument::new("call", reason))?)
    }
}

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
