//! Calls, events and recordings as the API shows them.

use serde_json::{Map, Value, json};

use crate::calls::call::Call;
use crate::calls::call_store::CallbackEvent;
use crate::calls::diversion::Diversion;
use crate::calls::event::{Event, EventKind};
use crate::calls::recording::Recording;
use crate::timestamp::iso;

/// The absolute URL of a user: the URLs of the user's resources begin with it.
pub(crate) fn user_url(origin: &str, user_id: &str) -> String {
    [origin, "/v1/users/", user_id].concat()
}

/// A call as the API shows it.
pub(crate) fn api_call(call: &Call, user: &str) -> Value {
    let uri = format!("{user}/calls/{}", call.id);
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
pub(crate) fn api_events(call: &Call, user: &str) -> Value {
    let events = call.events.iter().enumerate();
    Value::Array(
        events
            .map(|(index, event)| {
                let recording = event
                    .recording
                    .as_ref()
                    .and_then(|id| call.recordings.iter().find(|it| it.id == *id));
                let mut shown = event_fields(event, &call.diversion, recording, user);
                shown.insert("id".into(), json!(format!("ce-{}-{}", call.id, index + 1)));
                shown.insert("name".into(), json!(event.kind.as_str()));
                put_parties(&mut shown, &call.id, &call.from, &call.to, user);
                Value::Object(shown)
            })
            .collect(),
    )
}

/// The fields of a callback.
pub(crate) fn callback(event: &CallbackEvent, user: &str) -> Map<String, Value> {
    let mut shown = event_fields(
        &event.event,
        &event.diversion,
        event.recording.as_ref(),
        user,
    );
    put_parties(&mut shown, &event.call_id, &event.from, &event.to, user);
    shown
}

/// The recordings of calls, oldest first.
pub(crate) fn recordings<'a>(calls: impl IntoIterator<Item = &'a Call>, user: &str) -> Value {
    let shown = calls.into_iter().flat_map(|call| {
        let each = call.recordings.iter();
        each.map(|it| recording(call, it, user))
    });
    Value::Array(shown.collect())
}

pub(crate) fn recording(call: &Call, recording: &Recording, user: &str) -> Value {
    let mut shown = Map::new();
    shown.insert("id".into(), json!(recording.id));
    shown.insert("call".into(), json!(format!("{user}/calls/{}", call.id)));
    shown.insert("startTime".into(), json!(iso(recording.start_time)));
    let state = match recording.end_time {
        Some(end) => {
            shown.insert("endTime".into(), json!(iso(end)));
            let media = format!("{user}/media/{}", recording.file_name());
            shown.insert("media".into(), json!(media));
            "complete"
        }
        None => "recording",
    };
    shown.insert("state".into(), json!(state));
    shown.insert("fileFormat".into(), json!(recording.file_format));
    Value::Object(shown)
}

fn put_parties(shown: &mut Map<String, Value>, id: &str, from: &str, to: &str, user: &str) {
    shown.insert("callId".into(), json!(id));
    shown.insert("callUri".into(), json!(format!("{user}/calls/{id}")));
    shown.insert("from".into(), json!(from));
    shown.insert("to".into(), json!(to));
}

/// The fields of an event that its call does not have.
pub(crate) fn event_fields(
    event: &Event,
    diversion: &[Diversion],
    recording: Option<&Recording>,
    user: &str,
) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |name: &str, value: &str| shown.insert(name.to_owned(), json!(value));
    put("eventType", event.kind.as_str());
    put("time", &iso(event.time));
    put("callState", event.call_state.as_str());
    if let Some(tag) = &event.tag {
        put("tag", tag);
    }
    match event.kind {
        EventKind::IncomingCall | EventKind::Answer => {
            if let Some(first) = diversion.first() {
                shown.insert("diversion".into(), diversion_fields(first));
            }
        }
        EventKind::Timeout => {}
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
        EventKind::Recording => {
            put("status", "complete");
            put("state", "complete");
            if let Some(recording) = recording {
                put("recordingId", &recording.id);
                let uri = format!("{user}/recordings/{}", recording.id);
                put("recordingUri", &uri);
                put("startTime", &iso(recording.start_time));
                if let Some(end) = recording.end_time {
                    put("endTime", &iso(end));
                }
            }
        }
    }
    shown
}

/// A Diversion header as events show it.
pub(crate) fn diversion_fields(diversion: &Diversion) -> Value {
    let hidden = diversion.privacy == Some("full");
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            shown.insert(name.to_owned(), value);
        }
    };
    put(
        "origTo",
        json!(if hidden {
            "Anonymous"
        } else {
            &diversion.orig_to
        }),
    );
    put("reason", json!(diversion.reason));
    put("screen", json!(diversion.screen));
    put("privacy", json!(diversion.privacy));
    put("counter", json!(diversion.counter));
    put("limit", json!(diversion.limit));
    Value::Object(shown)
}

/// Seconds from answer to end, rounded up.
fn chargeable_seconds(call: &Call) -> Option<i64> {
    let (active, end) = (call.active_time?, call.end_time?);
    let millis = (end.as_millisecond() - active.as_millisecond()).max(0);
    Some(millis / 1000 + i64::from(millis % 1000 > 0))
}
