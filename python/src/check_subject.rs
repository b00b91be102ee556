//! What a check is about, as Python gives it.

use std::sync::Arc;
use std::time::Duration;

use calltransfer::{CheckSubject, Config, Error, Finding, Request};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::sent::SentTransfer;
use crate::values;

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
            Self::Transfer(sent) => CheckSubject::Transfer(sent.get().inner()),
        };
        Request::check(config, subject)
    }
}

/// A transfer that another process sent, so many seconds ago at the earliest and at the latest; without
/// them at a time that is not known. `others` are new calls of other transfers.
#[pyfunction]
pub(crate) fn sent_transfer(
    call_id: &Bound<'_, PyAny>,
    to: &Bound<'_, PyAny>,
    options: &Bound<'_, PyDict>,
    ago: Option<(f64, f64)>,
    others: Vec<String>,
) -> PyResult<SentTransfer> {
    let transfer = values::transfer(call_id, to, options, None)?;
    let seconds = |ago: f64| Duration::try_from_secs_f64(ago.max(0.0)).unwrap_or(Duration::MAX);
    let sent = match ago {
        Some((began, ended)) => {
            calltransfer::SentTransfer::new(&transfer, seconds(began), seconds(ended))
        }
        None => calltransfer::SentTransfer::at_unknown_time(&transfer),
    };
    let sent = sent.excluding_calls(Arc::new(others.into_iter().collect()));
    Ok(SentTransfer::of(&sent))
}
