//! The client: one method for each verb, which makes the request, and one that sends any of them.

use std::sync::{Arc, OnceLock};

use calltransfer::{Config, ConfigBuilder, Error, Outcome, blocking};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::background::Background;
use crate::call_list::{CallPosition, Page};
use crate::check_subject::Subject;
use crate::follow::{self, Follow};
use crate::log::{Log, Note};
use crate::request::Request;
use crate::results::{self, Call, Finding, FirstTransferred, Transferred};
use crate::{failure, values, waiting};

/// The client behind `calltransfer.Client`; its methods make the requests of `AsyncClient` too.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct Client {
    config: Config,
    /// Created when it is first needed: an `AsyncClient` has none.
    inner: OnceLock<blocking::Client>,
    log: Arc<Log>,
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

    /// Sends a request, waits, and puts the result into `response`; see [`waiting::wait`].
    fn execute(
        &self,
        request: &Request,
        log: Option<&Bound<'_, PyList>>,
        response: &Bound<'_, PyList>,
    ) -> PyResult<()> {
        request.take()?.wait(self.inner(), log, response)
    }

    fn transfer(
        &self,
        call_id: &Bound<'_, PyAny>,
        to: &Bound<'_, PyAny>,
        options: &Bound<'_, PyDict>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Request> {
        let transfer = values::transfer(call_id, to, options, timeout)?;
        self.request(
            call_id.py(),
            |config| calltransfer::Request::transfer(config, &transfer),
            |py, done| Transferred::from(done).into_py_any(py),
        )
    }

    fn get_call(&self, call_id: &Bound<'_, PyAny>) -> PyResult<Request> {
        let id = values::text("call_id", call_id)?;
        self.request(
            call_id.py(),
            |config| calltransfer::Request::get_call(config, &id),
            |py, call| Call::from(call).into_py_any(py),
        )
    }

    fn get_call_events(&self, call_id: &Bound<'_, PyAny>) -> PyResult<Request> {
        let id = values::text("call_id", call_id)?;
        self.request(
            call_id.py(),
            |config| calltransfer::Request::get_call_events(config, &id),
            |py, events| results::call_events(events).into_py_any(py),
        )
    }

    /// Follows a transfer by reads; the result is what is known then.
    fn follow(
        &self,
        follow: &Follow,
        until: &str,
        timeout: &Bound<'_, PyAny>,
    ) -> PyResult<Request> {
        self.request(
            timeout.py(),
            follow.request(until, timeout)?,
            |py, follow| Follow::of(follow).into_py_any(py),
        )
    }

    fn transfer_to_first(
        &self,
        call_id: &Bound<'_, PyAny>,
        targets: &Bound<'_, PyAny>,
        options: &Bound<'_, PyDict>,
        ring: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Request> {
        self.request(
            call_id.py(),
            follow::first(call_id, targets, options, ring, timeout)?,
            |py, done| FirstTransferred::of(py, done).into_py_any(py),
        )
    }

    /// Where a list begins; nothing is sent yet.
    fn list_calls(&self, conditions: &Bound<'_, PyDict>) -> PyResult<CallPosition> {
        CallPosition::first(&self.config, conditions)
    }

    fn read_page(&self, py: Python<'_>, position: &CallPosition) -> PyResult<Request> {
        self.request(
            py,
            |config| position.request(config),
            |py, page| Page::from(page).into_py_any(py),
        )
    }

    fn answer(&self, call_id: &Bound<'_, PyAny>) -> PyResult<Request> {
        let id = values::text("call_id", call_id)?;
        self.request(
            call_id.py(),
            |config| calltransfer::Request::answer(config, &id),
            nothing,
        )
    }

    fn hang_up(&self, call_id: &Bound<'_, PyAny>) -> PyResult<Request> {
        let id = values::text("call_id", call_id)?;
        self.request(
            call_id.py(),
            |config| calltransfer::Request::hang_up(config, &id),
            nothing,
        )
    }

    fn prepare(&self, py: Python<'_>) -> PyResult<Request> {
        self.request(
            py,
            |config| Ok(calltransfer::Request::prepare(config)),
            nothing,
        )
    }

    fn check(&self, subject: &Bound<'_, PyAny>) -> PyResult<Request> {
        let checked = Subject::read(subject)?;
        self.request(
            subject.py(),
            |config| checked.check(config),
            |py, finding| Finding::from(finding).into_py_any(py),
        )
    }

    /// Panics while a request is sent, for the test of the guard.
    #[cfg(debug_assertions)]
    #[allow(clippy::panic)]
    fn panic_on_purpose(&self, py: Python<'_>) -> PyResult<()> {
        let send = |_: &mut blocking::Check<'_>| -> Result<(), Error> {
            std::panic::panic_any("on purpose")
        };
        waiting::wait(None, &PyList::empty(py), send, nothing)
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

    fn request<T: Send + 'static>(
        &self,
        py: Python<'_>,
        make: impl FnOnce(&Config) -> Result<calltransfer::Request<T>, Error>,
        into_python: fn(Python<'_>, T) -> PyResult<Py<PyAny>>,
    ) -> PyResult<Request> {
        let request = failure::or_raise(py, || make(&self.config))?;
        Ok(Request::new(request, into_python))
    }
}

/// The result of a request whose response says nothing.
fn nothing(py: Python<'_>, (): ()) -> PyResult<Py<PyAny>> {
    Ok(py.None())
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
