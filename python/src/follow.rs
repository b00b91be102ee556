//! Following a transfer, as the Python class takes it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use calltransfer::{
    Api, Call, CallEvent, Config, Error, Event, FirstTransferred, FollowUntil, Request, Seen,
    TimeLimit, TransferToFirst, redaction,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde_json::Value;

use crate::results::FollowStatus;
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
        let mut follow = failure::or_raise(py, || {
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
        let event = failure::or_raise(py, || Event::parse(fields, Some("application/json")))?;
        Ok(seen(self.lock().event(&event)))
    }

    /// Takes the description of a call, as JSON.
    fn call(&self, py: Python<'_>, fields: &str) -> PyResult<&'static str> {
        let api = self.lock().api();
        let call = failure::or_raise(py, || Call::parse(api, read(fields)))?;
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
        let events: Vec<_> =
            failure::or_raise(py, || events.iter().map(parse).collect::<Result<_, _>>())?;
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
        let calls: Vec<Call> =
            failure::or_raise(py, || calls.iter().map(parse).collect::<Result<_, _>>())?;
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
            let event = failure::or_raise(py, || Event::parse(fields, Some("application/json")))?;
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

    pub(crate) fn lock(&self) -> MutexGuard<'_, calltransfer::Follow> {
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

pub(crate) fn targets_of(
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
pub(crate) fn read(fields: &str) -> Value {
    serde_json::from_str(fields).unwrap_or_default()
}
