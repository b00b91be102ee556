//! The position in a list of calls: before its first page, or before a later one.

use calltransfer::{CallPage, CallQuery, Config, Error, NextPage, Request};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::results::Call;
use crate::{failure, values};

/// The position of the page that is read next; never changed.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct CallPosition(Place);

enum Place {
    First(CallQuery),
    Later(NextPage),
}

/// The calls of a page, and the position of the next page.
#[derive(IntoPyObject)]
pub(crate) struct Page {
    calls: Vec<Call>,
    next: Option<CallPosition>,
}

impl From<CallPage> for Page {
    fn from(page: CallPage) -> Self {
        Self {
            calls: page.calls.into_iter().map(Call::from).collect(),
            next: page.next.map(|next| CallPosition(Place::Later(next))),
        }
    }
}

impl CallPosition {
    /// The place before the first page; what can't be sent is refused here.
    pub(crate) fn first(config: &Config, conditions: &Bound<'_, PyDict>) -> PyResult<Self> {
        let py = conditions.py();
        let mut query = CallQuery::new();
        for (name, given) in conditions {
            if given.is_none() {
                continue;
            }
            let name: String = name.extract()?;
            let text = |field: &str| values::text(field, &given);
            query = match name.as_str() {
                "state" => query.state(text("state")?),
                "from_" => query.from(text("from")?),
                "to" => query.to(text("to")?),
                "min_start_time" => query.min_start_time(text(&name)?),
                "max_start_time" => query.max_start_time(text(&name)?),
                "page_size" => query.page_size(values::count(&name, &given)?),
                _ => {
                    let reason = "is not a condition of a list of calls";
                    return Err(failure::invalid(py, &name, reason));
                }
            };
        }
        failure::or_raise(py, || Request::list_calls(config, &query))?;
        Ok(Self(Place::First(query)))
    }

    pub(crate) fn request(&self, config: &Config) -> Result<Request<CallPage>, Error> {
        match &self.0 {
            Place::First(query) => Request::list_calls(config, query),
            Place::Later(next) => Request::next_page(config, next.clone()),
        }
    }
}
