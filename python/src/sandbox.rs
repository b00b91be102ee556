//! The sandbox, in this process or as a program.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use calltransfer::Outcome;
use calltransfer::process_id::ProcessId;
use calltransfer_sandbox::Certificate;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::failure;

/// The server behind `calltransfer.sandbox.Sandbox`. It never calls Python, so its thread can't be
/// in the interpreter's way.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct Sandbox {
    /// None once it is closed. A request in progress keeps it until it ends.
    running: Mutex<Option<Arc<calltransfer_sandbox::Sandbox>>>,
    /// A forked child has no thread that serves, and locks that stay locked.
    process: ProcessId,
    url: String,
    https_url: Option<String>,
    ca_pem: Option<String>,
}

#[pymethods]
impl Sandbox {
    /// Starts it on loopback; when this returns, it listens.
    #[new]
    fn new(
        py: Python<'_>,
        account: (String, String, String),
        owned_numbers: Vec<String>,
        port: u16,
        https: Option<&str>,
        callbacks_anywhere: bool,
    ) -> PyResult<Self> {
        let (user_id, token, secret) = account;
        let mut builder = calltransfer_sandbox::Sandbox::builder()
            .user(user_id, token, secret)
            .bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        for number in owned_numbers {
            builder = builder.owned_number(number);
        }
        if let Some(word) = https {
            let certificate = Certificate::from_word(word).ok_or_else(|| {
                let all: Vec<_> = Certificate::ALL.iter().map(|one| one.as_str()).collect();
                let all = all.join(", ");
                PyValueError::new_err(format!(
                    "https: {word:?} is not valid; expected one of: {all}"
                ))
            })?;
            builder = builder.https(certificate);
        }
        if callbacks_anywhere {
            builder = builder.callbacks_anywhere();
        }
        let started = py.detach(|| failure::guard(|| builder.start()));
        let sandbox = started
            .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
            .map_err(|error| match error.kind() {
                io::ErrorKind::InvalidInput => PyValueError::new_err(error.to_string()),
                _ => error.into(),
            })?;
        Ok(Self {
            url: sandbox.url().to_owned(),
            https_url: sandbox.https_url().map(str::to_owned),
            ca_pem: sandbox.ca_pem().map(str::to_owned),
            running: Mutex::new(Some(Arc::new(sandbox))),
            process: ProcessId::current(),
        })
    }

    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    #[getter]
    fn https_url(&self) -> Option<&str> {
        self.https_url.as_deref()
    }

    #[getter]
    fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Asks the admin interface; returns the status and the body of its response.
    fn admin(
        &self,
        py: Python<'_>,
        method: &str,
        path: &str,
        body: &str,
    ) -> PyResult<(u16, String)> {
        self.check_process()?;
        let running = self.lock().clone();
        let Some(sandbox) = running else {
            return Err(PyRuntimeError::new_err("the sandbox is closed"));
        };
        // It goes without the lock too: a close on another thread may have left it to us.
        py.detach(|| failure::guard(move || sandbox.admin(method, path, body)))
            .map_err(|panicked| panicked.raise(py, Outcome::NotSent))
    }

    /// Stops it and closes every connection. Does nothing in a forked child, where nothing runs.
    fn close(&self, py: Python<'_>) {
        if self.check_process().is_ok() {
            let sandbox = self.lock().take();
            py.detach(|| drop(sandbox));
        }
    }
}

impl Sandbox {
    fn check_process(&self) -> PyResult<()> {
        if ProcessId::current() == self.process {
            return Ok(());
        }
        Err(PyRuntimeError::new_err(format!(
            "the sandbox runs in process {}, which forked this one; use its url, or start another",
            self.process.parts().0
        )))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<calltransfer_sandbox::Sandbox>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if ProcessId::current() != self.process {
            let running = self.running.get_mut();
            // There is no thread to join in a forked child: waiting for it would never end.
            std::mem::forget(running.unwrap_or_else(PoisonError::into_inner).take());
        }
    }
}

/// Runs the sandbox's command line, the program's name first, and gives the exit status.
#[pyfunction]
pub(crate) fn run_sandbox(py: Python<'_>, command_line: Vec<std::ffi::OsString>) -> PyResult<u8> {
    py.detach(|| failure::guard(|| calltransfer_sandbox::cli::run(command_line)))
        .map_err(|panicked| panicked.raise(py, Outcome::NotSent))
}
