//! Where the library's threads leave what an event loop is waiting for.
//!
//! They never touch Python: they write a byte into a pipe that the loop watches, one for all that
//! ends before the loop comes to look.

use std::collections::HashMap;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use calltransfer::background::Ticket;
use calltransfer::{Call, CallEvent, CallPage, Error, Finding, FirstTransferred, Transferred};
use pyo3::IntoPyObjectExt;
use pyo3::intern;
use pyo3::prelude::*;

use crate::call_list::Page;
use crate::follow::Follow;
use crate::lock_free_stack::LockFreeStack;
use crate::own_pipe::Own;
use crate::{failure, results, shutdown};

/// What a request came to.
pub(crate) enum Completion {
    Transferred(Result<Transferred, Error>),
    Call(Result<Call, Error>),
    Finding(Result<Finding, Error>),
    Page(Result<CallPage, Error>),
    CallEvents(Result<Vec<CallEvent>, Error>),
    Follow(Result<calltransfer::Follow, Error>),
    First(Result<FirstTransferred, Error>),
    Done(Result<(), Error>),
}

impl Completion {
    fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        use results::{Call, Finding, FirstTransferred, Transferred};
        match self {
            Self::Transferred(result) => python(py, result, Transferred::from),
            Self::Call(result) => python(py, result, Call::from),
            Self::Finding(result) => python(py, result, Finding::from),
            Self::Page(result) => python(py, result, Page::from),
            Self::CallEvents(result) => python(py, result, results::call_events),
            Self::Follow(result) => python(py, result, Follow::of),
            Self::First(result) => python(py, result, |done| FirstTransferred::of(py, done)),
            Self::Done(result) => python(py, result, |()| None::<String>),
        }
    }
}

fn python<'py, T, P: IntoPyObjectExt<'py>>(
    py: Python<'py>,
    result: Result<T, Error>,
    result_of: impl FnOnce(T) -> P,
) -> PyResult<Py<PyAny>> {
    let value = result.map_err(|error| failure::raise(py, &error))?;
    result_of(value).into_py_any(py)
}

/// The number of a request and what it came to; nothing where there is completions elsewhere, and the
/// request goes on.
type Message = (u64, Option<Completion>);

/// The side of the library's threads.
pub(crate) struct Sender {
    stack: LockFreeStack<Message>,
    wake: Wake,
}

enum Wake {
    Pipe(Own<PipeWriter>),
    /// For loops that can't watch a pipe.
    Call(Py<PyAny>),
}

impl Sender {
    pub(crate) fn ended(&self, number: u64, ended: Completion) {
        self.post((number, Some(ended)));
    }

    pub(crate) fn completions(&self, number: u64) {
        self.post((number, None));
    }

    fn post(&self, message: Message) {
        if !self.stack.put(message) {
            return; // a wake-up is on its way
        }
        match &self.wake {
            // It can't be full: there is a byte in it only until the stack is taken.
            Wake::Pipe(pipe) => drop(pipe.get().map(|mut pipe| pipe.write_all(b"!"))),
            // A loop that is closed and an interpreter that is shutdown want to know nothing.
            Wake::Call(call) => drop(Python::try_attach(|py| {
                let _running = shutdown::block_shutdown(py);
                call.call0(py).map(drop)
            })),
        }
    }
}

/// What one event loop is waiting for.
#[pyclass(frozen, weakref, module = "calltransfer._native")]
pub(crate) struct Mailbox {
    sender: Arc<Sender>,
    reader: Option<Own<PipeReader>>,
    next: AtomicU64,
    waiting: Mutex<HashMap<u64, Py<Waiting>>>,
}

#[pymethods]
impl Mailbox {
    /// `wake` is called from other threads; without it the loop watches `fileno()`.
    #[new]
    #[pyo3(signature = (wake=None))]
    fn new(wake: Option<Py<PyAny>>) -> PyResult<Self> {
        let (reader, wake) = match wake {
            Some(call) => (None, Wake::Call(call)),
            None => {
                let (reader, writer) = pipe()?;
                (Some(Own::new(reader)?), Wake::Pipe(Own::new(writer)?))
            }
        };
        let stack = LockFreeStack::new();
        Ok(Self {
            sender: Arc::new(Sender { stack, wake }),
            reader,
            next: AtomicU64::new(0),
            waiting: Mutex::default(),
        })
    }

    #[cfg(unix)]
    fn fileno(&self) -> Option<i32> {
        use std::os::fd::AsRawFd;
        self.reader.as_ref()?.get().map(AsRawFd::as_raw_fd)
    }

    /// Notifies all waiters of what has ended. On the loop's thread only.
    fn deliver(&self, py: Python<'_>) -> PyResult<()> {
        let _running = shutdown::block_shutdown(py);
        if let Some(mut reader) = self.reader.as_ref().and_then(Own::get) {
            // The loop says that there is something; a byte more is the next time's.
            let _ = reader.read(&mut [0; 8])?;
        }
        for (number, ended) in self.sender.stack.take() {
            match ended {
                Some(ended) => {
                    let waiting = self.lock().remove(&number);
                    if let Some(waiting) = waiting {
                        waiting.get().end(py, ended.into_python(py))?;
                    }
                }
                None => {
                    let waiting = self.lock().get(&number).map(|one| one.clone_ref(py));
                    if let Some(waiting) = waiting {
                        waiting.get().wake(py)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Mailbox {
    /// Asks for something that ends in this box; `future` is notified.
    pub(crate) fn ask(
        &self,
        py: Python<'_>,
        future: Py<PyAny>,
        ask: impl FnOnce(Arc<Sender>, u64) -> PyResult<Option<Ticket>>,
    ) -> PyResult<Py<Waiting>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let waiting = Py::new(py, Waiting::on(future))?;
        self.lock().insert(number, waiting.clone_ref(py));
        match ask(Arc::clone(&self.sender), number) {
            Ok(Some(ticket)) => drop(waiting.get().ticket.set(ticket)),
            Ok(None) => {}
            Err(error) => {
                let forgotten = self.lock().remove(&number);
                drop(forgotten);
                return Err(error);
            }
        }
        Ok(waiting)
    }

    pub(crate) fn forget(&self, number: u64) {
        let forgotten = self.lock().remove(&number);
        drop(forgotten); // without the lock: Python may run
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Py<Waiting>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that a task waits for.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct Waiting {
    ticket: OnceLock<Ticket>,
    future: Mutex<Py<PyAny>>,
    result: Mutex<Option<PyResult<Py<PyAny>>>>,
}

#[pymethods]
impl Waiting {
    /// Stops the request, if it hasn't ended.
    fn cancel(&self) {
        if let Some(ticket) = self.ticket.get() {
            ticket.cancel();
        }
    }

    /// Notifies another future instead of the last.
    pub(crate) fn wait_on(&self, future: Py<PyAny>) {
        let before = std::mem::replace(&mut *lock(&self.future), future);
        drop(before);
    }

    fn has_ended(&self) -> bool {
        lock(&self.result).is_some()
    }

    /// What the request came to, once: a value, or the error raised.
    fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let taken = lock(&self.result).take();
        taken.unwrap_or_else(|| Ok(py.None()))
    }
}

impl Waiting {
    fn on(future: Py<PyAny>) -> Self {
        Self {
            ticket: OnceLock::new(),
            future: Mutex::new(future),
            result: Mutex::new(None),
        }
    }

    fn end(&self, py: Python<'_>, result: PyResult<Py<PyAny>>) -> PyResult<()> {
        *lock(&self.result) = Some(result);
        self.wake(py)
    }

    fn wake(&self, py: Python<'_>) -> PyResult<()> {
        let future = lock(&self.future).clone_ref(py);
        let future = future.bind(py);
        if !future.call_method0(intern!(py, "done"))?.is_truthy()? {
            future.call_method1(intern!(py, "set_result"), (py.None(),))?;
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
