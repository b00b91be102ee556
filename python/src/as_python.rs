//! Rust values as Python's own: JSON, times, tuples.

use jiff::Timestamp;
use jiff::tz::Offset;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyList, PyTuple, PyTzInfo};
use serde_json::Value;

/// JSON as `json.loads` makes it.
pub(crate) struct Json(pub(crate) Value);

impl<'py> IntoPyObject<'py> for Json {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.0 {
            Value::Null => Ok(py.None().into_bound(py)),
            Value::Bool(flag) => flag.into_bound_py_any(py),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(whole), _) => whole.into_bound_py_any(py),
                (None, Some(whole)) => whole.into_bound_py_any(py),
                (None, None) => number.as_f64().into_bound_py_any(py),
            },
            Value::String(text) => text.into_bound_py_any(py),
            Value::Array(items) => {
                PyList::new(py, items.into_iter().map(Json)).map(Bound::into_any)
            }
            Value::Object(fields) => {
                let dict = PyDict::new(py);
                for (name, value) in fields {
                    dict.set_item(name, Json(value))?;
                }
                Ok(dict.into_any())
            }
        }
    }
}

/// A time as a `datetime` in UTC.
pub(crate) struct Time(pub(crate) Timestamp);

impl Time {
    /// Of milliseconds since 1970.
    pub(crate) fn of_ms(ms: i64) -> PyResult<Self> {
        let time = Timestamp::from_millisecond(ms).map(Self);
        time.map_err(|_| PyOverflowError::new_err("the time is out of range"))
    }
}

impl<'py> IntoPyObject<'py> for Time {
    type Target = PyDateTime;
    type Output = Bound<'py, PyDateTime>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        let time = Offset::UTC.to_datetime(self.0);
        PyDateTime::new(
            py,
            time.year().into(),
            time.month().unsigned_abs(),
            time.day().unsigned_abs(),
            time.hour().unsigned_abs(),
            time.minute().unsigned_abs(),
            time.second().unsigned_abs(),
            time.subsec_nanosecond().unsigned_abs() / 1_000,
            Some(&*PyTzInfo::utc(py)?),
        )
    }
}

/// A list that Python gets as a tuple.
pub(crate) struct Tuple<T>(pub(crate) Vec<T>);

impl<'py, T: IntoPyObject<'py>> IntoPyObject<'py> for Tuple<T> {
    type Target = PyTuple;
    type Output = Bound<'py, PyTuple>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0)
    }
}
