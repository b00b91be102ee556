//! Errors of the core as exceptions; the classes live in `calltransfer/errors.py`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use calltransfer::{Error, Outcome};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::sent::SentTransfer;
use crate::{interrupts, shutdown};

/// An exception that can't be made so many times has another reason than signals.
const INTERRUPTS: usize = 4;

/// `calltransfer.errors.make(kind, message, attributes)`, per interpreter.
static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The exception for an error of the core.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    make(
        py,
        error.kind().as_str(),
        &error.to_string(),
        |attributes| {
            let platform = error.platform();
            attributes.set_item("outcome", error.outcome().as_str())?;
            attributes.set_item("field", error.field())?;
            attributes.set_item("call_id", error.call_id())?;
            attributes.set_item("stage", error.stage().map(|stage| stage.as_str()))?;
            attributes.set_item("http_status", error.http_status())?;
            attributes.set_item("category", platform.category.as_deref())?;
            attributes.set_item("code", platform.code.as_deref())?;
            attributes.set_item("platform_message", platform.message.as_deref())?;
            attributes.set_item("details", pyo3::types::PyTuple::new(py, &platform.details)?)?;
            attributes.set_item(
                "retry_after",
                error.retry_after().map(|wait| wait.as_secs_f64()),
            )?;
            attributes.set_item("attempts", error.attempts())?;
            attributes.set_item("elapsed", error.elapsed().as_secs_f64())?;
            if let Some(sent) = error.sent_transfer() {
                attributes.set_item("_sent", SentTransfer::of(sent).into_pyobject(py)?)?;
            }
            attributes.set_item("safe_to_repeat", error.is_safe_to_repeat())
        },
    )
}

/// The exception for an argument that only Python could give.
pub(crate) fn invalid(py: Python<'_>, field: &str, reason: &str) -> PyErr {
    make(
        py,
        "invalid_argument",
        &format!("{field}: {reason}"),
        |attributes| {
            attributes.set_item("field", field)?;
            attributes.set_item("outcome", "not_sent")?;
            attributes.set_item("safe_to_repeat", true)
        },
    )
}

/// The same for a setting of a client, as the core refuses one: an argument that only Python could
/// give is a wrong configuration there.
pub(crate) fn of_setting(py: Python<'_>, error: PyErr) -> PyErr {
    let value = error.value(py);
    let is_argument = value.getattr("kind").is_ok_and(|kind| {
        kind.extract::<&str>()
            .is_ok_and(|kind| kind == "invalid_argument")
    });
    let field = value.getattr("field").and_then(|field| field.extract());
    let (true, Ok(field)) = (is_argument, field) else {
        return error;
    };
    let field: String = field;
    make(py, "configuration", &value.to_string(), |attributes| {
        attributes.set_item("field", &field)?;
        attributes.set_item("outcome", "not_sent")?;
        attributes.set_item("safe_to_repeat", true)
    })
}

/// Runs what may panic, and makes an `InternalError` of that: a `PanicException` would pass every
/// `except Exception`. `Err` is the panic, said with what it leaves of the call.
pub(crate) fn guard<T>(body: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| {
        // A payload may panic again when it is dropped; then, and only then, it is leaked.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(again);
        }
        Panicked
    })
}

/// The result of what sends nothing; its error, or a panic, is raised.
pub(crate) fn or_raise<T>(py: Python<'_>, body: impl FnOnce() -> Result<T, Error>) -> PyResult<T> {
    guard(body)
        .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
        .map_err(|error| raise(py, &error))
}

/// A panic that was caught.
pub(crate) struct Panicked;

impl Panicked {
    /// The exception for a panic; `outcome` is what it leaves of the call.
    pub(crate) fn raise(self, py: Python<'_>, outcome: Outcome) -> PyErr {
        let message = "the library panicked; please report it";
        make(py, "internal", message, |attributes| {
            attributes.set_item("outcome", outcome.as_str())?;
            attributes.set_item("safe_to_repeat", outcome == Outcome::NotSent)
        })
    }
}

fn make(
    py: Python<'_>,
    kind: &str,
    message: &str,
    fill: impl Fn(&Bound<'_, PyDict>) -> PyResult<()>,
) -> PyErr {
    let _running = shutdown::block_shutdown(py);
    let exception = || {
        let attributes = PyDict::new(py);
        fill(&attributes)?;
        let make = MAKE.get_or_try_init(py, || {
            py.import("calltransfer.errors")?
                .getattr("make")
                .map(Bound::unbind)
        })?;
        make.bind(py).call1((kind, message, attributes))
    };
    let mut interrupt = None;
    // A signal handler may raise in the middle of it; what it raises then says what was being made.
    for _ in 0..INTERRUPTS {
        match exception() {
            Ok(made) => {
                let made = PyErr::from_value(made);
                return match interrupt {
                    Some(interrupt) => interrupts::interrupted(py, interrupt, made),
                    None => made,
                };
            }
            Err(raised) => interrupt = Some(raised),
        }
    }
    interrupt.unwrap_or_else(|| PyRuntimeError::new_err(message.to_owned()))
}
