//! What Python's own code does about an interrupt: `calltransfer._interrupts`.

use pyo3::prelude::*;

/// What the signal raised, saying how the request ended.
pub(crate) fn interrupted(py: Python<'_>, signal: PyErr, error: PyErr) -> PyErr {
    let add = function(py, "add_error")
        .and_then(|add| add.call1(py, (signal.value(py), error.value(py))));
    if add.is_err() {
        signal.set_context(py, Some(error));
    }
    signal
}

/// A function of `calltransfer._interrupts`.
pub(crate) fn function(py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
    let module = py.import("calltransfer._interrupts")?;
    module.getattr(name).map(Bound::unbind)
}
