//! Python values as the core takes them.

use std::path::PathBuf;
use std::time::Duration;

use calltransfer::{TimeLimit, Transfer};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde_json::{Map, Number, Value};

use crate::failure;

/// Deeper nesting is rejected.
const DEPTH: usize = 32;

/// A transfer of these arguments; what the core refuses, it refuses when it is sent.
pub(crate) fn transfer(
    call_id: &Bound<'_, PyAny>,
    to: &Bound<'_, PyAny>,
    options: &Bound<'_, PyDict>,
    timeout: Option<&Bound<'_, PyAny>>,
) -> PyResult<Transfer> {
    within(with(addressed(call_id, to)?, options)?, timeout)
}

fn within(transfer: Transfer, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Transfer> {
    match timeout {
        Some(timeout) => Ok(transfer.timeout(self::timeout("timeout", timeout)?)),
        None => Ok(transfer),
    }
}

fn addressed(call_id: &Bound<'_, PyAny>, to: &Bound<'_, PyAny>) -> PyResult<Transfer> {
    let mut targets = targets(to)?.into_iter();
    let first = targets.next().unwrap_or_default();
    let mut transfer = Transfer::new(text("call_id", call_id)?, first);
    for to in targets {
        transfer = transfer.also_to(to);
    }
    Ok(transfer)
}

fn with(mut transfer: Transfer, options: &Bound<'_, PyDict>) -> PyResult<Transfer> {
    for (name, given) in options {
        let name = borrowed("options", &name)?;
        // None is how Python says "not given".
        if given.is_none() && Transfer::OPTIONS.contains(&name) {
            continue;
        }
        transfer = transfer.option(name, value(name, &given, 0)?);
    }
    Ok(transfer)
}

/// One target, or several in a list or tuple.
pub(crate) fn targets(to: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let text = |item: Bound<'_, PyAny>| text("to", &item);
    if let Ok(list) = to.cast::<PyList>() {
        return list.iter().map(text).collect();
    }
    if let Ok(tuple) = to.cast::<PyTuple>() {
        return tuple.iter().map(text).collect();
    }
    Ok(vec![text(to.clone())?])
}

/// What is whispered, as the option `whisper_audio` takes it.
pub(crate) fn whisper(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    value("whisper_audio", given, 0)
}

/// A str argument.
pub(crate) fn text(field: &str, given: &Bound<'_, PyAny>) -> PyResult<String> {
    borrowed(field, given).map(str::to_owned)
}

fn borrowed<'a>(field: &str, given: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    match given.cast::<PyString>() {
        Ok(text) => utf8(field, text),
        Err(_) => Err(wrong_type(field, "a str", given)),
    }
}

/// A path: a str, bytes or `os.PathLike`.
pub(crate) fn path(field: &str, given: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    given
        .extract()
        .map_err(|_| wrong_type(field, "a path", given))
}

/// The timeout of a request, in seconds.
pub(crate) fn timeout(field: &str, given: &Bound<'_, PyAny>) -> PyResult<Duration> {
    time(TimeLimit::REQUEST, field, given)
}

/// A time in seconds, within a limit of the core.
pub(crate) fn time(limit: TimeLimit, field: &str, given: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let seconds = number(field, given, "an int or a float, in seconds")?;
    let time = limit.seconds(field.to_owned(), seconds);
    time.map_err(|error| failure::raise(given.py(), &error))
}

/// A time in seconds that another crate checks; `allowed` is its limit.
pub(crate) fn seconds(field: &str, given: &Bound<'_, PyAny>, allowed: &str) -> PyResult<Duration> {
    let seconds = number(field, given, "an int or a float, in seconds")?;
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        let reason = format!("must be {allowed}, got {seconds}");
        failure::invalid(given.py(), field, &reason)
    })
}

/// An int or a float; an int that no float can hold is an infinity.
pub(crate) fn number(field: &str, given: &Bound<'_, PyAny>, allowed: &str) -> PyResult<f64> {
    let is_int = given.is_instance_of::<PyInt>();
    if given.is_instance_of::<PyBool>() || !(is_int || given.is_instance_of::<PyFloat>()) {
        return Err(wrong_type(field, allowed, given));
    }
    match given.extract::<f64>() {
        Err(error) if is_int && error.is_instance_of::<PyOverflowError>(given.py()) => {
            let negative = given.lt(0)?;
            Ok(if negative {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            })
        }
        read => read,
    }
}

/// A whole number that is not negative.
pub(crate) fn count(field: &str, given: &Bound<'_, PyAny>) -> PyResult<u32> {
    if given.is_instance_of::<PyBool>() || !given.is_instance_of::<PyInt>() {
        return Err(wrong_type(field, "an int", given));
    }
    let reason = "expected an integer of 0 or more";
    given
        .extract()
        .map_err(|_| failure::invalid(given.py(), field, reason))
}

/// A bool argument.
pub(crate) fn flag(field: &str, given: &Bound<'_, PyAny>) -> PyResult<bool> {
    match given.cast::<PyBool>() {
        Ok(flag) => Ok(flag.is_true()),
        Err(_) => Err(wrong_type(field, "True or False", given)),
    }
}

pub(crate) fn value(field: &str, given: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > DEPTH {
        return Err(failure::invalid(given.py(), field, "is nested too deep"));
    }
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(Value::String(utf8(field, text)?.to_owned()));
    }
    if given.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = given.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if given.is_instance_of::<PyInt>() {
        let number = given.extract::<i64>().map(Number::from);
        let number = number.or_else(|_| given.extract::<u64>().map(Number::from));
        let too_large = |_| failure::invalid(given.py(), field, "holds a number beyond 64 bits");
        return number.map(Value::Number).map_err(too_large);
    }
    if given.is_instance_of::<PyFloat>() {
        let number = Number::from_f64(given.extract()?);
        let endless = || failure::invalid(given.py(), field, "holds a number that is not finite");
        return number.map(Value::Number).ok_or_else(endless);
    }
    if let Ok(dict) = given.cast::<PyDict>() {
        return object(field, dict.iter(), depth);
    }
    if let Ok(list) = given.cast::<PyList>() {
        let items = list.iter().map(|item| value(field, &item, depth + 1));
        return Ok(Value::Array(items.collect::<PyResult<_>>()?));
    }
    if let Ok(tuple) = given.cast::<PyTuple>() {
        let items = tuple.iter().map(|item| value(field, &item, depth + 1));
        return Ok(Value::Array(items.collect::<PyResult<_>>()?));
    }
    if let Some(scalar) = scalar(given) {
        return value(field, &scalar, depth + 1);
    }
    // Last, because the check asks Python: other mappings, as a MappingProxyType.
    if let Ok(mapping) = given.cast::<PyMapping>() {
        let items = mapping.items()?;
        let items: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)> = items.extract()?;
        return object(field, items, depth);
    }
    Err(wrong_type(field, "what JSON can hold", given))
}

/// A scalar of numpy, or of what has its interface, as Python's own bool, int, float or str.
fn scalar<'py>(given: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let dimensions: usize = given.getattr("ndim").ok()?.extract().ok()?;
    if dimensions != 0 || !given.hasattr("dtype").ok()? {
        return None;
    }
    let item = given.call_method0("item").ok()?;
    (!item.is(given)).then_some(item)
}

fn object<'py>(
    field: &str,
    items: impl IntoIterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    depth: usize,
) -> PyResult<Value> {
    let mut fields = Map::new();
    for (name, item) in items {
        let Ok(name) = name.cast::<PyString>() else {
            return Err(wrong_type(field, "a dict with str keys", &name));
        };
        let name = utf8(field, name)?.to_owned();
        fields.insert(name, value(field, &item, depth + 1)?);
    }
    Ok(Value::Object(fields))
}

/// A str may hold lone surrogates, which no UTF-8 can.
fn utf8<'a>(field: &str, text: &'a Bound<'_, PyString>) -> PyResult<&'a str> {
    let broken = |_| {
        failure::invalid(
            text.py(),
            field,
            "contains characters that are not valid Unicode",
        )
    };
    text.to_str().map_err(broken)
}

pub(crate) fn wrong_type(field: &str, allowed: &str, given: &Bound<'_, PyAny>) -> PyErr {
    let name = given
        .get_type()
        .name()
        .map_or_else(|_| "unknown".to_owned(), |n| n.to_string());
    let reason = format!("expected {allowed}, got {name}");
    failure::invalid(given.py(), field, &reason)
}
