//! Waiting for the network without holding up the interpreter.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::time::Duration;

use calltransfer::blocking::{Client, Watched};
use calltransfer::{Attempt, Error, Outcome};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::background::Log;
use crate::failure;

/// How often a waiting thread looks for signals: Ctrl-C is answered about as fast.
pub(crate) const INTERVAL: Duration = Duration::from_millis(50);

thread_local! {
    /// What the attempts of this thread's call have to tell, where somebody wants to know. Told
    /// after the call: a logging handler must not run in the middle of it.
    static LINES: RefCell<Option<Vec<(bool, String)>>> = const { RefCell::new(None) };
}

/// Keeps an attempt for the log of the call that this thread makes, else for `other`.
pub(crate) fn note(attempt: &Attempt, other: &Log) {
    LINES.with_borrow_mut(|lines| match lines {
        Some(lines) => lines.push((attempt.kind.is_none(), attempt.to_string())),
        None => other.note(attempt),
    });
}

/// Runs a call of the client without the interpreter's lock, answering signals meanwhile.
///
/// `log`, if given, gets a tuple for each attempt: whether it succeeded, and a line about it.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    client: &Client,
    log: Option<&Bound<'_, PyList>>,
    call: impl FnOnce(&mut Watched<'_>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    LINES.set(log.map(|_| Vec::new()));
    let (result, signal) = py.detach(|| {
        let mut signal = None;
        let mut watch = || look(&mut signal);
        let result = failure::guard(|| call(&mut client.watched(INTERVAL, &mut watch)));
        (result, signal)
    });
    if let Some((log, lines)) = log.zip(LINES.take()) {
        for line in lines {
            log.append(line)?;
        }
    }
    let error = match result {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => failure::raise(py, &error),
        // The request may have been under way.
        Err(panicked) => panicked.raise(py, Outcome::Unknown),
    };
    match signal {
        None => Err(error),
        Some(signal) => Err(interrupted(py, signal, error)),
    }
}

/// Asks the interpreter for signals; only its main thread ever finds one.
pub(crate) fn look(signal: &mut Option<PyErr>) -> ControlFlow<()> {
    match Python::try_attach(|py| py.check_signals()) {
        Some(Ok(())) => ControlFlow::Continue(()),
        Some(Err(raised)) => {
            *signal = Some(raised);
            ControlFlow::Break(())
        }
        // The interpreter is ending around this thread, which must never touch it again.
        None => loop {
            std::thread::park();
        },
    }
}

/// What the signal raised, saying what became of the call.
fn interrupted(py: Python<'_>, signal: PyErr, error: PyErr) -> PyErr {
    let note = format!("calltransfer: {}", error.value(py));
    signal.set_context(py, Some(error));
    // Notes came with Python 3.11; before, the context tells it alone.
    let _ = signal.value(py).call_method1("add_note", (note,));
    signal
}
