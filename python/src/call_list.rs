//! Where a list of calls stands: before its first page, or before a later one.

use calltransfer::{CallPage, CallQuery, Config, Error, NextPage, Outcome, Request};
use pyo3::prelude::*;

use crate::convert::{CallParts, call_parts};
use crate::{failure, values};

/// What the page that is read next is found by; itself never changed.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct CallPosition(Place);

enum Place {
    First(CallQuery),
    Later(NextPage),
}

/// The calls of a page, and where the list goes on.
pub(crate) type PageParts = (Vec<CallParts>, Option<CallPosition>);

impl CallPosition {
    /// The place before the first page; what can't be sent is refused here.
    pub(crate) fn first(
        config: &Config,
        state: Option<&Bound<'_, PyAny>>,
        from: Option<&Bound<'_, PyAny>>,
        to: Option<&Bound<'_, PyAny>>,
        page_size: Option<&Bound<'_, PyAny>>,
        py: Python<'_>,
    ) -> PyResult<Self> {
        let mut query = CallQuery::new();
        if let Some(state) = state {
            query = query.state(values::text("state", state)?);
        }
        if let Some(from) = from {
            query = query.from(values::text("from", from)?);
        }
        if let Some(to) = to {
            query = query.to(values::text("to", to)?);
        }
        if let Some(page_size) = page_size {
            query = query.page_size(values::count("page_size", page_size)?);
        }
        failure::guard(|| Request::list_calls(config, &query))
            .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
            .map_err(|error| failure::raise(py, &error))?;
        Ok(Self(Place::First(query)))
    }

    pub(crate) fn request(&self, config: &Config) -> Result<Request<CallPage>, Error> {
        match &self.0 {
            Place::First(query) => Request::list_calls(config, query),
            Place::Later(next) => Request::next_page(config, next.clone()),
        }
    }
}

#[pymethods]
impl CallPosition {
    /// The URL of the next request.
    fn url(&self, client: &crate::client::Client, py: Python<'_>) -> PyResult<String> {
        let request = self.request(client.config());
        let request = request.map_err(|error| failure::raise(py, &error))?;
        Ok(request.url().to_owned())
    }
}

pub(crate) fn page_parts(page: CallPage) -> PageParts {
    let calls = page.calls.into_iter().map(call_parts).collect();
    (
        calls,
        page.next.map(|next| CallPosition(Place::Later(next))),
    )
}
