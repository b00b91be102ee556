//! Completions of requests, from the library's threads to an event loop.
//!
//! These threads never touch Python: they write a byte into a pipe that the loop watches, one for all
//! completions that arrive before the loop reads them.

use std::collections::HashMap;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use calltransfer::background::Ticket;
use pyo3::intern;
use pyo3::prelude::*;

use crate::lock_free_stack::LockFreeStack;
use crate::own_pipe::Own;
use crate::shutdown;

/// The result of a request: a Python value, or the error to raise. Called where Python runs.
pub(crate) type Completion = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// The number of a request and its completion. `None`: a batch has new completions; the request is still
/// in progress.
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
    pub(crate) fn send_completion(&self, number: u64, completion: Completion) {
        self.post((number, Some(completion)));
    }

    pub(crate) fn notify_batch(&self, number: u64) {
        self.post((number, None));
    }

    fn post(&self, message: Message) {
        if !self.stack.put(message) {
            return; // a wake-up is on its way
        }
        match &self.wake {
            // It can't be full: there is a byte in it only until the stack is taken.
            Wake::Pipe(pipe) => drop(pipe.get().map(|mut pipe| pipe.write_all(b"!"))),
            // Nothing to notify if the loop is closed or the interpreter is shutting down.
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
        for (number, completion) in self.sender.stack.take() {
            match completion {
                Some(completion) => {
                    let waiting = self.lock().remove(&number);
                    if let Some(waiting) = waiting {
                        waiting.get().end(py, completion(py))?;
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
    /// Submits a request whose completion comes to this mailbox; `future` is notified.
    pub(crate) fn submit(
        &self,
        py: Python<'_>,
        future: Py<PyAny>,
        submit: impl FnOnce(Arc<Sender>, u64) -> PyResult<Option<Ticket>>,
    ) -> PyResult<Py<Waiting>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let waiting = Py::new(py, Waiting::on(future))?;
        self.lock().insert(number, waiting.clone_ref(py));
        match submit(Arc::clone(&self.sender), number) {
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

    /// The result of the request: a value, or the error is raised. To be called once.
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
