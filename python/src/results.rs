//! Results as dicts that name every field: the Python class of the same name is made of one, by keyword.
//!
//! Dicts, and not objects of those classes: making one runs Python code, where a signal handler may
//! raise, and the result of the request would be lost.

use calltransfer::Outcome;
use pyo3::prelude::*;
use serde_json::Value;

use crate::as_python::{Json, Time, Tuple};
use crate::failure;

#[derive(IntoPyObject)]
pub(crate) struct Transferred {
    new_call_id: Option<String>,
    call_id: String,
    http_status: u16,
    attempts: u32,
    elapsed: f64,
    note: Option<&'static str>,
}

impl From<calltransfer::Transferred> for Transferred {
    fn from(done: calltransfer::Transferred) -> Self {
        Self {
            new_call_id: done.new_call_id,
            call_id: done.call_id,
            http_status: done.http_status,
            attempts: done.attempts,
            elapsed: done.elapsed.as_secs_f64(),
            note: done.note,
        }
    }
}

#[derive(IntoPyObject)]
pub(crate) struct Call {
    id: String,
    state: String,
    direction: Option<String>,
    from_: Option<String>,
    to: Option<String>,
    start_time: Option<String>,
    active_time: Option<String>,
    end_time: Option<String>,
    fields: Json,
}

impl From<calltransfer::Call> for Call {
    fn from(call: calltransfer::Call) -> Self {
        Self {
            id: call.id,
            state: call.state.as_str().to_owned(),
            direction: call.direction,
            from_: call.from,
            to: call.to,
            start_time: call.start_time,
            active_time: call.active_time,
            end_time: call.end_time,
            fields: Json(Value::Object(call.fields)),
        }
    }
}

#[derive(IntoPyObject)]
pub(crate) struct Finding {
    outcome: &'static str,
    reason: &'static str,
    doubt: Option<&'static str>,
    call: Option<Call>,
    new_call_id: Option<String>,
}

impl From<calltransfer::Finding> for Finding {
    fn from(finding: calltransfer::Finding) -> Self {
        Self {
            outcome: finding.outcome.as_str(),
            reason: finding.reason,
            doubt: finding.doubt,
            call: finding.call.map(Call::from),
            new_call_id: finding.new_call_id,
        }
    }
}

#[derive(IntoPyObject)]
pub(crate) struct CallEvent {
    id: Option<String>,
    name: String,
    time: Option<Time>,
    cause: Option<&'static str>,
    cause_text: Option<String>,
    data: Option<String>,
    fields: Json,
}

impl From<calltransfer::CallEvent> for CallEvent {
    fn from(event: calltransfer::CallEvent) -> Self {
        Self {
            id: event.id,
            name: event.name,
            time: event.time.map(Time),
            cause: event.cause.map(|cause| cause.as_str()),
            cause_text: event.cause_text,
            data: event.data,
            fields: Json(Value::Object(event.fields)),
        }
    }
}

pub(crate) fn call_events(events: Vec<calltransfer::CallEvent>) -> Vec<CallEvent> {
    events.into_iter().map(CallEvent::from).collect()
}

#[derive(IntoPyObject)]
pub(crate) struct FollowStatus {
    result: Option<&'static str>,
    cause: Option<&'static str>,
    cause_text: Option<String>,
    new_call_id: Option<String>,
    answered_time: Option<Time>,
    ended_time: Option<Time>,
    is_ended: bool,
    is_certainly_unanswered: bool,
    caller: &'static str,
    evidence: String,
    doubt: Option<&'static str>,
    may_transfer_again: bool,
}

impl From<&calltransfer::FollowStatus> for FollowStatus {
    fn from(status: &calltransfer::FollowStatus) -> Self {
        Self {
            result: status.result.map(|result| result.as_str()),
            cause: status.cause.map(|cause| cause.as_str()),
            cause_text: status.cause_text.clone(),
            new_call_id: status.new_call_id.clone(),
            answered_time: status.answered_time.map(Time),
            ended_time: status.ended_time.map(Time),
            is_ended: status.is_ended,
            is_certainly_unanswered: status.is_certainly_unanswered,
            caller: status.caller.as_str(),
            evidence: status.evidence.to_string(),
            doubt: status.doubt,
            may_transfer_again: status.may_transfer_again(),
        }
    }
}

#[derive(IntoPyObject)]
pub(crate) struct TargetResult {
    to: String,
    outcome: Option<&'static str>,
    new_call_id: Option<String>,
    status: Option<FollowStatus>,
    error: Option<Py<PyAny>>,
}

impl TargetResult {
    pub(crate) fn of(py: Python<'_>, target: &calltransfer::TargetResult) -> Self {
        let error = target.error.as_ref();
        Self {
            to: target.to.clone(),
            outcome: target.outcome.map(Outcome::as_str),
            new_call_id: target.new_call_id.clone(),
            status: target.status.as_ref().map(FollowStatus::from),
            error: error.map(|error| failure::raise(py, error).into_value(py).into_any()),
        }
    }
}

#[derive(IntoPyObject)]
pub(crate) struct FirstTransferred {
    call_id: String,
    answered: Option<usize>,
    targets: Tuple<TargetResult>,
    stopped: &'static str,
    reason: String,
}

impl FirstTransferred {
    pub(crate) fn of(py: Python<'_>, done: calltransfer::FirstTransferred) -> Self {
        let targets = done.targets.iter().map(|it| TargetResult::of(py, it));
        Self {
            call_id: done.call_id,
            answered: done.answered,
            targets: Tuple(targets.collect()),
            stopped: done.stopped.as_str(),
            reason: done.reason,
        }
    }
}
