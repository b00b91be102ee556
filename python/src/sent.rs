//! Which transfer an error is about, for a check of it.

use calltransfer::{CheckSubject, Config, Error, Finding, Request};
use pyo3::prelude::*;

use crate::values;

/// Opaque in Python: the error keeps it.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct SentTransfer(calltransfer::SentTransfer);

#[pymethods]
impl SentTransfer {
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
