//! Events, as the Python classes take them.

use calltransfer::{Event, Outcome};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use serde_json::Value;

use crate::{failure, values};

/// What the classes of `calltransfer.events` are made of: the kind, what every event has, the time in
/// microseconds since 1970, what only this kind has, and every field as JSON.
pub(crate) type EventParts = (
    &'static str,
    [Option<String>; 11],
    Option<i64>,
    Vec<Option<String>>,
    String,
);

/// Reads an event, of bytes or a str.
pub(crate) fn parse(
    body: &Bound<'_, PyAny>,
    content_type: Option<&Bound<'_, PyAny>>,
) -> PyResult<EventParts> {
    let content_type = content_type.map(|it| values::text("content_type", it));
    let content_type = content_type.transpose()?;
    if let Ok(bytes) = body.cast::<PyBytes>() {
        return read(body.py(), bytes.as_bytes(), content_type.as_deref());
    }
    if body.is_instance_of::<PyString>() {
        let text = values::text("body", body)?;
        return read(body.py(), text.as_bytes(), content_type.as_deref());
    }
    Err(values::wrong_type("body", "bytes or a str", body))
}

fn read(py: Python<'_>, body: &[u8], content_type: Option<&str>) -> PyResult<EventParts> {
    failure::guard(|| Event::parse(body, content_type).map(parts))
        .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
        .map_err(|error| failure::raise(py, &error))
}

/// One line for a log, numbers redacted, of an event's fields as JSON.
pub(crate) fn line(py: Python<'_>, fields: &str) -> PyResult<String> {
    let shown = || Event::parse(fields, Some("application/json")).map(|it| it.to_string());
    failure::guard(shown)
        .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
        .map_err(|error| failure::raise(py, &error))
}

fn parts(event: Event) -> EventParts {
    let details = event.details().into_iter();
    let details = details.map(|(_, value)| match value? {
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    });
    (
        event.kind.as_str(),
        [
            Some(event.api.as_str().to_owned()),
            Some(event.event_type.clone()),
            event.call_id.clone(),
            event.parent_call_id.clone(),
            event.from.clone(),
            event.to.clone(),
            event.time_text.clone(),
            event.cause.map(|cause| cause.as_str().to_owned()),
            event.cause_text.clone(),
            event.tag.clone(),
            event.call_state.as_ref().map(|it| it.as_str().to_owned()),
        ],
        event.time.map(|time| time.as_microsecond()),
        details.collect(),
        Value::Object(event.fields).to_string(),
    )
}
