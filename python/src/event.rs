//! Events, as the Python classes take them.

use calltransfer::Event;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use serde_json::Value;

use crate::as_python::{Json, Time};
use crate::{failure, values};

/// What every event has.
#[derive(IntoPyObject)]
struct Common {
    api: &'static str,
    event_type: String,
    call_id: Option<String>,
    parent_call_id: Option<String>,
    from_: Option<String>,
    to: Option<String>,
    time: Option<Time>,
    time_text: Option<String>,
    cause: Option<&'static str>,
    cause_text: Option<String>,
    tag: Option<String>,
    call_state: Option<String>,
    fields: Json,
}

/// An event: the class of its kind in `calltransfer.events` is made of the attributes, by keyword.
#[derive(IntoPyObject)]
pub(crate) struct ParsedEvent<'py> {
    kind: &'static str,
    attributes: Bound<'py, PyDict>,
    /// Every field as JSON.
    document: String,
}

/// Reads an event, of bytes or a str.
pub(crate) fn parse<'py>(
    body: &Bound<'py, PyAny>,
    content_type: Option<&Bound<'_, PyAny>>,
) -> PyResult<ParsedEvent<'py>> {
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

fn read<'py>(
    py: Python<'py>,
    body: &[u8],
    content_type: Option<&str>,
) -> PyResult<ParsedEvent<'py>> {
    let event = failure::or_raise(py, || Event::parse(body, content_type))?;
    parsed(py, event)
}

/// One line for a log, numbers redacted, of an event's fields as JSON.
pub(crate) fn line(py: Python<'_>, fields: &str) -> PyResult<String> {
    let shown = || Event::parse(fields, Some("application/json")).map(|it| it.to_string());
    failure::or_raise(py, shown)
}

fn parsed(py: Python<'_>, event: Event) -> PyResult<ParsedEvent<'_>> {
    let (kind, details) = (event.kind.as_str(), event.details());
    let fields = Value::Object(event.fields);
    let document = fields.to_string();
    let common = Common {
        api: event.api.as_str(),
        event_type: event.event_type,
        call_id: event.call_id,
        parent_call_id: event.parent_call_id,
        from_: event.from,
        to: event.to,
        time: event.time.map(Time),
        time_text: event.time_text,
        cause: event.cause.map(|cause| cause.as_str()),
        cause_text: event.cause_text,
        tag: event.tag,
        call_state: event.call_state.map(|state| state.as_str().to_owned()),
        fields: Json(fields),
    };
    let attributes = common.into_pyobject(py)?;
    for (name, value) in details {
        attributes.set_item(name, value.map(Json))?;
    }
    Ok(ParsedEvent {
        kind,
        attributes,
        document,
    })
}
