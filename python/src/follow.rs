//! Following a transfer, and the next target: as the Python classes take them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calltransfer::{
    Api, Call, CallEvent, Config, Error, Event, FirstTransferred, FollowStatus, FollowUntil,
    Outcome, Request, Seen, Step, TransferToFirst, redaction,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::{failure, values};

/// What `calltransfer.FollowStatus` is made of; times in microseconds since 1970.
pub(crate) type StatusParts = (
    Option<&'static str>,
    Option<&'static str>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    bool,
    bool,
    &'static str,
    String,
    Option<&'static str>,
    bool,
);

/// What `calltransfer.TargetResult` is made of; the last is the error.
type TargetParts = (
    String,
    Option<&'static str>,
    Option<String>,
    Option<StatusParts>,
    Option<Py<PyAny>>,
);

/// What `calltransfer.FirstTransferred` is made of.
type FirstParts = (
    String,
    Option<usize>,
    Vec<TargetParts>,
    &'static str,
    String,
);

/// What `calltransfer.CallEvent` is made of; the time in microseconds since 1970, every field as JSON.
pub(crate) type CallEventParts = (
    Option<String>,
    String,
    Option<i64>,
    Option<&'static str>,
    Option<String>,
    Option<String>,
    String,
);

/// What is known of one transfer.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct Follow(Mutex<calltransfer::Follow>);

#[pymethods]
impl Follow {
    #[new]
    fn new(
        call_id: &Bound<'_, PyAny>,
        api: &str,
        new_call_id: Option<&Bound<'_, PyAny>>,
        targets: Option<&Bound<'_, PyAny>>,
        not_before: Option<&str>,
    ) -> PyResult<Self> {
        let py = call_id.py();
        let call_id = values::text("call_id", call_id)?;
        let new_call_id = new_call_id.map(|id| values::text("new_call_id", id));
        let new_call_id = new_call_id.transpose()?;
        let api = match api {
            "v1" => Api::V1,
            _ => Api::V2,
        };
        let mut follow = made(py, || {
            calltransfer::Follow::new(api, &call_id, new_call_id.as_deref())
        })?;
        if let Some(targets) = targets {
            follow = follow.targets(values::count("targets", targets)?);
        }
        if let Some(time) = not_before {
            let time = time.parse().map_err(|_| {
                failure::invalid(py, "not_before", "must be a time with a time zone")
            })?;
            follow = follow.not_before(time);
        }
        Ok(Self::of(follow))
    }

    /// Takes an event, of its fields as JSON: `other`, `known` or `new`.
    fn event(&self, py: Python<'_>, fields: &str) -> PyResult<&'static str> {
        let event = made(py, || Event::parse(fields, Some("application/json")))?;
        Ok(seen(self.lock().event(&event)))
    }

    /// Takes the description of a call, as JSON.
    fn call(&self, py: Python<'_>, fields: &str) -> PyResult<&'static str> {
        let api = self.lock().api();
        let call = made(py, || Call::parse(api, read(fields)))?;
        Ok(seen(self.lock().call(&call)))
    }

    /// Takes the list of a call's events, as JSON.
    fn call_events(
        &self,
        py: Python<'_>,
        call_id: &str,
        events: Vec<String>,
    ) -> PyResult<&'static str> {
        let parse = |event: &String| CallEvent::parse(read(event));
        let events: Vec<_> = made(py, || events.iter().map(parse).collect::<Result<_, _>>())?;
        Ok(seen(self.lock().call_events(call_id, &events)))
    }

    /// Takes calls of a list, as JSON.
    fn listed(
        &self,
        py: Python<'_>,
        calls: Vec<String>,
        is_complete: bool,
    ) -> PyResult<&'static str> {
        let api = self.lock().api();
        let parse = |call: &String| Call::parse(api, read(call));
        let calls: Vec<Call> = made(py, || calls.iter().map(parse).collect::<Result<_, _>>())?;
        Ok(seen(self.lock().listed(&calls, is_complete)))
    }

    fn status(&self) -> StatusParts {
        status_parts(&self.lock().status())
    }

    fn is_reached(&self, py: Python<'_>, until: &str) -> PyResult<bool> {
        let until = until_of(py, until)?;
        Ok(until.is_reached(&self.lock().status()))
    }

    /// Without a result it is unknown from now on, for this reason.
    fn give_up(&self, reason: &str) {
        self.lock().give_up(reason);
    }

    /// It is followed again.
    fn go_on(&self) {
        self.lock().go_on();
    }

    /// Takes what reads have shown, which began with a copy of it, and the events again that came meanwhile.
    fn adopt(&self, py: Python<'_>, other: &Self, events: Vec<String>) -> PyResult<()> {
        let mut follow = other.copy();
        for fields in events {
            let event = made(py, || Event::parse(fields, Some("application/json")))?;
            follow.event(&event);
        }
        *self.lock() = follow;
        Ok(())
    }
}

impl Follow {
    pub(crate) fn of(follow: calltransfer::Follow) -> Self {
        Self(Mutex::new(follow))
    }

    fn copy(&self) -> calltransfer::Follow {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, calltransfer::Follow> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request that follows it by reads.
    pub(crate) fn request(
        &self,
        until: &str,
        timeout: &Bound<'_, PyAny>,
    ) -> PyResult<impl FnOnce(&Config) -> Result<Request<calltransfer::Follow>, Error> + use<>>
    {
        let until = until_of(timeout.py(), until)?;
        let timeout: Duration = values::seconds("timeout", timeout)?;
        let follow = self.copy();
        Ok(move |config: &Config| Request::follow(config, follow, until, timeout))
    }
}

/// Which target of several gets the call next.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct TargetSequence(Mutex<calltransfer::Sequence>);

#[pymethods]
impl TargetSequence {
    #[new]
    fn new(targets: &Bound<'_, PyAny>) -> PyResult<Self> {
        let targets = values::targets(targets)?;
        Ok(Self(Mutex::new(calltransfer::Sequence::new(targets))))
    }

    /// What is to be done: a word, and the number of a target or the reason to stop.
    fn step(&self) -> (&'static str, Option<usize>, Option<&'static str>) {
        match self.lock().step() {
            Step::Transfer(at) => ("transfer", Some(at), None),
            Step::Follow(at) => ("follow", Some(at), None),
            Step::ReadCaller => ("read_caller", None, None),
            Step::Stop(reason) => ("stop", None, Some(reason.as_str())),
            _ => ("stop", None, Some("unknown")),
        }
    }

    /// The transfer was made.
    fn made(&self, new_call_id: Option<String>) {
        self.lock().made(new_call_id);
    }

    /// The transfer was not made, or is not known to be.
    fn failed(&self, kind: &str, outcome: &str, safe_to_repeat: bool, reason: &str) {
        let kinds = calltransfer::ErrorKind::ALL.iter().copied();
        let kind = kinds.into_iter().find(|it| it.as_str() == kind);
        let outcomes = [Outcome::NotSent, Outcome::NotApplied];
        let outcome = outcomes.into_iter().find(|it| it.as_str() == outcome);
        self.lock().failed(
            kind.unwrap_or(calltransfer::ErrorKind::Internal),
            outcome.unwrap_or(Outcome::Unknown),
            safe_to_repeat,
            reason,
        );
    }

    fn followed(&self, follow: &Follow) {
        let status = follow.lock().status();
        self.lock().followed(status);
    }

    /// The caller's call was read: its description as JSON.
    fn caller(&self, py: Python<'_>, fields: &str) -> PyResult<()> {
        let call = made(py, || Call::parse(Api::V1, read(fields)))?;
        self.lock().caller(&call);
        Ok(())
    }

    fn give_up(&self, reason: &str) {
        self.lock().give_up(reason);
    }

    /// The reason in words, and what the targets came to.
    fn result(&self, py: Python<'_>) -> (String, Vec<TargetParts>) {
        let sequence = self.lock();
        let targets = sequence.targets().iter().map(|it| target_parts(py, it));
        (sequence.reason().to_owned(), targets.collect())
    }
}

impl TargetSequence {
    fn lock(&self) -> MutexGuard<'_, calltransfer::Sequence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The request of `transfer_to_first`.
pub(crate) fn first(
    call_id: &Bound<'_, PyAny>,
    targets: &Bound<'_, PyAny>,
    options: &Bound<'_, PyDict>,
    ring: Option<&Bound<'_, PyAny>>,
    timeout: Option<&Bound<'_, PyAny>>,
) -> PyResult<impl FnOnce(&Config) -> Result<Request<FirstTransferred>, Error> + use<>> {
    let py = call_id.py();
    let mut more = values::targets(targets)?.into_iter();
    let Some(to) = more.next() else {
        return Err(failure::invalid(
            py,
            "targets",
            "is empty; expected at least one",
        ));
    };
    let to = to.into_pyobject(py)?;
    let transfer = values::transfer(call_id, to.as_any(), options, timeout)?;
    let mut first = TransferToFirst::new(transfer);
    for to in more {
        first = first.or_to(to);
    }
    if let Some(ring) = ring {
        first = first.ring(values::seconds("ring", ring)?);
    }
    Ok(move |config: &Config| Request::transfer_to_first(config, first))
}

pub(crate) fn first_parts(py: Python<'_>, done: FirstTransferred) -> FirstParts {
    let targets = done.targets.iter().map(|it| target_parts(py, it)).collect();
    (
        done.call_id,
        done.answered,
        targets,
        done.stopped.as_str(),
        done.reason,
    )
}

pub(crate) fn call_event_parts(event: CallEvent) -> CallEventParts {
    (
        event.id,
        event.name,
        event.time.map(|time| time.as_microsecond()),
        event.cause.map(|cause| cause.as_str()),
        event.cause_text,
        event.data,
        Value::Object(event.fields).to_string(),
    )
}

pub(crate) fn call_events_parts(events: Vec<CallEvent>) -> Vec<CallEventParts> {
    events.into_iter().map(call_event_parts).collect()
}

fn target_parts(py: Python<'_>, target: &calltransfer::TargetResult) -> TargetParts {
    let error = target.error.as_ref();
    (
        target.to.clone(),
        target.outcome.map(Outcome::as_str),
        target.new_call_id.clone(),
        target.status.as_ref().map(status_parts),
        error.map(|error| failure::raise(py, error).into_value(py).into_any()),
    )
}

fn status_parts(status: &FollowStatus) -> StatusParts {
    (
        status.result.map(|result| result.as_str()),
        status.cause.map(|cause| cause.as_str()),
        status.cause_text.clone(),
        status.new_call_id.clone(),
        status.answered_time.map(|time| time.as_microsecond()),
        status.ended_time.map(|time| time.as_microsecond()),
        status.is_ended,
        status.is_certainly_unanswered,
        status.caller.as_str(),
        status.evidence.to_string(),
        status.doubt,
        status.may_transfer_again(),
    )
}

fn until_of(py: Python<'_>, word: &str) -> PyResult<FollowUntil> {
    let known = FollowUntil::ALL.iter().copied();
    let found = known.into_iter().find(|it| it.as_str() == word);
    found.ok_or_else(|| {
        let shown = redaction::hidden(word);
        let all = FollowUntil::ALL.iter().map(|it| it.as_str());
        let all = all.collect::<Vec<_>>().join(", ");
        let reason = format!("\"{shown}\" is not valid; expected one of: {all}");
        failure::invalid(py, "until", &reason)
    })
}

fn seen(seen: Seen) -> &'static str {
    match seen {
        Seen::Other => "other",
        Seen::Known => "known",
        Seen::New => "new",
    }
}

/// What is not JSON is refused by whatever reads it.
fn read(fields: &str) -> Value {
    serde_json::from_str(fields).unwrap_or_default()
}

fn made<T>(py: Python<'_>, make: impl FnOnce() -> Result<T, Error>) -> PyResult<T> {
    failure::guard(make)
        .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
        .map_err(|error| failure::raise(py, &error))
}
