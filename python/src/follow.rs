//! Following a transfer, and the next target: as the Python classes take them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calltransfer::{
    Api, Call, CallEvent, Config, Error, Event, FirstTransferred, FollowUntil, Outcome, Request,
    Seen, Step, TransferToFirst, redaction,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::results::{FollowStatus, TargetResult};
use crate::{failure, values};

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

    fn status(&self) -> FollowStatus {
        FollowStatus::from(&self.lock().status())
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

/// What a sequence does next: the number of its target, or the reason to stop.
#[derive(IntoPyObject)]
struct NextStep {
    action: &'static str,
    target: Option<usize>,
    reason: Option<&'static str>,
}

/// The reason in words, and what the targets came to.
#[derive(IntoPyObject)]
struct SequenceResult {
    reason: String,
    targets: Vec<TargetResult>,
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

    /// What is to be done next.
    fn step(&self) -> NextStep {
        let (action, target, reason) = match self.lock().step() {
            Step::Transfer(at) => ("transfer", Some(at), None),
            Step::Follow(at) => ("follow", Some(at), None),
            Step::ReadCaller => ("read_caller", None, None),
            Step::Stop(reason) => ("stop", None, Some(reason.as_str())),
            _ => ("stop", None, Some("unknown")),
        };
        NextStep {
            action,
            target,
            reason,
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

    fn result(&self, py: Python<'_>) -> SequenceResult {
        let sequence = self.lock();
        let targets = sequence.targets().iter();
        SequenceResult {
            reason: sequence.reason().to_owned(),
            targets: targets.map(|it| TargetResult::of(py, it)).collect(),
        }
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
