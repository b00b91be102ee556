//! Calls and events as JSON: for clients of the API, and for the admin interface.

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::clock::iso;
use crate::event::{Event, EventKind};

/// A call as the API shows it. `calls` is the absolute URL of the list of calls.
pub(crate) fn api_call(call: &Call, calls: &str) -> Value {
    let uri = format!("{calls}/{}", call.id);
    let mut shown = call.settings.clone();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            shown.insert(name.to_owned(), value);
        }
    };
    put("id", json!(call.id));
    put("direction", json!(call.direction.as_str()));
    put("from", json!(call.from));
    put("to", json!(call.to));
    put("state", json!(call.state.as_str()));
    put("startTime", json!(iso(call.start_time)));
    put("activeTime", json!(call.active_time.map(iso)));
    put("endTime", json!(call.end_time.map(iso)));
    put("chargeableDuration", json!(chargeable_seconds(call)));
    put("callbackUrl", json!(call.callback_url));
    put("recordingEnabled", json!(call.recording_enabled));
    put("recordingFileFormat", json!(call.recording_file_format));
    put("transcriptionEnabled", json!(false));
    put("tag", json!(call.tag));
    put("events", json!(format!("{uri}/events")));
    put("recordings", json!(format!("{uri}/recordings")));
    put("transcriptions", json!(format!("{uri}/transcriptions")));
    Value::Object(shown)
}

/// A call's events as the API lists them, each with the fields of its callback.
pub(crate) fn api_events(call: &Call, calls: &str) -> Value {
    let events = call.events.iter().enumerate();
    Value::Array(
        events
            .map(|(index, event)| {
                let mut shown = event_fields(event);
                shown.insert("id".into(), json!(format!("ce-{}-{}", call.id, index + 1)));
                shown.insert("name".into(), json!(event.kind.as_str()));
                shown.insert("callId".into(), json!(call.id));
                shown.insert("callUri".into(), json!(format!("{calls}/{}", call.id)));
                shown.insert("from".into(), json!(call.from));
                shown.insert("to".into(), json!(call.to));
                Value::Object(shown)
            })
            .collect(),
    )
}

/// A call as the admin interface shows it, with what the API keeps to itself.
pub(crate) fn admin_call(call: &Call) -> Value {
    json!({
        "id": call.id,
        "direction": call.direction.as_str(),
        "from": call.from,
        "to": call.to,
        "state": call.state.as_str(),
        "start_time": iso(call.start_time),
        "active_time": call.active_time.map(iso),
        "end_time": call.end_time.map(iso),
        "callback_url": call.callback_url,
        "recording_enabled": call.recording_enabled,
        "recording_file_format": call.recording_file_format,
        "tag": call.tag,
        "transferred_from": call.transferred_from,
        "transferred_to": call.transferred_to,
        "whisper_audio": call.whisper_audio,
        "diversion_treatment": call.diversion_treatment,
        "diversion_reason": call.diversion_reason,
        "events": call.events.iter().map(event_fields).collect::<Vec<_>>(),
    })
}

fn event_fields(event: &Event) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |name: &str, value: &str| shown.insert(name.to_owned(), json!(value));
    put("eventType", event.kind.as_str());
    put("time", &iso(event.time));
    put("callState", event.call_state.as_str());
    if let Some(tag) = &event.tag {
        put("tag", tag);
    }
    match event.kind {
        EventKind::IncomingCall | EventKind::Answer => {}
        EventKind::Speak(progress) => {
            put("status", progress.status());
            put("state", progress.state());
        }
        EventKind::Playback(progress) => {
            put("status", progress.status());
        }
        EventKind::Hangup(cause) => {
            put("cause", cause.as_str());
        }
    }
    shown
}

/// Whole seconds from answer to end, the last one begun counted.
fn chargeable_seconds(call: &Call) -> Option<i64> {
    let (active, end) = (call.active_time?, call.end_time?);
    let millis = (end.as_millisecond() - active.as_millisecond()).max(0);
    Some(millis / 1000 + i64::from(millis % 1000 > 0))
}
