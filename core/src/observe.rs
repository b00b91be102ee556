//! Observability: one record per attempt.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Outcome};
use crate::protocol::http_request::HttpRequest;

/// One attempt, as written to a log. It contains no secret and no phone number.
///
/// `Display` makes one line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The request: `transfer`, `answer`, `hang_up`, `get_call`, `get_call_events` or `list_calls`.
    pub action: &'static str,
    /// The call that it is about; empty for a list.
    pub call_id: String,
    /// The host that it was sent to, with its port where it isn't the usual one.
    pub host: String,
    /// Which attempt this was, from 1.
    pub number: u32,
    /// Its outcome; for a read, `applied` means that it was read.
    pub outcome: Outcome,
    /// What went wrong, if anything.
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
        let host = http_request.url.host_str().unwrap_or_default();
        Self {
            action: http_request.action.as_str(),
            call_id: http_request.call_id.clone(),
            host: match http_request.url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
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

type Listener = dyn Fn(&Attempt) + Send + Sync;

/// The observer of attempts, if there is one.
#[derive(Clone, Default)]
pub(crate) struct Observer(Option<Arc<Listener>>);

impl Observer {
    pub(crate) fn new(observer: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(observer)))
    }

    /// Reports an attempt, which is only made if there is an observer.
    pub(crate) fn notify(&self, attempt: impl FnOnce() -> Attempt) {
        #[cfg(not(feature = "tracing"))]
        if self.0.is_none() {
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
        if let Some(observer) = &self.0 {
            observer(&attempt);
        }
    }
}
