//! The client.

use std::sync::{Arc, OnceLock};

use calltransfer::blocking;
use calltransfer::{Config, ConfigBuilder, Error, Outcome, Request};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::background::Background;
use crate::call_list::{CallPosition, Page};
use crate::check_subject::Subject;
use crate::follow::{self, Follow};
use crate::log::{Log, Note};
use crate::results::{self, Call, Finding, FirstTransferred, Transferred};
use crate::{failure, values, waiting};

/// The client behind `calltransfer.Client`.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct Client {
    config: Config,
    /// Made at the first need: an `AsyncClient` has none.
    inner: OnceLock<blocking::Client>,
    log: Arc<Log>,
}

/// A request as it would be sent; the content type is that of the body.
#[derive(IntoPyObject)]
struct Preview {
    method: String,
    url: String,
    content_type: Option<String>,
    body: Option<String>,
}

#[pymethods]
impl Client {
    /// Everything is optional; the environment fills what isn't given.
    #[new]
    fn new(settings: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut builder = Config::builder();
        for (name, given) in settings {
            if given.is_none() {
                continue;
            }
            let name: String = name.extract()?;
            builder = set(builder, &name, &given)
                .map_err(|error| failure::of_setting(settings.py(), error))?;
        }
        let made = failure::guard(|| {
            let log = Arc::new(Log::default());
            let (of_attempts, of_requests) = (Arc::clone(&log), Arc::clone(&log));
            let builder = builder
                .on_attempt(move |it| waiting::note(|| Note::attempt(it), &of_attempts))
                .on_request(move |it| waiting::note(|| Note::request(it), &of_requests));
            let config = builder.or_env().build()?;
            Ok(Self {
                config,
                inner: OnceLock::new(),
                log,
            })
        });
        let py = settings.py();
        made.map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
            .map_err(|error| failure::raise(py, &error))
    }

    #[getter]
    fn api(&self) -> &str {
        self.config.api().as_str()
    }

    /// The user id of v1, the account id of v2.
    #[getter]
    fn account(&self) -> &str {
        self.config.account()
    }

    /// The URL of the request for a page.
    fn page_url(&self, position: &CallPosition, py: Python<'_>) -> PyResult<String> {
        let request = position.request(&self.config);
        let request = request.map_err(|error| failure::raise(py, &error))?;
        Ok(request.url().to_owned())
    }

    #[getter]
    fn base_url(&self) -> &str {
        self.config.base_url().as_str()
    }

    /// Begins to keep a connection ready, where the settings say so.
    fn start(&self) {
        self.inner();
    }

    /// A client of the same account that does not block a thread.
    fn background(&self) -> Background {
        Background::new(self.config.clone(), Arc::clone(&self.log))
    }

    fn transfer(
        &self,
        call_id: &Bound<'_, PyAny>,
        to: &Bound<'_, PyAny>,
        options: &Bound<'_, PyDict>,
        timeout: Option<&Bound<'_, PyAny>>,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let transfer = values::transfer(call_id, to, options, timeout)?;
        let make = |config: &Config| Request::transfer(config, &transfer);
        waiting::wait(self.inner(), log, response, make, Transferred::from)
    }

    /// A request as it would go out. `what` is the name of the method that would send it.
    #[pyo3(signature = (what, call_id, to=None, options=None, timeout=None))]
    fn preview(
        &self,
        what: &str,
        call_id: &Bound<'_, PyAny>,
        to: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Preview> {
        if let ("transfer", Some(to), Some(options)) = (what, to, options) {
            let transfer = values::transfer(call_id, to, options, timeout)?;
            return self.preview_of(call_id.py(), |config| Request::transfer(config, &transfer));
        }
        let (py, id) = (call_id.py(), values::text("call_id", call_id)?);
        match what {
            "answer" => self.preview_of(py, |config| Request::answer(config, &id)),
            "hang_up" => self.preview_of(py, |config| Request::hang_up(config, &id)),
            _ => self.preview_of(py, |config| Request::get_call(config, &id)),
        }
    }

    /// Panics while a call waits, for the test of the guard.
    #[cfg(debug_assertions)]
    #[allow(clippy::panic)]
    fn panic_on_purpose(&self, py: Python<'_>) -> PyResult<()> {
        let response = PyList::empty(py);
        let make =
            |_: &Config| -> Result<Request<()>, Error> { std::panic::panic_any("on purpose") };
        waiting::wait(self.inner(), None, &response, make, |()| None::<String>)
    }

    fn get_call(
        &self,
        call_id: &Bound<'_, PyAny>,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let id = values::text("call_id", call_id)?;
        let make = |config: &Config| Request::get_call(config, &id);
        waiting::wait(self.inner(), log, response, make, Call::from)
    }

    fn get_call_events(
        &self,
        call_id: &Bound<'_, PyAny>,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let id = values::text("call_id", call_id)?;
        let make = |config: &Config| Request::get_call_events(config, &id);
        waiting::wait(self.inner(), log, response, make, results::call_events)
    }

    /// Follows a transfer by reads; the response is what is known then.
    fn follow(
        &self,
        follow: &Follow,
        until: &str,
        timeout: &Bound<'_, PyAny>,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let make = follow.request(until, timeout)?;
        waiting::wait(self.inner(), log, response, make, Follow::of)
    }

    #[allow(clippy::too_many_arguments)]
    fn transfer_to_first(
        &self,
        call_id: &Bound<'_, PyAny>,
        targets: &Bound<'_, PyAny>,
        options: &Bound<'_, PyDict>,
        ring: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let py = call_id.py();
        let make = follow::first(call_id, targets, options, ring, timeout)?;
        let result = |done| FirstTransferred::of(py, done);
        waiting::wait(self.inner(), log, response, make, result)
    }

    /// Where a list begins; nothing is sent yet.
    fn list_calls(&self, conditions: &Bound<'_, PyDict>) -> PyResult<CallPosition> {
        CallPosition::first(self.config(), conditions)
    }

    fn read_page(
        &self,
        position: &CallPosition,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let make = |config: &Config| position.request(config);
        waiting::wait(self.inner(), log, response, make, Page::from)
    }

    fn answer(
        &self,
        call_id: &Bound<'_, PyAny>,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let id = values::text("call_id", call_id)?;
        let make = |config: &Config| Request::answer(config, &id);
        waiting::wait(self.inner(), log, response, make, |()| None::<String>)
    }

    fn hang_up(
        &self,
        call_id: &Bound<'_, PyAny>,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let id = values::text("call_id", call_id)?;
        let make = |config: &Config| Request::hang_up(config, &id);
        waiting::wait(self.inner(), log, response, make, |()| None::<String>)
    }

    fn prepare(
        &self,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let make = |config: &Config| Ok(Request::prepare(config));
        waiting::wait(self.inner(), log, response, make, |()| None::<String>)
    }

    fn check(
        &self,
        subject: &Bound<'_, PyAny>,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        let subject = Subject::read(subject)?;
        let make = |config: &Config| subject.check(config);
        waiting::wait(self.inner(), log, response, make, Finding::from)
    }
}

impl Client {
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    fn inner(&self) -> &blocking::Client {
        let make = || blocking::Client::new(self.config.clone());
        self.inner.get_or_init(make)
    }

    fn preview_of<T>(
        &self,
        py: Python<'_>,
        make: impl FnOnce(&Config) -> Result<Request<T>, Error>,
    ) -> PyResult<Preview> {
        let request = failure::guard(|| make(&self.config))
            .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
            .map_err(|error| failure::raise(py, &error))?;
        Ok(Preview {
            method: request.method().to_owned(),
            url: request.url().to_owned(),
            content_type: request.content_type().map(str::to_owned),
            body: request.body().map(str::to_owned),
        })
    }
}

/// One setting of a client.
fn set(builder: ConfigBuilder, name: &str, given: &Bound<'_, PyAny>) -> PyResult<ConfigBuilder> {
    Ok(match name {
        "user_id" => builder.user_id(values::text(name, given)?),
        "token" => builder.token(values::text(name, given)?),
        "secret" => builder.secret(values::text(name, given)?),
        "account_id" => builder.account_id(values::text(name, given)?),
        "client_id" => builder.client_id(values::text(name, given)?),
        "client_secret" => builder.client_secret(values::text(name, given)?),
        "username" => builder.username(values::text(name, given)?),
        "password" => builder.password(values::text(name, given)?),
        "api" => builder.api(values::text(name, given)?),
        "base_url" => builder.base_url(values::text(name, given)?),
        "ca_file" => builder.ca_file(values::path(name, given)?),
        "proxy" => builder.proxy(values::text(name, given)?),
        "timeout" => builder.timeout(values::timeout(name, given)?),
        "max_retries" => builder.max_retries(values::count(name, given)?),
        "max_connections" => {
            let most = usize::try_from(values::count(name, given)?);
            builder.max_connections(most.unwrap_or(usize::MAX))
        }
        "rate" => builder.rate(values::number(
            name,
            given,
            "a number of transfers a second",
        )?),
        "keep_alive" => builder.keep_alive(values::flag(name, given)?),
        "keep_ready" => builder.keep_ready(values::flag(name, given)?),
        _ => {
            let reason = "is not a setting of a client";
            return Err(failure::invalid(given.py(), name, reason));
        }
    })
}
