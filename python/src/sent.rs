//! Which transfer an error is about, for a check of it.

use pyo3::prelude::*;

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

    pub(crate) fn inner(&self) -> &calltransfer::SentTransfer {
        &self.0
    }
}
