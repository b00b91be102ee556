//! Calls and events as v2 returns them.

use serde_json::{Map, Value, json};

use crate::calls::call::Call;
use crate::calls::event::EventKind;
use crate::calls::program::word;
use crate::calls::state::{CallState, Direction};
use crate::calls::webhook_event::WebhookEvent;
use crate::timestamp::iso;

fn state(call: &Call) -> &'static str {
    match call.state {
        CallState::Started => "initiated",
        CallState::Active | CallState::Transferring => "answered",
        CallState::Completed | CallState::Rejected => "disconnected",
    }
}

fn direction(call: &Call) -> &'static str {
    match call.direction {
        Direction::In => "inbound",
        Direction::Out => "outbound",
    }
}

fn application_id(call: &Call) -> Option<&str> {
    call.program.as_ref()?.application_id.as_deref()
}

/// Why the call ended, if it has.
pub(super) fn disconnect_cause(call: &Call) -> Option<&'static str> {
    let cause = call.events.iter().rev().find_map(|event| match event.kind {
        EventKind::Hangup(cause) => Some(word(cause)),
        _ => None,
    });
    let end_reason = call.program.as_ref().and_then(|program| program.end_reason);
    end_reason.or(cause)
}

/// `account_url` is the absolute URL of the account.
pub(super) fn call(call: &Call, account_id: &str) -> Value {
    let last = call
        .events
        .last()
        .map_or(call.start_time, |event| event.time);
    json!({
        "applicationId": application_id(call),
        "accountId": account_id,
        "callId": call.id,
        "parentCallId": call.transferred_from,
        "to": call.to,
        "from": call.from,
        "direction": direction(call),
        "state": state(call),
        "startTime": iso(call.start_time),
        "answerTime": call.active_time.map(iso),
        "endTime": call.end_time.map(iso),
        "disconnectCause": disconnect_cause(call),
        "errorMessage": null,
        "errorId": null,
        "lastUpdate": iso(last),
    })
}

/// The event that a webhook receives.
pub(crate) fn event(
    event: &WebhookEvent,
    account_id: &str,
    account_url: &str,
) -> Map<String, Value> {
    let call = &event.call;
    let time = call
        .events
        .last()
        .map_or(call.start_time, |event| event.time);
    let leg = match (&event.leg, &call.transferred_from) {
        (Some((from, to)), _) => Some((from.as_str(), to.as_str())),
        (None, Some(_)) => Some((call.from.as_str(), call.to.as_str())),
        (None, None) => None,
    };
    let tag = call
        .program
        .as_ref()
        .and_then(|program| program.tag.as_deref());
    let fields = [
        ("eventType", json!(event.event)),
        ("eventTime", json!(iso(time))),
        ("accountId", json!(account_id)),
        ("applicationId", json!(application_id(call))),
        ("from", json!(call.from)),
        ("to", json!(call.to)),
        ("direction", json!(direction(call))),
        ("callId", json!(call.id)),
        ("callUrl", json!(format!("{account_url}/calls/{}", call.id))),
        ("parentCallId", json!(call.transferred_from)),
        ("startTime", json!(iso(call.start_time))),
        ("answerTime", json!(call.active_time.map(iso))),
        ("endTime", json!(call.end_time.map(iso))),
        ("transferCallerId", json!(leg.map(|leg| leg.0))),
        ("transferTo", json!(leg.map(|leg| leg.1))),
        ("cause", json!(event.cause)),
        ("tag", json!(tag)),
    ];
    // Fields without a value are left out.
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
