//! Results as the Python classes take them.

use calltransfer::{Call, Finding};

/// What `calltransfer.Transferred` is made of.
pub(crate) type Transferred = (Option<String>, String, u16, u32, f64, Option<&'static str>);
/// What `calltransfer.Call` is made of; the last is everything that the platform said, as JSON.
pub(crate) type CallParts = (String, String, [Option<String>; 6], String);
/// What `calltransfer.Finding` is made of.
pub(crate) type FindingParts = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<CallParts>,
    Option<String>,
);

pub(crate) fn transferred(done: calltransfer::Transferred) -> Transferred {
    (
        done.new_call_id,
        done.call_id,
        done.http_status,
        done.attempts,
        done.elapsed.as_secs_f64(),
        done.note,
    )
}

pub(crate) fn finding_parts(finding: Finding) -> FindingParts {
    let call = finding.call.map(call_parts);
    (
        finding.outcome.as_str(),
        finding.reason,
        finding.doubt,
        call,
        finding.new_call_id,
    )
}

pub(crate) fn call_parts(call: Call) -> CallParts {
    let json = serde_json::Value::Object(call.fields).to_string();
    let parts = [
        call.direction,
        call.from,
        call.to,
        call.start_time,
        call.active_time,
        call.end_time,
    ];
    (call.id, call.state.as_str().to_owned(), parts, json)
}
