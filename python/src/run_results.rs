//! Rows and counts of a run as dicts that name every field: the Python class of the same name is made
//! of one, by keyword.

use calltransfer_runs as runs;
use pyo3::prelude::*;
use serde_json::Value;

use crate::as_python::{Json, Time, Tuple};

#[derive(IntoPyObject)]
pub(crate) struct RunSummary {
    planned: u64,
    sending: u64,
    applied: u64,
    not_applied: u64,
    not_sent: u64,
    unknown: u64,
    rate: Option<f64>,
    held_for: Option<f64>,
    time_left: Option<f64>,
    deadline: Option<Time>,
    workers: u64,
    notes: Tuple<String>,
}

impl RunSummary {
    pub(crate) fn of(summary: runs::Summary) -> PyResult<Self> {
        Ok(Self {
            planned: summary.planned,
            sending: summary.sending,
            applied: summary.applied,
            not_applied: summary.not_applied,
            not_sent: summary.not_sent,
            unknown: summary.unknown,
            rate: summary.rate,
            held_for: summary.held_for.map(|time| time.as_secs_f64()),
            time_left: summary.time_left.map(|time| time.as_secs_f64()),
            deadline: summary.deadline_ms.map(Time::of_ms).transpose()?,
            workers: summary.workers,
            notes: Tuple(summary.notes),
        })
    }
}

#[derive(IntoPyObject)]
pub(crate) struct RunCheck {
    applied: u64,
    not_applied: u64,
    unknown: u64,
    failed: u64,
    sending: u64,
    first_error: Option<String>,
}

impl From<runs::Checked> for RunCheck {
    fn from(checked: runs::Checked) -> Self {
        Self {
            applied: checked.applied,
            not_applied: checked.not_applied,
            unknown: checked.unknown,
            failed: checked.failed,
            sending: checked.sending,
            first_error: checked.first_error,
        }
    }
}

#[derive(IntoPyObject)]
pub(crate) struct RunRetry {
    planned: u64,
    /// Number, call and reason, as Python's users get them.
    refused: Tuple<(u64, String, String)>,
}

impl From<runs::Retried> for RunRetry {
    fn from(retried: runs::Retried) -> Self {
        let refused = retried.refused.into_iter();
        let refused = refused.map(|row| (row.number, row.call_id, row.reason));
        Self {
            planned: retried.planned,
            refused: Tuple(refused.collect()),
        }
    }
}

/// A row that this worker has ended, for progress.
#[derive(IntoPyObject)]
pub(crate) struct EndedRow {
    number: i64,
    call_id: String,
    state: &'static str,
    error_kind: Option<&'static str>,
    message: Option<String>,
    new_call_id: Option<String>,
}

impl From<runs::EndedRow> for EndedRow {
    fn from(row: runs::EndedRow) -> Self {
        Self {
            number: row.number,
            call_id: row.call_id,
            state: row.state.as_str(),
            error_kind: row.error_kind,
            message: row.message,
            new_call_id: row.new_call_id,
        }
    }
}

#[derive(IntoPyObject)]
struct RunFinding {
    outcome: &'static str,
    reason: String,
    doubt: Option<String>,
    at: Time,
}

/// One target as a str, several as a list.
#[derive(IntoPyObject)]
enum Targets {
    One(String),
    Several(Vec<String>),
}

#[derive(IntoPyObject)]
pub(crate) struct RunRow {
    number: i64,
    call_id: String,
    to: Targets,
    options: Json,
    timeout: Option<f64>,
    state: &'static str,
    attempts: i64,
    error_kind: Option<String>,
    message: Option<String>,
    http_status: Option<u16>,
    code: Option<String>,
    new_call_id: Option<String>,
    finding: Option<RunFinding>,
    changed: Time,
}

impl RunRow {
    pub(crate) fn of(row: runs::Row) -> PyResult<Self> {
        let mut options = row.options().clone();
        let first = row.request.to().to_owned();
        let to = match options.remove("also_to") {
            Some(Value::Array(more)) if !more.is_empty() => {
                let more = more.iter().filter_map(Value::as_str).map(str::to_owned);
                Targets::Several(std::iter::once(first).chain(more).collect())
            }
            _ => Targets::One(first),
        };
        let call_id = row.call_id().to_owned();
        let finding = row.finding.map(|finding| {
            Ok::<_, PyErr>(RunFinding {
                outcome: finding.outcome.as_str(),
                reason: finding.reason,
                doubt: finding.doubt,
                at: Time::of_ms(finding.at_ms)?,
            })
        });
        Ok(Self {
            number: row.number,
            call_id,
            to,
            options: Json(Value::Object(options)),
            timeout: row.request.time_limit().map(|time| time.as_secs_f64()),
            state: row.state.as_str(),
            attempts: row.attempts,
            error_kind: row.error_kind,
            message: row.message,
            http_status: row.http_status,
            code: row.platform_code,
            new_call_id: row.new_call_id,
            finding: finding.transpose()?,
            changed: Time::of_ms(row.changed_ms)?,
        })
    }
}
