//! Which target of several gets a call next, as the Python class takes it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calltransfer::{Api, Call, Outcome, Request, Step};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::client::Client;
use crate::failure;
use crate::follow::{Follow, read, targets_of};
use crate::results::TargetResult;

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
        failure::or_raise(call_id.py(), || {
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
        let call = failure::or_raise(py, || Call::parse(Api::V1, read(fields)))?;
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
