//! Which transfer an error is about, for a check of it.

use std::sync::Arc;
use std::time::Duration;

use calltransfer::{CheckSubject, Config, Error, Finding, Request};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::values;

/// Opaque in Python: the error keeps it.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct SentTransfer(calltransfer::SentTransfer);

#[pymethods]
impl SentTransfer {
    /// A transfer that another process sent, so many seconds ago at the earliest and at the latest; without
    /// them at a time that is not known. `others` are new calls of other transfers.
    #[new]
    fn new(
        call_id: &Bound<'_, PyAny>,
        to: &Bound<'_, PyAny>,
        options: &Bound<'_, PyDict>,
        ago: Option<(f64, f64)>,
        others: Vec<String>,
    ) -> PyResult<Self> {
        let transfer = values::transfer(call_id, to, options, None)?;
        let seconds = |ago: f64| Duration::try_from_secs_f64(ago.max(0.0)).unwrap_or(Duration::MAX);
        let sent = match ago {
            Some((began, ended)) => {
                calltransfer::SentTransfer::new(&transfer, seconds(began), seconds(ended))
            }
            None => calltransfer::SentTransfer::at_unknown_time(&transfer),
        };
        Ok(Self(sent.beside(Arc::new(others.into_iter().collect()))))
    }

    fn __repr__(&self) -> String {
        format!("<SentTransfer of {}>", self.0.call_id())
    }
}

impl SentTransfer {
    pub(crate) fn of(sent: &calltransfer::SentTransfer) -> Self {
        Self(sent.clone())
    }
}

/// What a check is about, as Python gives it.
pub(crate) enum Subject {
    Call(String),
    Transfer(Py<SentTransfer>),
}

impl Subject {
    pub(crate) fn read(subject: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(sent) = subject.cast::<SentTransfer>() {
            return Ok(Self::Transfer(sent.clone().unbind()));
        }
        Ok(Self::Call(values::text("call_id", subject)?))
    }

    pub(crate) fn check(&self, config: &Config) -> Result<Request<Finding>, Error> {
        let subject = match self {
            Self::Call(id) => CheckSubject::Call(id),
            Self::Transfer(sent) => CheckSubject::Transfer(&sent.get().0),
        };
        Request::check(config, subject)
    }
}
