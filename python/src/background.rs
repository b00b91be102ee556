//! The client for callers that don't block a thread: event loops, and many transfers at once.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use calltransfer::background::{self, Limits};
use calltransfer::{Config, Error, Outcome, Transferred};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::lock_free_stack::LockFreeStack;
use crate::log::{Log, Note};
use crate::mailbox::{Mailbox, Sender, Waiting};
use crate::request::Request;
use crate::{failure, results, values, waiting};

/// The client behind `calltransfer.AsyncClient` and `transfer_many`.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct Background {
    inner: background::Client,
    log: Arc<Log>,
}

impl Background {
    pub(crate) fn new(config: Config, log: Arc<Log>) -> Self {
        let inner = background::Client::new(config);
        Self { inner, log }
    }
}

#[pymethods]
impl Background {
    /// Sends a request; its completion comes to `mailbox` and wakes `future`.
    fn execute(
        &self,
        mailbox: &Bound<'_, Mailbox>,
        future: Py<PyAny>,
        request: &Request,
    ) -> PyResult<Py<Waiting>> {
        let (py, verb) = (mailbox.py(), request.take()?);
        mailbox.get().submit(py, future, |sender, number| {
            failure::guard(|| verb.submit(&self.inner, sender, number))
                .map_err(|panicked| panicked.raise(py, Outcome::Unknown))?
                .map(Some)
                .map_err(|error| failure::raise(py, &error))
        })
    }

    /// A batch; its completions come to `mailbox` and wake `future`, or to the caller of `wait`.
    #[pyo3(signature = (concurrency, rate, mailbox=None, future=None))]
    fn batch(
        &self,
        py: Python<'_>,
        concurrency: &Bound<'_, PyAny>,
        rate: Option<&Bound<'_, PyAny>>,
        mailbox: Option<Py<Mailbox>>,
        future: Option<Py<PyAny>>,
    ) -> PyResult<Batch> {
        let limits = limits(concurrency, rate)?;
        let mut number = None;
        let mut notifier = Notifier::Thread(Mutex::new(()), Condvar::new());
        let mut waiting = None;
        if let Some((mailbox, future)) = mailbox.as_ref().zip(future) {
            waiting = Some(mailbox.get().submit(py, future, |sender, given| {
                number = Some(given);
                notifier = Notifier::Loop(sender, given);
                Ok(None)
            })?);
        }
        let completions = Arc::new(Completions {
            stack: LockFreeStack::new(),
            notifier,
        });
        let sender = Arc::clone(&completions);
        Ok(Batch {
            inner: self
                .inner
                .batch(limits, move |number, result| sender.put(number, result)),
            completions,
            waiting,
            mailbox: mailbox.zip(number),
        })
    }

    /// Whether notes are to be kept for `take_log`.
    fn want_log(&self, wanted: bool) {
        self.log.want(wanted);
    }

    /// The notes since the last time.
    fn take_log(&self) -> Vec<Note> {
        self.log.take()
    }
}

fn limits(concurrency: &Bound<'_, PyAny>, rate: Option<&Bound<'_, PyAny>>) -> PyResult<Limits> {
    let py = concurrency.py();
    let count = values::count("concurrency", concurrency)?;
    let limits = Limits::new(usize::try_from(count).unwrap_or(usize::MAX));
    let limits = limits.map_err(|error| failure::raise(py, &error))?;
    let Some(rate) = rate else {
        return Ok(limits);
    };
    let number = values::number("rate", rate, "an int or a float, in transfers a second")?;
    let rated = limits.rate(number);
    rated.map_err(|error| failure::raise(py, &error))
}

/// What has ended of a batch, and how its consumer is notified.
struct Completions {
    stack: LockFreeStack<(usize, Result<Transferred, Error>)>,
    notifier: Notifier,
}

enum Notifier {
    Loop(Arc<Sender>, u64),
    Thread(Mutex<()>, Condvar),
}

impl Completions {
    fn put(&self, number: usize, result: Result<Transferred, Error>) {
        if !self.stack.put((number, result)) {
            return; // the notifier has rung
        }
        match &self.notifier {
            Notifier::Loop(sender, number) => sender.notify_batch(*number),
            Notifier::Thread(lock, notifier) => {
                // A thread that looked before is waiting by now.
                drop(lock.lock().unwrap_or_else(PoisonError::into_inner));
                notifier.notify_all();
            }
        }
    }

    fn wait(&self) {
        if let Notifier::Thread(lock, notifier) = &self.notifier {
            let held = lock.lock().unwrap_or_else(PoisonError::into_inner);
            let empty = |(): &mut ()| self.stack.is_empty();
            drop(notifier.wait_timeout_while(held, waiting::INTERVAL, empty));
        }
    }
}

/// A transfer of a batch that has ended.
#[derive(IntoPyObject)]
struct Ended {
    number: usize,
    result: Option<results::Transferred>,
    error: Option<Py<PyBaseException>>,
}

/// Many transfers at once.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct Batch {
    inner: background::Batch,
    completions: Arc<Completions>,
    waiting: Option<Py<Waiting>>,
    mailbox: Option<(Py<Mailbox>, u64)>,
}

#[pymethods]
impl Batch {
    /// Adds a transfer; what can't be sent raises.
    fn add(
        &self,
        number: usize,
        call_id: &Bound<'_, PyAny>,
        to: &Bound<'_, PyAny>,
        options: &Bound<'_, PyDict>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let py = call_id.py();
        let transfer = values::transfer(call_id, to, options, timeout)?;
        failure::guard(|| self.inner.add(number, &transfer))
            .map_err(|panicked| panicked.raise(py, Outcome::Unknown))?
            .map_err(|error| failure::raise(py, &error))
    }

    fn has_room(&self) -> bool {
        self.inner.has_room()
    }

    /// Notifies this future of the next completions.
    fn wait_on(&self, future: Py<PyAny>) {
        if let Some(waiting) = &self.waiting {
            waiting.get().wait_on(future);
        }
    }

    /// Puts what has ended since the last time into the list, the newest first.
    fn take(&self, ended: &Bound<'_, PyList>) -> PyResult<()> {
        let py = ended.py();
        for (number, result) in self.completions.stack.take().into_iter().rev() {
            let (result, error) = match result {
                Ok(done) => (Some(results::Transferred::from(done)), None),
                Err(error) => (None, Some(failure::raise(py, &error).into_value(py))),
            };
            ended.append(Ended {
                number,
                result,
                error,
            })?;
        }
        Ok(())
    }

    /// Waits on this thread for something to take, for a moment at most, and handles signals.
    fn wait(&self, py: Python<'_>) -> PyResult<()> {
        let signal = py.detach(|| {
            let mut signal = None;
            self.completions.wait();
            let _ = waiting::look(&mut signal);
            signal
        });
        signal.map_or(Ok(()), Err)
    }

    /// Whether there is nothing more to come.
    fn is_idle(&self) -> bool {
        self.inner.is_idle()
    }

    /// Stops what has not ended; there is then something to take of each.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.inner.stop());
    }

    /// No more completions are wanted.
    fn close(&self) {
        if let Some((mailbox, number)) = &self.mailbox {
            mailbox.get().forget(*number);
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.inner.stop();
    }
}
