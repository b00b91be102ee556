//! Observability: one record per attempt, and one per request that has ended.

mod request_record;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Outcome};
use crate::http_request::HttpRequest;

pub use request_record::RequestRecord;

/// One attempt, as written to a log. It contains no secret and no phone number.
///
/// `Display` writes one line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The request: `transfer`, `answer`, `hang_up`, `get_call`, `get_call_events` or `list_calls`.
    pub action: &'static str,
    /// The ID of the call; empty for a list.
    pub call_id: String,
    /// The host that the request was sent to, with its port if it isn't the default port.
    pub host: String,
    /// Which attempt this was, from 1.
    pub number: u32,
    /// Its outcome; for a read, `applied` means that it was read.
    pub outcome: Outcome,
    /// The kind of the error, if there was one.
    pub kind: Option<ErrorKind>,
    /// The HTTP status of the response, if one was read.
    pub http_status: Option<u16>,
    /// How long this attempt took.
    pub elapsed: Duration,
}

impl Attempt {
    pub(crate) fn new(
        http_request: &HttpRequest,
        number: u32,
        result: Result<u16, &Error>,
        elapsed: Duration,
    ) -> Self {
        Self {
            action: http_request.action.as_str(),
            call_id: http_request.call_id.clone(),
            host: host_of(http_request),
            number,
            outcome: result.map_or_else(Error::outcome, |_| Outcome::Applied),
            kind: result.err().map(Error::kind),
            http_status: result.map_or_else(Error::http_status, Some),
            elapsed,
        }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            action,
            call_id,
            host,
            number,
            outcome,
            ..
        } = self;
        f.write_str(action)?;
        if !call_id.is_empty() {
            write!(f, " of {call_id}")?;
        }
        write!(f, " at {host}: attempt {number} {outcome}")?;
        if let Some(kind) = self.kind {
            write!(f, " ({kind})")?;
        }
        if let Some(status) = self.http_status {
            write!(f, ", HTTP {status}")?;
        }
        write!(f, ", {:.1} ms", self.elapsed.as_secs_f64() * 1000.0)
    }
}

/// The host, with its port if it isn't the default port.
pub(crate) fn host_of(http_request: &HttpRequest) -> String {
    let host = http_request.url.host_str().unwrap_or_default();
    match http_request.url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

type Listener<T> = Option<Arc<dyn Fn(&T) + Send + Sync>>;

/// The observers of attempts and of requests, if there are any.
#[derive(Clone, Default)]
pub(crate) struct Observer {
    attempts: Listener<Attempt>,
    requests: Listener<RequestRecord>,
}

impl Observer {
    pub(crate) fn set_attempts(&mut self, observer: impl Fn(&Attempt) + Send + Sync + 'static) {
        self.attempts = Some(Arc::new(observer));
    }

    pub(crate) fn set_requests(
        &mut self,
        observer: impl Fn(&RequestRecord) + Send + Sync + 'static,
    ) {
        self.requests = Some(Arc::new(observer));
    }

    /// Whether there is an observer for the records of requests.
    pub(crate) fn wants_requests(&self) -> bool {
        cfg!(feature = "tracing") || self.requests.is_some()
    }

    pub(crate) fn notify_request(&self, record: &RequestRecord) {
        if let Some(observer) = &self.requests {
            observer(record);
        }
    }

    /// Reports an attempt, which is only made if there is an observer.
    pub(crate) fn notify(&self, attempt: impl FnOnce() -> Attempt) {
        #[cfg(not(feature = "tracing"))]
        if self.attempts.is_none() {
            return;
        }
        let attempt = attempt();
        #[cfg(feature = "tracing")]
        tracing::event!(
            target: "calltransfer",
            tracing::Level::INFO,
            action = attempt.action,
            call_id = attempt.call_id,
            host = attempt.host,
            number = attempt.number,
            outcome = attempt.outcome.as_str(),
            kind = attempt.kind.map(ErrorKind::as_str),
            http_status = attempt.http_status,
            elapsed_ms = attempt.elapsed.as_secs_f64() * 1000.0,
            "{attempt}"
        );
        if let Some(observer) = &self.attempts {
            observer(&attempt);
        }
    }
}
