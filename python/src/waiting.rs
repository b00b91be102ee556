//! Waiting for the network without holding up the interpreter.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::Duration;

use calltransfer::blocking::Check;
use calltransfer::{Error, Outcome};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;

use crate::log::{Log, Note};
use crate::{failure, interrupts, shutdown};

/// How often a waiting thread looks for signals, and so about how long Ctrl-C takes.
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

/// Sends a request without the interpreter's lock, handling signals meanwhile, and puts what
/// `into_python` makes of its result into the list `response`. `send` gets the check for signals.
///
/// What a signal handler raises is returned as an error, also where it comes with the response: the
/// caller finds that in the list then. `log`, if given, gets the notes of the attempts and the
/// request.
pub(crate) fn wait<T: Send>(
    log: Option<&Bound<'_, PyList>>,
    response: &Bound<'_, PyList>,
    send: impl FnOnce(&mut Check<'_>) -> Result<T, Error> + Send,
    into_python: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>>,
) -> PyResult<()> {
    let py = response.py();
    NOTES.set(log.map(|_| Vec::new()));
    let (result, mut signal) = py.detach(|| {
        let mut signal = None;
        let mut check = || look(&mut signal);
        let result = failure::guard(|| send(&mut check));
        (result, signal)
    });
    let error = match result {
        Ok(Ok(value)) => {
            response.append(into_python(py, value)?)?;
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

/// Looks for signals, which only the main thread of the interpreter gets, and for an exception that
/// another thread has set for this one.
pub(crate) fn look(signal: &mut Option<PyErr>) -> ControlFlow<()> {
    match Python::try_attach(interruption) {
        Some(Ok(())) => ControlFlow::Continue(()),
        Some(Err(raised)) => {
            *signal = Some(raised);
            ControlFlow::Break(())
        }
        // The interpreter is shutting down, and this thread must never touch it again.
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
