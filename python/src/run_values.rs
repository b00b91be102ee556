//! The rows that Python adds to a run, and the errors of a run as exceptions.

use std::collections::HashMap;

use calltransfer::Transfer;
use calltransfer_runs as runs;
use calltransfer_runs::{ErrorKind, NewRow};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyString, PyTuple};
use serde_json::Value;

use crate::{failure, shutdown, values};

/// Items that are taken from the iterable together, for one acquisition of the lock.
const BLOCK: usize = 256;

/// The exception for an error of a run.
pub(crate) fn failed(py: Python<'_>, error: &runs::Error) -> PyErr {
    raised(py, error, &error.to_string(), |_| None)
}

fn raised(
    py: Python<'_>,
    error: &runs::Error,
    message: &str,
    reason_of: impl Fn(u64) -> Option<String>,
) -> PyErr {
    let refused = error.refused().iter().map(|row| {
        let reason = reason_of(row.number).unwrap_or_else(|| row.reason.clone());
        (row.number, row.call_id.as_str(), reason)
    });
    let unwritten = error.unwritten().iter().map(|row| {
        let new_call_id = row.new_call_id.as_deref();
        (row.call_id.as_str(), row.state.as_str(), new_call_id)
    });
    let refused: Vec<_> = refused.collect();
    let unwritten: Vec<_> = unwritten.collect();
    if error.kind() == ErrorKind::InvalidArgument
        && let Some((field, reason)) = message.split_once(": ")
    {
        return failure::invalid(py, field, reason);
    }
    let made = || {
        let _running = shutdown::block_shutdown(py);
        let make = py.import("calltransfer._runs.errors")?.getattr("make")?;
        make.call1((error.kind().as_str(), message, refused, unwritten))
    };
    made().map_or_else(|raised| raised, PyErr::from_value)
}

/// The rows that an iterator of Python gives.
pub(crate) struct Rows {
    items: Py<PyIterator>,
    taken: std::vec::IntoIter<NewRow>,
    number: u64,
    is_over: bool,
    /// Why items can't be rows, by their numbers.
    reasons: HashMap<u64, String>,
    /// What the iterable raised, or a signal.
    pub(crate) broken: Option<PyErr>,
}

impl Rows {
    pub(crate) fn new(items: Py<PyIterator>) -> Self {
        Self {
            items,
            taken: Vec::new().into_iter(),
            number: 0,
            is_over: false,
            reasons: HashMap::new(),
            broken: None,
        }
    }

    /// The exception for rows that are refused, with Python's own reasons among them.
    pub(crate) fn failed(&self, py: Python<'_>, error: &runs::Error) -> PyErr {
        let first = error.refused().first().map(|row| row.number);
        let mut message = error.to_string();
        if let Some((number, reason)) = first.and_then(|number| self.reasons.get_key_value(&number))
            && let Some((head, _)) = message.split_once("; the first is row ")
        {
            message = format!("{head}; the first is row {number}: {reason}");
        }
        raised(py, error, &message, |number| {
            self.reasons.get(&number).cloned()
        })
    }

    fn take(&mut self, py: Python<'_>) -> PyResult<Vec<NewRow>> {
        let _running = shutdown::block_shutdown(py);
        py.check_signals()?;
        let items = self.items.bind(py).clone();
        let mut rows = Vec::with_capacity(BLOCK);
        while rows.len() < BLOCK {
            let Some(item) = items.clone().next() else {
                self.is_over = true;
                break;
            };
            let item = item?;
            let row = match item.cast::<PyString>() {
                Ok(reason) => Err(reason.to_string_lossy().into_owned()),
                Err(_) => row(&item).map_err(|error| error.value(py).to_string()),
            };
            rows.push(row.unwrap_or_else(|reason| {
                self.reasons.insert(self.number, reason);
                refused()
            }));
            self.number += 1;
        }
        Ok(rows)
    }
}

impl Iterator for Rows {
    type Item = NewRow;

    fn next(&mut self) -> Option<NewRow> {
        if self.taken.len() == 0 && !self.is_over {
            match Python::try_attach(|py| self.take(py)) {
                Some(Ok(rows)) => self.taken = rows.into_iter(),
                Some(Err(raised)) => {
                    self.is_over = true;
                    self.broken = Some(raised);
                    return Some(refused());
                }
                // The interpreter has ended around this thread.
                None => loop {
                    std::thread::park();
                },
            }
        }
        self.taken.next()
    }
}

/// A row that every run refuses, and with it all that is added along with it.
fn refused() -> NewRow {
    NewRow::new("", "")
}

fn row(item: &Bound<'_, PyAny>) -> PyResult<NewRow> {
    let (call_id, to, options, timeout): (
        Bound<'_, PyAny>,
        Bound<'_, PyAny>,
        Bound<'_, PyDict>,
        Bound<'_, PyAny>,
    ) = item.cast::<PyTuple>()?.extract()?;
    let mut targets = values::targets(&to)?.into_iter();
    let first = targets.next().unwrap_or_default();
    let mut row = NewRow::new(values::text("call_id", &call_id)?, first);
    let more: Vec<Value> = targets.map(Value::String).collect();
    if !more.is_empty() {
        row = row.option("also_to", more);
    }
    for (name, given) in options {
        let name = values::text("options", &name)?;
        // None is how Python says "not given".
        if given.is_none() && Transfer::OPTIONS.contains(&name.as_str()) {
            continue;
        }
        let value = values::value(&name, &given, 0)?;
        row = row.option(name, value);
    }
    match timeout.is_none() {
        true => Ok(row),
        false => Ok(row.timeout(values::timeout("timeout", &timeout)?)),
    }
}
