//! What the admin interface shows: calls with details that the API does not show, changes, the clock.

use serde_json::{Value, json};

use crate::account::Account;
use crate::calls::call::Call;
use crate::calls::clock::Clock;
use crate::state::State;
use crate::timestamp::{at, iso};
use crate::v1::view::{diversion_fields, event_fields};

/// The most calls in one response: a call with its events takes about 700 bytes.
pub(super) const PAGE: usize = 1_000;

pub(crate) fn call(call: &Call) -> Value {
    let events = call.events.iter().map(|event| {
        let recording = event
            .recording
            .as_ref()
            .and_then(|id| call.recordings.iter().find(|it| it.id == *id));
        let mut shown = event_fields(event, &call.diversion, recording, "");
        shown.remove("recordingUri");
        shown.insert("request".to_owned(), json!(event.request));
        Value::Object(shown)
    });
    let recordings = call.recordings.iter().map(|recording| {
        json!({
            "id": recording.id,
            "file": recording.file_name(),
            "start_time": iso(recording.start_time),
            "end_time": recording.end_time.map(iso),
        })
    });
    let diversion = call.diversion.iter().map(|diversion| {
        let mut shown = diversion_fields(diversion);
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("header".to_owned(), json!(diversion.header()));
        }
        shown
    });
    json!({
        "id": call.id,
        "direction": call.direction.as_str(),
        "from": call.from,
        "to": call.to,
        "state": call.state.as_str(),
        "phase": call.phase(),
        "start_time": iso(call.start_time),
        "active_time": call.active_time.map(iso),
        "connected_time": call.connected_time.map(iso),
        "end_time": call.end_time.map(iso),
        "callback_url": call.callback_url,
        "recording_enabled": call.recording_enabled,
        "recording_file_format": call.recording_file_format,
        "recordings": recordings.collect::<Vec<_>>(),
        "tag": call.tag,
        "transferred_from": call.transferred_from,
        "transferred_to": call.transferred_to,
        "whisper_audio": call.whisper_audio,
        "diversion_treatment": call.diversion_treatment,
        "diversion_reason": call.diversion_reason,
        "diversion": diversion.collect::<Vec<_>>(),
        "callbacks": call.reported,
        "events": events.collect::<Vec<_>>(),
        "version": call.changed,
    })
}

/// Changes since a version: at most 1,000 calls, those that changed first. If there are more, `version`
/// is the last version whose changes are complete, and a request since that version gets the rest.
pub(crate) fn changes(state: &State, since: u64) -> Value {
    let calls = state.call_store.all();
    let mut calls: Vec<&Call> = calls.filter(|call| call.changed > since).collect();
    let mut version = state.call_store.version();
    if calls.len() > PAGE {
        let mut changed: Vec<u64> = calls.iter().map(|call| call.changed).collect();
        let (_, end, _) = changed.select_nth_unstable(PAGE - 1);
        version = *end;
        calls.retain(|call| call.changed <= version);
    }
    let mut requests = state.log.since(since);
    requests.retain(|request| request.version <= version);
    let mut callbacks = state.callbacks.since(since);
    callbacks.retain(|callback| callback.version <= version);
    json!({
        "version": version,
        "now": iso(state.call_store.time().now()),
        "calls": calls.into_iter().map(call).collect::<Vec<_>>(),
        "requests": requests,
        "callbacks": callbacks,
    })
}

pub(super) fn account(account: &Account) -> Value {
    json!({
        "user_id": account.user_id,
        "token": account.token,
        "secret": account.secret,
        "account_id": account.account_id,
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "username": account.username,
        "password": account.password,
        "owned_numbers": account.owned_numbers,
    })
}

pub(crate) fn clock(state: &State) -> Value {
    let time = state.call_store.time();
    let kind = time.kind();
    let factor = match kind {
        Clock::Running(factor) => Some(factor),
        _ => None,
    };
    let next = state.call_store.next_due();
    json!({
        "mode": kind.as_str(),
        "factor": factor,
        "now": iso(time.now()),
        "next_due": next.map(|ms| iso(at(ms))),
    })
}
