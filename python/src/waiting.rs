//! Waiting for the network without holding up the interpreter.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::Duration;

use calltransfer::blocking::Client;
use calltransfer::{Config, Error, Outcome, Request};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;

use crate::log::{Log, Note};
use crate::{failure, interrupts, shutdown};

/// How often a waiting thread looks for signals: Ctrl-C is answered about as fast.
pub(crate) const INTERVAL: Duration = Duration::from_millis(50);

thread_local! {
    /// The notes of this thread's request, if anything wants them. Passed on
    /// after the request: a logging handler must not run in the middle of it.
    static NOTES: RefCell<Option<Vec<Note>>> = const { RefCell::new(None) };
}

/// Keeps a note for the call that this thread makes, else for `other`.
pub(crate) fn note(note: impl FnOnce() -> Note, other: &Log) {
    NOTES.with_borrow_mut(|notes| match notes {
        Some(notes) => notes.push(note()),
        None => other.note(note),
    });
}

/// Sends a request of the client without the interpreter's lock, answering signals meanwhile, and
/// puts what `result_of` makes of the response into the list `response`.
///
/// What a signal handler raises is returned as an error, also where it comes with the response: the
/// caller finds that in the list then. `log`, if given, gets the notes of the attempts and the
/// request.
pub(crate) fn wait<'py, T: Send, P: IntoPyObject<'py>>(
    client: &Client,
    log: Option<&Bound<'py, PyList>>,
    response: &Bound<'py, PyList>,
    make: impl FnOnce(&Config) -> Result<Request<T>, Error> + Send,
    result_of: impl FnOnce(T) -> P,
) -> PyResult<()> {
    let py = response.py();
    NOTES.set(log.map(|_| Vec::new()));
    let (result, mut signal) = py.detach(|| {
        let mut signal = None;
        let mut check = || look(&mut signal);
        let result = failure::guard(|| {
            let request = make(client.config())?;
            client.execute_interruptible(request, INTERVAL, &mut check)
        });
        (result, signal)
    });
    let error = match result {
        Ok(Ok(value)) => {
            response.append(result_of(value))?;
            None
        }
        Ok(Err(error)) => Some(failure::raise(py, &error)),
        // The request may have been sent.
        Err(panicked) => Some(panicked.raise(py, Outcome::Unknown)),
    };
    if let Some((log, notes)) = log.zip(NOTES.take()) {
        for note in notes {
            log.append(note)?;
        }
    }
    if signal.is_none() {
        // One that came with the response, after the last look.
        signal = interruption(py).err();
    }
    match (signal, error) {
        (None, None) => Ok(()),
        (None, Some(error)) => Err(error),
        (Some(signal), None) => Err(signal),
        (Some(signal), Some(error)) => Err(interrupts::interrupted(py, signal, error)),
    }
}

/// Asks the interpreter for signals, which only its main thread ever finds, and for an exception
/// that another thread has set for this one.
pub(crate) fn look(signal: &mut Option<PyErr>) -> ControlFlow<()> {
    match Python::try_attach(interruption) {
        Some(Ok(())) => ControlFlow::Continue(()),
        Some(Err(raised)) => {
            *signal = Some(raised);
            ControlFlow::Break(())
        }
        // The interpreter is shutdown around this thread, which must never touch it again.
        None => loop {
            std::thread::park();
        },
    }
}

/// The exception that a signal handler raises now, or that another thread has set for this one.
fn interruption(py: Python<'_>) -> PyResult<()> {
    let _running = shutdown::block_shutdown(py);
    py.check_signals()?;
    // Such an exception is raised where Python's own code runs, and nowhere else.
    CHECKPOINT
        .get_or_try_init(py, || interrupts::function(py, "checkpoint"))?
        .call0(py)
        .map(drop)
}

/// `calltransfer._interrupts.checkpoint`.
static CHECKPOINT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
