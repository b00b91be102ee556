//! Following a transfer, and the next target: as the Python classes take them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calltransfer::{
    Api, Call, CallEvent, Config, Error, Event, FirstTransferred, FollowUntil, Outcome, Request,
    Seen, Step, TimeLimit, TransferToFirst, redaction,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde_json::Value;

use crate::client::Client;
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
        let timeout = values::time(TimeLimit::FOLLOW, "timeout", timeout)?;
        let follow = self.copy();
        Ok(move |config: &Config| Request::follow(config, follow, until, timeout))
    }
}

/// How long a transfer is followed, in seconds; `field` is the argument's name in an error.
#[pyfunction]
#[pyo3(signature = (timeout, field="timeout"))]
pub(crate) fn follow_timeout(timeout: &Bound<'_, PyAny>, field: &str) -> PyResult<f64> {
    let time = values::time(TimeLimit::FOLLOW, field, timeout)?;
    Ok(time.as_secs_f64())
}

/// The next step of a sequence: the number of its target and how long to follow it, or the reason to
/// stop.
#[derive(IntoPyObject)]
struct NextStep {
    action: &'static str,
    target: Option<usize>,
    new_call_id: Option<String>,
    timeout: f64,
    reason: Option<&'static str>,
}

/// The result of a sequence. If `is_refused`, it is the error of the first target.
#[derive(IntoPyObject)]
struct SequenceResult {
    reason: String,
    answered: Option<usize>,
    is_refused: bool,
    targets: Vec<TargetResult>,
}

/// Which target of several gets the call next. v1 only.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct TargetSequence(Mutex<calltransfer::Sequence>);

#[pymethods]
impl TargetSequence {
    /// Refuses every argument that `transfer_to_first` of the client would refuse.
    #[new]
    fn new(
        client: &Client,
        call_id: &Bound<'_, PyAny>,
        targets: &Bound<'_, PyAny>,
        options: &Bound<'_, PyDict>,
        ring: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let first = targets_of(call_id, targets, options, ring, timeout)?;
        let sequence = first.sequence();
        made(call_id.py(), || {
            Request::transfer_to_first(client.config(), first)
        })?;
        Ok(Self(Mutex::new(sequence)))
    }

    /// What is to be done next.
    fn step(&self) -> NextStep {
        let sequence = self.lock();
        let (action, target, reason) = match sequence.step() {
            Step::Transfer(at) => ("transfer", Some(at), None),
            Step::Follow(at) => ("follow", Some(at), None),
            Step::HangUp(at) => ("hang_up", Some(at), None),
            Step::ReadCaller => ("read_caller", None, None),
            Step::Stop(reason) => ("stop", None, Some(reason.as_str())),
            _ => ("stop", None, Some("unknown")),
        };
        let result = target.and_then(|at| sequence.targets().get(at));
        NextStep {
            action,
            target,
            new_call_id: result.and_then(|result| result.new_call_id.clone()),
            timeout: sequence.follow_timeout().as_secs_f64(),
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

    fn hung_up(&self) {
        self.lock().hung_up();
    }

    /// The caller's call was read: its description as JSON.
    fn caller(&self, py: Python<'_>, fields: &str) -> PyResult<()> {
        let call = made(py, || Call::parse(Api::V1, read(fields)))?;
        self.lock().caller(&call);
        Ok(())
    }

    /// The seconds before the caller's call is read again, if it has to be.
    fn pause(&self, elapsed: f64, failed: Option<&str>) -> Option<f64> {
        let elapsed = Duration::try_from_secs_f64(elapsed).unwrap_or_default();
        let pause = self.lock().pause(elapsed, failed);
        pause.map(|pause| pause.as_secs_f64())
    }

    fn give_up(&self, reason: &str) {
        self.lock().give_up(reason);
    }

    fn result(&self, py: Python<'_>) -> SequenceResult {
        let sequence = self.lock();
        let targets = sequence.targets().iter();
        SequenceResult {
            reason: sequence.reason().to_owned(),
            answered: sequence.answered(),
            is_refused: sequence.is_refused(),
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
    let first = targets_of(call_id, targets, options, ring, timeout)?;
    Ok(move |config: &Config| Request::transfer_to_first(config, first))
}

fn targets_of(
    call_id: &Bound<'_, PyAny>,
    targets: &Bound<'_, PyAny>,
    options: &Bound<'_, PyDict>,
    ring: Option<&Bound<'_, PyAny>>,
    timeout: Option<&Bound<'_, PyAny>>,
) -> PyResult<TransferToFirst> {
    // Each target takes the place of this one.
    let to = PyString::new(call_id.py(), "");
    let transfer = values::transfer(call_id, to.as_any(), options, timeout)?;
    let first = TransferToFirst::of_list(transfer, values::targets(targets)?);
    Ok(match ring {
        Some(ring) => first.ring(values::time(TimeLimit::RING, "ring", ring)?),
        None => first,
    })
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
