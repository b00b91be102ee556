//! The one interpreter of the process that may have the module.
//!
//! What the module keeps for the process (classes, the errors' constructor) belongs to the
//! interpreter that imports it first. In another one `except CallTransferError` would catch nothing.
//! CPython 3.12 and later refuse a second import by themselves where the interpreter is isolated;
//! earlier versions, and interpreters as mod_wsgi makes them, don't.

use std::sync::atomic::{AtomicI64, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;

/// No interpreter has this id.
const NONE: i64 = -1;

static FIRST: AtomicI64 = AtomicI64::new(NONE);

/// Refuses every interpreter except the first one.
pub(crate) fn claim(_: Python<'_>) -> PyResult<()> {
    // SAFETY: the token proves that a thread state is attached; with one there is an interpreter,
    // and it lives at least as long.
    let this = unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) };
    match FIRST.compare_exchange(NONE, this, Ordering::SeqCst, Ordering::SeqCst) {
        Ok(_) => Ok(()),
        Err(first) if first == this => Ok(()),
        Err(_) => Err(PyImportError::new_err(
            "calltransfer: another interpreter of this process has imported the package, and \
             sub-interpreters are not supported; import it in one interpreter only (mod_wsgi: \
             WSGIApplicationGroup %{GLOBAL})",
        )),
    }
}
