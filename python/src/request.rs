//! A request of any verb: what it sends, and how its result becomes a Python value.

use std::sync::{Arc, Mutex, PoisonError};

use calltransfer::Error;
use calltransfer::background::{self, Ticket};
use calltransfer::blocking::{self, Check};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::mailbox::{Completion, Sender};
use crate::{failure, waiting};

/// A request that is checked and complete. Either client sends it, once.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct Request {
    /// None once it was sent.
    verb: Mutex<Option<Box<dyn Verb>>>,
}

#[pymethods]
impl Request {
    #[getter]
    fn method(&self) -> PyResult<String> {
        self.show(|verb| verb.method().to_owned())
    }

    #[getter]
    fn url(&self) -> PyResult<String> {
        self.show(|verb| verb.url().to_owned())
    }

    #[getter]
    fn content_type(&self) -> PyResult<Option<String>> {
        self.show(|verb| verb.content_type().map(str::to_owned))
    }

    #[getter]
    fn body(&self) -> PyResult<Option<String>> {
        self.show(|verb| verb.body().map(str::to_owned))
    }
}

impl Request {
    /// `into_python` converts the result of the response.
    pub(crate) fn new<T: Send + 'static>(
        request: calltransfer::Request<T>,
        into_python: IntoPython<T>,
    ) -> Self {
        let typed = Typed {
            request,
            into_python,
        };
        Self {
            verb: Mutex::new(Some(Box::new(typed))),
        }
    }

    /// Takes what is sent.
    pub(crate) fn take(&self) -> PyResult<Box<dyn Verb>> {
        let mut verb = self.verb.lock().unwrap_or_else(PoisonError::into_inner);
        verb.take().ok_or_else(sent_before)
    }

    fn show<T>(&self, show: impl FnOnce(&dyn Verb) -> T) -> PyResult<T> {
        let verb = self.verb.lock().unwrap_or_else(PoisonError::into_inner);
        verb.as_deref().map(show).ok_or_else(sent_before)
    }
}

fn sent_before() -> PyErr {
    PyRuntimeError::new_err("request: was sent before; create a new one")
}

/// Converts the result of a request.
type IntoPython<T> = fn(Python<'_>, T) -> PyResult<Py<PyAny>>;

/// A request of a verb, without the type of its result.
pub(crate) trait Verb: Send {
    fn method(&self) -> &str;
    fn url(&self) -> &str;
    fn content_type(&self) -> Option<&str>;
    fn body(&self) -> Option<&str>;

    /// Sends it and waits on this thread; see [`waiting::wait`].
    fn wait(
        self: Box<Self>,
        client: &blocking::Client,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()>;

    /// Sends it from a thread of the library, which passes the completion to `sender`.
    fn submit(
        self: Box<Self>,
        client: &background::Client,
        sender: Arc<Sender>,
        number: u64,
    ) -> Result<Ticket, Error>;
}

struct Typed<T> {
    request: calltransfer::Request<T>,
    into_python: IntoPython<T>,
}

impl<T: Send + 'static> Verb for Typed<T> {
    fn method(&self) -> &str {
        self.request.method()
    }

    fn url(&self) -> &str {
        self.request.url()
    }

    fn content_type(&self) -> Option<&str> {
        self.request.content_type()
    }

    fn body(&self) -> Option<&str> {
        self.request.body()
    }

    fn wait(
        self: Box<Self>,
        client: &blocking::Client,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let request = self.request;
        let send =
            |check: &mut Check<'_>| client.execute_interruptible(request, waiting::INTERVAL, check);
        waiting::wait(log, response, send, self.into_python)
    }

    fn submit(
        self: Box<Self>,
        client: &background::Client,
        sender: Arc<Sender>,
        number: u64,
    ) -> Result<Ticket, Error> {
        let into_python = self.into_python;
        client.execute(self.request, move |result| {
            let completion: Completion = Box::new(move |py| {
                let value = result.map_err(|error| failure::raise(py, &error))?;
                into_python(py, value)
            });
            sender.send_completion(number, completion);
        })
    }
}
