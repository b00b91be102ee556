//! The record of a request that has ended, and the span that it makes.

use std::time::{Duration, Instant};

use super::host_of;
use crate::config::{Api, Config};
use crate::error::{Error, ErrorKind, Outcome};
use crate::protocol::http_request::HttpRequest;
use crate::transport::{self, RequestProgress};

/// A request that has ended, with all of its attempts: for counters and durations. It contains no
/// secret and no phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The request: `transfer`, `answer`, `hang_up`, `get_call`, `list_calls` (a page) or `prepare`.
    pub action: &'static str,
    /// The API that was used.
    pub api: Api,
    /// The host that the request was sent to, with its port if it isn't the default port.
    pub host: String,
    /// The ID of the call; empty for a list.
    pub call_id: String,
    /// The new call of a transfer, if the response names it; never in v2.
    pub new_call_id: Option<String>,
    /// Its outcome; for a read, `applied` means that it was read.
    pub outcome: Outcome,
    /// The kind of the error, if there was one.
    pub kind: Option<ErrorKind>,
    /// The HTTP status of the last response that was read, if one was.
    pub http_status: Option<u16>,
    /// Number of attempts; 0 if it was refused before the first one.
    pub attempts: u32,
    /// The time that it took, including the waits between attempts.
    pub elapsed: Duration,
}

/// Reports one request when it has ended, also if the caller stops waiting for it.
pub(crate) struct Report<'a> {
    config: &'a Config,
    http_request: &'a HttpRequest,
    progress: &'a RequestProgress,
    begin: Instant,
    /// The status of the response that decided the outcome, and the new call that it names.
    pub(crate) response: Option<(u16, Option<String>)>,
    has_ended: bool,
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl<'a> Report<'a> {
    pub(crate) fn begin(
        config: &'a Config,
        http_request: &'a HttpRequest,
        progress: &'a RequestProgress,
    ) -> Self {
        Self {
            config,
            http_request,
            progress,
            begin: Instant::now(),
            response: None,
            has_ended: !config.observer().wants_requests(),
            #[cfg(feature = "tracing")]
            span: span(config, http_request),
        }
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn span(&self) -> tracing::Span {
        self.span.clone()
    }

    /// The request has ended, with this error if there was one.
    pub(crate) fn end(&mut self, error: Option<&Error>) {
        if std::mem::replace(&mut self.has_ended, true) {
            return;
        }
        let (http_status, new_call_id) = match self.response.take() {
            Some((status, new_call_id)) => (Some(status), new_call_id),
            None => (error.and_then(Error::http_status), None),
        };
        let record = RequestRecord {
            action: self.http_request.action.as_str(),
            api: self.config.api(),
            host: host_of(self.http_request),
            call_id: self.http_request.call_id.clone(),
            new_call_id,
            outcome: error.map_or(Outcome::Applied, Error::outcome),
            kind: error.map(Error::kind),
            http_status,
            attempts: self.progress.attempts(),
            elapsed: self.begin.elapsed(),
        };
        #[cfg(feature = "tracing")]
        finish_span(&self.span, &record);
        self.config.observer().notify_request(&record);
    }
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            let error = transport::cancelled(self.http_request.action, self.progress);
            self.end(Some(&error));
        }
    }
}

/// A span with the names of OpenTelemetry's semantic conventions for HTTP clients, where they fit.
#[cfg(feature = "tracing")]
fn span(config: &Config, http_request: &HttpRequest) -> tracing::Span {
    use tracing::field::Empty;

    let action = http_request.action.as_str();
    tracing::info_span!(
        target: "calltransfer",
        "calltransfer.request",
        otel.name = format!("calltransfer {action}"),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = http_request.method.as_str(),
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        server.address = http_request.url.host_str(),
        server.port = http_request.url.port_or_known_default(),
        error.type = Empty,
        calltransfer.action = action,
        calltransfer.api = config.api().as_str(),
        calltransfer.call_id = http_request.call_id,
        calltransfer.new_call_id = Empty,
        calltransfer.outcome = Empty,
    )
}

#[cfg(feature = "tracing")]
fn finish_span(span: &tracing::Span, record: &RequestRecord) {
    span.record("calltransfer.outcome", record.outcome.as_str());
    if record.attempts > 1 {
        span.record("http.request.resend_count", record.attempts - 1);
    }
    if let Some(status) = record.http_status {
        span.record("http.response.status_code", status);
    }
    if let Some(id) = &record.new_call_id {
        span.record("calltransfer.new_call_id", id.as_str());
    }
    if let Some(kind) = record.kind {
        span.record("error.type", kind.as_str());
        span.record("otel.status_code", "ERROR");
    }
}
